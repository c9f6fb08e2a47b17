package main

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// maxForm bounds what is read of a request: no form of the page has more than a name and a box.
const maxForm = 16 << 10

// guard is what every answer of the demo goes through. A page of another site may reach this machine's loopback under a name of
// its own (DNS rebinding), and would be of the same origin then: only the names of loopback are answered.
func guard(otherURL string, next http.Handler) http.Handler {
	policy := strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
		"form-action 'self' " + strings.TrimSuffix(otherURL, "/"), "base-uri 'none'", "frame-ancestors 'none'",
	}, "; ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLoopback(r.Host) {
			http.Error(w, http.StatusText(http.StatusMisdirectedRequest), http.StatusMisdirectedRequest)
			return
		}
		if r.ContentLength > maxForm {
			http.Error(w, http.StatusText(http.StatusRequestEntityTooLarge), http.StatusRequestEntityTooLarge)
			return
		}
		if at, moved := byName(r); moved {
			http.Redirect(w, r, at, http.StatusTemporaryRedirect)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// byName is where a browser finds the page that it asks for by the address of loopback. The two servers and their cookie are those
// of localhost: what it would sign in to elsewhere, the other server would not know.
func byName(r *http.Request) (at string, moved bool) {
	name, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		name = r.Host
	}
	if r.Method != http.MethodGet || strings.EqualFold(name, "localhost") || !wantsHTML(r.Header.Get("Accept")) {
		return "", false
	}
	if port != "" {
		port = ":" + port
	}
	return "http://localhost" + port + r.URL.RequestURI(), true
}

// isLoopback looks at the Host of a request, with or without a port.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}
