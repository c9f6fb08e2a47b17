package sealjar

import (
	"errors"
	"net/http"
	"slices"
	"strings"
)

// varyBy says that the response depends on a header of the request (RFC 9110, section 12.5.5), once.
func varyBy(h http.Header, name string) {
	lines := h["Vary"]
	for _, line := range lines {
		for field := range strings.SplitSeq(line, ",") {
			if field = strings.TrimSpace(field); field == "*" || strings.EqualFold(field, name) {
				return
			}
		}
	}
	if len(lines) == 0 || len(lines) == 1 && strings.TrimSpace(lines[0]) == "" {
		h["Vary"] = []string{name}
		return
	}
	lines = slices.Clone(lines)
	lines[0] += ", " + name
	h["Vary"] = lines
}

var errCacheable = errors.New("sealjar: the handler allowed caches to keep a response that sets a session's cookie")

// forbidStoring keeps a response with a session's cookie out of all caches (RFC 9111, section 5.2.2.5): one that was
// kept would hand the session to the next visitor. It returns errCacheable if the handler had invited a shared cache.
func forbidStoring(h http.Header) error {
	var invited, forbidden bool
	kept := "no-store"
	for _, line := range h["Cache-Control"] {
		for directive := range strings.SplitSeq(line, ",") {
			name, _, valued := strings.Cut(strings.ToLower(strings.TrimSpace(directive)), "=")
			switch strings.TrimSpace(name) {
			case "no-store":
				// With a value, or where a quoted list may hold it, it does not count.
				forbidden = forbidden || !valued && !strings.Contains(line, `"`)
			case "public", "s-maxage", "must-understand": // the last makes caches ignore no-store (section 5.2.2.3)
				invited = true
			case "no-transform":
				kept = "no-store, no-transform" // the one that does not speak of storing
			}
		}
	}
	if !forbidden || invited {
		h["Cache-Control"] = []string{kept}
	}
	// Headers that caches of a content delivery network obey in place of Cache-Control (RFC 9213).
	for name := range h { // a handler may have written one without its canonical form
		lower := strings.ToLower(name)
		if strings.HasSuffix(lower, "cdn-cache-control") || lower == "surrogate-control" {
			delete(h, name)
			invited = true
		}
	}
	if invited {
		return errCacheable
	}
	return nil
}
