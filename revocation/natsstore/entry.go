package natsstore

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/sealjar/sealjar/revocation"
)

// message is an entry in the stream, readable with NATS's own tools. Times are in milliseconds since 1970.
type message struct {
	Kind   revocation.Kind `json:"kind"`
	Name   string          `json:"name"`
	Cutoff int64           `json:"cutoff"`
	Until  int64           `json:"until"`
	Reason string          `json:"reason"`
}

// subject is where the entry of a name lies. Names have characters that subjects can't have, and the empty name is one too.
func (s *Store) subject(n revocation.Name) string {
	return s.entries() + string(n.Kind) + ".n" + base64.RawURLEncoding.EncodeToString([]byte(n.Name))
}

// whole returns an entry with its times in whole milliseconds, as they are kept.
func whole(e revocation.Entry) revocation.Entry {
	e.Cutoff = time.UnixMilli(e.Cutoff.UnixMilli())
	e.Until = time.UnixMilli(e.Until.Add(time.Millisecond - 1).UnixMilli())
	return e
}

func encode(e revocation.Entry) []byte {
	text, err := json.Marshal(message{e.Kind, e.Name, e.Cutoff.UnixMilli(), e.Until.UnixMilli(), e.Reason})
	if err != nil {
		panic("natsstore: " + err.Error()) // strings and numbers always have a text
	}
	return text
}

// decode reads a message of the stream. It must lie where its name belongs.
func (s *Store) decode(subject string, data []byte) (revocation.Entry, error) {
	var m message
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return revocation.Entry{}, errStrange
	}
	if _, err := d.Token(); err != io.EOF {
		return revocation.Entry{}, errStrange
	}
	e := revocation.Entry{
		Kind: m.Kind, Name: m.Name, Cutoff: time.UnixMilli(m.Cutoff), Until: time.UnixMilli(m.Until), Reason: m.Reason,
	}
	if err := e.Check(); err != nil {
		return revocation.Entry{}, fmt.Errorf("%w: %w", errStrange, err)
	}
	if subject != s.subject(revocation.Name{Kind: e.Kind, Name: e.Name}) {
		return revocation.Entry{}, errStrange
	}
	return e, nil
}
