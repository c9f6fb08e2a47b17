package sealjar_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/takeover"
)

// elsewhere is another system of sessions with one session. Package expressbridge has the tests with a real one.
type elsewhere struct {
	found   takeover.Session
	findErr error
	begin   string
	asked   int
	ended   []string
	cookies []string // of the requests that ended something
}

func (e *elsewhere) Find(context.Context, *http.Request, time.Time) (takeover.Session, error) {
	e.asked++
	return e.found, e.findErr
}

func (e *elsewhere) Alive(_ context.Context, link, _ string, _ time.Time) (string, error) {
	return link, nil
}

func (e *elsewhere) Begin(context.Context, string, []byte, time.Time) (string, error) {
	return e.begin, nil
}
func (e *elsewhere) Sealed(context.Context, http.Header, takeover.Sealed) error { return nil }
func (e *elsewhere) Clear(h http.Header, _ *http.Request)                       { h.Add("Set-Cookie", "old=") }

func (e *elsewhere) End(_ context.Context, r *http.Request, link string) error {
	e.ended = append(e.ended, link)
	e.cookies = append(e.cookies, r.Header["Cookie"]...)
	return nil
}

func takes(e *elsewhere) func(*sealjar.Options) {
	return func(o *sealjar.Options) { o.Takeover = e }
}

// A bridge is the application's code, and what it gives is checked like what the application says to a session.
func TestTakeoverOfWhatIsOutOfItsLimits(t *testing.T) {
	for name, change := range map[string]func(*takeover.Session){
		"allowed: as it should be":              func(*takeover.Session) {},
		"allowed: a link of 512 bytes":          func(f *takeover.Session) { f.Link = strings.Repeat("x", 512) },
		"refused: a link of 513":                func(f *takeover.Session) { f.Link = strings.Repeat("x", 513) },
		"refused: a link that is not UTF-8":     func(f *takeover.Session) { f.Link = "\xff" },
		"refused: no id":                        func(f *takeover.Session) { f.ID = "" },
		"refused: an id of 65 characters":       func(f *takeover.Session) { f.ID = strings.Repeat("x", 65) },
		"refused: an id with a dot":             func(f *takeover.Session) { f.ID = "a.b" },
		"refused: a subject that is too long":   func(f *takeover.Session) { f.Subject = strings.Repeat("x", 256) },
		"refused: 9 methods":                    func(f *takeover.Session) { f.Methods = strings.Split("123456789", "") },
		"refused: 17 groups":                    func(f *takeover.Session) { f.Groups = strings.Split("12345678901234567", "") },
		"refused: data of another type":         func(f *takeover.Session) { f.Data = []byte(`{"views":"7"}`) },
		"refused: data that leaves the token":   func(f *takeover.Session) { f.Data = []byte(`{}]],"sub":"eve","x":[[1`) },
		"refused: data with a member twice":     func(f *takeover.Session) { f.Data = []byte(`{"views":7,"views":8}`) },
		"refused: no data":                      func(f *takeover.Session) { f.Data = nil },
		"refused: data that is deeper than all": func(f *takeover.Session) { f.Data = []byte(strings.Repeat("[", 31) + strings.Repeat("]", 31)) },
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t)
			other := &elsewhere{found: takeover.Session{ID: "an-id_1", Subject: "ada", Data: []byte(`{"views":7}`), Expiry: shop.Now().Add(time.Hour)}}
			change(&other.found)
			jar, v := jarOf[basket](t, shop, takes(other)), visitor{}
			response := ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
				if strings.HasPrefix(name, "allowed") {
					require.NoError(t, s.Err())
					require.Equal(t, "ada", s.Subject())
					require.Equal(t, 7, s.Data.Views)
					return
				}
				require.ErrorIs(t, s.Err(), sealjar.ErrInvalid)
				require.Empty(t, s.Subject())
				require.Zero(t, s.Data)
			})
			require.Equal(t, strings.HasPrefix(name, "allowed"), wrote(response))
		})
	}
}

func TestTakeoverWhileTheListCannotTell(t *testing.T) {
	shop, away := newShop(t), errors.New("the list is away")
	flaky := &list{check: away, checkNew: away, honest: shop.list}
	other := &elsewhere{found: takeover.Session{ID: "derived", Subject: "ada", Data: []byte(`{}`), Expiry: shop.Now().Add(time.Hour)}}
	jar, v := jarOf[basket](t, shop, takes(other), func(o *sealjar.Options) { o.Revocation = flaky }), visitor{}
	response := ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.ErrorIs(t, s.Err(), sealjar.ErrUnavailable)
		require.Empty(t, s.Subject())
		s.Data.Views = 1
	})
	require.False(t, wrote(response))

	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) { require.NoError(t, s.End(ctx)) })
	require.Equal(t, []string{""}, other.ended)
	flaky.check, flaky.checkNew = nil, nil
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.ErrorIs(t, s.Err(), sealjar.ErrRevoked, "who signs out during an outage is signed out")
	})
}

