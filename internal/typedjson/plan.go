// Package typedjson reads JSON into values of one Go type with the result of encoding/json, and several times as fast for
// plain types: structs, slices and pointers of strings, numbers and booleans.
//
// It has no say in what JSON means. The text was checked by package strictjson before, and whatever is out of the
// ordinary, in the type (methods, maps, interfaces, embedded fields, options of a tag) or in the text (names in another
// case, numbers that do not fit, values of another type), is left to encoding/json, for one value or for the whole.
package typedjson

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
)

// Decoder reads values of one type. It is safe for concurrent use.
type Decoder struct {
	read    readFunc
	readers sync.Pool // of *reader
}

// readFunc reads the value at the reader's position into v, which is zero. False means: let encoding/json do it all.
type readFunc func(r *reader, v reflect.Value) bool

// NewDecoder makes a decoder for values of type t.
func NewDecoder(t reflect.Type) *Decoder {
	d := &Decoder{read: plans{}.of(t)}
	d.readers.New = func() any { return new(reader) }
	return d
}

// Decode reads text, which package strictjson has accepted, into *target, which must be a pointer to a zero value of the
// decoder's type. If done is false, text is for encoding/json, and *target is to be made zero again before.
//
// If exact is true, text is to the byte what encoding/json writes for the value. If it is false, nobody has looked closely.
//
// Strings of the value share one copy of text.
func (d *Decoder) Decode(text []byte, target any) (done, exact bool) {
	if len(text) == 0 {
		return false, false
	}
	r := d.readers.Get().(*reader)
	*r = reader{text: string(text), exact: true}
	done = d.read(r, reflect.ValueOf(target).Elem())
	exact = done && r.exact && r.pos == len(r.text)
	*r = reader{} // it must not hold a session
	d.readers.Put(r)
	return done, exact
}

// plans has what was worked out already, which ends the recursion for a type that contains itself.
type plans map[reflect.Type]*readFunc

func (p plans) of(t reflect.Type) readFunc {
	if known := p[t]; known != nil {
		if *known != nil {
			return *known
		}
		return func(r *reader, v reflect.Value) bool { return (*known)(r, v) }
	}
	read := new(readFunc)
	p[t] = read
	*read = p.make(t)
	return *read
}

func (p plans) make(t reflect.Type) readFunc {
	if hasMethods(t) || t == reflect.TypeFor[json.Number]() {
		return readOther
	}
	switch t.Kind() {
	case reflect.Bool:
		return readBool
	case reflect.String:
		return readString
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return readInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return readUint
	case reflect.Float32, reflect.Float64:
		return readFloat
	case reflect.Pointer:
		return readPointer(p.of(t.Elem()))
	case reflect.Slice:
		if t.Elem().Kind() != reflect.Uint8 { // bytes are base64 in JSON
			return readSlice(p.of(t.Elem()))
		}
	case reflect.Struct:
		if fields, plain, vague := p.fields(t); plain {
			return readStruct(fields, vague)
		}
	}
	return readOther
}

// hasMethods reports whether t decides itself how it is read or written.
func hasMethods(t reflect.Type) bool {
	pointer := reflect.PointerTo(t)
	for _, i := range []reflect.Type{
		reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[encoding.TextUnmarshaler](),
		reflect.TypeFor[json.Marshaler](), reflect.TypeFor[encoding.TextMarshaler](),
	} {
		if t.Implements(i) || pointer.Implements(i) {
			return true
		}
	}
	return false
}

type field struct {
	name  string
	index int
	read  readFunc
	// omit is whether the field is left out when it is written, if it is empty.
	omit bool
}

// fields are the fields of a struct, if they have nothing particular about them but a name. It is vague if it is not clear
// which of them are written.
func (p plans) fields(t reflect.Type) (fields []field, plain, vague bool) {
	names := make(map[string]bool)
	for f := range t.Fields() {
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		if f.Anonymous || !isPlainName(name) {
			return nil, false, false
		}
		if !f.IsExported() || tag == "-" {
			continue
		}
		omit := false
		switch options { // of which these say nothing of reading
		case "":
		case "omitempty":
			omit = f.Type.Kind() != reflect.Struct // which is never empty
		case "omitzero":
			vague = true
		default:
			return nil, false, false
		}
		if name == "" {
			name = f.Name
		}
		if names[name] {
			return nil, false, false
		}
		names[name] = true
		fields = append(fields, field{name: name, index: f.Index[0], read: p.of(f.Type), omit: omit})
	}
	return fields, true, vague
}

// isPlainName leaves out names for which tags have rules.
func isPlainName(name string) bool {
	for _, c := range []byte(name) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-') {
			return false
		}
	}
	return true
}
