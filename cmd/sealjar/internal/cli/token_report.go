package cli

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sealjar/sealjar/token"
)

// The verdicts.
const (
	accepted   = "accepted"
	refused    = "refused"
	notChecked = "not checked"
)

// reasons are the names of verdicts for programs.
var reasons = []struct {
	err  error
	name string
}{
	{token.ErrTooLong, "too long"},
	{token.ErrMalformed, "malformed"},
	{token.ErrUnknownKey, "unknown key"},
	{token.ErrKeyExpired, "key expired"},
	{token.ErrDecryption, "decryption failed"},
	{token.ErrSignature, "bad signature"},
	{token.ErrClaims, "bad claims"},
	{token.ErrIssuer, "wrong issuer"},
	{token.ErrAudience, "wrong audience"},
	{token.ErrNotYet, "issued in the future"},
	{token.ErrExpired, "expired"},
}

func reasonOf(err error) string {
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			return r.name
		}
	}
	return "error"
}

type tokenReport struct {
	Cookie  string          `json:"cookie,omitempty"`
	Length  int             `json:"length"`
	Header  json.RawMessage `json:"header"` // as it stands there: verified by nobody
	Verdict string          `json:"verdict"`
	Reason  string          `json:"reason,omitempty"`
	Text    string          `json:"text"`
	At      *time.Time      `json:"at,omitempty"`
	AsOf    *time.Time      `json:"verified_as_of,omitempty"`
	Claims  *jsonClaims     `json:"claims,omitempty"`
}

type jsonClaims struct {
	KeyID     string          `json:"kid"`
	Issuer    string          `json:"iss,omitempty"`
	Audience  string          `json:"aud"`
	Subject   string          `json:"sub,omitempty"`
	SessionID string          `json:"sid"`
	TokenID   string          `json:"jti"`
	IssuedAt  time.Time       `json:"iat"`
	Expiry    time.Time       `json:"exp"`
	AuthTime  time.Time       `json:"auth_time"`
	State     json.RawMessage `json:"sealjar"`
}

func newTokenReport(c cookie) (*tokenReport, error) {
	first, _, _ := strings.Cut(c.token, ".")
	header, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil || !json.Valid(header) {
		return nil, errors.New("the header of the token is not JSON in base64url")
	}
	return &tokenReport{
		Cookie: c.name, Length: len(c.token), Header: header, Verdict: notChecked,
		Text: "not checked: give the keys with --keys or in " + secretVariable,
	}, nil
}

func (r *tokenReport) judge(o opener, text string, at time.Time) {
	v := o.judge(text, at)
	r.At = jsonTime(at)
	if c := v.claims; c != nil {
		r.AsOf = jsonTime(v.asOf)
		r.Claims = &jsonClaims{
			KeyID: c.KeyID, Issuer: o.issuer, Audience: o.audience, Subject: c.Subject, SessionID: c.SessionID, TokenID: c.TokenID,
			IssuedAt: c.IssuedAt.UTC(), Expiry: c.Expiry.UTC(), AuthTime: c.AuthTime.UTC(), State: c.State,
		}
	}
	if v.err == nil {
		r.Verdict = accepted
		r.Text = "accepted; expires " + relative(v.claims.Expiry, at)
		if !v.claims.Expiry.After(at) {
			r.Text = "accepted; it has expired " + relative(v.claims.Expiry, at) + ", within the leeway for clocks"
		}
		return
	}
	r.Verdict, r.Reason = refused, reasonOf(v.err)
	r.Text = "refused: " + explain(v, o, at)
}

// explain says why a token is refused, and what to do if it should not be.
func explain(v verdict, o opener, at time.Time) string {
	switch {
	case v.later != nil:
		return reasonOf(v.err) + ", and it was never good: " + reasonOf(v.later)
	case errors.Is(v.err, token.ErrExpired):
		return "expired " + relative(v.claims.Expiry, at)
	case errors.Is(v.err, token.ErrKeyExpired):
		return "its key expired " + relative(o.ring.Key(v.claims.KeyID).Expiry(), at) + "; the token's own end is " +
			showBoth(v.claims.Expiry, at, "")
	case errors.Is(v.err, token.ErrNotYet):
		return "issued in the future, " + relative(v.claims.IssuedAt, at) + ": a clock is wrong"
	case errors.Is(v.err, token.ErrUnknownKey):
		return "unknown key: none of these keys writes such a header; the key was removed, or these are other keys"
	case errors.Is(v.err, token.ErrAudience):
		return fmt.Sprintf("wrong audience: not made for %q; name the cookie with --cookie", o.audience)
	case errors.Is(v.err, token.ErrIssuer):
		return "wrong issuer: name the application's Options.Issuer with --issuer"
	case errors.Is(v.err, token.ErrDecryption):
		return "decryption failed: it was changed, or made by somebody without the key"
	}
	return reasonOf(v.err)
}
