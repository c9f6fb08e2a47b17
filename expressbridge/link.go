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
	fromNode   = 'n' // a session of Express that was taken over and lives on; its cookie ends with the browser
	persistent = 'p' // the same with a persistent cookie, one that has an end of its own (RFC 6265, section 5.3)
	fromHere   = 'h' // a row that Options.Back has made
	grace      = 'g' // a row that is about to die
)

// beside is the link to a session of Express that lives on.
func (b *bridge[T]) beside(sid string, maxAge time.Duration) link {
	l := link{fromNode, seconds(b.lives(maxAge)), sid}
	if maxAge > 0 {
		l.kind = persistent
	}
	return l
}

func (l link) String() string { return string(l.kind) + strconv.FormatInt(l.n, 10) + ":" + l.sid }

func parseLink(text string) (l link, ok bool) {
	if text == "" {
		return l, false
	}
	number, sid, found := strings.Cut(text[1:], ":")
	n, err := strconv.ParseInt(number, 10, 64)
	l = link{text[0], n, sid}
	return l, found && err == nil && validSID(sid) && strings.IndexByte("nphg", l.kind) >= 0
}

func (l link) until() time.Time { return time.Unix(l.n, 0) }

// end is when a session ends that was used now.
func (l link) end(now time.Time) time.Time { return now.Add(time.Duration(l.n) * time.Second) }

func seconds(d time.Duration) int64 { return int64(d / time.Second) }
