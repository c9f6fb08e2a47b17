package sealjar

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sealjar/sealjar/token"
)

const (
	// maxChunks is the most cookies of one session.
	maxChunks = 4

	// maxJoins is how many ways to put pieces together are tried for one request, where twins leave a choice. It is enough for
	// four whole sets, of which only one is good, in any order.
	maxJoins = 16

	// chunkMark stands between the number of pieces and the first piece. No token has one.
	chunkMark = '~'
)

// room is how many characters of a token each of several cookies holds: "_1" of a name, like "4~" of a value, takes two.
func (f *cookieForm) room() int { return maxCookie - len(f.name) - 2 }

// maxToken is the longest token that is opened.
func (f *cookieForm) maxToken() int { return max(token.DefaultMaxLength, f.chunks*f.room()) }

// pieceOf returns i if name is that of the jar's cookie for the piece i, which is 1 to 3, and otherwise 0.
func (f *cookieForm) pieceOf(name string) int {
	n := len(f.name)
	if f.chunks < 2 || len(name) != n+2 || name[n] != '_' || name[n+1] < '1' || name[n+1] >= '0'+maxChunks || name[:n] != f.name {
		return 0
	}
	return int(name[n+1] - '0')
}

func (f *cookieForm) pieceName(i int) string {
	if i == 0 {
		return f.name
	}
	return f.name + "_" + strconv.Itoa(i)
}

// split cuts a token that is too long for one cookie into the lines for several.
func (f *cookieForm) split(text, tail string) []string {
	room := f.room()
	count := (len(text) + room - 1) / room
	lines := make([]string, 0, count)
	for i := range count {
		mark := ""
		if i == 0 {
			mark = strconv.Itoa(count) + string(chunkMark)
		}
		lines = append(lines, f.pieceName(i)+"="+mark+text[i*room:min(len(text), (i+1)*room)]+tail)
	}
	return lines
}

// size is how many bytes the names and values of a token's cookies have.
func (f *cookieForm) size(text string) int {
	if one := len(f.name) + len(text); one <= maxCookie {
		return one
	}
	count := (len(text) + f.room() - 1) / f.room()
	return len(text) + count*(len(f.name)+2)
}

// pieces are the values that a request has under the names of pieces. Those of the first are found by values.
type pieces struct {
	values [maxChunks][maxTwins]string
	n      [maxChunks]int
}

func (f *cookieForm) pieces(h http.Header) (p pieces, held uint8) {
	for name, value := range cookiePairs(h) {
		if i := f.pieceOf(name); i > 0 {
			held |= 1 << i
			if p.n[i] < maxTwins {
				p.values[i][p.n[i]] = value
				p.n[i]++
			}
		}
	}
	return p, held
}

var errPieces = &refusal{ErrInvalid, errors.New("it is in several cookies, of which one is missing or has another size")}

// set is the token that a value of a request is or begins, and what became of it.
type set struct {
	count  int    // of its pieces, or 0 if the value is all
	first  string // piece
	tried  uint64 // a bit for each choice
	found  bool
	claims token.Claims
	err    error
}

// choice has, for each further piece, which one of those of its name it is.
type choice [maxChunks]int

// begin returns the set of a value that begins the token of several cookies.
func (f *cookieForm) begin(value string) set {
	t := set{count: int(value[0] - '0'), first: value[2:], err: errPieces}
	if t.count < 2 || t.count > f.chunks || len(t.first) != f.room() {
		return set{err: errPieces}
	}
	return t
}

