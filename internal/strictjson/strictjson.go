// Package strictjson reads JSON that arrives inside a security token or a key file.
//
// encoding/json is generous: it folds the case of member names, lets the last of two equal members win,
// mends broken UTF-8 and nests as deep as memory allows. Two readers that differ in such a point see two
// different tokens, and that is how claims get smuggled past a check. This package accepts one reading only
// (RFC 8259, with the stricter rules of I-JSON, RFC 7493, sections 2.1 to 2.3): valid UTF-8, no lone
// surrogate, no member name twice in one object at any depth (compared after unescaping), no more than
// [MaxDepth] levels, nothing after the value. Numbers follow the grammar and are otherwise left as text.
package strictjson

import (
	"bytes"
	"unicode/utf8"
)

// MaxDepth is how many arrays and objects may be open at one time.
const MaxDepth = 32

// Error says what is wrong with a document and at which byte, but never repeats a byte of it.
type Error struct {
	Reason string
	Offset int
}

func (e *Error) Error() string { return "strictjson: " + e.Reason }

// Check reports whether doc is one strict JSON value. The error, if any, is an [*Error].
func Check(doc []byte) error {
	s := scanner{doc: doc}
	if !utf8.Valid(doc) {
		return s.fail("not valid UTF-8")
	}
	s.space()
	if err := s.value(0); err != nil {
		return err
	}
	return s.end()
}

// Object checks doc, which must be one strict JSON object, and calls member for each of its members in
// order, with the unescaped name and the raw value. It stops at the first error, its own ([*Error]) or member's.
// Members are seen before the rest of doc is checked: use nothing of them until Object has returned nil.
// The slices handed to member are parts of doc wherever possible.
func Object(doc []byte, member func(name, value []byte) error) error {
	s := scanner{doc: doc}
	if !utf8.Valid(doc) {
		return s.fail("not valid UTF-8")
	}
	s.space()
	if !s.at('{') {
		return s.fail("not an object")
	}
	if err := s.object(1, member); err != nil {
		return err
	}
	return s.end()
}

// Member reports whether value is one strict JSON object that may be the value of a member of another one: in there it lies one
// level deeper than on its own. The error, if any, is an [*Error].
func Member(value []byte) error {
	s := scanner{doc: value}
	if !utf8.Valid(value) {
		return s.fail("not valid UTF-8")
	}
	if !s.at('{') {
		return s.fail("not an object")
	}
	if err := s.object(2, nil); err != nil {
		return err
	}
	if s.pos != len(value) {
		return s.fail("text after the value")
	}
	return nil
}

// Text returns the text of a JSON string that Object or Check has accepted as a value, and whether value
// is a string at all. The result is a part of value unless the string has escapes.
func Text(value []byte) ([]byte, bool) {
	if len(value) < 2 || value[0] != '"' {
		return nil, false
	}
	inner := value[1 : len(value)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return inner, true
	}
	return unescape(inner), true
}

type scanner struct {
	doc []byte
	pos int
}

func (s *scanner) fail(reason string) error { return &Error{Reason: reason, Offset: s.pos} }

func (s *scanner) at(c byte) bool { return s.pos < len(s.doc) && s.doc[s.pos] == c }

