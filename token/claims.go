package token

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sealjar/sealjar/internal/strictjson"
)

const (
	maxText  = 255       // bytes of iss, aud and sub; OpenID Connect Core, section 2, has the same limit for sub
	maxID    = 64        // characters of sid and jti
	stateKey = "sealjar" // the private claim (RFC 7519, section 4.3) that holds the application's data and the library's own
)

// Claims is what a token says. Times have a resolution of a millisecond.
type Claims struct {
	// Subject is who is signed in (sub), empty if nobody is. At most 255 bytes of UTF-8.
	Subject string

	// SessionID names the session (sid) through all of its tokens: 1 to 64 characters of the base64url alphabet.
	SessionID string

	// TokenID names this token (jti). Seal sets it.
	TokenID string

	// IssuedAt is when the token was made (iat). Seal sets it.
	IssuedAt time.Time

	// Expiry is when the token ends (exp). Seal brings it forward to the expiry of the key.
	Expiry time.Time

	// AuthTime is when the session was signed in, or began (auth_time, OpenID Connect Core, section 2). A renewal keeps it.
	AuthTime time.Time

	// State is the value of the private claim: a JSON object, passed through unread. Seal cuts the space around it.
	State []byte

	// KeyID is the key of the token. It is in the headers, not among the claims. Open and Seal set it.
	KeyID string
}

// checkTimes compares the claims with the clock, after all else was found right.
func (c *Claims) checkTimes(now time.Time) error {
	latest := now.Add(Leeway)
	switch {
	case c.IssuedAt.After(latest) || c.AuthTime.After(now.Add(authLeeway)):
		return ErrNotYet
	case !now.Before(c.Expiry.Add(Leeway)):
		return ErrExpired
	}
	return nil
}

// check says what Seal can't write, since Open would refuse it.
func (c *Claims) check() error {
	switch {
	case len(c.Subject) > maxText || !utf8.ValidString(c.Subject):
		return fmt.Errorf("%w: the subject is longer than %d bytes or not UTF-8", ErrClaims, maxText)
	case !isID([]byte(c.SessionID)):
		return fmt.Errorf("%w: the session id is not 1 to %d characters of base64url", ErrClaims, maxID)
	case !inRange(c.IssuedAt) || !inRange(c.AuthTime) || !inRange(c.Expiry):
		return fmt.Errorf("%w: a time is missing or out of range", ErrClaims)
	case !c.Expiry.After(c.IssuedAt):
		return fmt.Errorf("%w: it would expire before it is issued", ErrClaims)
	case c.AuthTime.After(c.IssuedAt.Add(authLeeway)):
		return fmt.Errorf("%w: the session would begin after the token is issued", ErrClaims)
	}
	return nil
}

// checkState looks at the state as Open does, which finds it one level deep in the payload. What is more than one object,
// such as {},"sub":{}, is refused with all else that is not one.
func checkState(state []byte) error {
	if err := strictjson.Member(state); err != nil {
		return fmt.Errorf("%w: the state: %w", ErrClaims, err)
	}
	return nil
}

func (c *Codec) appendClaims(dst []byte, claims *Claims) []byte {
	dst = append(dst, '{')
	if c.issuer != "" {
		dst = append(strictjson.AppendText(append(dst, `"iss":`...), c.issuer), ',')
	}
	dst = strictjson.AppendText(append(dst, `"aud":`...), c.audience)
	if claims.Subject != "" {
		dst = strictjson.AppendText(append(dst, `,"sub":`...), claims.Subject)
	}
	dst = append(append(dst, `,"sid":"`...), claims.SessionID...)
	dst = append(append(dst, `","jti":"`...), claims.TokenID...)
	dst = appendTime(append(dst, `","iat":`...), claims.IssuedAt)
	dst = appendTime(append(dst, `,"exp":`...), claims.Expiry)
	dst = appendTime(append(dst, `,"auth_time":`...), claims.AuthTime)
	dst = append(append(dst, `,"`+stateKey+`":`...), claims.State...)
	return append(dst, '}')
}

