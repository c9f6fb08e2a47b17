package sealjar

import (
	"net/http"
	"slices"
	"strings"
)

// StripCookies takes the jar's session out of a request that goes on to somewhere else: all cookies of the jar's name
// and those of its pieces, and the token in [Options].Header, with Authorization every one of the scheme Bearer. Other
// cookies stay byte for byte.
//
// Call it for the request that goes out, as in the Rewrite of [net/http/httputil.ReverseProxy]: the one that came in is
// where the session is still to be read from.
func (j *Jar[T]) StripCookies(r *http.Request) {
	f := &j.config.cookie
	var lines []string
	for _, line := range r.Header["Cookie"] {
		if rest := f.strip(line); rest != "" {
			lines = append(lines, rest)
		}
	}
	replaceHeader(r.Header, "Cookie", lines)
	switch name := j.config.header; name {
	case "":
	case "Authorization":
		replaceHeader(r.Header, name, slices.DeleteFunc(slices.Clone(r.Header[name]), mayBeBearer))
	default:
		delete(r.Header, name)
	}
}

func replaceHeader(h http.Header, name string, lines []string) {
	if len(lines) == 0 {
		delete(h, name)
		return
	}
	h[name] = lines
}

// mayBeBearer is less strict than isBearer, for who comes after: a proxy may take away the space before a scheme, and a server
// take a tab after it for one.
func mayBeBearer(line string) bool {
	scheme, _, _ := strings.Cut(strings.ReplaceAll(strings.TrimSpace(line), "\t", " "), " ")
	return strings.EqualFold(scheme, "Bearer")
}

// strip returns a line without the jar's cookies. It is less strict than reading: others may be so too.
func (f *cookieForm) strip(line string) string {
	pairs := strings.Split(line, ";")
	kept := slices.DeleteFunc(slices.Clone(pairs), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		name = strings.TrimSpace(name)
		return name == f.name || f.pieceOf(name) > 0
	})
	if len(kept) == len(pairs) {
		return line
	}
	rest := strings.Join(kept, ";")
	if len(kept) > 0 && len(pairs) > 0 && kept[0] != pairs[0] {
		rest = strings.TrimLeft(rest, " \t")
	}
	if strings.Trim(rest, " \t;") == "" {
		return ""
	}
	return rest
}
