package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
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
	Bytes    int             `json:"bytes"` // of all pieces
	Limit    int             `json:"limit"` // for each of them
	Pieces   []piece         `json:"pieces"`
	Header   json.RawMessage `json:"header,omitempty"`
	Accepted bool            `json:"accepted"`
	Inside   *inside         `json:"inside,omitempty"`
	Sealing  string          `json:"sealing"` // the key that seals now
}

// piece is one of the cookies that the browser has of a session.
type piece struct {
	Name       string `json:"name"`
	Bytes      int    `json:"bytes"` // of name and value
	mark, text string // the value: what says of how many the first is, and a part of the token
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
	a := anatomy{Name: cookieName, Limit: cookieLimit, Pieces: piecesOf(r)}
	for _, p := range a.Pieces {
		a.Value += p.text
		a.Bytes += p.Bytes
	}
	if a.Value == "" {
		return a
	}
	a.Present = true
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
	span := idle(s.Remembered())
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

// piecesOf are the jar's cookies in a request, in their order. A token of several begins with their number (docs/format.md),
// and what is left over of a longer one has no part in it.
func piecesOf(r *http.Request) []piece {
	all := []piece{}
	count := 1
	for i := range maxChunks {
		name := cookieName
		if i > 0 {
			name += "_" + strconv.Itoa(i)
		}
		c, err := r.Cookie(name)
		if err != nil || c.Value == "" {
			continue
		}
		p := piece{Name: name, Bytes: len(name) + len(c.Value), text: c.Value}
		if i == 0 && len(p.text) > 1 && p.text[1] == '~' {
			p.mark, p.text = p.text[:2], p.text[2:]
			count = int(p.mark[0] - '0')
		}
		if i >= count {
			p.text = ""
		}
		all = append(all, p)
	}
	return all
}
