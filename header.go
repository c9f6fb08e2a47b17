package sealjar

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/sealjar/sealjar/token"
)

// errHeader says that a request brought something in [Options].Header that is no token.
var errHeader = &refusal{ErrInvalid, errors.New("the header does not hold one token")}

// errNoReturn says that the response has no place for the session.
var errNoReturn = errors.New("sealjar: the session came in a header and was changed: hand it out with Jar.Seal, or set Options.RenewedHeader")

func (c *config) setHeaders(o Options) (err error) {
	switch {
	case o.RenewedHeader != "" && o.Header == "":
		return errors.New("sealjar: Options.RenewedHeader needs Options.Header")
	case o.Header == "":
		return nil
	}
	if c.header, err = headerName("Header", o.Header); err != nil {
		return err
	}
	if o.RenewedHeader != "" {
		if c.renewed, err = headerName("RenewedHeader", o.RenewedHeader); err != nil {
			return err
		}
	}
	c.bearerCodec, err = token.New(token.Config{Keys: o.Keys, Issuer: o.Issuer, Audience: "bearer/" + c.cookie.name, Now: c.now})
	if err != nil {
		return fmt.Errorf("sealjar: Options: %w", err)
	}
	return nil
}

// headerName refuses names that no header has (RFC 9110, section 5.1) and those that mean something else: browsers or
// servers write them, or take them out, so that a token in them would be lost or one would seem to be there.
func headerName(field, name string) (string, error) {
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return "", fmt.Errorf("sealjar: Options.%s: %q is not the name of a header in letters, digits and hyphens", field, name)
		}
	}
	switch name = http.CanonicalHeaderKey(name); name {
	case "Cookie", "Set-Cookie", "Host", "Vary", "Cache-Control", "Transfer-Encoding", "Connection", "Location",
		"Date", "Etag", "Expect", "Expires", "Keep-Alive", "Origin", "Range", "Referer", "Surrogate-Control", "Te", "Trailer",
		"Upgrade", "User-Agent", "Www-Authenticate":
		return "", fmt.Errorf("sealjar: Options.%s: %s has another meaning", field, name)
	}
	for _, prefix := range []string{"Accept", "Access-Control-", "Content-", "If-", "Sec-"} {
		if strings.HasPrefix(name, prefix) {
			return "", fmt.Errorf("sealjar: Options.%s: %s has another meaning", field, name)
		}
	}
	if strings.HasSuffix(name, "Cdn-Cache-Control") { // which a response with a token loses: see forbidStoring
		return "", fmt.Errorf("sealjar: Options.%s: %s has another meaning", field, name)
	}
	return name, nil
}

// bearer gives the token in the header that Options name. With Authorization that is the one of the scheme Bearer (RFC
// 6750, section 2.1), and a request with another scheme has none. Several lines are one too many, whatever is in them.
func (c *config) bearer(h http.Header) (text string, there bool) {
	lines := h[c.header]
	if c.header != "Authorization" {
		if len(lines) == 1 {
			text = lines[0]
		}
		return text, len(lines) > 0
	}
	for _, line := range lines {
		if isBearer(line) {
			there = true
			text = strings.TrimLeft(line[len("Bearer"):], " ")
		}
	}
	if len(lines) > 1 {
		text = ""
	}
	return text, there
}

func isBearer(line string) bool {
	scheme, _, _ := strings.Cut(line, " ")
	return strings.EqualFold(scheme, "Bearer")
}

// broughtToken reports whether the header decides. Jar.Seal, too, makes a session take the way of the header.
func (s *record) broughtToken() bool {
	if s.config.header == "" {
		return false
	}
	_, there := s.config.bearer(s.request.Header)
	return there
}

// readHeader takes the session from the header, and reports whether there is one that decides. Cookies then count for nothing.
func (s *record) readHeader(h http.Header) bool {
	if s.config.header == "" {
		return false
	}
	text, there := s.config.bearer(h)
	if !there {
		return false
	}
	s.byHeader = true
	var claims token.Claims
	var err error = errHeader
	if text != "" {
		claims, err = s.consider(text)
	}
	if err != nil {
		s.refuse(&claims, err)
	}
	return true
}

// codec is for tokens of the way that the session takes. They have an audience of their own, so that a cookie is not good in a
// header, where scripts might put it, and what scripts hold is not good as a cookie.
func (s *record) codec() *token.Codec {
	if s.byHeader {
		return s.config.bearerCodec
	}
	return s.config.codec
}

// Seal gives a token of the session as it is now, for a client that keeps it by itself, such as an app that gets it in
// JSON, and sends it in the header that [Options].Header names. A session that came in a cookie stays there as well;
// any other is the client's from then on, and this response sets no cookie for it. [Session.End] is good for all copies
// of both.
//
// It returns an error if [Options].Header is not set, one that matches [ErrTooLarge] if the token would have more than
// 8,192 characters, [ErrExpired], [ErrRevoked] or [ErrUnavailable] if the session is over or nobody can tell, or says
// why Data can't be encoded or no key can seal. The response must not be kept by caches: set Cache-Control to no-store.
func (j *Jar[T]) Seal(s *Session[T]) (string, error) { return s.handOut() }

func (s *record) handOut() (string, error) {
	s.mu.Lock()
	defer s.unlock()
	switch {
	case s.config.header == "":
		return "", errors.New("sealjar: Options.Header is not set, so nobody could use the token")
	case s.config.readOnly:
		return "", errReadOnly
	case errors.Is(s.err, ErrUnavailable):
		return "", s.err
	}
	encoding, err := s.data.encode()
	if err != nil {
		return "", fmt.Errorf("sealjar: the session's data can't be encoded: %w", err)
	}
	defer encoding.release()
	now := s.config.now()
	expiry, _ := s.schedule(true, now)
	if !expiry.After(now) {
		return "", refusals[token.ErrExpired]
	}
	if err := s.recheck(s.ctx); err != nil {
		return "", s.refused(s.ctx, s.subject, err)
	}
	changed := s.changed(encoding.text())
	inCookie, before := s.loaded && !s.byHeader, s.byHeader
	s.byHeader = true
	data, version := s.dataToSeal(encoding.text())
	next, err := s.carry(s.ctx, data, version, expiry, changed, nil)
	if inCookie || err != nil {
		s.byHeader = before
	}
	if err != nil {
		return "", err
	}
	s.row = next.row // also where the cookie is still to refer to it
	if !inCookie {
		left := s.storedElsewhere()
		s.took(next)
		s.handed = true
		if left != "" {
			_ = s.dropRow(s.ctx, left) // which tells
		}
		s.dropSpare(s.ctx)
	}
	s.note(Event{
		Kind: EventSealed, SessionID: s.id, Subject: s.subject, KeyID: next.claims.KeyID,
		Size: len(next.text), Limit: token.DefaultMaxLength, Row: next.written(), RowLimit: s.config.rowLimit(),
	})
	return next.text, nil
}
