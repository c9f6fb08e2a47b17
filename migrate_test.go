package sealjar_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/sealjartest"
)

// In version 0 the name was one text, and in version 2 it is two.
type (
	named0 struct{ Name string }
	named2 struct{ Name struct{ First, Last string } }
)

var errStrange = errors.New("tell-nobody is no name")

func migrateName(version int, data []byte) ([]byte, error) {
	var old named0
	if err := json.Unmarshal(data, &old); err != nil {
		return nil, err
	}
	switch old.Name {
	case "strange":
		return nil, errStrange
	case "broken":
		return []byte(`{"Name":{`), nil
	case "twice":
		return []byte(`{"Name":{},"Name":{}}`), nil
	case "none":
		return nil, nil
	case "another type":
		return []byte(`{"Name":7}`), nil
	}
	var now named2
	now.Name.First = old.Name
	return json.Marshal(now)
}

func migrateJars(t *testing.T) (shop *shop, v visitor, old *sealjar.Jar[named0], now *sealjar.Jar[named2]) {
	shop, v = newShop(t), visitor{}
	now = jarOf[named2](t, shop, func(o *sealjar.Options) { o.Version, o.Migrate = 2, migrateName })
	return shop, v, jarOf[named0](t, shop), now
}

func TestMigration(t *testing.T) {
	shop, v, old, now := migrateJars(t)
	ask(v, old, func(ctx context.Context, s *sealjar.Session[named0]) {
		s.Data.Name = "ada"
		require.NoError(t, s.SignIn(ctx, "ada"))
	})
	shop.told("")
	require.False(t, wrote(view(v, now)), "reading writes nothing")
	require.True(t, shop.told(sealjar.EventOpened)[0].Migrated)
	shop.pass(10 * time.Minute)
	require.True(t, wrote(ask(v, now, func(_ context.Context, s *sealjar.Session[named2]) {
		require.NoError(t, s.Err())
		require.Equal(t, "ada", s.Data.Name.First)
	})))
	ask(v, old, func(_ context.Context, s *sealjar.Session[named0]) {
		require.NoError(t, s.Err(), "a renewal leaves the data to the older version")
		require.Equal(t, "ada", s.Data.Name)
	})
	require.True(t, wrote(ask(v, now, func(_ context.Context, s *sealjar.Session[named2]) { s.Data.Name.Last = "lovelace" })))
	shop.told("")
	ask(v, now, func(_ context.Context, s *sealjar.Session[named2]) {
		require.Equal(t, "lovelace", s.Data.Name.Last)
		require.Equal(t, "ada", s.Subject())
	})
	require.False(t, shop.told(sealjar.EventOpened)[0].Migrated, "it is of today's version now")
	_, err := old.Load(v.request())
	require.ErrorIs(t, err, sealjar.ErrInvalid, "what the older version can't read")
}

func TestMigrationThatFailsIsAnAnonymousSession(t *testing.T) {
	for _, name := range []string{"strange", "broken", "twice", "none", "another type"} {
		shop, v, old, now := migrateJars(t)
		ask(v, old, func(ctx context.Context, s *sealjar.Session[named0]) {
			s.Data.Name = name
			require.NoError(t, s.SignIn(ctx, "ada"))
			require.NoError(t, slotVisits.Set(s, 1))
		})
		shop.told("")
		response := ask(v, now, func(_ context.Context, s *sealjar.Session[named2]) {
			require.ErrorIs(t, s.Err(), sealjar.ErrInvalid, name)
			require.Empty(t, s.Subject())
			require.Zero(t, s.Data)
			_, ok := slotVisits.Get(s)
			require.False(t, ok, "nor anything else of it")
		})
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.False(t, wrote(response))
		told := shop.told(sealjar.EventRefused)
		require.Len(t, told, 1)
		require.NotContains(t, told[0].Err.Error(), "tell-nobody")
	}
}

func TestVersions(t *testing.T) {
	shop := newShop(t)
	of := func(version int, migrate func(int, []byte) ([]byte, error)) *sealjar.Jar[basket] {
		return jarOf[basket](t, shop, func(o *sealjar.Options) { o.Version, o.Migrate = version, migrate })
	}
	var asked []int
	watch := func(version int, data []byte) ([]byte, error) {
		asked = append(asked, version)
		clear(data) // which is Migrate's own
		return []byte(`{"views":9}`), nil
	}
	v := visitor{}
	ask(v, of(3, nil), func(_ context.Context, s *sealjar.Session[basket]) { s.Data.Views = 1 })
	for _, c := range []struct {
		version int
		asked   []int
		views   int
	}{{3, nil, 1}, {2, nil, 1}, {4, []int{3}, 9}, {999_999_999, []int{3}, 9}} {
		asked = nil
		s, err := of(c.version, watch).Load(v.request())
		require.NoError(t, err)
		require.Equal(t, c.views, s.Data.Views)
		require.Equal(t, c.asked, asked)
	}
	ask(v, of(2, watch), func(_ context.Context, s *sealjar.Session[basket]) { s.Data.Views = 2 })
	asked = nil
	_, err := of(3, watch).Load(v.request())
	require.NoError(t, err)
	require.Equal(t, []int{2}, asked, "who writes says of which version it is")
}

func TestVersionsRefused(t *testing.T) {
	ring := sealjartest.Ring(t)
	for _, o := range []sealjar.Options{{Version: -1}, {Version: 1_000_000_000}, {Migrate: migrateName}} {
		o.Keys = ring
		_, err := sealjar.New[basket](o)
		require.ErrorContains(t, err, "Options.Version")
	}
}

func FuzzMigrate(f *testing.F) {
	for _, seed := range []string{`{}`, `{"Name":{"First":"a"}}`, `{"Name":7}`, ``, `null`, `{`, `{"a":1,"a":2}`, "\xff", `[[[[]]]]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		shop := newShop(t)
		v, err := sealed(t, shop, "ada", `{"d":1}`)
		require.NoError(t, err)
		jar := jarOf[named2](t, shop, func(o *sealjar.Options) {
			o.Version, o.Migrate = 1, func(int, []byte) ([]byte, error) { return text, nil }
		})
		response := ask(v, jar, func(_ context.Context, s *sealjar.Session[named2]) {
			if s.Err() != nil {
				require.ErrorIs(t, s.Err(), sealjar.ErrInvalid)
				require.Zero(t, s.Data)
			}
		})
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.False(t, wrote(response))
	})
}

// A panic of the application's own decoding leaves the user's cookie alone.
func TestDecodingThatPanicsOverwritesNothing(t *testing.T) {
	shop, v := newShop(t), visitor{}
	signIn(t, v, jarOf[basket](t, shop), "ada")
	broken := jarOf[basket](t, shop, func(o *sealjar.Options) {
		o.Version, o.Migrate = 2, func(int, []byte) ([]byte, error) { panic("bug") }
	})
	response := v.serve(broken, func(w http.ResponseWriter, r *http.Request) {
		func() {
			defer func() { require.Equal(t, "bug", recover()) }()
			broken.From(r.Context())
		}()
		s := broken.From(r.Context())
		require.ErrorIs(t, s.Err(), sealjar.ErrInvalid)
		require.Empty(t, s.Subject())
		w.WriteHeader(http.StatusInternalServerError)
	})
	require.False(t, wrote(response))
	subject, err := subjectOf(v, jarOf[basket](t, shop))
	require.NoError(t, err)
	require.Equal(t, "ada", subject)
}
