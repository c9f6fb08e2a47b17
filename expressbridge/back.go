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

	"github.com/sealjar/sealjar/takeover"
)

func (b *bridge[T]) Begin(ctx context.Context, subject string, data []byte, now time.Time) (string, error) {
	if b.Back == nil {
		return "", nil
	}
	raw, expires, err := b.express(subject, data, now)
	if raw == nil || err != nil {
		return "", err
	}
	// What Import would not read as the same user would end the session here when it is asked about.
	old, err := parse(raw, b.MaxData)
	if err != nil {
		return "", fmt.Errorf("expressbridge: Options.Back: %w", err)
	}
	ctx, cancel := b.bounded(ctx)
	defer cancel()
	old.Expires = expires
	if session, err := b.Import(ctx, old); err != nil || session.Subject != subject {
		return "", errors.New("expressbridge: Options.Back and Options.Import do not agree about the subject")
	}
	sid := newSID()
	if err := b.Rows.Insert(ctx, sid, raw, expires); err != nil {
		return "", fmt.Errorf("expressbridge: writing a session: %w", err)
	}
	return link{fromHere, seconds(b.lives(b.Cookie.MaxAge)), sid}.String(), nil
}

// rewrite brings a row that Begin has made to what the session is now.
func (b *bridge[T]) rewrite(ctx context.Context, l link, s takeover.Sealed) error {
	raw, expires, err := b.express(s.Subject, s.Data, s.Now)
	if raw == nil || err != nil {
		return err
	}
	if err := b.Rows.Update(ctx, l.sid, raw, expires); err != nil {
		return fmt.Errorf("expressbridge: writing a session: %w", err)
	}
	return nil
}

// express makes the JSON that express-session would have stored, and says until when.
func (b *bridge[T]) express(subject string, data []byte, now time.Time) (raw []byte, expires time.Time, err error) {
	var value T
	if err := json.Unmarshal(data, &value); err != nil {
		return nil, expires, fmt.Errorf("expressbridge: Options.Back: the data is of another type: %T", err)
	}
	values, err := b.Back(subject, value)
	if values == nil || err != nil {
		return nil, expires, err
	}
	c := &b.Cookie
	expires = now.Add(b.lives(c.MaxAge))
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
	if word, ok := map[http.SameSite]string{
		http.SameSiteLaxMode: "lax", http.SameSiteStrictMode: "strict", http.SameSiteNoneMode: "none",
	}[c.SameSite]; ok {
		cookie["sameSite"] = word
	}
	values = maps.Clone(values)
	values["cookie"] = cookie
	raw, err = json.Marshal(values)
	if err != nil {
		return nil, expires, fmt.Errorf("expressbridge: Options.Back: its result can't be encoded: %T", err)
	}
	return raw, expires, nil
}

// newSID is what uid-safe makes for express-session: 24 random bytes.
func newSID() string {
	var b [24]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}