// A client that brings a token in a header has no cookies that count, those of other systems among them.
func TestTokenInAHeaderAsksNobody(t *testing.T) {
	other := &elsewhere{found: takeover.Session{ID: "derived", Subject: "ada", Data: []byte(`{}`), Expiry: time.Now().Add(time.Hour)}}
	jar := jarOf[basket](t, newShop(t), takes(other), func(o *sealjar.Options) { o.Header = "Authorization" })
	r := httptest.NewRequest(http.MethodGet, "https://example.com/", nil)
	r.Header.Set("Authorization", "Bearer x")
	s, err := jar.Load(r)
	require.ErrorIs(t, err, sealjar.ErrInvalid)
	require.Empty(t, s.Subject())
	require.Zero(t, other.asked)
}

// Nor is a cookie of the other system ended, or deleted, by what a token's session does: only what the session itself is tied to.
func TestTokenInAHeaderEndsNoCookieOfOthers(t *testing.T) {
	other := &elsewhere{begin: "there", findErr: takeover.ErrNone}
	jar := jarOf[basket](t, newShop(t), takes(other), func(o *sealjar.Options) { o.Header, o.RenewedHeader = "Authorization", "X-Next" })
	v := visitor{}
	var token string
	signIn(t, v, jar, "ada") // which is tied to one there
	other.ended, other.cookies = nil, nil
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		var err error
		token, err = jar.Seal(s)
		require.NoError(t, err)
	})
	for name, do := range map[string]func(context.Context, *sealjar.Session[basket]) error{
		"End":    func(ctx context.Context, s *sealjar.Session[basket]) error { return s.End(ctx) },
		"SignIn": func(ctx context.Context, s *sealjar.Session[basket]) error { return s.SignIn(ctx, "ada") },
	} {
		for _, line := range []string{"Bearer " + token, "Bearer x"} {
			other.ended, other.cookies = nil, nil
			response := headerAsk(jar, func(_ http.ResponseWriter, r *http.Request, s *sealjar.Session[basket]) {
				require.Equal(t, []string{"old=somebody"}, r.Header["Cookie"])
				require.NoError(t, do(r.Context(), s), name)
			}, "Authorization", line, "Cookie", "old=somebody")
			require.Equal(t, http.StatusOK, response.StatusCode)
			require.Empty(t, response.Header["Set-Cookie"], name)
			require.Empty(t, other.cookies, name)
		}
	}
}

func TestRenewOfWhatWasJustTakenOver(t *testing.T) {
	shop := newShop(t)
	other := &elsewhere{found: takeover.Session{ID: "derived", Subject: "ada", Data: []byte(`{}`), Expiry: shop.Now().Add(time.Hour), Link: "there"}}
	jar, v := jarOf[basket](t, shop, takes(other)), visitor{}
	var derived string
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		derived = s.ID()
		require.NoError(t, s.Renew(ctx))
		require.NotEqual(t, derived, s.ID())
		require.NoError(t, s.Renew(ctx))
	})
	require.Len(t, shop.told(sealjar.EventEnded), 1, "the derived id is left once")
	require.ErrorIs(t, shop.list.Check(context.Background(), revocation.Claims{SessionID: derived}), revocation.ErrRevoked)
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.Equal(t, "ada", s.Subject())
		require.NoError(t, s.End(ctx))
	})
	require.Equal(t, []string{"there"}, other.ended, "it is still tied to the old one")
	require.ErrorIs(t, func() error { _, err := jar.Load(visitor{}.request()); return err }(), sealjar.ErrRevoked)
}

// The id of what was taken over is the first of the session, also if the request that takes it over renews it.
func TestARenewalOfWhatIsTakenOverDoesNotOutliveTheEnd(t *testing.T) {
	country, here, there := newCountry(t), visitor{}, visitor{}
	other := &elsewhere{found: takeover.Session{ID: "derived", Subject: "ada", Data: []byte(`{}`), Expiry: country.Now().Add(time.Hour)}}
	for i := range country.jars {
		country.jars[i] = jarOf[basket](t, country.shop, takes(other), func(o *sealjar.Options) { o.Revocation = border{country, i} })
	}
	require.NoError(t, country.ask(there, 1, renewSession))
	require.NoError(t, country.ask(here, 0, endSession))
	other.findErr = takeover.ErrNone
	country.deliver(t)
	require.NotEmpty(t, there)
	for _, jar := range country.jars {
		_, err := subjectOf(there, jar)
		require.ErrorIs(t, err, sealjar.ErrRevoked)
	}
}
