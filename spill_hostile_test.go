package sealjar_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/spill"
	"github.com/sealjar/sealjar/token"
)

// Who owns the store can take sessions away, and that is all.
func TestSpillHostileStore(t *testing.T) {
	shop, store, jar := spilled(t, true)
	ada, grace := visitor{}, visitor{}
	signIn(t, ada, jar, "ada")
	first, err := store.Memory.Get(t.Context(), store.ids[0])
	require.NoError(t, err)
	ask(ada, jar, count)
	signIn(t, grace, jar, "grace")
	other, err := store.Memory.Get(t.Context(), store.ids[2])
	require.NoError(t, err)

	tablet := visitor{}
	signIn(t, tablet, jar, "ada")
	ask(tablet, jar, count) // to the same version as hers on this device
	hers, err := store.Memory.Get(t.Context(), store.ids[3])
	require.NoError(t, err)

	cookie := []byte(ada["__Host-session"])
	for name, change := range map[string]func(row spill.Row) spill.Row{
		"another's row":                    func(row spill.Row) spill.Row { return spill.Row{Version: row.Version, Data: other.Data} },
		"another's row with its version":   func(spill.Row) spill.Row { return other },
		"the row of her other session":     func(spill.Row) spill.Row { return hers },
		"an older row":                     func(spill.Row) spill.Row { return first },
		"an older row, as if it was newer": func(row spill.Row) spill.Row { return spill.Row{Version: row.Version, Data: first.Data} },
		"a row with another version":       func(row spill.Row) spill.Row { return spill.Row{Version: row.Version + 1, Data: row.Data} },
		"the cookie":                       func(row spill.Row) spill.Row { return spill.Row{Version: row.Version, Data: cookie} },
		"garbage":                          func(row spill.Row) spill.Row { return spill.Row{Version: row.Version, Data: []byte("garbage")} },
		"nothing":                          func(row spill.Row) spill.Row { return spill.Row{Version: row.Version} },
		"no row":                           func(spill.Row) spill.Row { return spill.Row{} },
		"a huge row": func(row spill.Row) spill.Row {
			return spill.Row{Version: row.Version, Data: bytes.Repeat([]byte("x"), 4<<20)}
		},
		"a row with a bit changed": func(row spill.Row) spill.Row {
			row.Data[len(row.Data)/2] ^= 1
			return row
		},
	} {
		t.Run(name, func(t *testing.T) {
			store.onGet = func(_ string, row spill.Row) spill.Row { return change(row) }
			defer func() { store.onGet = nil }()
			shop.told("")
			s, err := jar.Load(ada.request())
			require.ErrorIs(t, err, sealjar.ErrInvalid)
			require.Empty(t, s.Subject())
			require.Zero(t, s.Data)
			require.Len(t, shop.told(sealjar.EventRefused), 1)
		})
	}
	n, err := views(ada, jar)
	require.NoError(t, err)
	require.Equal(t, 1, n)

	row, err := store.Memory.Get(t.Context(), store.ids[0])
	require.NoError(t, err)
	_, err = subjectOf(visitor{"__Host-session": string(row.Data)}, jar)
	require.ErrorIs(t, err, sealjar.ErrInvalid, "a row is no cookie")
	bearer := spillJar(t, shop, store, true, func(o *sealjar.Options) { o.Header = "Session" })
	r := visitor{}.request()
	r.Header.Set("Session", string(row.Data))
	_, err = bearer.Load(r)
	require.ErrorIs(t, err, sealjar.ErrInvalid, "nor a token for a header")
	second := spillJar(t, shop, store, true, func(o *sealjar.Options) { o.Cookie.Name = "__Host-second" })
	_, err = subjectOf(visitor{"__Host-second": ada["__Host-session"]}, second)
	require.ErrorIs(t, err, sealjar.ErrInvalid)
}

func TestSpillStoreSeesCiphertext(t *testing.T) {
	_, store, jar := spilled(t, true)
	v := visitor{}
	ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
		require.NoError(t, s.SignIn(ctx, "a-subject"))
		s.Data.Items = []string{"some-secret"}
	})
	row, err := store.Memory.Get(t.Context(), store.ids[0])
	require.NoError(t, err)
	for _, word := range []string{"a-subject", "some-secret", "views"} {
		require.NotContains(t, string(row.Data), word)
	}
}

// rowCodec seals rows as the jar does.
func rowCodec(t testing.TB, shop *shop) *token.Codec {
	t.Helper()
	codec, err := token.New(token.Config{Keys: shop.ring, Audience: "session-store/__Host-session", Now: shop.Now, MaxLength: 128 << 10})
	require.NoError(t, err)
	return codec
}

