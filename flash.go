package sealjar

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Flash is a message that one request leaves for a later one, such as "saved" after a redirect.
type Flash struct {
	// Kind is the application's own word for what it is: "info", "error".
	Kind string
	// Text is the message.
	Text string
}

var errLateFlashes = fmt.Errorf("%w when Flashes was called: the messages come again", ErrHeadersSent)

// maxFlashes bounds what piles up where no page shows messages.
const maxFlashes = 16

// AddFlash leaves a message for a later request of this session. The 16 newest messages are kept. It returns [ErrHeadersSent]
// after the header has left, and an error if kind or text is not UTF-8.
func (s *record) AddFlash(kind, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.writable(); err != nil {
		return err
	}
	if !utf8.ValidString(kind) || !utf8.ValidString(text) {
		return errors.New("sealjar: a flash message is not valid UTF-8")
	}
	s.added = append(s.added, Flash{Kind: kind, Text: text})
	for len(s.left)+len(s.added) > maxFlashes {
		if len(s.left) > 0 {
			s.left = s.left[1:]
		} else {
			s.added = s.added[1:]
		}
	}
	return nil
}

// Flashes returns the messages that earlier requests have left, oldest first, and removes them: each is read once.
// Messages of this request are for a later one and not among them. Ask before anything of the response is written: after the
// header has left they can't be removed, so they come again, and the event [EventUnwritten] says so.
func (s *record) Flashes() []Flash {
	s.mu.Lock()
	defer s.unlock()
	left := s.left
	switch err := s.writable(); {
	case err == nil: // else they could not be removed: show them again rather than never
		s.left = nil
	case errors.Is(err, ErrHeadersSent) && len(left) > 0 && !s.quiet:
		s.unwritten(errLateFlashes)
	}
	return slices.Clone(left)
}
