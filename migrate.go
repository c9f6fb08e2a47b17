package sealjar

import (
	"bytes"
	"fmt"

	"github.com/sealjar/sealjar/internal/strictjson"
	"github.com/sealjar/sealjar/token"
)

// maxVersion is the highest version of data.
const maxVersion = 999_999_999

// decode fills Data with what the client's session holds, in the form that it has now.
func (s *record) decode() error {
	if s.config.migrate != nil && s.base.version < s.config.version {
		text, err := s.config.migrate(s.base.version, bytes.Clone(s.base.data))
		if err == nil {
			err = strictjson.Check(text)
		}
		if err != nil {
			return fmt.Errorf("its data of version %d can't be migrated: %w", s.base.version, errNoText(err))
		}
		s.migrated = text
	}
	var err error
	if s.exact, err = s.data.decode(s.text()); err != nil {
		return fmt.Errorf("its data is of another type: %w", errNoText(err))
	}
	return nil
}

// text is what Data was decoded from.
func (s *record) text() []byte {
	if s.migrated != nil {
		return s.migrated
	}
	return s.base.data
}

// forget leaves nothing of a session whose data can't be read.
func (s *record) forget() {
	s.loaded, s.claims, s.base, s.migrated = false, token.Claims{}, state{}, nil
	s.link, s.other = nil, nil
	s.row, s.reference = nil, false
	s.data.clear()
}
