package sealjar

import (
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"
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

// twinsOf gives the other cookies of the name that the options speak of: one for this host alone or for the Domain, for / or the
// Path, and outside of or inside of the partition.
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

// formerTwins gives the cookies of the name that the options of an earlier day may have left: of the host and its parent domains,
// with the paths above the request's. A browser sends no other (RFC 6265, sections 5.1.3 and 5.1.4).
func formerTwins(c Cookie, r *http.Request) (twins []Cookie) {
	paths := []string{"/"}
	path := requestPath(r)
	for i := 1; i < len(path) && i <= maxFormerPath && len(paths) < 2*maxFormer; i++ {
		if path[i] == '/' || i == len(path)-1 {
			above := strings.TrimSuffix(path[:i+1], "/")
			paths = append(paths, above, above+"/")
		}
	}
	domains := parentDomains(r.Host)
	for _, domain := range append([]string{""}, domains[:min(maxFormer, len(domains))]...) {
		for _, path := range paths {
			twin := c
			twin.Domain, twin.Path = domain, path
			if (domain != c.Domain || path != c.Path) && checkCookie(twin) == nil {
				twins = append(twins, twin)
			}
		}
	}
	return twins
}

const (
	maxFormer     = 3   // parent domains, the widest first, and levels of the path
	maxFormerPath = 100 // bytes: an application's own paths are shorter
)

// parentDomains are those of which a cookie may be, the widest first, and the host itself as the last.
func parentDomains(host string) (domains []string) {
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return nil
	}
	labels := strings.Split(host, ".")
	for i := len(labels) - 2; i >= 0; i-- {
		domains = append(domains, strings.Join(labels[i:], "."))
	}
	return domains
}

// requestPath is the one that the client has asked for, also under a handler that has taken a part of it away.
func requestPath(r *http.Request) string {
	if path, _, _ := strings.Cut(r.RequestURI, "?"); strings.HasPrefix(path, "/") {
		return path
	}
	return r.URL.EscapedPath()
}

// client is which of the jar's cookies a client holds, as far as it tells.
type client struct {
	any    bool  // it sent something under our name, good or not
	twins  bool  // and more than one
	good   uint8 // how many of them we have sealed
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
			if i == 0 { // without it the other pieces open nothing
				for _, twin := range f.former {
					all = append(all, f.name+twin)
				}
			}
		}
	}
	h["Set-Cookie"] = append(all, lines...)
}