func (s *scanner) space() {
	if s.pos < len(s.doc) && s.doc[s.pos] > ' ' {
		return
	}
	for s.pos < len(s.doc) {
		switch s.doc[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

func (s *scanner) end() error {
	s.space()
	if s.pos != len(s.doc) {
		return s.fail("text after the value")
	}
	return nil
}

func (s *scanner) value(depth int) error {
	if s.pos >= len(s.doc) {
		return s.fail("unexpected end")
	}
	switch c := s.doc[s.pos]; {
	case c == '"':
		_, err := s.text()
		return err
	case c == '{':
		return s.object(depth+1, nil)
	case c == '[':
		return s.array(depth + 1)
	case c == '-' || '0' <= c && c <= '9':
		return s.number()
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	case c == 'n':
		return s.word("null")
	}
	return s.fail("unexpected character")
}

func (s *scanner) object(depth int, member func(name, value []byte) error) error {
	if depth > MaxDepth {
		return s.fail("nested too deep")
	}
	s.pos++
	s.space()
	if s.at('}') {
		s.pos++
		return nil
	}
	var seen nameSet
	for {
		if !s.at('"') {
			return s.fail("member name expected")
		}
		name, err := s.text()
		if err != nil {
			return err
		}
		if !seen.add(name) {
			return s.fail("member name given twice")
		}
		s.space()
		if !s.at(':') {
			return s.fail("colon expected")
		}
		s.pos++
		s.space()
		start := s.pos
		if err := s.value(depth); err != nil {
			return err
		}
		if member != nil {
			if err := member(name, s.doc[start:s.pos]); err != nil {
				return err
			}
		}
		s.space()
		if s.at('}') {
			s.pos++
			return nil
		}
		if !s.at(',') {
			return s.fail("comma or closing brace expected")
		}
		s.pos++
		s.space()
	}
}

func (s *scanner) array(depth int) error {
	if depth > MaxDepth {
		return s.fail("nested too deep")
	}
	s.pos++
	s.space()
	if s.at(']') {
		s.pos++
		return nil
	}
	for {
		if err := s.value(depth); err != nil {
			return err
		}
		s.space()
		if s.at(']') {
			s.pos++
			return nil
		}
		if !s.at(',') {
			return s.fail("comma or closing bracket expected")
		}
		s.pos++
		s.space()
	}
}

// text reads the string at pos and returns it unescaped.
func (s *scanner) text() ([]byte, error) {
	s.pos++
	start, escaped := s.pos, false
	for s.pos < len(s.doc) {
		s.pos += plainPrefix(s.doc[s.pos:])
		switch {
		case s.pos == len(s.doc):
			return nil, s.fail("unexpected end")
		case s.doc[s.pos] == '"':
			inner := s.doc[start:s.pos]
			s.pos++
			if escaped {
				inner = unescape(inner)
			}
			return inner, nil
		case s.doc[s.pos] == '\\':
			escaped = true
			if err := s.escape(); err != nil {
				return nil, err
			}
		default:
			return nil, s.fail("control character in a string")
		}
	}
	return nil, s.fail("unexpected end")
}

// plainPrefix counts the bytes before the first that means something inside a string.
func plainPrefix(b []byte) int {
	for i, c := range b {
		if c == '"' || c == '\\' || c < 0x20 {
			return i
		}
	}
	return len(b)
}

// escape checks the escape sequence at pos, both halves of it if it is a surrogate pair.
func (s *scanner) escape() error {
	if s.pos+1 >= len(s.doc) {
		return s.fail("unexpected end")
	}
	switch s.doc[s.pos+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos += 2
		return nil
	case 'u':
		unit, ok := hex4(s.doc[s.pos+2:])
		if !ok {
			return s.fail("bad escape")
		}
		if unit < 0xD800 || unit > 0xDFFF {
			s.pos += 6
			return nil
		}
		rest := s.doc[s.pos+6:]
		if unit > 0xDBFF || len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' {
			return s.fail("lone surrogate")
		}
		if low, ok := hex4(rest[2:]); !ok || low < 0xDC00 || low > 0xDFFF {
			return s.fail("lone surrogate")
		}
		s.pos += 12
		return nil
	}
	return s.fail("bad escape")
}

func (s *scanner) number() error {
	if s.at('-') {
		s.pos++
	}
	if s.at('0') {
		s.pos++
	} else if !s.digits() {
		return s.fail("bad number")
	}
	if s.at('.') {
		s.pos++
		if !s.digits() {
			return s.fail("bad number")
		}
	}
	if s.at('e') || s.at('E') {
		s.pos++
		if s.at('+') || s.at('-') {
			s.pos++
		}
		if !s.digits() {
			return s.fail("bad number")
		}
	}
	return nil
}

func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.doc) && '0' <= s.doc[s.pos] && s.doc[s.pos] <= '9' {
		s.pos++
	}
	return s.pos > start
}

func (s *scanner) word(word string) error {
	if len(s.doc)-s.pos < len(word) || string(s.doc[s.pos:s.pos+len(word)]) != word {
		return s.fail("unexpected character")
	}
	s.pos += len(word)
	return nil
}

// nameSet finds a repeated member name. The first few live on the stack, which is all that most objects need;
// the map keeps an object of a thousand members from costing a million comparisons.
type nameSet struct {
	mask uint64 // one bit for each way a name here begins and ends; a name whose bit is not set is new
	few  [16][]byte
	n    int
	many map[string]struct{}
}

func (set *nameSet) add(name []byte) bool {
	bit := uint64(1)
	if n := len(name); n > 0 {
		bit <<= (uint(n) + 7*uint(name[0]) + 29*uint(name[n-1]) + uint(name[n/2])) % 64
	}
	known := set.mask&bit != 0
	set.mask |= bit
	if known && set.has(name) {
		return false
	}
	if set.n < len(set.few) {
		set.few[set.n] = name
		set.n++
		return true
	}
	if set.many == nil {
		set.many = make(map[string]struct{})
	}
	set.many[string(name)] = struct{}{}
	return true
}

func (set *nameSet) has(name []byte) bool {
	for _, have := range set.few[:set.n] {
		if bytes.Equal(have, name) {
			return true
		}
	}
	_, twice := set.many[string(name)]
	return twice
}
