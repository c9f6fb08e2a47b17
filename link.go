package sealjar

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/sealjar/sealjar/internal/strictjson"
)

// link says where a session was taken over from: see [Options].Takeover.
type link struct {
	name    string    // what the source calls the other session; empty: nothing there has to do with it any more
	asked   time.Time // when the source was last asked
	passive bool      // that was by a request that is no activity, so the other session was not prolonged
	undated bool      // authTime is when it was taken over; when it was signed in is not known
}

const maxLink = 512 // bytes of a name

func (l *link) append(dst []byte) []byte {
	if l.name == "" && !l.undated {
		return dst
	}
	dst = append(dst, `,"x":{`...)
	if l.name != "" {
		dst = strconv.AppendInt(append(dst, `"c":`...), max(1, l.asked.UnixMilli()), 10)
		dst = strictjson.AppendText(append(dst, `,"n":`...), l.name)
		if l.passive {
			dst = append(dst, `,"p":true`...)
		}
	}
	if l.undated {
		if l.name != "" {
			dst = append(dst, ',')
		}
		dst = append(dst, `"u":true`...)
	}
	return append(dst, '}')
}

// parseLink reads the member x of a state, whose JSON was checked as a whole.
func parseLink(text []byte) (*link, error) {
	if text[0] != '{' {
		return nil, errState
	}
	l := new(link)
	err := strictjson.Object(text, func(name, value []byte) error {
		var err error
		switch string(name) {
		case "c":
			var at int64
			err = json.Unmarshal(value, &at)
			if at < 1 || at > maxTime {
				return errState
			}
			l.asked = time.UnixMilli(at)
		case "n":
			err = json.Unmarshal(value, &l.name)
		case "p":
			err = json.Unmarshal(value, &l.passive)
		case "u":
			err = json.Unmarshal(value, &l.undated)
		}
		return err
	})
	if err != nil || !validLink(l.name) {
		return nil, errState
	}
	return l, nil
}

func validLink(name string) bool { return len(name) <= maxLink && utf8.ValidString(name) }
