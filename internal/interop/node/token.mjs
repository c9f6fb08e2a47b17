// A reader of tokens that is as strict as docs/format.md demands, step by step, and uses nothing but what Node brings along.

import { createDecipheriv, createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto'
import { object, unquote } from './json.mjs'

const leeway = 30_000n
const limit = 8192
const latest = 253402300799_999n

/** Refusal is why a token was not opened, in the words of docs/format.md: for the operator, never for the client. */
export class Refusal extends Error {
  constructor(word) { super(word); this.name = 'Refusal'; this.word = word }
}

/** unless throws the refusal if the check does not hold. */
function unless(check, word) { if (!check) throw new Refusal(word) }

/** decode: base64url has one spelling: Buffer.from skips what it does not know, so the result is written again and compared. */
function decode(segment) {
  const bytes = Buffer.from(segment, 'base64url')
  unless(bytes.toString('base64url') === segment, 'malformed')
  return bytes
}

const encode = (text) => Buffer.from(text).toString('base64url')

/** keyRing makes of a JWK Set what open needs of each key: its headers as they must be, and how to verify. */
export function keyRing(jwks) {
  const ring = new Map()
  for (const sig of jwks.keys.filter((k) => k.use === 'sig')) {
    const enc = jwks.keys.find((k) => k.use === 'enc' && k.kid === sig.kid)
    const outer = encode(`{"alg":"dir","enc":"A256GCM","kid":"${sig.kid}","cty":"JWT"}`)
    ring.set(outer, {
      kid: sig.kid,
      exp: enc.exp === undefined ? undefined : BigInt(enc.exp) * 1000n,
      outer: Buffer.from(outer),
      inner: encode(`{"alg":"${sig.alg}","kid":"${sig.kid}","typ":"session+jwt"}`) + '.',
      secret: Buffer.from(enc.k, 'base64url'),
      ...verifier(sig),
    })
  }
  return ring
}

/** verifier takes the algorithm from the key. */
function verifier(jwk) {
  if (jwk.alg === 'HS256') {
    const secret = Buffer.from(jwk.k, 'base64url')
    return {
      characters: 43,
      verify: (input, signature) => timingSafeEqual(createHmac('sha256', secret).update(input).digest(), signature),
    }
  }
  const { kty, crv, x, y } = jwk
  const key = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' })
  switch (jwk.alg) {
    case 'EdDSA':
      return { characters: 86, verify: (input, signature) => verify(null, input, key, signature) }
    case 'ES256':
      // r and s as they are: without this, Node wants ASN.1.
      return { characters: 86, verify: (input, signature) => verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature) }
  }
  throw new Error('unknown alg')
}

/**
 * open gives what a token says, or throws a Refusal. The ring is that of keyRing, now the time in milliseconds, and the issuer empty if
 * there is none. Times come in milliseconds, and the private claim as text.
 */
export function open(token, { ring, now, issuer, audience }) {
  // 1 to 3: each byte is one character here, as lengths are in bytes.
  unless(Buffer.byteLength(token) <= limit, 'too_long')
  const frame = /^([^.]*)\.\.([^]{16})\.([^]*)\.([^]{22})$/.exec(Buffer.from(token).toString('latin1'))
  unless(frame !== null, 'malformed')
  const [outer, ...segments] = frame.slice(1)
  const key = ring.get(outer)
  unless(key !== undefined, 'unknown_key')

  // 4 to 6
  unless(key.exp === undefined || BigInt(now) < key.exp, 'key_expired')
  const [nonce, ciphertext, tag] = segments.map(decode)
  const jws = decrypt(key, nonce, ciphertext, tag)

  // 7 to 9: the lengths are known, so nothing is searched.
  const dot = jws.length - key.characters - 1
  unless(dot >= key.inner.length && jws[dot] === 0x2e && jws.toString('latin1', 0, key.inner.length) === key.inner, 'malformed')
  const signature = decode(jws.toString('latin1', dot + 1))
  unless(key.verify(jws.subarray(0, dot), signature), 'signature')

  // 10 to 13
  const claims = read(decode(jws.toString('latin1', key.inner.length, dot)))
  unless(claims.iss === issuer, 'issuer')
  unless(claims.aud === audience, 'audience')

  // 14 and 15
  const clock = BigInt(now)
  unless(claims.iat <= clock + leeway && claims.auth_time <= clock + 3n * leeway, 'not_yet')
  unless(clock < claims.exp + leeway, 'expired')
  return { kid: key.kid, ...claims }
}

/** data is the application's, of a session that is in its cookie. One that is in a store can't be told from one that has ended. */
export function data({ sealjar }) {
  const state = JSON.parse(sealjar)
  unless('d' in state && !('p' in state), 'claims')
  return state.d
}

function decrypt(key, nonce, ciphertext, tag) {
  const decipher = createDecipheriv('aes-256-gcm', key.secret, nonce, { authTagLength: 16 })
  decipher.setAAD(key.outer)
  decipher.setAuthTag(tag)
  try {
    return Buffer.concat([decipher.update(ciphertext), decipher.final()])
  } catch {
    throw new Refusal('decryption')
  }
}

const text = (least, most) => (value) => {
  const string = unquote(value)
  const bytes = Buffer.byteLength(string)
  if (bytes < least || bytes > most) throw new RangeError('length')
  return string
}

const id = (value) => {
  const string = unquote(value)
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(string)) throw new RangeError('id')
  return string
}

/** date reads a NumericDate into milliseconds, without a floating-point number on the way. */
const date = (least) => (value) => {
  const [, whole, fraction = ''] = /^([0-9]{1,12})(?:\.([0-9]{1,3}))?$/.exec(value)
  const ms = BigInt(whole + fraction.padEnd(3, '0'))
  if (ms < least || ms > latest) throw new RangeError('time')
  return ms
}

const privateClaim = (value) => {
  if (!value.startsWith('{')) throw new TypeError('object')
  return value
}

const required = {
  aud: text(0, Infinity), sid: id, jti: id, iat: date(1n), exp: date(0n), auth_time: date(1n), sealjar: privateClaim,
}
const optional = { iss: text(1, Infinity), sub: text(1, 255) }

/** read gives the claims of a payload: those of the table, each of its type and in its limits, and no other. */
function read(payload) {
  try {
    const members = object(payload)
    const claims = { iss: '', sub: '' }
    for (const name of Object.keys(required)) claims[name] = required[name](members.get(name))
    for (const name of Object.keys(optional)) if (members.has(name)) claims[name] = optional[name](members.get(name))
    for (const name of members.keys()) if (!Object.hasOwn(claims, name)) throw new TypeError('unknown claim')
    if (claims.exp <= claims.iat) throw new RangeError('exp')
    return claims
  } catch {
    throw new Refusal('claims')
  }
}
