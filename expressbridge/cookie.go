package expressbridge

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sealjar/sealjar/takeover"
)

const (
	maxTwins  = 4    // cookies of the name that are tried: a browser sends several if they have different paths or domains
	maxCookie = 4096 // bytes of a value: browsers keep no more of name and value
	maxSID    = 255  // bytes of a session's id; express-mysql-session's column has 128
)

var macLength = base64.RawStdEncoding.EncodedLen(sha256.Size)

// sids gives the ids of sessions in a request's cookies that a secret has signed, and says whether there was a cookie
// of the name at all.
func (b *bridge[T]) sids(h http.Header) (sids []string, any bool) {
	tried := 0
	for name, value := range pairs(h) {
		if name != b.Cookie.Name {
			continue
		}
		if any = true; tried == maxTwins {
			break
		}
		tried++
		if sid, ok := b.unsign(value); ok && !slices.Contains(sids, sid) {
			sids = append(sids, sid)
		}
	}
	return sids, any
}

// unsign returns the id in a cookie: s: and the id and a dot and its HMAC-SHA256 in base64 without padding,
// percent-encoded or not, as express-session has it from cookie and cookie-signature. There is one spelling of the
// HMAC: it is compared as text.
func (b *bridge[T]) unsign(value string) (sid string, ok bool) {
	if len(value) > maxCookie {
		return "", false
	}
	if decoded, err := url.PathUnescape(value); err == nil { // QueryUnescape would take + for a space
		value = decoded
	}
	signed, found := strings.CutPrefix(value, "s:")
	dot := strings.LastIndexByte(signed, '.')
	if !found || dot < 0 || len(signed)-dot-1 != macLength {
		return "", false
	}
	sid, mac := signed[:dot], []byte(signed[dot+1:])
	good := 0
	for _, secret := range b.Secrets {
		good |= subtle.ConstantTimeCompare(mac, []byte(sign(sid, secret)))
	}
	return sid, good == 1 && validSID(sid)
}

func sign(sid, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(sid))
	return base64.RawStdEncoding.EncodeToString(mac.Sum(nil))
}

// validSID wants visible ASCII, of which no database has another opinion.
func validSID(sid string) bool {
	for i := range len(sid) {
		if sid[i] <= ' ' || sid[i] > '~' {
			return false
		}
	}
	return sid != "" && len(sid) <= maxSID
}

// set adds the cookie of a session to a response.
func (b *bridge[T]) set(h http.Header, l link, now time.Time) {
	c := b.cookie()
	c.Value = url.QueryEscape("s:" + l.sid + "." + sign(l.sid, b.Secrets[0])) // as encodeURIComponent: there is no space in it
	if b.isPersistent(l) {
		c.Expires = l.end(now)
	}
	b.replace(h, c)
}

// isPersistent reports whether a session's cookie has an end of its own.
func (b *bridge[T]) isPersistent(l link) bool {
	return l.kind == persistent || l.kind == fromHere && b.Cookie.MaxAge > 0
}

// prolong lets a cookie that the browser has live as long as its row.
func (b *bridge[T]) prolong(h http.Header, l link, s takeover.Sealed) {
	if sids, _ := b.sids(s.Request.Header); b.isPersistent(l) && slices.Contains(sids, l.sid) {
		b.set(h, l, s.Now)
	}
}

// Clear deletes the cookie if the request has brought one, good or not.
func (b *bridge[T]) Clear(h http.Header, r *http.Request) {
	if _, any := b.sids(r.Header); !any {
		return
	}
	c := b.cookie()
	c.MaxAge, c.Expires = -1, time.Unix(1, 0)
	b.replace(h, c)
}

func (b *bridge[T]) cookie() *http.Cookie {
	c := &b.Cookie
	return &http.Cookie{
		Name: c.Name, Path: c.Path, Domain: c.Domain, SameSite: c.SameSite, Partitioned: c.Partitioned,
		Secure: !c.InsecureHTTP, HttpOnly: true,
	}
}

// replace writes the cookie in place of what this response had under its name.
func (b *bridge[T]) replace(h http.Header, c *http.Cookie) {
	lines := slices.DeleteFunc(slices.Clone(h["Set-Cookie"]), func(line string) bool { return strings.HasPrefix(line, c.Name+"=") })
	h["Set-Cookie"] = append(lines, c.String())
}

// pairs gives the names and values of a request's cookies as they stand, but for double quotes around a value. Package http drops
// those whose value it would not write.
func pairs(h http.Header) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for _, line := range h["Cookie"] {
			for pair := range strings.SplitSeq(line, ";") {
				name, value, found := strings.Cut(pair, "=")
				value = strings.Trim(value, " \t")
				if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
					value = value[1 : len(value)-1]
				}
				if found && !yield(strings.Trim(name, " \t"), value) {
					return
				}
			}
		}
	}
}
