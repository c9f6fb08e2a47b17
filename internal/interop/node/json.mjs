// Strict JSON, as docs/format.md has it under Words: a document in bytes, to its members in text. JSON.parse does not do: it takes the
// last of two equal members, mends lone surrogates, and gives times as floating point.

const maxDepth = 32
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const space = /[ \t\n\r]*/y
const literal = /true|false|null/y

/**
 * object gives the members of the one strict JSON object in bytes, by name, each as the text of its value. It throws if bytes are
 * anything else.
 */
export function object(bytes) {
  const text = utf8.decode(bytes) // throws for what is not UTF-8, and a byte order mark is no white space to what follows
  let pos = 0
  const members = new Map()

  const refuse = () => { throw new SyntaxError('not strict JSON') }
  const take = (pattern) => {
    pattern.lastIndex = pos
    const match = pattern.exec(text)
    if (match === null) refuse()
    pos = pattern.lastIndex
    return match[0]
  }
  const sees = (c) => { take(space); return text[pos] === c }
  const want = (c) => { if (!sees(c)) refuse(); pos++ }
  const list = (close, item) => {
    pos++
    if (sees(close)) { pos++; return }
    for (;;) {
      item()
      if (!sees(',')) break
      pos++
    }
    want(close)
  }
  const value = (depth, names) => {
    take(space)
    switch (text[pos]) {
      case '{':
        if (depth === maxDepth) refuse()
        names ??= new Map()
        return list('}', () => {
          take(space)
          const name = unquote(take(string))
          if (names.has(name)) refuse()
          want(':')
          take(space)
          const start = pos
          value(depth + 1)
          names.set(name, text.slice(start, pos))
        })
      case '[':
        if (depth === maxDepth) refuse()
        return list(']', () => value(depth + 1))
      case '"':
        return unquote(take(string))
      case 't': case 'f': case 'n':
        return take(literal)
      default:
        return take(number)
    }
  }

  if (!sees('{')) refuse()
  value(0, members)
  take(space)
  if (pos !== text.length) refuse()
  return members
}

/** unquote resolves the escapes of a JSON string. It throws if a surrogate is not one half of a pair. */
export function unquote(quoted) {
  const text = JSON.parse(quoted)
  if (typeof text !== 'string' || !text.isWellFormed()) throw new SyntaxError('not strict JSON')
  return text
}
