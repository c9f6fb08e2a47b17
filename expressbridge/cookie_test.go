package expressbridge_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/expressbridge"
)

// askLines makes a request with these Cookie lines and returns who is signed in, and why nobody is.
func (w *world) askLines(lines ...string) (subject string, err error) {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "https://example.com/", nil)
	r.Header["Cookie"] = lines
	w.serve(browser{}, r, func(_ http.ResponseWriter, r *http.Request) {
		s := w.jar.From(r.Context())
		subject, err = s.Subject(), s.Err()
	})
	return subject, err
}

func TestFormsOfTheCookie(t *testing.T) {
	raw := signed(sid, secret)
	encoded := url.QueryEscape(raw)
	plus := "4QDZ+oVpq/yTzkKCPNEqOqVcZ3rPzBvz" // of an own genid
	forms := []struct {
		name    string
		lines   []string
		refused error // nil: allowed
	}{
		{"encoded", []string{"connect.sid=" + encoded}, nil},
		{"raw", []string{"connect.sid=" + raw}, nil},
		{"quoted", []string{`connect.sid="` + encoded + `"`}, nil},
		{"quoted and raw", []string{`connect.sid="` + raw + `"`}, nil},
		{"with the current secret", []string{"connect.sid=" + signed(sid, "the new one")}, nil},
		{"among others", []string{"a=b; connect.sid=" + encoded + "; c=d"}, nil},
		{"on a second line", []string{"a=b", "connect.sid=" + encoded}, nil},
		{"after one that is not ours", []string{"connect.sid=j%3A1; connect.sid=" + encoded}, nil},
		{"after one without a row", []string{"connect.sid=" + signed("other", secret) + "; connect.sid=" + encoded}, nil},
		{"with a plus and a slash, raw", []string{"connect.sid=" + signed(plus, secret)}, nil},
		{"with a plus and a slash, encoded", []string{"connect.sid=" + url.QueryEscape(signed(plus, secret))}, nil},

		{"as the fifth of the name", []string{strings.Repeat("connect.sid=x; ", 4) + "connect.sid=" + encoded}, sealjar.ErrInvalid},
		{"under another name", []string{"Connect.sid=" + encoded}, sealjar.ErrNone},
		{"empty", []string{"connect.sid="}, sealjar.ErrInvalid},
		{"unsigned", []string{"connect.sid=" + sid}, sealjar.ErrInvalid},
		{"s: alone", []string{"connect.sid=s:"}, sealjar.ErrInvalid},
		{"without s:", []string{"connect.sid=" + raw[2:]}, sealjar.ErrInvalid},
		{"without a signature", []string{"connect.sid=s:" + sid + "."}, sealjar.ErrInvalid},
		{"by another secret", []string{"connect.sid=" + signed(sid, "guessed")}, sealjar.ErrInvalid},
		{"with a signature cut", []string{"connect.sid=" + raw[:len(raw)-1]}, sealjar.ErrInvalid},
		{"with padding", []string{"connect.sid=" + raw + "="}, sealjar.ErrInvalid},
		{"with the unused bits of the signature set", []string{"connect.sid=" + raw[:len(raw)-1] + nextInBase64(raw[len(raw)-1])}, sealjar.ErrInvalid},
		{"with a signature for another id", []string{"connect.sid=" + strings.Replace(raw, sid, "x"+sid[1:], 1)}, sealjar.ErrInvalid},
		{"encoded twice", []string{"connect.sid=" + url.QueryEscape(encoded)}, sealjar.ErrInvalid},
		{"of nothing, signed", []string{"connect.sid=" + signed("", secret)}, sealjar.ErrInvalid},
		{"with a space at the end, signed", []string{"connect.sid=" + url.PathEscape(signed(sid+" ", secret))}, sealjar.ErrInvalid},
		{"with a zero byte, signed", []string{"connect.sid=" + url.PathEscape(signed(sid+"\x00", secret))}, sealjar.ErrInvalid},
		{"with an id that is too long, signed", []string{"connect.sid=" + signed(strings.Repeat("a", 256), secret)}, sealjar.ErrInvalid},
		{"too long", []string{"connect.sid=" + raw + strings.Repeat("%41", 4096)}, sealjar.ErrInvalid},
		{"in lower case, signed", []string{"connect.sid=" + signed(strings.ToLower(sid), secret)}, sealjar.ErrExpired},
	}
	for _, f := range forms {
		verdict := " allowed"
		if f.refused != nil {
			verdict = " refused"
		}
		t.Run(f.name+verdict, func(t *testing.T) {
			w := newWorld(t)
			w.table.rows[plus] = w.table.rows[sid]
			subject, err := w.askLines(f.lines...)
			if f.refused == nil {
				require.NoError(t, err)
				require.Equal(t, "ada", subject)
				return
			}
			require.ErrorIs(t, err, f.refused)
			require.Empty(t, subject)
			require.Equal(t, errors.Is(f.refused, sealjar.ErrExpired), len(w.table.took()) > 0, "the table is asked for what a secret has signed alone")
			for _, e := range w.told(sealjar.EventRefused) {
				require.NotContains(t, e.Err.Error(), sid)
			}
		})
	}
}

