package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
)

const (
	cookieName  = "__Host-session"
	cookieLimit = 4096 // bytes of name and value (draft-ietf-httpbis-rfc6265bis, section 5.6)
)

// anatomy is a cookie taken apart. What is inside is there only if the jar accepts the session.
type anatomy struct {
	Present  bool            `json:"present"`
	Name     string          `json:"name"`
	Value    string          `json:"value"`
	Bytes    int             `json:"bytes"`
	Limit    int             `json:"limit"`
	Header   json.RawMessage `json:"header,omitempty"`
	Accepted bool            `json:"accepted"`
	Inside   *inside         `json:"inside,omitempty"`
	Sealing  string          `json:"sealing"` // the key that seals now
}

// inside is what the keys reveal. Times are Unix milliseconds.
type inside struct {
	SessionID string          `json:"sid"`
	Subject   string          `json:"subject"`
	KeyID     string          `json:"kid"`
	Inner     []string        `json:"inner"` // the segments of the JWS
	Header    json.RawMessage `json:"header"`
	Claims    json.RawMessage `json:"claims"`
	Began     int64           `json:"began"`
	Idle      int64           `json:"idle"`
	Absolute  int64           `json:"absolute"`
	Renewal   int64           `json:"renewal"` // 0: no response moves the end any more
	IdleSpan  int64           `json:"idleSpan"`
	FullSpan  int64           `json:"fullSpan"`
}

// takeApart shows the cookie of a request. It asks a jar for the verdict, and opens the layers by hand only then.
func takeApart(r *http.Request, jar *sealjar.Jar[State], ring *keys.Ring) anatomy {
	a := anatomy{Name: cookieName, Limit: cookieLimit, Value: rawCookie(r)}
	if a.Value == "" {
		return a
	}
	a.Present, a.Bytes = true, len(a.Name)+len(a.Value)
	segments := strings.Split(a.Value, ".")
	if header, err := base64.RawURLEncoding.DecodeString(segments[0]); err == nil && json.Valid(header) {
		a.Header = header
	}
	s, err := jar.Load(r)
	if err != nil || len(segments) != 5 {
		return a
	}
	in, ok := openLayers(segments, ring)
	if !ok {
		return a
	}
	in.SessionID, in.Subject = s.ID(), s.Subject()
	in.Began, in.Idle, in.Absolute = s.AuthTime().UnixMilli(), s.IdleExpiry().UnixMilli(), s.AbsoluteExpiry().UnixMilli()
	span := idle
	if s.Remembered() {
		span = rememberIdle
	}
	in.IdleSpan, in.FullSpan = span.Milliseconds(), in.Absolute-in.Began
	if in.Idle < in.Absolute {
		in.Renewal = in.Idle - int64(float64(span.Milliseconds())*(1-renewal))
	}
	a.Accepted, a.Inside = true, &in
	return a
}

// openLayers decrypts the JWE and splits the JWS in it, as any JOSE library would that holds the key. It checks nothing but what
// it needs: that is the jar's work, and was done.
func openLayers(segments []string, ring *keys.Ring) (in inside, ok bool) {
	decode := func(text string) []byte {
		data, err := base64.RawURLEncoding.DecodeString(text)
		ok = ok && err == nil
		return data
	}
	ok = true
	var header struct {
		KeyID string `json:"kid"`
	}
	if json.Unmarshal(decode(segments[0]), &header) != nil || !ok {
		return in, false
	}
	key := ring.Key(header.KeyID)
	if key == nil {
		return in, false
	}
	in.KeyID = header.KeyID
	// The nonce stands in front of the ciphertext, and the tag behind it.
	sealed := append(append(decode(segments[2]), decode(segments[3])...), decode(segments[4])...)
	if !ok {
		return in, false
	}
	text, err := key.AEAD().Open(nil, nil, sealed, []byte(segments[0]))
	if err != nil {
		return in, false
	}
	in.Inner = strings.Split(string(text), ".")
	if len(in.Inner) != 3 {
		return in, false
	}
	in.Header, in.Claims = decode(in.Inner[0]), decode(in.Inner[1])
	return in, ok
}

// rawCookie is the value as the browser sent it.
func rawCookie(r *http.Request) string {
	if c, err := r.Cookie(cookieName); err == nil {
		return c.Value
	}
	return ""
}
