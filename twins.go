package sealjar

import (
	"errors"
	"net/http"
	"slices"
)

// maxTwins is how many cookies of the jar's name are tried. A browser sends several when a parent domain or another path
// has set one of the same name (RFC 6265, section 5.4).
const maxTwins = 4

// errTwins is what [EventTwins] says.
var errTwins = errors.New("sealjar: the request brought several cookies of the jar's name")

// values finds the values of the jar's cookie without parsing the others (RFC 6265, section 4.2.1).
func (f *cookieForm) values(h http.Header) (values [maxTwins]string, n int) {
	for name, value := range cookiePairs(h) {
		if name != f.name {
			continue
		}
		values[n] = value
		if n++; n == maxTwins {
			break
		}
	}
	return values, n
}

// twinsOf gives the other cookies of the name that a response of this host can address, and so delete: one for this host alone
// or for the Domain, for / or the Path, and outside of or inside of the partition. That is what is left when an application
// changes its options. A twin with another Domain or Path can't be told from the request, and not be reached by guessing.
func twinsOf(c Cookie) (twins []Cookie) {
	for _, domain := range slices.Compact([]string{"", c.Domain}) {
		for _, path := range slices.Compact([]string{"/", c.Path}) {
			for _, partitioned := range []bool{false, true} {
				twin := c
				twin.Domain, twin.Path, twin.Partitioned = domain, path, partitioned
				if same := domain == c.Domain && path == c.Path && partitioned == c.Partitioned; !same && checkCookie(twin) == nil {
					twins = append(twins, twin)
				}
			}
		}
	}
	return twins
}

// client is which of the jar's cookies a client holds, as far as it tells.
type client struct {
	any    bool  // it sent something under our name, good or not
	twins  bool  // and more than one
	pieces uint8 // bit i: it holds a cookie for the piece i of a session in several cookies
}

// replace puts lines into the header in place of what the jar may have put there before. Deletions come first: of pieces that
// are stale, and of twins.
func (f *cookieForm) replace(h http.Header, held client, stale uint8, lines ...string) {
	// Clip: the handler may have put in a slice that other responses share, and the next byte of it is theirs too.
	all := slices.Clip(slices.DeleteFunc(h["Set-Cookie"], f.ours))
	for i := range maxChunks {
		if stale&(1<<i) != 0 {
			all = append(all, f.pieceName(i)+f.deletion)
		}
		if held.twins && (i == 0 || held.pieces&(1<<i) != 0) {
			for _, twin := range f.twins {
				all = append(all, f.pieceName(i)+twin)
			}
		}
	}
	h["Set-Cookie"] = append(all, lines...)
}
