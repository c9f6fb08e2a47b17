package expressbridge

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sealjar/sealjar/takeover"
)

func (b *bridge[T]) Begin(ctx context.Context, subject string, data []byte, now time.Time) (string, error) {
	if b.Back == nil {
		return "", nil
	}
	ctx, cancel := b.bounded(ctx)
	defer cancel()
	expires := now.Add(b.lives(b.Cookie.MaxAge))
	raw, err := b.express(ctx, subject, data, expires)
	if raw == nil || err != nil {
		return "", err
	}
	sid := newSID()
	if err := b.Rows.Insert(ctx, sid, raw, expires); err != nil {
		return "", fmt.Errorf("expressbridge: writing a session: %w", err)
	}
	return link{fromHere, seconds(b.lives(b.Cookie.MaxAge)), sid}.String(), nil
}

// rewrite brings a row that Begin has made to what the session is now. A row for which there is nothing to write lives on, and
// what is no activity prolongs none.
func (b *bridge[T]) rewrite(ctx context.Context, l link, s takeover.Sealed) error {
	expires := s.Now.Add(b.lives(b.Cookie.MaxAge))
	if !s.Active {
		var err error
		switch _, expires, err = b.Rows.Get(ctx, l.sid, 1); {
		case errors.Is(err, ErrNoRow):
			return nil
		case err != nil:
			return fmt.Errorf("expressbridge: reading a session: %w", err)
		}
	}
	raw, err := b.express(ctx, s.Subject, s.Data, expires)
	if !s.Active && raw == nil {
		return err
	}
	if updated := b.Rows.Update(ctx, l.sid, raw, expires); updated != nil {
		err = errors.Join(err, fmt.Errorf("expressbridge: writing a session: %w", updated))
	}
	return err
}

// express makes the JSON that express-session would have stored, or nil if there is none. What Import would not read as the same
// user is an error: it would end the session here when it is asked about.
func (b *bridge[T]) express(ctx context.Context, subject string, data []byte, expires time.Time) ([]byte, error) {
	var value T
	if err := json.Unmarshal(data, &value); err != nil {
		return nil, fmt.Errorf("expressbridge: Options.Back: the data is of another type: %T", err)
	}
	values, err := b.Back(subject, value)
	if values == nil || err != nil {
		return nil, err
	}
	c := &b.Cookie
	cookie := map[string]any{"originalMaxAge": nil, "expires": nil, "httpOnly": true, "path": c.Path}
	if c.MaxAge > 0 {
		cookie["originalMaxAge"], cookie["expires"] = c.MaxAge.Milliseconds(), expires.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	if c.Domain != "" {
		cookie["domain"] = c.Domain
	}
	if !c.InsecureHTTP {
		cookie["secure"] = true
	}
	if c.Partitioned {
		cookie["partitioned"] = true
	}
	if word, ok := map[http.SameSite]string{
		http.SameSiteLaxMode: "lax", http.SameSiteStrictMode: "strict", http.SameSiteNoneMode: "none",
	}[c.SameSite]; ok {
		cookie["sameSite"] = word
	}
	values = maps.Clone(values)
	values["cookie"] = cookie
	raw, err := json.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("expressbridge: Options.Back: its result can't be encoded: %T", err)
	}
	raw = inASCII(raw)
	old, err := parse(raw, b.MaxData)
	if err != nil {
		return nil, fmt.Errorf("expressbridge: Options.Back: %w", err)
	}
	old.Expires = expires
	session, err := b.Import(ctx, old)
	switch {
	case errors.Is(err, ErrUnavailable) || err != nil && ctx.Err() != nil:
		return nil, fmt.Errorf("expressbridge: Options.Import: %w", err)
	case err != nil || session.Subject != subject:
		return nil, errors.New("expressbridge: Options.Back and Options.Import do not agree about the subject")
	}
	return raw, nil
}

// inASCII spells JSON so that no charset of a connection or a column makes something else of it (RFC 8259, section 7).
func inASCII(text []byte) []byte {
	ascii := make([]byte, 0, len(text))
	for _, c := range string(text) { // what is not ASCII stands in strings alone
		switch {
		case c < utf8.RuneSelf:
			ascii = append(ascii, byte(c))
		case c > 0xffff:
			high, low := utf16.EncodeRune(c)
			ascii = fmt.Appendf(ascii, `\u%04x\u%04x`, high, low)
		default:
			ascii = fmt.Appendf(ascii, `\u%04x`, c)
		}
	}
	return ascii
}

// newSID is what uid-safe makes for express-session: 24 random bytes.
func newSID() string {
	var b [24]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}
