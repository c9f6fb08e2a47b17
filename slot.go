package sealjar

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/sealjar/sealjar/internal/strictjson"
)

// Slot is a value of type V in each session, beside the application's Data, for a package that knows nothing of that: one
// for CSRF tokens, or for experiments. Its text is the name of the slot, 1 to 64 bytes of UTF-8; take the path of your package.
//
//	const visits = sealjar.Slot[int]("example.com/visits")
//
// A value is encoded as JSON when it is set, and decoded when it is asked for: what you get is a copy, and is to be set
// again if it was changed. Slots that nobody in this program knows are kept. Like Data, all are removed when another
// subject signs in, and count for the size of the cookie. It is safe for concurrent use.
type Slot[V any] string

// AnySession is a [Session], whatever the type of its data. A package with a [Slot] takes one as a parameter, and the
// application gives it what [Jar.From] returns.
type AnySession interface{ self() *record }

func (s *record) self() *record { return s }

// Get returns the value, and false if there is none, or one that is not of the type V.
func (n Slot[V]) Get(session AnySession) (value V, ok bool) {
	s := session.self()
	s.mu.Lock()
	defer s.mu.Unlock()
	i, found := s.findSlot(string(n))
	if !found {
		return value, false
	}
	if err := json.Unmarshal(s.slots[i].text, &value); err != nil {
		var none V
		return none, false
	}
	return value, true
}

// Set keeps a value. It returns [ErrHeadersSent] after the header has left, and an error if the slot's name is out of
// its limits or the value can't be encoded; then nothing is changed.
func (n Slot[V]) Set(session AnySession, value V) error {
	if n == "" || len(n) > 64 || !utf8.ValidString(string(n)) {
		return errors.New("sealjar: a slot's name has 1 to 64 bytes of UTF-8")
	}
	text, err := json.Marshal(value)
	if err == nil {
		err = strictjson.Check(slices.Concat([]byte("[[["), text, []byte("]]]"))) // it stands that deep among the claims
	}
	if err != nil {
		return fmt.Errorf("sealjar: the value of slot %q can't be encoded: %w", string(n), err)
	}
	s := session.self()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.writable(); err != nil {
		return err
	}
	i, found := s.findSlot(string(n))
	if !found {
		s.slots = slices.Insert(s.slots, i, slot{name: string(n)})
	}
	s.slots[i].text, s.slotsSet = text, true
	return nil
}

// Delete removes the value, if there is one. It returns [ErrHeadersSent] after the header has left.
func (n Slot[V]) Delete(session AnySession) error {
	s := session.self()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.writable(); err != nil {
		return err
	}
	if i, found := s.findSlot(string(n)); found {
		s.slots, s.slotsSet = slices.Delete(s.slots, i, i+1), true
	}
	return nil
}

// slot is a name and the JSON of its value.
type slot struct {
	name string
	text []byte
}

func compareSlots(a, b slot) int { return cmp.Compare(a.name, b.name) }

// parseSlots reads the member s of a state, whose JSON was checked as a whole.
func parseSlots(text []byte) (all []slot) {
	if text == nil {
		return nil
	}
	_ = strictjson.Object(text, func(name, value []byte) error {
		all = append(all, slot{name: string(name), text: value})
		return nil
	})
	slices.SortFunc(all, compareSlots)
	return all
}

func appendSlots(dst []byte, all []slot) []byte {
	sep := byte('{')
	for _, one := range all {
		dst = strictjson.AppendText(append(dst, sep), one.name)
		dst = append(append(dst, ':'), one.text...)
		sep = ','
	}
	return append(dst, '}')
}

// findSlot reads the slots when somebody asks for one.
func (s *record) findSlot(name string) (int, bool) {
	if !s.slotsRead {
		s.slots, s.slotsRead = parseSlots(s.base.slots), true
	}
	return slices.BinarySearchFunc(s.slots, slot{name: name}, compareSlots)
}

// slotsText is the member s of the next state, nil if there is none.
func (s *record) slotsText() []byte {
	switch {
	case !s.slotsSet:
		return s.base.slots
	case len(s.slots) == 0:
		return nil
	}
	return appendSlots(nil, s.slots)
}

func (s *record) slotsChanged() bool {
	return s.slotsSet && !slices.EqualFunc(s.slots, parseSlots(s.base.slots), func(a, b slot) bool {
		return a.name == b.name && string(a.text) == string(b.text)
	})
}
