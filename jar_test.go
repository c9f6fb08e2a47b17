package sealjar_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

// seat marshals itself; its fields are hidden.
type seat struct {
	row  int
	name string
}

func (s seat) MarshalJSON() ([]byte, error) { return json.Marshal([]any{s.row, s.name}) }

func (s *seat) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&s.row, &s.name})
}

// stool marshals itself too, but only by its address.
type stool struct{ row int }

func (s *stool) MarshalJSON() ([]byte, error)    { return json.Marshal(s.row) }
func (s *stool) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, &s.row) }

func TestTypesThatASessionHolds(t *testing.T) {
	keeps(t, "struct", func(d *basket) { d.Views, d.Items = 7, []string{"pear"} }, basket{Views: 7, Items: []string{"pear"}})
	keeps(t, "pointer, which is never nil", func(d **basket) { (*d).Views = 7 }, &basket{Views: 7})
	keeps(t, "map, which is never nil", func(d *map[string]int) { (*d)["pear"] = 7 }, map[string]int{"pear": 7})
	keeps(t, "slice", func(d *[]string) { *d = append(*d, "pear") }, []string{"pear"})
	keeps(t, "number", func(d *int) { *d++ }, 1)
	keeps(t, "interface", func(d *any) { *d = "pear" }, any("pear"))
	keeps(t, "custom marshaler with hidden fields", func(d *seat) { d.row, d.name = 7, "G" }, seat{7, "G"})
	keeps(t, "custom marshaler of the pointer", func(d *stool) { d.row = 7 }, stool{7})
	keeps(t, "text marshaler with hidden fields", func(d *netip.Addr) { *d = netip.IPv6Loopback() }, netip.IPv6Loopback())
	keeps(t, "nothing but the session", func(*struct{}) {}, struct{}{})
	keeps(t, "embedded struct", func(d *struct{ basket }) { d.Views = 7 }, struct{ basket }{basket{Views: 7}})
}

func keeps[T any](t *testing.T, name string, change func(*T), want T) {
	t.Run(name, func(t *testing.T) {
		jar, v := jarOf[T](t, newShop(t)), visitor{}
		ask(v, jar, func(ctx context.Context, s *sealjar.Session[T]) {
			require.NoError(t, s.SignIn(ctx, "ada"))
			change(&s.Data)
		})
		ask(v, jar, func(_ context.Context, s *sealjar.Session[T]) {
			require.NoError(t, s.Err())
			require.Equal(t, want, s.Data)
		})
	})
}

func TestTypesThatNewRefuses(t *testing.T) {
	refuses[chan int](t, "channel")
	refuses[func()](t, "function")
	refuses[struct{ C chan int }](t, "field that is a channel")
	refuses[map[bool]int](t, "map with a key that JSON has not")
	refuses[struct{ views int }](t, "struct whose fields are all hidden")
	refuses[*struct{ views int }](t, "pointer to a struct whose fields are all hidden")
	refuses[struct {
		Views int `json:"-"`
	}](t, "struct whose fields are all left out of JSON")
	refuses[struct{ E mute }](t, "marshaler that fails")
	refuses[struct{ E oneWay }](t, "what can be written and not read")
}

func refuses[T any](t *testing.T, name string) {
	t.Run(name, func(t *testing.T) {
		_, err := sealjar.New[T](newShop(t).options())
		require.ErrorContains(t, err, "sealjar: a session can't hold ")
	})
}

type mute struct{}

func (mute) MarshalJSON() ([]byte, error) { return nil, errors.New("no") }

type oneWay struct{}

func (oneWay) MarshalJSON() ([]byte, error) { return []byte(`1`), nil }
func (*oneWay) UnmarshalJSON([]byte) error  { return errors.New("no") }

// A handler that empties its data by nil must not find nil in the next request, and write to it.
func TestNilDataIsEmptyData(t *testing.T) {
	shop := newShop(t)
	t.Run("map", func(t *testing.T) {
		jar, v := jarOf[map[string]int](t, shop), visitor{}
		require.False(t, wrote(ask(v, jar, func(_ context.Context, s *sealjar.Session[map[string]int]) { s.Data = nil })))
		ask(v, jar, func(_ context.Context, s *sealjar.Session[map[string]int]) { s.Data["pear"] = 1 })
		require.True(t, wrote(ask(v, jar, func(_ context.Context, s *sealjar.Session[map[string]int]) { s.Data = nil })))
		ask(v, jar, func(_ context.Context, s *sealjar.Session[map[string]int]) {
			require.NoError(t, s.Err())
			require.Empty(t, s.Data)
			require.NotPanics(t, func() { s.Data["pear"] = 1 })
		})
	})
	t.Run("pointer", func(t *testing.T) {
		jar, v := jarOf[*basket](t, shop), visitor{}
		ask(v, jar, func(_ context.Context, s *sealjar.Session[*basket]) { s.Data.Views = 1 })
		ask(v, jar, func(_ context.Context, s *sealjar.Session[*basket]) { s.Data = nil })
		ask(v, jar, func(_ context.Context, s *sealjar.Session[*basket]) { require.Equal(t, &basket{}, s.Data) })
	})
}

