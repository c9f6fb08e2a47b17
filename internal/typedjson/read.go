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
	text string
	pos  int
}

// next skips space and returns the byte that it finds, without passing it.
func (r *reader) next() byte {
	for r.text[r.pos] <= ' ' {
		r.pos++
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

// null passes a null.
func (r *reader) null() bool {
	if r.next() != 'n' {
		return false
	}
	r.pos += len("null")
	return true
}

// quoted passes a string and returns it with its quotes, and whether it has escapes.
func (r *reader) quoted() (raw string, escaped bool) {
	start := r.pos
	for r.pos++; r.text[r.pos] != '"'; r.pos++ {
		if r.text[r.pos] == '\\' {
			escaped = true
			r.pos++
		}
	}
	r.pos++
	return r.text[start:r.pos], escaped
}

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
	return json.Unmarshal([]byte(r.value()), v.Addr().Interface()) == nil
}

func readString(r *reader, v reflect.Value) bool {
	if r.next() != '"' {
		return r.null()
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
	return r.null()
}

func readInt(r *reader, v reflect.Value) bool {
	if r.null() {
		return true
	}
	n, err := strconv.ParseInt(r.number(), 10, v.Type().Bits())
	v.SetInt(n)
	return err == nil
}

func readUint(r *reader, v reflect.Value) bool {
	if r.null() {
		return true
	}
	n, err := strconv.ParseUint(r.number(), 10, v.Type().Bits())
	v.SetUint(n)
	return err == nil
}

func readFloat(r *reader, v reflect.Value) bool {
	if r.null() {
		return true
	}
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

func readStruct(fields []field) readFunc {
	return func(r *reader, v reflect.Value) bool {
		if !r.pass('{') {
			return r.null()
		}
		if r.pass('}') {
			return true
		}
		for guess := 0; ; {
			r.next()
			raw, escaped := r.quoted()
			if escaped {
				return false
			}
			i := find(fields, raw[1:len(raw)-1], guess)
			r.pass(':')
			switch {
			case i >= 0:
				if !fields[i].read(r, v.Field(fields[i].index)) {
					return false
				}
				guess = i + 1
			case i == otherCase:
				return false
			default:
				r.value()
			}
			if r.pass('}') {
				return true
			}
			r.pass(',')
		}
	}
}

const (
	noField   = -1
	otherCase = -2 // encoding/json takes a name in another case for that of a field
)

// find looks up a field, from the one that is to be expected on: what was written by a struct comes in its order.
func find(fields []field, name string, guess int) int {
	for i := guess; i < len(fields); i++ {
		if fields[i].name == name {
			return i
		}
	}
	for i := range min(guess, len(fields)) {
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
