package spill

import (
	"errors"
	"fmt"
	"strings"
)

const (
	maxVersion = 1<<53 - 1
	idLetters  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
)

// Check says what is wrong with a row that is to be written under an id, or nil. Drivers call it before they write.
func (r Row) Check(id string) error {
	switch {
	case id == "" || len(id) > 64 || strings.Trim(id, idLetters) != "":
		return errors.New("spill: an id has 1 to 64 letters, digits, hyphens and underscores")
	case r.Version < 1 || r.Version > maxVersion:
		return fmt.Errorf("spill: version %d: want 1 to %d", r.Version, int64(maxVersion))
	case len(r.Data) == 0 || len(r.Data) > MaxSize:
		return fmt.Errorf("spill: a row of %d bytes: want 1 to %d", len(r.Data), MaxSize)
	}
	return nil
}
