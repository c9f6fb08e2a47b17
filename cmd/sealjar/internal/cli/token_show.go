package cli

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

// secretVariable holds the secrets of an application without a key file.
const secretVariable = "SEALJAR_SECRET"

type showOptions struct {
	keyFile, cookie, audience, issuer string
	kek                               kekFlag
	at                                moment
	json                              bool
}

func (a *app) tokenShow() *cobra.Command {
	o := showOptions{at: moment{now: a.Now}}
	cmd := &cobra.Command{
		Use:   "show [TOKEN]",
		Short: "Show the header of a token and, with the keys, what it says",
		Long: `Reads a token, or the Cookie or Set-Cookie line that it stands in, from standard input or
from the argument, and shows its header. (An argument stays in the history of the shell.)

With --keys, or with secrets in SEALJAR_SECRET, it also says what an application does with the
token and why, and shows its claims and data. A token that has expired is verified as of
a time when it had not. Of one that does not verify, nothing but the header is shown.

An application has more to say: it may know that the session is revoked, and it may have
shortened the life of sessions since the token was made.

Exit code 3 says that the token is refused.`,
		Example: `  pbpaste | sealjar token show --keys keys.json
  SEALJAR_SECRET=$(cat secret) sealjar token show --json < cookie.txt`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("%d arguments: put the token between quotation marks", len(args))
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.show(cmd, args, o)
		},
	}
	o.kek.add(cmd)
	jsonFlag(cmd, &o.json)
	cmd.Flags().StringVar(&o.keyFile, "keys", "", "key `file` of the application (otherwise $"+secretVariable+")")
	cmd.Flags().StringVar(&o.cookie, "cookie", "", "`name` of the cookie, to which the token is bound (default: as given with it, or __Host-session)")
	cmd.Flags().StringVar(&o.audience, "audience", "", "aud that the token must have (default: that of the cookie)")
	cmd.Flags().StringVar(&o.issuer, "issuer", "", "iss that the token must have, if the application sets Options.Issuer")
	cmd.Flags().Var(&o.at, "at", "judge as of another time (default: now)")
	return cmd
}

func (a *app) show(cmd *cobra.Command, args []string, o showOptions) error {
	text, err := a.readInput(args)
	if err != nil {
		return err
	}
	found, err := findCookie(text, o.cookie)
	if err != nil {
		return err
	}
	report, err := newTokenReport(found)
	if err != nil {
		return err
	}
	ring, err := a.tokenKeys(cmd, o)
	if err != nil {
		return err
	}
	if ring != nil {
		name := o.cookie
		if name == "" {
			name = found.name
		}
		if name == "" {
			name = "__Host-session"
		}
		audience := o.audience
		if audience == "" {
			audience = "session/" + name
		}
		at := o.at.or(a.Now())
		open := opener{ring: ring, issuer: o.issuer, audience: audience}
		report.judge(open, found.token, at)
	}
	if o.json {
		err = a.printJSON(report)
	} else {
		err = a.printToken(report)
	}
	if err == nil && report.Verdict == refused {
		err = errProblems
	}
	return err
}

// tokenKeys is nil if no keys were given.
func (a *app) tokenKeys(cmd *cobra.Command, o showOptions) (*keys.Ring, error) {
	if o.keyFile != "" {
		return a.load(cmd.Context(), o.keyFile, o.kek)
	}
	if a.Getenv(secretVariable) != "" {
		return a.ringFromSecrets(secretVariable)
	}
	return nil, nil
}

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

func (a *app) printToken(r *tokenReport) error {
	fmt.Fprintf(a.Out, "%s\n\nheader (verified by nobody)\n  %s\n", r.Text, printable(string(r.Header)))
	if r.Cookie != "" {
		fmt.Fprintf(a.Out, "cookie\n  %s, %d bytes with its value\n", printable(r.Cookie), len(r.Cookie)+r.Length)
	}
	c := r.Claims
	if c == nil {
		return nil
	}
	at := *r.At
	if !r.AsOf.Equal(at) {
		fmt.Fprintln(a.Out, "claims (verified as of a time when it was good)")
	} else {
		fmt.Fprintln(a.Out, "claims (verified)")
	}
	rows := [][]string{
		{"  iss", printable(c.Issuer)},
		{"  aud", printable(c.Audience)},
		{"  sub", printable(c.Subject)},
		{"  sid", c.SessionID},
		{"  jti", c.TokenID},
		{"  iat", showBoth(c.IssuedAt, at, "")},
		{"  exp", showBoth(c.Expiry, at, "")},
		{"  auth_time", showBoth(c.AuthTime, at, "")},
	}
	kept := rows[:0]
	for _, row := range rows {
		if row[1] != "" {
			kept = append(kept, row)
		}
	}
	if err := a.table(kept); err != nil {
		return err
	}
	return a.printState(c.State)
}
