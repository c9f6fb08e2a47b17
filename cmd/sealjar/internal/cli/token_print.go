package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

func (a *app) printToken(r *tokenReport) error {
	fmt.Fprintf(a.Out, "%s\n\nheader (verified by nobody)\n  %s\n", r.Text, printable(string(r.Header)))
	if r.Cookie != "" {
		fmt.Fprintf(a.Out, "cookie\n  %s, %d bytes with its value\n", oneLine(r.Cookie), len(r.Cookie)+r.Length)
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
		{"  iss", oneLine(c.Issuer)},
		{"  aud", oneLine(c.Audience)},
		{"  sub", oneLine(c.Subject)},
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

// stateNames are the members of the private claim in words; docs/format.md specifies them.
var stateNames = map[string]string{
	"d": "data", "f": "flash messages", "g": "groups", "l": "own lifetime, in seconds", "r": "remember me",
}

// printState shows the private claim: the application's data and what the library keeps with it. Members without a name here
// are shown under the one that they have, so that a newer library can be looked into.
func (a *app) printState(state json.RawMessage) error {
	decoder := json.NewDecoder(bytes.NewReader(state))
	if _, err := decoder.Token(); err != nil { // the brace
		return err
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		title, known := stateNames[fmt.Sprint(name)]
		if !known {
			title = fmt.Sprint(name)
		}
		var text bytes.Buffer
		if err := json.Indent(&text, value, "  ", "  "); err != nil {
			return err
		}
		fmt.Fprintf(a.Out, "%s\n  %s\n", printable(title), printable(strings.TrimSpace(text.String())))
	}
	return nil
}
