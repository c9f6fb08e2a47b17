package sealjar

import (
	"bytes"
	"encoding/json"
	"sync"
)

// jsonText is how the record of a session, which does not know T, reads and writes its data.
type jsonText[T any] struct {
	jar  *Jar[T]
	data *T
}

func (c *jsonText[T]) clear()                  { *c.data = c.jar.fresh() }
func (c *jsonText[T]) isZero(text []byte) bool { return bytes.Equal(text, c.jar.zero) }

// encode writes a nil map or pointer as an empty one, which is what the next request is to find. It hands over the address
// of Data, as canonical does, because the pointer to T may be what has the marshaler.
func (c *jsonText[T]) encode() (*encoded, error) {
	e, err := encode(c.data)
	if err == nil && string(e.text()) == "null" {
		e.buffer.Reset()
		e.buffer.Write(c.jar.zero)
	}
	return e, err
}

// decode fills the data, which is fresh, and leaves it fresh if it fails.
func (c *jsonText[T]) decode(text []byte) (exact bool, err error) {
	exact, err = c.jar.decode(text, c.data)
	if err != nil {
		c.clear()
	}
	return exact, err
}

// canonical writes text as this version of T would.
func (c *jsonText[T]) canonical(text []byte) (*encoded, error) {
	fresh := c.jar.fresh()
	if _, err := c.jar.decode(text, &fresh); err != nil {
		return nil, err
	}
	return encode(&fresh)
}

// decode reads text, which came out of a token and so is strict JSON, into a fresh T as encoding/json does: that spends more
// than the cryptography of the whole token on 300 bytes, so what is plain is read by a decoder for T alone. Null is fresh data.
//
// If exact is true, text is what encode writes for the value; otherwise it may be.
func (j *Jar[T]) decode(text []byte, fresh *T) (exact bool, err error) {
	if string(text) == "null" {
		return false, nil
	}
	done, exact := j.reader.Decode(text, fresh)
	if done {
		return exact, nil
	}
	*fresh = j.fresh()
	return false, json.Unmarshal(text, fresh)
}

// encoded is JSON in memory that is used again: release it when its text is not needed any more.
type encoded struct {
	buffer  bytes.Buffer
	encoder *json.Encoder
}

var encodings = sync.Pool{New: func() any {
	e := new(encoded)
	e.encoder = json.NewEncoder(&e.buffer)
	return e
}}

// encode writes what json.Marshal does.
func encode(v any) (*encoded, error) {
	e := encodings.Get().(*encoded)
	if err := e.encoder.Encode(v); err != nil {
		return nil, err // and e is dropped: an encoder may keep its error
	}
	return e, nil
}

func (e *encoded) text() []byte { return bytes.TrimSuffix(e.buffer.Bytes(), []byte("\n")) }

// release wipes the text, so that a session does not stay in memory longer than its request.
func (e *encoded) release() {
	clear(e.buffer.Bytes())
	e.buffer.Reset()
	encodings.Put(e)
}
