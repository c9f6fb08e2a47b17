package late

import "net/http"

// dropRepresentation removes the header fields that speak of the handler's body (RFC 9110, section 8), of where it went, or
// that make a server in front put another body in its place. It leaves those that speak of the site, such as
// Content-Security-Policy and other cookies. As one of these may be the cookie of another session, and what takes the
// place of the response is an error, no cache may keep it.
func dropRepresentation(h http.Header) {
	for _, name := range []string{
		"Accept-Ranges", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Length",
		"Content-Location", "Content-Range", "Content-Type", "Etag", "Expires", "Last-Modified", "Location", "Refresh",
		"Trailer", "Transfer-Encoding", "Upgrade", "Connection",
		"Content-Digest", "Repr-Digest", "Digest", "Content-Md5", // RFC 9530, and what was before it
		"X-Accel-Redirect", "X-Accel-Expires", "X-Sendfile", // of nginx, Apache and lighttpd
	} {
		h.Del(name)
	}
	h.Set("Cache-Control", "no-store")
}
