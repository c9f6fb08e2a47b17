package sealjar

import (
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
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

	// Priority is the Priority attribute: Low, Medium or High; empty leaves it out, which means Medium. A browser that
	// knows it, such as Chrome, gives up cookies of a lower priority first when a site has too many
	// (draft-west-cookie-priority-00, section 4.1). Others ignore it.
	Priority string

	// Persistent keeps the cookie when the browser closes, until the session ends. [Session.Remember] does it for one session.
	Persistent bool

	// MaxChunks is in how many cookies a session may be that is too large for one: at most 4, and 0 means 1. The others have
	// the name with _1, _2 and _3, which nothing else may use. Data of 6 KiB takes three of them.
	//
	// The browser sends all of them with every request, and what is in between must let that pass: nginx takes a header line
	// of 8 KiB (large_client_header_buffers), and 4 or 8 KiB in the header of a response (proxy_buffer_size); Apache 8 KiB
	// (LimitRequestFieldSize), HAProxy, Node.js and IIS about 16 KiB in all, CloudFront 20 KiB, net/http 1 MiB. curl sends 8 KiB
	// of cookies and leaves out the rest. Try it before it matters. Raise MaxChunks on all nodes before a session grows: a node with
	// less refuses it, and what its visitor changes there takes its place. Lower it only when no session needs it any more: pieces
	// beyond 1 are then left to the browser.
	MaxChunks int

	// Adjust, if not nil, is asked for the cookie of a response, for attributes that depend on the request, such as the
	// Domain of a tenant. It gets the jar's own cookie with all defaults filled in and returns it changed; Name and
	// MaxChunks must stay. The result is checked like that of [New]. If it is wrong, no cookie is written or deleted: a
	// change fails like one that is too large, and a renewal is left out.
	//
	// It must not use the session, and be safe for concurrent use. One browser must get the same Domain and Path each
	// time, else it keeps several cookies of the name.
	Adjust func(r *http.Request, own Cookie) Cookie

	// InsecureHTTP leaves out Secure, so that the cookie also travels over plain http. For development on a host name other
	// than localhost: Chrome and Firefox treat http://localhost as secure already. Safari does not.
	InsecureHTTP bool

	// InsecureScriptAccess leaves out HttpOnly, so that scripts can read the cookie.
	InsecureScriptAccess bool
}

// cookieForm is a checked Cookie with the text of Set-Cookie that is the same for each response.
type cookieForm struct {
	cookie     Cookie // with all defaults filled in
	name       string
	chunks     int // the most cookies of one session
	persistent bool
	attributes string   // "; Path=/; …"
	deletion   string   // "=; Max-Age=0; …"
	twins      []string // the same for other cookies of the name: see twinsOf
	former     []string // and see formerTwins
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
	form := cookieForm{cookie: c, name: c.Name, chunks: max(1, c.MaxChunks), persistent: c.Persistent, attributes: attributesOf(c)}
	form.deletion = deletion + form.attributes
	for _, twin := range twinsOf(c) {
		form.twins = append(form.twins, deletion+attributesOf(twin))
	}
	return form, nil
}

// deletion is the value that deletes a cookie. All attributes follow it, else browsers take it for another cookie. Expires is
// for those that are old.
const deletion = "=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"

// attributesOf lets net/http write the attributes that it knows: what comes after name=value.
func attributesOf(c Cookie) string {
	line := (&http.Cookie{
		Name: c.Name, Value: "x", Path: c.Path, Domain: c.Domain, Secure: !c.InsecureHTTP, HttpOnly: !c.InsecureScriptAccess,
		SameSite: c.SameSite, Partitioned: c.Partitioned,
	}).String()
	line = strings.TrimPrefix(line, c.Name+"=x")
	if c.Priority != "" {
		line += "; Priority=" + c.Priority // which net/http does not know
	}
	return line
}

// form is the cookie of this response. To end a session ends what the browser has besides it, as far as we have sealed that: it
// would sign in again. A cookie of somebody else who uses the name is none of these, and what is written is newer than all.
func (s *record) form() (*cookieForm, error) {
	form, err := s.adjusted()
	if err != nil || !s.ended || s.held.good < 2 || s.request == nil {
		return form, err
	}
	with := *form
	for _, twin := range formerTwins(form.cookie, s.request) {
		if line := deletion + attributesOf(twin); !slices.Contains(with.twins, line) {
			with.former = append(with.former, line)
		}
	}
	return &with, nil
}

func (s *record) adjusted() (*cookieForm, error) {
	own := &s.config.cookie
	if own.cookie.Adjust == nil {
		return own, nil
	}
	c := own.cookie.Adjust(s.request, own.cookie)
	if c.Name != own.name || c.MaxChunks != own.cookie.MaxChunks {
		return nil, errors.New("sealjar: Options.Cookie.Adjust: Name and MaxChunks must stay")
	}
	form, err := newCookieForm(c)
	if err != nil {
		return nil, fmt.Errorf("sealjar: Options.Cookie.Adjust: %w", err)
	}
	return &form, nil
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
	if c.MaxChunks < 0 || c.MaxChunks > maxChunks {
		return fail("MaxChunks", "is %d: want 1 to %d, or 0 for 1", c.MaxChunks, maxChunks)
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
	switch c.Priority {
	case "", "Low", "Medium", "High":
	default:
		return fail("Priority", "%q is not Low, Medium or High", c.Priority)
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

// cookiePairs gives the names and values of a request's cookies as they stand, but for double quotes around a value.
func cookiePairs(h http.Header) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for _, line := range h["Cookie"] {
			for line != "" {
				var pair string
				pair, line, _ = strings.Cut(line, ";")
				name, value, found := strings.Cut(strings.Trim(pair, " \t"), "=")
				if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
					value = value[1 : len(value)-1]
				}
				if found && !yield(name, value) {
					return
				}
			}
		}
	}
}
