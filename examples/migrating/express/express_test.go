package express_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/examples/migrating/express"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/sealjartest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// post makes a request of somebody with a session, and returns that and the one that the response leaves.
func post(t *testing.T, jar *sealjar.Jar[express.State], path string) (before, after *sealjar.Session[express.State], response *http.Response) {
	r := sealjartest.WithSession(t, jar, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://example.com"+path, nil),
		func(s *sealjar.Session[express.State]) { s.Data = express.State{Views: 7, Theme: "dark"} })
	before, err := jar.Load(r)
	require.NoError(t, err)
	w := httptest.NewRecorder()
	express.Site(jar).ServeHTTP(w, r)
	require.Equal(t, http.StatusOK, w.Code)
	return before, sealjartest.SessionOf(t, jar, w.Result()), w.Result()
}

func TestAnswers(t *testing.T) {
	jar, err := express.NewJar(sealjartest.Ring(t), false)
	require.NoError(t, err)

	before, after, response := post(t, jar, "/regenerate")
	require.Equal(t, express.State{Theme: "dark"}, after.Data)
	require.NotEqual(t, before.ID(), after.ID())
	line := response.Header.Get("Set-Cookie")
	require.True(t, strings.HasPrefix(line, "__Host-session="), line)
	require.True(t, strings.HasSuffix(line, "; Max-Age=1209600; Path=/; HttpOnly; Secure; SameSite=Lax; Priority=High"), line)

	before, after, _ = post(t, jar, "/signin")
	require.Equal(t, express.State{Views: 7, Theme: "dark", SignedInAt: after.AuthTime().UnixMilli()}, after.Data)
	require.NotEqual(t, before.ID(), after.ID())
	require.Equal(t, "alice", after.Subject())

	_, _, response = post(t, jar, "/reload")
	require.Empty(t, response.Header["Set-Cookie"])
}

func TestASessionEndsAtADate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // whose time begins at midnight UTC
		jar, err := express.NewJar(sealjartest.Ring(t), false)
		require.NoError(t, err)
		time.Sleep(22 * time.Hour)
		_, after, _ := post(t, jar, "/until-midnight")
		require.Equal(t, 2*time.Hour, time.Until(after.AbsoluteExpiry()))
	})
}

func TestAuto(t *testing.T) {
	jar, err := express.NewJar(sealjartest.Ring(t), true)
	require.NoError(t, err)
	for address, attributes := range map[string]string{
		"https://example.com/signin": "; Path=/; HttpOnly; Secure; SameSite=None; Priority=High",
		"http://example.com/signin":  "; Path=/; HttpOnly; SameSite=Lax; Priority=High",
	} {
		w := httptest.NewRecorder()
		express.Site(jar).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, address, nil))
		line := w.Header().Get("Set-Cookie")
		require.True(t, strings.HasPrefix(line, "session="), line)
		require.True(t, strings.HasSuffix(line, attributes), line)
	}
}

// The cookies are those of cookie-session 2.1.1 with the keys "new key" and "old key", and with "old key" alone.
func TestCookieSession(t *testing.T) {
	const value = "eyJ2aWV3cyI6NywidXNlciI6Inpvw6sifQ=="
	for name, test := range map[string]struct {
		cookies string
		keys    []string
		good    bool
	}{
		"the first key":        {"session=" + value + "; session.sig=tGLq37O57vwLpR6h03AqRrwL4tU", []string{"new key", "old key"}, true},
		"the second key":       {"session=" + value + "; session.sig=_XAqGe2HMR3OmevGSOr-L32IPXk", []string{"new key", "old key"}, true},
		"a key that went":      {"session=" + value + "; session.sig=_XAqGe2HMR3OmevGSOr-L32IPXk", []string{"new key"}, false},
		"no key":               {"session=" + value + "; session.sig=_XAqGe2HMR3OmevGSOr-L32IPXk", nil, false},
		"no signature":         {"session=" + value, []string{"new key"}, false},
		"an empty signature":   {"session=" + value + "; session.sig=", []string{"new key"}, false},
		"another value":        {"session=eyJ2aWV3cyI6OH0=; session.sig=tGLq37O57vwLpR6h03AqRrwL4tU", []string{"new key"}, false},
		"the name of another":  {"shop=" + value + "; shop.sig=tGLq37O57vwLpR6h03AqRrwL4tU", []string{"new key"}, false},
		"a signature no value": {"session.sig=tGLq37O57vwLpR6h03AqRrwL4tU", []string{"new key"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.Header.Set("Cookie", test.cookies)
			var data struct {
				Views int
				User  string
			}
			require.Equal(t, test.good, express.CookieSession(r, "session", test.keys, &data))
			if test.good {
				require.Equal(t, 7, data.Views)
				require.Equal(t, "zoë", data.User)
			}
		})
	}
}

func FuzzCookieSession(f *testing.F) {
	f.Add("eyJ2aWV3cyI6NywidXNlciI6Inpvw6sifQ==", "tGLq37O57vwLpR6h03AqRrwL4tU")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, value, signature string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Header.Set("Cookie", "session="+value+"; session.sig="+signature)
		var data any
		if express.CookieSession(r, "session", []string{"new key"}, &data) {
			require.Equal(t, "eyJ2aWV3cyI6NywidXNlciI6Inpvw6sifQ==", strings.Trim(value, `"`), "nobody has the key")
		}
	})
}

// noDatabase is what a bridge does not touch before a request comes.
type noDatabase struct{}

func (noDatabase) Connect(context.Context) (driver.Conn, error) { return nil, errors.New("asked") }
func (noDatabase) Driver() driver.Driver                        { return nil }

func TestBesideNode(t *testing.T) {
	t.Setenv("EXPRESS_SECRETS", "new,old")
	db := sql.OpenDB(noDatabase{})
	defer db.Close()
	jar, err := express.BesideNode(db, sealjartest.Ring(t), &revocation.Memory{})
	require.NoError(t, err)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://example.com/", nil)
	_, err = jar.Load(r)
	require.ErrorIs(t, err, sealjar.ErrNone, "without a cookie of Express the database is not asked")
}
