package expressbridge

import (
	"strconv"
	"strings"
	"time"
)

// link is what the token of a taken-over session says of the row.
type link struct {
	kind byte
	n    int64 // grace: the row is dead from that second on; otherwise for how many seconds a use prolongs it
	sid  string
}

const (
	fromNode = 'n' // a session of Express that was taken over and lives on
	fromHere = 'h' // a row that Options.Back has made
	grace    = 'g' // a row that is about to die
)

func (l link) String() string { return string(l.kind) + strconv.FormatInt(l.n, 10) + ":" + l.sid }

func parseLink(text string) (l link, ok bool) {
	if text == "" {
		return l, false
	}
	number, sid, found := strings.Cut(text[1:], ":")
	n, err := strconv.ParseInt(number, 10, 64)
	l = link{text[0], n, sid}
	return l, found && err == nil && validSID(sid) && (l.kind == fromNode || l.kind == fromHere || l.kind == grace)
}

func (l link) until() time.Time { return time.Unix(l.n, 0) }

func seconds(d time.Duration) int64 { return int64(d / time.Second) }
