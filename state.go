package sealjar

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/sealjar/sealjar/internal/strictjson"
)

// state is the token's private claim: the application's data and what the library keeps with it. docs/format.md lists
// the members.
type state struct {
	data     []byte        // d: JSON of the application's own type
	survived time.Time     // c: revocations of the subject before it spare the session; zero: none does
	flashes  []Flash       // f: messages for a later request, as pairs of kind and text
	groups   []string      // g: the names under which the session can be revoked
	lifetime time.Duration // l: its own absolute lifetime, in whole seconds; 0: none
	methods  []string      // m: by which the subject was authenticated
	origin   string        // o: the session's first id; empty: it was never renewed and has that id still
	stored   int64         // p: version of the row that has the session, or of this one, which is such a row; 0: neither
	remember bool          // r: remember-me
	slots    []byte        // s: the values of slots as a JSON object; nil: none
	version  int           // v: of the data; 0: none was given
	link     *link         // x: where it was taken over from; nil: it was not
}

const (
	stateStart = `{"d":`         // what stands before the data
	maxTime    = 253402300799999 // the end of the year 9999, in milliseconds
	stateRoom  = 64              // bytes that most states need besides the data
)

// append writes s as a JSON object. The same state always gives the same bytes.
func (s *state) append(dst []byte) []byte {
	if start := len(dst); s.data == nil { // it refers to a row: see reference
		dst = s.appendMembers(dst)
		dst[start] = '{'
		return dst
	}
	return s.appendMembers(append(append(dst, stateStart...), s.data...))
}

// appendMembers writes all but the data, each after a comma.
func (s *state) appendMembers(dst []byte) []byte {
	if !s.survived.IsZero() {
		dst = strconv.AppendInt(append(dst, `,"c":`...), s.survived.UnixMilli(), 10)
	}
	if len(s.flashes) > 0 {
		dst = append(dst, `,"f":[`...)
		for i, f := range s.flashes {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = strictjson.AppendText(append(dst, '['), f.Kind)
			dst = append(strictjson.AppendText(append(dst, ','), f.Text), ']')
		}
		dst = append(dst, ']')
	}
	dst = appendTexts(dst, `,"g":[`, s.groups)
	if s.lifetime > 0 {
		dst = strconv.AppendInt(append(dst, `,"l":`...), int64(s.lifetime/time.Second), 10)
	}
	dst = appendTexts(dst, `,"m":[`, s.methods)
	if s.origin != "" {
		dst = strictjson.AppendText(append(dst, `,"o":`...), s.origin)
	}
	if s.stored > 0 {
		dst = strconv.AppendInt(append(dst, `,"p":`...), s.stored, 10)
	}
	if s.remember {
		dst = append(dst, `,"r":true`...)
	}
	if s.slots != nil {
		dst = append(append(dst, `,"s":`...), s.slots...)
	}
	if s.version > 0 {
		dst = strconv.AppendInt(append(dst, `,"v":`...), int64(s.version), 10)
	}
	if s.link != nil {
		dst = s.link.append(dst)
	}
	return append(dst, '}')
}

func appendTexts(dst []byte, start string, texts []string) []byte {
	for i, text := range texts {
		if i > 0 {
			start = ","
		}
		dst = strictjson.AppendText(append(dst, start...), text)
	}
	if len(texts) > 0 {
		dst = append(dst, ']')
	}
	return dst
}

var errState = errors.New("sealjar: bad session state")

// isID reports whether text has the form of a session id, which is the token's rule.
func isID(text string) bool {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return text != "" && len(text) <= 64 && strings.Trim(text, alphabet) == ""
}

// parseState reads what append wrote, or another implementation. Members that it does not know are left to newer versions.
func parseState(text []byte) (state, error) {
	var s state
	err := strictjson.Object(text, func(name, value []byte) error {
		var err error
		switch string(name) {
		case "d":
			s.data = value
		case "c":
			var at int64
			err = json.Unmarshal(value, &at)
			if at < 1 || at > maxTime {
				return errState
			}
			s.survived = time.UnixMilli(at)
		case "f":
			var pairs [][2]string
			err = json.Unmarshal(value, &pairs)
			for _, p := range pairs {
				s.flashes = append(s.flashes, Flash{Kind: p[0], Text: p[1]})
			}
		case "g":
			var groups []string // and not s.groups itself: then s would be an allocation, also of states without groups
			err = json.Unmarshal(value, &groups)
			s.groups = groups
		case "l":
			var seconds int64
			err = json.Unmarshal(value, &seconds)
			if seconds < 1 || seconds > int64(maxLifetime/time.Second) {
				return errState
			}
			s.lifetime = time.Duration(seconds) * time.Second
		case "m":
			var methods []string
			err = json.Unmarshal(value, &methods)
			s.methods = methods
		case "o":
			var origin string
			err = json.Unmarshal(value, &origin)
			if !isID(origin) {
				return errState
			}
			s.origin = origin
		case "p":
			var version int64
			err = json.Unmarshal(value, &version)
			if version < 1 || version > maxStored {
				return errState
			}
			s.stored = version
		case "r":
			var remember bool
			err = json.Unmarshal(value, &remember)
			s.remember = remember
		case "s":
			if value[0] != '{' {
				return errState
			}
			s.slots = value
		case "v":
			var version int64
			err = json.Unmarshal(value, &version)
			if version < 1 || version > maxVersion {
				return errState
			}
			s.version = int(version)
		case "x":
			link, err := parseLink(value)
			if err != nil {
				return err
			}
			s.link = link
		}
		return err
	})
	if err != nil || s.data == nil && s.stored == 0 {
		return state{}, errState
	}
	return s, nil
}
