package typedjson

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"github.com/sealjar/sealjar/internal/strictjson"
)

// reader stands somewhere in a text that is known to be good JSON, so it looks for the end of things and not for mistakes.
type reader struct {
	text  string
	pos   int
	exact bool // nothing was seen that encoding/json may write in another way
}

// next skips space and returns the byte that it finds, without passing it.
func (r *reader) next() byte {
	for r.text[r.pos] <= ' ' {
		r.pos++
		r.exact = false
	}
	return r.text[r.pos]
}

// pass reports whether c comes next, and if so passes it.
func (r *reader) pass(c byte) bool {
	if r.next() != c {
		return false
	}
	r.pos++
	return true
}

// null passes a null, which leaves a value as it is.
func (r *reader) null() bool {
	if r.next() != 'n' {
		return false
	}
	r.pos += len("null")
	return true
}

// nullForZero passes a null in the place of a value that is not written as one.
func (r *reader) nullForZero() bool {
	r.exact = false
	return r.null()
}

// quoted passes a string and returns it with its quotes, and whether it has escapes.
func (r *reader) quoted() (raw string, escaped bool) {
	start := r.pos
	for r.pos++; ; r.pos++ {
		switch special[r.text[r.pos]] {
		case plain:
			continue
		case quote:
			r.pos++
			return r.text[start:r.pos], escaped
		case backslash:
			escaped = true
			r.pos++
		}
		r.exact = false
	}
}

const (
	plain = iota
	quote
	backslash
	escapable // encoding/json may write an escape for it: <, >, &, and the first byte of U+2028 and U+2029
)

var special = [256]byte{'"': quote, '\\': backslash, '<': escapable, '>': escapable, '&': escapable, 0xE2: escapable}

// number passes a number; of anything else it takes nothing.
func (r *reader) number() string {
	start := r.pos
	for r.pos < len(r.text) && isOfNumber(r.text[r.pos]) {
		r.pos++
	}
	return r.text[start:r.pos]
}

func isOfNumber(c byte) bool {
	return '0' <= c && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}

// value passes any value and returns its text.
func (r *reader) value() string {
	r.next()
	start := r.pos
	for depth := 0; ; {
		switch c := r.text[r.pos]; {
		case c == '"':
			r.quoted()
		case c == '{' || c == '[':
			depth++
			r.pos++
			continue
		case c == '}' || c == ']':
			depth--
			r.pos++
		case isOfNumber(c):
			r.number()
		case c == 't' || c == 'n':
			r.pos += len("true")
		case c == 'f':
			r.pos += len("false")
		default: // space, comma, colon
			r.pos++
			continue
		}
		if depth == 0 {
			return r.text[start:r.pos]
		}
	}
}

// readOther leaves one value to encoding/json.
func readOther(r *reader, v reflect.Value) bool {
	r.exact = false
	return json.Unmarshal([]byte(r.value()), v.Addr().Interface()) == nil
}

func readString(r *reader, v reflect.Value) bool {
	if r.next() != '"' {
		return r.nullForZero()
	}
	raw, escaped := r.quoted()
	if escaped {
		text, _ := strictjson.Text([]byte(raw))
		v.SetString(string(text))
		return true
	}
	v.SetString(raw[1 : len(raw)-1])
	return true
}

func readBool(r *reader, v reflect.Value) bool {
	switch r.next() {
	case 't':
		r.pos += len("true")
		v.SetBool(true)
		return true
	case 'f':
		r.pos += len("false")
		return true
	}
	return r.nullForZero()
}

func readInt(r *reader, v reflect.Value) bool {
	if r.next() == 'n' {
		return r.nullForZero()
	}
	text := r.number()
	n, err := strconv.ParseInt(text, 10, v.Type().Bits())
	v.SetInt(n)
	r.exact = r.exact && text != "-0"
	return err == nil
}

func readUint(r *reader, v reflect.Value) bool {
	if r.next() == 'n' {
		return r.nullForZero()
	}
	n, err := strconv.ParseUint(r.number(), 10, v.Type().Bits())
	v.SetUint(n)
	return err == nil
}

func readFloat(r *reader, v reflect.Value) bool {
	if r.next() == 'n' {
		return r.nullForZero()
	}
	r.exact = false // a number has many spellings
	n, err := strconv.ParseFloat(r.number(), v.Type().Bits())
	v.SetFloat(n)
	return err == nil
}

func readPointer(read readFunc) readFunc {
	return func(r *reader, v reflect.Value) bool {
		if r.next() == 'n' {
			v.SetZero()
			return r.null()
		}
		if v.IsNil() { // at the top it may point somewhere
			v.Set(reflect.New(v.Type().Elem()))
		}
		return read(r, v.Elem())
	}
}

func readSlice(read readFunc) readFunc {
	return func(r *reader, v reflect.Value) bool {
		if !r.pass('[') {
			return r.null()
		}
		if r.pass(']') {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
			return true
		}
		for n := 0; ; n++ {
			if n == v.Cap() {
				v.Grow(max(4, n))
			}
			v.SetLen(n + 1)
			if !read(r, v.Index(n)) {
				return false
			}
			if r.pass(']') {
				return true
			}
			r.pos++ // the comma
		}
	}
}

func readStruct(fields []field, vague bool) readFunc {
	return func(r *reader, v reflect.Value) bool {
		if !r.pass('{') {
			return r.nullForZero()
		}
		r.exact = r.exact && !vague
		if r.pass('}') {
			r.exact = r.exact && allOmit(fields)
			return true
		}
		for expected := 0; ; {
			r.next()
			raw, escaped := r.quoted()
			if escaped {
				return false
			}
			i := find(fields, raw[1:len(raw)-1], expected)
			r.pass(':')
			switch {
			case i >= 0:
				f := &fields[i]
				field := v.Field(f.index)
				if !f.read(r, field) {
					return false
				}
				r.exact = r.exact && i >= expected && allOmit(fields[expected:i]) && !(f.omit && isEmpty(field))
				expected = i + 1
			case i == otherCase:
				return false
			default:
				r.exact = false
				r.value()
			}
			if r.pass('}') {
				r.exact = r.exact && allOmit(fields[expected:])
				return true
			}
			r.pass(',')
		}
	}
}

// allOmit reports whether all the fields are left out when they are empty.
func allOmit(fields []field) bool {
	for i := range fields {
		if !fields[i].omit {
			return false
		}
	}
	return true
}

func isEmpty(v reflect.Value) bool {
	if v.Kind() == reflect.Slice {
		return v.Len() == 0
	}
	return v.IsZero()
}

const (
	noField   = -1
	otherCase = -2 // encoding/json takes a name in another case for that of a field
)

// find looks up a field, from the one that is to be expected on: what was written by a struct comes in its order.
func find(fields []field, name string, expected int) int {
	for i := expected; i < len(fields); i++ {
		if fields[i].name == name {
			return i
		}
	}
	for i := range expected {
		if fields[i].name == name {
			return i
		}
	}
	for i := range fields {
		if strings.EqualFold(fields[i].name, name) {
			return otherCase
		}
	}
	return noField
}
