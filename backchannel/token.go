package backchannel

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sealjar/sealjar/internal/base64url"
	"github.com/sealjar/sealjar/internal/strictjson"
)

// refusal is why a request is not a good logout token. It is told to the provider, so it is a constant.
type refusal string

func (r refusal) Error() string { return "backchannel: " + string(r) }

const errMalformed = refusal("the token is not a signed JWT in the compact form, in strict base64url and JSON")

// logoutToken is a token in parts. Nothing of its claims was read.
type logoutToken struct {
	algorithm, kid, typ string
	input               string // what was signed
	signature, payload  []byte
}

// parseToken takes a JWS in its compact form apart (RFC 7515, section 3.1).
func parseToken(text string) (*logoutToken, error) {
	input, last, _ := cutLast(text)
	first, middle, ok := strings.Cut(input, ".")
	if !ok || strings.Contains(middle, ".") {
		return nil, errMalformed
	}
	var parts [3][]byte
	for i, part := range []string{first, middle, last} {
		if parts[i], ok = base64url.AppendDecode(nil, []byte(part)); !ok || part == "" {
			return nil, errMalformed
		}
	}
	t := &logoutToken{input: input, payload: parts[1], signature: parts[2]}
	if err := t.readHeader(parts[0]); err != nil {
		return nil, err
	}
	return t, nil
}

func cutLast(text string) (before, after string, found bool) {
	if i := strings.LastIndexByte(text, '.'); i >= 0 {
		return text[:i], text[i+1:], true
	}
	return text, "", false
}

// readHeader reads what decides about the token. Members such as jwk, jku and x5c, by which a token would bring its own
// key, are of no effect.
func (t *logoutToken) readHeader(header []byte) error {
	var wrong error
	err := strictjson.Object(header, func(name, value []byte) error {
		switch string(name) {
		case "alg":
			t.algorithm = shortText(value, &wrong)
		case "kid":
			t.kid = shortText(value, &wrong)
		case "typ":
			t.typ = shortText(value, &wrong)
		case "crit", "b64":
			wrong = refusal("the token's header has critical members that nobody here knows") // RFC 7515, section 4.1.11
		}
		return nil
	})
	if err != nil {
		return errMalformed
	}
	return wrong
}

// checkType compares a media type, of which case and "application/" may be left open (RFC 7515, section 4.1.9).
func (t *logoutToken) checkType(allowUntyped bool) error {
	typ := strings.TrimPrefix(strings.ToLower(t.typ), "application/")
	if typ == "logout+jwt" || allowUntyped && (typ == "" || typ == "jwt") {
		return nil
	}
	return refusal("the token's typ is not logout+jwt")
}

// claims are the claims of a logout token (section 2.4).
type claims struct {
	Logout
	audience []string
	expiry   time.Time
}

const event = "http://schemas.openid.net/event/backchannel-logout"

// readClaims reads a payload whose signature was good. Claims that it does not know are ignored, as section 2.4 asks.
func readClaims(payload []byte) (claims, error) {
	var c claims
	var wrong error
	hasEvent := false
	err := strictjson.Object(payload, func(name, value []byte) error {
		switch string(name) {
		case "iss":
			c.Issuer = shortText(value, &wrong)
		case "sub":
			c.Subject = shortText(value, &wrong)
		case "sid":
			c.SessionID = shortText(value, &wrong)
		case "jti":
			c.TokenID = shortText(value, &wrong)
		case "aud":
			c.audience = readAudience(value, &wrong)
		case "iat":
			c.IssuedAt = readDate(value, &wrong)
		case "exp":
			c.expiry = readDate(value, &wrong)
		case "events":
			hasEvent = readEvents(value)
		case "nonce":
			wrong = refusal("the token has a nonce, so it is an ID token")
		}
		return nil
	})
	switch {
	case err != nil:
		return claims{}, errMalformed
	case wrong != nil:
		return claims{}, wrong
	case !hasEvent:
		return claims{}, refusal("the claim events does not have the object " + event)
	case c.Issuer == "" || c.TokenID == "" || len(c.audience) == 0 || c.IssuedAt.IsZero() || c.expiry.IsZero():
		return claims{}, refusal("one of the claims iss, aud, iat, exp and jti is missing")
	case c.Subject == "" && c.SessionID == "":
		return claims{}, refusal("the token has neither sub nor sid")
	}
	return c, nil
}

// readEvents reports whether the event is there, with an object for its value.
func readEvents(value []byte) (has bool) {
	err := strictjson.Object(value, func(name, value []byte) error {
		has = has || string(name) == event && value[0] == '{'
		return nil
	})
	return has && err == nil
}

// shortText reads a text that identifies something. An empty one identifies nothing.
func shortText(value []byte, wrong *error) string {
	text, ok := strictjson.Text(value)
	if !ok || len(text) == 0 || len(text) > 255 || !utf8.Valid(text) {
		*wrong = refusal("a text of the token's is empty, longer than 255 bytes, or no text")
		return ""
	}
	return string(text)
}

// readAudience reads one text or an array of texts (RFC 7519, section 4.1.3).
func readAudience(value []byte, wrong *error) []string {
	if value[0] == '"' {
		return []string{shortText(value, wrong)}
	}
	var raw []json.RawMessage
	if json.Unmarshal(value, &raw) != nil {
		*wrong = refusal("the claim aud is neither a text nor an array of texts")
	}
	texts := make([]string, 0, len(raw))
	for _, v := range raw {
		texts = append(texts, shortText(v, wrong))
	}
	return texts
}

// readDate reads a NumericDate (RFC 7519, section 2), which may have a fraction.
func readDate(value []byte, wrong *error) time.Time {
	seconds, err := strconv.ParseFloat(string(value), 64)
	if err != nil || seconds < 1 || seconds > 1<<40 {
		*wrong = refusal("a date of the token's is not a number of seconds since 1970")
		return time.Time{}
	}
	return time.UnixMilli(int64(math.Floor(seconds * 1000)))
}