func nextInBase64(c byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	return alphabet[strings.IndexByte(alphabet, c)^1:][:1]
}

func TestOtherNameOfTheCookie(t *testing.T) {
	w := newWorld(t, func(o *expressbridge.Options[data], _ *sealjar.Options) {
		o.Cookie = expressbridge.Cookie{Name: "shop.sid", Path: "/shop", Domain: "example.com", SameSite: http.SameSiteStrictMode}
	})
	_, err := w.askLines("connect.sid=" + signed(sid, secret))
	require.ErrorIs(t, err, sealjar.ErrNone)
	b := browser{"shop.sid": signed(sid, secret)}
	response := w.request(b, func(_ http.ResponseWriter, r *http.Request) { w.jar.From(r.Context()) })
	require.Contains(t, response.Header["Set-Cookie"],
		"shop.sid=; Path=/shop; Domain=example.com; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; HttpOnly; Secure; SameSite=Strict")
}

// Browsers keep a partitioned cookie apart (CHIPS): only a Set-Cookie with Partitioned reaches it.
func TestPartitionedCookie(t *testing.T) {
	open := func(t *testing.T, mode expressbridge.Mode) *world {
		return newWorld(t, func(o *expressbridge.Options[data], _ *sealjar.Options) {
			if o.Mode = mode; mode == expressbridge.SideBySide {
				o.Back = back
			}
			o.Cookie = expressbridge.Cookie{SameSite: http.SameSiteNoneMode, MaxAge: time.Hour, Partitioned: true}
		})
	}
	written := func(t *testing.T, response *http.Response, deleted bool) {
		t.Helper()
		var lines []string
		for _, line := range response.Header["Set-Cookie"] {
			if strings.HasPrefix(line, "connect.sid=") {
				lines = append(lines, line)
			}
		}
		require.Len(t, lines, 1)
		require.True(t, strings.HasSuffix(lines[0], "; HttpOnly; Secure; SameSite=None; Partitioned"), lines[0])
		require.Equal(t, deleted, strings.Contains(lines[0], "Max-Age=0"), lines[0])
	}
	look := func(_ context.Context, s *session) {
		if s.Subject() != "ada" {
			panic("the session is lost")
		}
	}
	for name, mode := range map[string]expressbridge.Mode{"after grace": expressbridge.AfterGrace, "at once": expressbridge.AtOnce} {
		t.Run("deleted "+name, func(t *testing.T) { written(t, open(t, mode).visit(fromNode(), look), true) })
	}
	t.Run("prolonged", func(t *testing.T) { written(t, open(t, expressbridge.SideBySide).visit(fromNode(), look), false) })
	t.Run("written by the way back, and deleted by a sign-out", func(t *testing.T) {
		w, eve := open(t, expressbridge.SideBySide), browser{}
		delete(w.table.rows, sid)
		written(t, w.visit(eve, func(ctx context.Context, s *session) { require.NoError(t, s.SignIn(ctx, "eve")) }), false)
		_, values, _ := w.only()
		require.Equal(t, map[string]any{
			"originalMaxAge": 3600000.0, "partitioned": true, "expires": "2026-03-14T16:09:26.000Z", "secure": true, "httpOnly": true, "path": "/",
			"sameSite": "none",
		}, values["cookie"])
		written(t, w.visit(eve, func(ctx context.Context, s *session) { require.NoError(t, s.End(ctx)) }), true)
	})
}

func FuzzCookie(f *testing.F) {
	for _, seed := range []string{
		signed(sid, secret), url.QueryEscape(signed(sid, secret)), `"` + signed(sid, secret) + `"`, "s:", "s:.", "%", "s%3A%", "s:a.b; connect.sid=s:",
		signed(sid, "guessed"), signed("", secret), "s:" + sid + "." + strings.Repeat("A", 43),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		w := newWorld(t)
		subject, err := w.askLines("connect.sid=" + value)
		if err == nil {
			require.Equal(t, "ada", subject)
			text, unescaped := value, ""
			if unescaped, err = url.PathUnescape(value); err == nil {
				text = unescaped
			}
			require.True(t, strings.Contains(text, signed(sid, secret)) || strings.Contains(text, signed(sid, "the new one")), "nobody has signed %q", value)
		}
	})
}
