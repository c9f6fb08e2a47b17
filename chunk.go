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

	// maxJoins is how many ways to put pieces together are tried for one request, where twins leave a choice.
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

// join tries a value that begins the token of several cookies. What is put together from pieces of different tokens, or from
// some of its pieces, is not authentic: nothing but the token itself says that they belong together. Before there is a piece
// of the right size for each place, nothing is copied, so a count that somebody made up costs nothing.
func (s *record) join(first string, p *pieces, tries *int) (claims token.Claims, err error) {
	f := &s.config.cookie
	count, room := int(first[0]-'0'), f.room()
	first = first[2:]
	if count < 2 || count > f.chunks || len(first) != room {
		return claims, errPieces
	}
	var fitting [maxChunks][maxTwins]string
	var n, choice [maxChunks]int
	for i := 1; i < count; i++ {
		for _, value := range p.values[i][:p.n[i]] {
			if len(value) == room || i == count-1 && value != "" && len(value) < room {
				fitting[i][n[i]] = value
				n[i]++
			}
		}
		if n[i] == 0 {
			return claims, errPieces
		}
	}
	err = errPieces
	for more := true; more && *tries > 0; {
		text := make([]byte, 0, count*room)
		text = append(text, first...)
		for i := 1; i < count; i++ {
			text = append(text, fitting[i][choice[i]]...)
		}
		if len(text) > maxCookie-len(f.name) { // else one cookie would do, and a token has one spelling
			*tries--
			if claims, err = s.consider(string(text)); err == nil || claims.SessionID != "" {
				return claims, err
			}
		}
		more = false
		for i := 1; i < count && !more; i++ {
			choice[i]++
			if more = choice[i] < n[i]; !more {
				choice[i] = 0
			}
		}
	}
	return claims, err
}

// readChunks is readCookies for a jar whose sessions may be in several cookies.
func (s *record) readChunks(values []string, h http.Header) {
	further, held := s.config.cookie.pieces(h)
	s.held.pieces = held
	s.held.any = s.held.any || held != 0
	s.held.twins = s.held.twins || slices.Max(further.n[:]) > 1 // a piece that somebody else has set hides ours as well
	tries := maxJoins
	for _, value := range values {
		var claims token.Claims
		var err error
		switch {
		case chunked(value):
			claims, err = s.join(value, &further, &tries)
		case len(s.config.cookie.name)+len(value) > maxCookie:
			err = refusals[token.ErrTooLong] // it would be in pieces: a token has one spelling
		default:
			claims, err = s.consider(value)
		}
		if err != nil {
			s.refuse(&claims, err)
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