func TestRequestThatNeverAsksForItsSession(t *testing.T) {
	shop := newShop(t)
	jar, v := jarOf[basket](t, shop), visitor{}
	signIn(t, v, jar, "ada")
	shop.told("")
	held := v.copy()
	response := v.serve(jar, func(http.ResponseWriter, *http.Request) {})
	require.Empty(t, response.Header, "no Set-Cookie, no Vary, no Cache-Control")
	require.Equal(t, held, v)
	require.Empty(t, shop.events, "the cookie was not opened")
}

func TestFromWithoutMiddlewarePanics(t *testing.T) {
	jar := jarOf[basket](t, newShop(t))
	require.PanicsWithValue(t,
		"sealjar: no session in this context: mount the jar's middleware around the handler, or use Jar.Load",
		func() { jar.From(t.Context()) })
	other := jarOf[basket](t, newShop(t))
	visitor{}.serve(other, func(_ http.ResponseWriter, r *http.Request) {
		require.Panics(t, func() { jar.From(r.Context()) }, "another jar's middleware is not this one's")
	})
}

func TestLoadAndSaveWithoutMiddleware(t *testing.T) {
	shop := newShop(t)
	jar, v := jarOf[basket](t, shop), visitor{}

	s, err := jar.Load(v.request())
	require.ErrorIs(t, err, sealjar.ErrNone)
	require.Equal(t, err, s.Err())
	s.Data.Views = 1
	w := httptest.NewRecorder()
	require.NoError(t, jar.Save(w, s))
	require.Equal(t, "Cookie", w.Header().Get("Vary"))
	v.keep(w.Result())

	s, err = jar.Load(v.request())
	require.NoError(t, err)
	require.Equal(t, 1, s.Data.Views)
	w = httptest.NewRecorder()
	require.NoError(t, jar.Save(w, s))
	require.False(t, wrote(w.Result()), "unchanged")

	s.Data.Items = make([]string, 4096)
	w = httptest.NewRecorder()
	require.ErrorIs(t, jar.Save(w, s), sealjar.ErrTooLarge)
	require.False(t, wrote(w.Result()))
}

func TestSeveralJarsInOneApp(t *testing.T) {
	shop := newShop(t)
	users := jarOf[basket](t, shop)
	admins := jarOf[map[string]int](t, shop, func(o *sealjar.Options) { o.Cookie.Name = "__Host-admin" })
	v := visitor{}
	response := v.serve(users, func(w http.ResponseWriter, r *http.Request) {
		inner := func(w http.ResponseWriter, r *http.Request) {
			users.From(r.Context()).Data.Views = 1
			admins.From(r.Context()).Data["logins"] = 2
		}
		w, r, end := admins.Begin(w, r, nil)
		inner(w, r)
		end(false)
	})
	require.Len(t, response.Header["Set-Cookie"], 2)
	require.Equal(t, []string{"Cookie"}, response.Header["Vary"])
	ask(v, users, func(_ context.Context, s *sealjar.Session[basket]) { require.Equal(t, 1, s.Data.Views) })
	ask(v, admins, func(_ context.Context, s *sealjar.Session[map[string]int]) { require.Equal(t, 2, s.Data["logins"]) })

	t.Run("one's cookie under the other's name refused", func(t *testing.T) {
		_, err := subjectOf(visitor{"__Host-admin": v["__Host-session"]}, admins)
		require.ErrorIs(t, err, sealjar.ErrInvalid)
	})
}

func TestSessionIsSharedByTheGoroutinesOfARequest(t *testing.T) {
	jar, v := jarOf[basket](t, newShop(t)), visitor{}
	signIn(t, v, jar, "ada")
	v.serve(jar, func(w http.ResponseWriter, r *http.Request) {
		var group sync.WaitGroup
		seen := make([]*sealjar.Session[basket], 100)
		for i := range seen {
			group.Go(func() {
				s := jar.From(r.Context())
				seen[i] = s
				_, _, _, _ = s.ID(), s.Subject(), s.IdleExpiry(), s.Flashes()
				_ = s.AddFlash("info", "hello")
				_ = jar.Check(r.Context())
			})
		}
		group.Wait()
		for _, s := range seen {
			require.Same(t, seen[0], s)
		}
	})
	ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
		require.Len(t, s.Flashes(), 16, "the newest ones")
	})
}

func TestJarServesManyRequestsAtOnce(t *testing.T) {
	jar := jarOf[basket](t, newShop(t))
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			v := visitor{}
			for i := range 5 {
				ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
					if s.Data.Views != i {
						t.Errorf("views are %d, not %d", s.Data.Views, i)
					}
					s.Data.Views++
				})
			}
		})
	}
	group.Wait()
}

func TestSaveIsForSessionsOfLoad(t *testing.T) {
	jar := jarOf[basket](t, newShop(t))
	response := ask(visitor{}, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		s.Data.Views++
		require.ErrorContains(t, jar.Save(httptest.NewRecorder(), s), "saves itself")
		require.NoError(t, s.SignIn(ctx, "ada"))
	})
	require.True(t, wrote(response))
}