// decodeClaims reads the payload by exact names. A claim that the profile does not have is refused like one that it has
// and is missing: who wants to say more says it in the state.
func (c *Codec) decodeClaims(payload []byte) (Claims, error) {
	var claims Claims
	var iss, aud, sub, sid, jti []byte
	good := true
	text := func(value []byte) []byte {
		t, ok := strictjson.Text(value)
		good = good && ok
		return t
	}
	date := func(value []byte) time.Time {
		t, ok := parseTime(value)
		good = good && ok
		return t
	}
	err := strictjson.Object(payload, func(name, value []byte) error {
		switch string(name) {
		case "iss":
			iss = text(value)
			good = good && len(iss) > 0
		case "aud":
			aud = text(value)
		case "sub":
			sub = text(value)
			good = good && len(sub) > 0 && len(sub) <= maxText
		case "sid":
			sid = text(value)
		case "jti":
			jti = text(value)
		case "iat":
			claims.IssuedAt = date(value)
		case "exp":
			claims.Expiry = date(value)
		case "auth_time":
			claims.AuthTime = date(value)
		case stateKey:
			claims.State = value
			good = good && value[0] == '{'
		default:
			good = false
		}
		return nil
	})
	switch {
	case err != nil || !good || aud == nil || !isID(sid) || !isID(jti) || claims.State == nil,
		!inRange(claims.IssuedAt) || !inRange(claims.AuthTime) || !claims.Expiry.After(claims.IssuedAt):
		return Claims{}, ErrClaims
	case string(iss) != c.issuer:
		return Claims{}, ErrIssuer
	case string(aud) != c.audience:
		return Claims{}, ErrAudience
	}
	// One allocation for three strings.
	var b strings.Builder
	b.Grow(len(sub) + len(sid) + len(jti))
	b.Write(sub)
	b.Write(sid)
	b.Write(jti)
	all := b.String()
	claims.Subject, all = all[:len(sub)], all[len(sub):]
	claims.SessionID, claims.TokenID = all[:len(sid)], all[len(sid):]
	return claims, nil
}

func isID(id []byte) bool {
	if len(id) == 0 || len(id) > maxID {
		return false
	}
	for _, c := range id {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}

// maxMillis is the end of the year 9999, the last for which RFC 3339 has a form.
const maxMillis = 253402300799_999

func inRange(t time.Time) bool {
	// UnixMilli overflows for a time some hundred million years away, such as one that means "never"; Unix does not.
	s := t.Unix()
	return s >= 0 && s <= maxMillis/1000 && t.UnixMilli() > 0
}

// appendTime writes t as a NumericDate (RFC 7519, section 2) with milliseconds.
func appendTime(dst []byte, t time.Time) []byte {
	ms := t.UnixMilli()
	dst = strconv.AppendInt(dst, ms/1000, 10)
	if f := ms % 1000; f != 0 {
		dst = append(dst, '.', byte('0'+f/100), byte('0'+f/10%10), byte('0'+f%10))
	}
	return dst
}

// parseTime reads a NumericDate exactly: an integer, or one with 1 to 3 digits after the point. There is no way through
// a float, in which two different texts may be one time.
func parseTime(value []byte) (time.Time, bool) {
	whole, fraction := value, []byte(nil)
	for i, c := range value {
		if c == '.' {
			whole, fraction = value[:i], value[i+1:]
			break
		}
	}
	if len(whole) == 0 || len(whole) > 12 || len(fraction) > 3 {
		return time.Time{}, false
	}
	var ms int64
	for i := range len(whole) + 3 {
		digit := byte('0')
		if i < len(whole) {
			digit = whole[i]
		} else if i-len(whole) < len(fraction) {
			digit = fraction[i-len(whole)]
		}
		if digit < '0' || digit > '9' {
			return time.Time{}, false
		}
		ms = ms*10 + int64(digit-'0')
	}
	return time.UnixMilli(ms), ms <= maxMillis
}

func cut(t time.Time) time.Time { return t.Truncate(time.Millisecond) }