// join puts a set together from pieces of one choice, and reports whether that is a token. What is put together from pieces of
// different tokens, or from some of its pieces, is not authentic: nothing but the token itself says that they belong
// together. Before there is a piece of the right size for each place, nothing is copied, so a count that somebody made up
// costs nothing.
func (s *record) join(t *set, p *pieces, c choice, tries *int) bool {
	f := &s.config.cookie
	length, code := len(t.first), 0
	for i := 1; i < t.count; i++ {
		if c[i] < 0 || c[i] >= p.n[i] {
			return false
		}
		piece := p.values[i][c[i]]
		if len(piece) != f.room() && (i < t.count-1 || piece == "" || len(piece) > f.room()) {
			return false
		}
		length += len(piece)
		code = code*maxTwins + c[i]
	}
	one := length <= maxCookie-len(f.name) // cookie would do, and a token has one spelling
	if one || *tries == 0 || t.tried>>code&1 > 0 {
		return false
	}
	*tries--
	t.tried |= 1 << code
	text := append(make([]byte, 0, length), t.first...)
	for i := 1; i < t.count; i++ {
		text = append(text, p.values[i][c[i]]...)
	}
	t.claims, t.err = s.consider(string(text))
	t.found = t.err == nil || t.claims.SessionID != ""
	return t.found
}

// search looks for the pieces of a set that are not where they would be if all sets were whole: first for those that are
// at the same place under each name, as what comes from one domain and path is, and then for any.
func (s *record) search(t *set, p *pieces, tries *int) {
	for at := range maxTwins {
		var c choice
		for i := range c {
			c[i] = min(at, p.n[i]-1)
		}
		if s.join(t, p, c, tries) {
			return
		}
	}
	for n := range 1 << (2 * (maxChunks - 1)) {
		if *tries == 0 || s.join(t, p, choice{1: n % maxTwins, 2: n / maxTwins % maxTwins, 3: n / maxTwins / maxTwins}, tries) {
			return
		}
	}
}

// readChunks is readCookies for a jar whose sessions may be in several cookies.
func (s *record) readChunks(values []string, h http.Header) {
	further, held := s.config.cookie.pieces(h)
	s.held.pieces = held
	s.held.any = s.held.any || held != 0
	s.held.twins = s.held.twins || slices.Max(further.n[:]) > 1 // a piece that somebody else has set hides ours as well
	var sets [maxTwins]set
	var taken choice // pieces, by the sets before if all are whole
	tries, open := maxJoins, 0
	for k, value := range values {
		t := &sets[k]
		switch {
		case chunked(value):
			*t = s.config.cookie.begin(value)
			if t.count > 0 && !s.join(t, &further, taken, &tries) {
				open++
			}
			for i := 1; i < t.count; i++ {
				taken[i]++
			}
		case len(s.config.cookie.name)+len(value) > maxCookie:
			t.err = refusals[token.ErrTooLong] // it would be in pieces: a token has one spelling
		default:
			t.claims, t.err = s.consider(value)
		}
	}
	for k := range values {
		t := &sets[k]
		if t.count > 0 && !t.found {
			share := tries / open
			tries -= share
			s.search(t, &further, &share)
			tries += share
			open--
		}
		if t.err != nil {
			s.refuse(&t.claims, t.err)
		}
	}
}

// chunked reports whether value is the first of several pieces.
func chunked(value string) bool { return len(value) > 1 && value[1] == chunkMark }

// set puts a token into the header, in place of what the jar may have put there before, and removes what else the client
// holds of the jar. It returns what the client holds then.
func (f *cookieForm) set(h http.Header, text string, expiry, now time.Time, persistent bool, held client) client {
	tail := f.attributes
	if persistent || f.persistent {
		seconds := max(1, int64((expiry.Sub(now)+time.Second-1)/time.Second))
		tail = "; Max-Age=" + strconv.FormatInt(seconds, 10) + tail
	}
	if len(f.name)+len(text) <= maxCookie {
		f.replace(h, held, held.pieces, f.name+"="+text+tail)
		return client{any: true}
	}
	lines := f.split(text, tail)
	written := uint8(1)<<len(lines) - 2
	f.replace(h, held, held.pieces&^written, lines...)
	return client{any: true, pieces: written}
}

// remove puts the deletion of all that the client holds into the header.
func (f *cookieForm) remove(h http.Header, held client) { f.replace(h, held, held.pieces|1) }

// ours reports whether a line of Set-Cookie is about the jar's cookie.
func (f *cookieForm) ours(line string) bool {
	name, _, _ := strings.Cut(line, "=")
	return name == f.name || f.pieceOf(name) > 0
}
