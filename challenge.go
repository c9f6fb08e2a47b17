package sealjar

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// challenge says in a 401 how a request brings a session (RFC 9110, section 15.5.2), unless the handler has said something
// of its own: with the scheme Bearer, if [Options].Header is Authorization. Cookies and headers of other names are not part
// of HTTP's authentication, so no scheme is registered for them, and to name Bearer would ask for what is not looked at.
//
// The realm is what the jar's tokens are bound to, the cookie's name. Why a token was refused is not told: all that clients
// learn is that they need another one (RFC 6750, section 3.1). One that is good and of nobody need not be thrown away.
func (s *record) challenge(h http.Header) {
	if s.config.header != "Authorization" {
		return
	}
	for name := range h {
		if strings.EqualFold(name, "WWW-Authenticate") {
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	text := fmt.Sprintf("Bearer realm=%q", s.config.cookie.name)
	switch {
	case !s.broughtToken():
	case s.stale: // RFC 9470, section 3
		text += fmt.Sprintf(`, error="insufficient_user_authentication", max_age="%d"`, max(0, s.maxAge/time.Second))
	case s.err != nil && !errors.Is(s.err, ErrUnavailable):
		text += `, error="invalid_token"`
	}
	h["Www-Authenticate"] = []string{text}
}

// stalePast notes for the challenge that the session was signed in longer ago than d.
func (s *record) stalePast(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stale, s.maxAge = true, d
}
