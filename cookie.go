package sealjar

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxCookie is how many bytes of name and value browsers keep (draft-ietf-httpbis-rfc6265bis, section 5.6).
const maxCookie = 4096

// maxAttribute is the longest value of an attribute that browsers take (draft-ietf-httpbis-rfc6265bis, section 5.6).
const maxAttribute = 1024

// Cookie says what a jar's cookie looks like. The zero value gives `__Host-session` with Path=/, Secure, HttpOnly and
// SameSite=Lax, kept until the browser closes.
//
// Secure does not depend on the request, so behind a proxy that terminates TLS there is no header to trust.
type Cookie struct {
	// Name is the cookie's name, of at most 64 characters. Empty means __Host-session, or __Secure-session if Domain or
	// Path make the prefix __Host- impossible, or session with InsecureHTTP. Jars of one site need different names.
	Name string

	// Path is the Path attribute; empty means /. It is not a security boundary (RFC 6265, section 8.5).
	Path string

	// Domain is the Domain attribute. Empty means this host alone; otherwise every subdomain gets the cookie and can set
	// one that looks like it.
	Domain string

	// SameSite is the SameSite attribute; 0 means [http.SameSiteLaxMode]. With SameSiteNoneMode, other sites can make
	// requests with the session: protect every change against CSRF.
	SameSite http.SameSite

	// Partitioned keeps one cookie for each top-level site (CHIPS), for a page that lives in others' iframes.
	Partitioned bool

	// Persistent keeps the cookie when the browser closes, until the session ends. [Session.Remember] does it for one session.
	Persistent bool

	// InsecureHTTP leaves out Secure, so that the cookie also travels over plain http. For development on a host name other
	// than localhost: browsers treat http://localhost as secure already.
	InsecureHTTP bool

	// InsecureScriptAccess leaves out HttpOnly, so that scripts can read the cookie.
	InsecureScriptAccess bool
}

// cookieForm is a checked Cookie with the text of Set-Cookie that is the same for each response.
type cookieForm struct {
	name       string
	persistent bool
	attributes string // "; Path=/; …"
	deletion   string // the whole value of Set-Cookie that deletes it
}

func newCookieForm(c Cookie) (cookieForm, error) {
	if c.Path == "" {
		c.Path = "/"
	}
	if c.SameSite == 0 {
		c.SameSite = http.SameSiteLaxMode
	}
	if c.Name == "" {
		c.Name = defaultCookieName(c)
	}
	if err := checkCookie(c); err != nil {
		return cookieForm{}, err
	}
	form := cookieForm{name: c.Name, persistent: c.Persistent}
	// net/http writes the attributes: what comes after name=value.
	line := (&http.Cookie{
		Name: c.Name, Value: "x", Path: c.Path, Domain: c.Domain, Secure: !c.InsecureHTTP, HttpOnly: !c.InsecureScriptAccess,
		SameSite: c.SameSite, Partitioned: c.Partitioned,
	}).String()
	form.attributes = strings.TrimPrefix(line, c.Name+"=x")
	// Deleting repeats every attribute, else browsers take it for another cookie. Expires is for those that are old.
	form.deletion = c.Name + "=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT" + form.attributes
	return form, nil
}

func defaultCookieName(c Cookie) string {
	switch {
	case c.InsecureHTTP:
		return "session"
	case c.Domain != "" || c.Path != "/":
		return "__Secure-session"
	}
	return "__Host-session"
}

func checkCookie(c Cookie) error {
	fail := func(field, format string, args ...any) error {
		return fmt.Errorf("sealjar: Options.Cookie.%s: %s", field, fmt.Sprintf(format, args...))
	}
	if len(c.Name) > 64 {
		return fail("Name", "longer than 64 characters")
	}
	trial := http.Cookie{Name: c.Name, Value: "x"}
	if trial.Valid() != nil {
		return fail("Name", "%q is not a cookie name (RFC 6265, section 4.1.1)", c.Name)
	}
	trial.Path = c.Path
	if trial.Valid() != nil || !strings.HasPrefix(c.Path, "/") || strings.Contains(c.Path, ";") {
		return fail("Path", "%q is not an absolute path", c.Path)
	}
	if len(c.Path) > maxAttribute {
		return fail("Path", "longer than %d bytes, which browsers ignore", maxAttribute)
	}
	trial.Domain = c.Domain
	if err := checkDomain(&trial); err != nil {
		return fail("Domain", "%q %v", c.Domain, err)
	}
	switch c.SameSite {
	case http.SameSiteLaxMode, http.SameSiteStrictMode:
	case http.SameSiteNoneMode:
		if c.InsecureHTTP {
			return fail("SameSite", "browsers refuse SameSite=None without Secure, which InsecureHTTP leaves out")
		}
	default:
		return fail("SameSite", "want http.SameSiteLaxMode, SameSiteStrictMode or SameSiteNoneMode")
	}
	switch {
	case c.Partitioned && c.InsecureHTTP:
		return fail("Partitioned", "browsers refuse Partitioned without Secure, which InsecureHTTP leaves out")
	case c.Partitioned && c.SameSite != http.SameSiteNoneMode:
		return fail("Partitioned", "in others' iframes browsers send the cookie only with SameSiteNoneMode")
	}
	return checkPrefix(c, fail)
}