// What another implementation, or another version of this one, may have put there.
func TestSpillRowsFromElsewhere(t *testing.T) {
	for name, test := range map[string]struct {
		reference, row string
		allowed        bool
	}{
		"both":                            {`{"p":5}`, `{"d":{"views":7},"p":5}`, true},
		"a reference to an older version": {`{"p":4}`, `{"d":{"views":7},"p":5}`, true},
		"more members":                    {`{"p":5,"new":[1]}`, `{"d":{"views":7},"p":5,"new":{}}`, true},
		"a reference to a newer version":  {`{"p":6}`, `{"d":{"views":7},"p":5}`, false},
		"a row without a version":         {`{"p":5}`, `{"d":{"views":7}}`, false},
		"a row of another version":        {`{"p":4}`, `{"d":{"views":7},"p":4}`, false},
		"a row that is a reference":       {`{"p":5}`, `{"p":5}`, false},
		"a row of another type":           {`{"p":5}`, `{"d":{"views":"7"},"p":5}`, false},
		"a cookie that is a row":          {`{"d":{"views":7},"p":5}`, `{"d":{"views":7},"p":5}`, false},
		"a reference of version 0":        {`{"p":0}`, `{"d":{"views":7},"p":5}`, false},
		"a reference below 0":             {`{"p":-1}`, `{"d":{"views":7},"p":5}`, false},
		"a reference beyond the last":     {`{"p":9007199254740992}`, `{"d":{"views":7},"p":5}`, false},
		"a reference of another type":     {`{"p":"5"}`, `{"d":{"views":7},"p":5}`, false},
		"an empty reference":              {`{}`, `{"d":{"views":7},"p":5}`, false},
		"a row that outlives revocations": {`{"p":5}`, `{"d":{"views":7},"p":5,"c":253402300799999}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			shop, store, jar := spilled(t, false)
			v, err := sealed(t, shop, "ada", test.reference)
			require.NoError(t, err)
			text, err := rowCodec(t, shop).Seal(&token.Claims{
				Subject: "ada", SessionID: "sid", AuthTime: shop.Now(), Expiry: shop.Now().Add(time.Hour), State: json.RawMessage(test.row),
			})
			require.NoError(t, err)
			require.NoError(t, store.Create(t.Context(), "sid", spill.Row{Version: 5, Data: []byte(text)}, shop.Now().Add(time.Hour)))
			n, err := views(v, jar)
			if !test.allowed {
				require.ErrorIs(t, err, sealjar.ErrInvalid)
				require.Zero(t, n)
				return
			}
			require.NoError(t, err)
			require.Equal(t, 7, n)
		})
	}
}

// Whatever is in a row gives a session that works, or none, and never a failure.
func FuzzSpillRow(f *testing.F) {
	f.Add([]byte("garbage"), int64(5), "", false)
	f.Add([]byte(nil), int64(-1), "", false)
	f.Add([]byte(`{"d":{"views":7},"p":5}`), int64(5), "ada", true)
	f.Add([]byte(`{"d":{"views":7},"p":5,"f":[["a","b"]],"g":["staff"],"l":60,"m":["pwd"],"r":true,"s":{"a":1},"v":3}`), int64(5), "ada", true)
	f.Add([]byte(`{"d":{"views":7},"p":5}`), int64(5), "grace", true)
	f.Add([]byte(`{"d":[],"p":9007199254740991}`), int64(1<<53-1), "ada", true)
	f.Add([]byte(`{"p":5}`), int64(5), "ada", true)
	f.Fuzz(func(t *testing.T, data []byte, version int64, subject string, seal bool) {
		shop, store, jar := spilled(t, false)
		v, err := sealed(t, shop, "ada", `{"p":1}`)
		require.NoError(t, err)
		if seal {
			text, err := rowCodec(t, shop).Seal(&token.Claims{
				Subject: subject, SessionID: "sid", AuthTime: shop.Now(), Expiry: shop.Now().Add(time.Hour), State: data,
			})
			if err != nil {
				return
			}
			data = []byte(text)
		}
		store.onGet = func(_ string, row spill.Row) spill.Row {
			if row.Version > 0 { // ours
				return row
			}
			return spill.Row{Version: version, Data: data}
		}
		good := false
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
			good = s.Err() == nil
			if !good {
				require.ErrorIs(t, s.Err(), sealjar.ErrInvalid)
				require.Empty(t, s.Subject())
				require.Zero(t, s.Data)
			}
		})
		require.False(t, good && !seal, "a row that nobody has sealed")
		require.False(t, good && subject != "ada", "a row of somebody else")
	})
}