// checkPrefix holds the promises of cookie name prefixes (draft-ietf-httpbis-rfc6265bis, section 4.1.3). Browsers
// compare them without case, and drop a cookie that breaks its promise without a word.
func checkPrefix(c Cookie, fail func(field, format string, args ...any) error) error {
	name := strings.ToLower(c.Name)
	host := strings.HasPrefix(name, "__host-")
	secure := strings.HasPrefix(name, "__secure-")
	http := strings.HasPrefix(name, "__http-") || strings.HasPrefix(name, "__host-http-")
	switch {
	case (host || secure || http) && c.InsecureHTTP:
		return fail("Name", "the prefix of %q demands Secure, which InsecureHTTP leaves out", c.Name)
	case host && (c.Domain != "" || c.Path != "/"):
		return fail("Name", "the prefix of %q demands Path=/ and no Domain", c.Name)
	case http && c.InsecureScriptAccess:
		return fail("Name", "the prefix of %q demands HttpOnly, which InsecureScriptAccess leaves out", c.Name)
	}
	return nil
}

func checkDomain(trial *http.Cookie) error {
	domain := strings.TrimPrefix(trial.Domain, ".")
	switch {
	case trial.Domain == "":
		return nil
	case trial.Valid() != nil:
		return errors.New("is not a domain name")
	case strings.HasSuffix(domain, "."):
		return errors.New("ends with a dot, and then browsers find no host in it")
	case strings.Contains(domain, ":") || endsInNumber(domain):
		return errors.New("is an IP address, which browsers refuse: leave Domain empty")
	case !strings.Contains(domain, "."):
		return errors.New("is a single label, which browsers refuse: leave Domain empty")
	}
	return nil
}

// endsInNumber reports whether browsers take a host for an IPv4 address (WHATWG URL, "ends in a number checker").
func endsInNumber(host string) bool {
	last := strings.ToLower(host[strings.LastIndexByte(host, '.')+1:])
	return strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") && strings.Trim(last[2:], "0123456789abcdef") == ""
}

// set puts a token into the header, in place of what the jar may have put there before.
func (f *cookieForm) set(h http.Header, token string, expiry, now time.Time, persistent bool) {
	maxAge := ""
	if persistent || f.persistent {
		seconds := max(1, int64((expiry.Sub(now)+time.Second-1)/time.Second))
		maxAge = "; Max-Age=" + strconv.FormatInt(seconds, 10)
	}
	f.replace(h, f.name+"="+token+maxAge+f.attributes)
}

// remove puts the deletion of the cookie into the header.
func (f *cookieForm) remove(h http.Header) { f.replace(h, f.deletion) }

func (f *cookieForm) replace(h http.Header, line string) {
	lines := slices.DeleteFunc(h["Set-Cookie"], func(have string) bool {
		name, _, _ := strings.Cut(have, "=")
		return name == f.name
	})
	// Clip: the handler may have put in a slice that other responses share, and the next byte of it is theirs too.
	h["Set-Cookie"] = append(slices.Clip(lines), line)
}

// maxTwins is how many cookies of the jar's name are tried. A browser sends several when a parent domain or another path
// has set one of the same name (RFC 6265, section 5.4).
const maxTwins = 4

// values finds the values of the jar's cookie without parsing the others (RFC 6265, section 4.2.1).
func (f *cookieForm) values(h http.Header) (values [maxTwins]string, n int) {
	for _, line := range h["Cookie"] {
		for line != "" && n < maxTwins {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			name, value, found := strings.Cut(strings.Trim(pair, " \t"), "=")
			if !found || name != f.name {
				continue
			}
			if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
				value = value[1 : len(value)-1]
			}
			values[n] = value
			n++
		}
	}
	return values, n
}
