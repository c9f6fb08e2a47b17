package sealjar_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/token"
)

// All that a session keeps comes back as it was, whatever it is.
func TestStateRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		jar, v := jarOf[basket](t, newShop(t)), visitor{}
		short := rapid.StringN(1, 8, 60)
		want := basket{
			Views: rapid.Int().Draw(t, "views"),
			Items: rapid.SliceOfN(rapid.String(), 1, 3).Draw(t, "items"),
			Count: rapid.MapOfN(rapid.String(), rapid.Int(), 1, 3).Draw(t, "count"),
		}
		subject := rapid.OneOf(rapid.Just(""), short).Draw(t, "subject")
		groups := rapid.SliceOfN(short, 0, 4).Draw(t, "groups")
		methods := rapid.SliceOfN(rapid.StringN(1, 8, 32), 0, 3).Draw(t, "methods")
		if subject == "" {
			methods = nil
		}
		remember := rapid.Bool().Draw(t, "remember")
		lifetime := time.Duration(rapid.Int64Range(0, 12*3600).Draw(t, "lifetime")) * time.Second
		var flashes []sealjar.Flash
		for range rapid.IntRange(0, 3).Draw(t, "flashes") {
			flashes = append(flashes, sealjar.Flash{Kind: short.Draw(t, "kind"), Text: rapid.String().Draw(t, "text")})
		}

		response := ask(v, jar, func(ctx context.Context, s *sealjar.Session[basket]) {
			if subject != "" {
				require.NoError(t, s.SignIn(ctx, subject, methods...))
			}
			s.Data = want
			require.NoError(t, s.SetGroups(groups...))
			require.NoError(t, s.Remember(remember))
			if lifetime > 0 {
				require.NoError(t, s.SetLifetime(lifetime))
			}
			for _, f := range flashes {
				require.NoError(t, s.AddFlash(f.Kind, f.Text))
			}
		})
		if response.StatusCode != http.StatusOK {
			t.Skip("too large for a cookie")
		}
		require.True(t, wrote(response))
		again := ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
			require.NoError(t, s.Err())
			require.Equal(t, want, s.Data)
			require.Equal(t, subject, s.Subject())
			require.Equal(t, remember, s.Remembered())
			require.ElementsMatch(t, groups, s.Groups())
			require.ElementsMatch(t, methods, s.Methods())
			if lifetime > 0 {
				require.Equal(t, s.AuthTime().Add(lifetime), s.AbsoluteExpiry())
			}
		})
		require.False(t, wrote(again), "and is the same")
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) { require.Equal(t, flashes, s.Flashes()) })
	})
}

// sealed gives a visitor a token with this state, made with the true keys by somebody else.
func sealed(t tester, shop *shop, subject, state string) (visitor, error) {
	t.Helper()
	codec, err := token.New(token.Config{Keys: shop.ring, Audience: "session/__Host-session", Now: shop.Now})
	require.NoError(t, err)
	text, err := codec.Seal(&token.Claims{
		Subject: subject, SessionID: "sid", AuthTime: shop.Now(), Expiry: shop.Now().Add(30 * time.Minute), State: []byte(state),
	})
	return visitor{"__Host-session": text}, err
}

func TestStateFromElsewhere(t *testing.T) {
	for state, allowed := range map[string]bool{
		`{"d":{"views":7}}`:                true,
		`{"r":false,"d":{"views":7}}`:      true,
		`{"d":{"views":7},"new":[1,2]}`:    true, // of a later version
		`{"d":{"views":7},"l":34560000}`:   true, // 400 days
		`{"d":{"views":7},"l":34560001}`:   false,
		`{"d":{"views":7},"l":0}`:          false,
		`{"d":{"views":7},"l":-1}`:         false,
		`{"d":{"views":7},"l":1e3}`:        false,
		`{"d":{"views":7},"r":1}`:          false,
		`{"d":{"views":7},"f":["a"]}`:      false,
		`{"d":{"views":7},"g":{"a":1}}`:    false,
		`{"d":{"views":7},"c":1}`:          true,
		`{"d":{"views":7},"c":0}`:          false,
		`{"d":{"views":7},"c":1.5}`:        false,
		`{"d":{"views":7},"c":"1"}`:        false,
		`{"d":{"views":7},"c":1e18}`:       false,
		`{"d":{"views":7},"m":["pwd"]}`:    true,
		`{"d":{"views":7},"m":"pwd"}`:      false,
		`{"d":{"views":7},"s":{"a":null}}`: true,

		`{"d":{"views":7},"o":"AAAAAAAAAAAAAAAAAAAAAA"}`: true,
		`{"d":{"views":7},"o":"-"}`:                      true,
		`{"d":{"views":7},"o":"a.b"}`:                    false,
		`{"d":{"views":7},"o":"a="}`:                     false,
		`{"d":{"views":7},"o":""}`:                       false,
		`{"d":{"views":7},"o":1}`:                        false,

		`{"d":{"views":7},"o":"` + strings.Repeat("Az0_", 16) + `"}`:  true,
		`{"d":{"views":7},"o":"` + strings.Repeat("Az0_", 16) + `A"}`: false,

		`{"d":{"views":7},"s":[]}`:          false,
		`{"d":{"views":7},"s":null}`:        false,
		`{"d":{"views":7},"v":999999999}`:   true, // of a later version
		`{"d":{"views":7},"v":1000000000}`:  false,
		`{"d":{"views":7},"v":0}`:           false,
		`{"d":{"views":7},"v":"1"}`:         false,
		`{"d":{"views":7},"x":{}}`:          true,
		`{"d":{"views":7},"x":{"new":1}}`:   true, // of a later version
		`{"d":{"views":7},"x":{"n":"a"}}`:   true,
		`{"d":{"views":7},"x":{"u":true}}`:  true,
		`{"d":{"views":7},"x":{"u":1}}`:     false,
		`{"d":{"views":7},"x":{"p":true}}`:  true,
		`{"d":{"views":7},"x":{"p":1}}`:     false,
		`{"d":{"views":7},"x":{"n":1}}`:     false,
		`{"d":{"views":7},"x":{"c":0}}`:     false,
		`{"d":{"views":7},"x":{"c":"1"}}`:   false,
		`{"d":{"views":7},"x":[]}`:          false,
		`{"d":{"views":7},"x":null}`:        false,
		`{"d":{"views":"7"}}`:               false,
		`{"D":{"views":7}}`:                 false,
		`{"f":[["info","no data at all"]]}`: false,
	} {
		shop := newShop(t)
		v, err := sealed(t, shop, "ada", state)
		require.NoError(t, err)
		s, err := jarOf[basket](t, shop).Load(v.request())
		if !allowed {
			require.ErrorIs(t, err, sealjar.ErrInvalid, state)
			require.Zero(t, s.Data)
			continue
		}
		require.NoError(t, err, state)
		require.Equal(t, 7, s.Data.Views)
	}
}

// What came in a cookie larger than ours may be good, and not fit into ours when it is renewed.
func TestRenewalThatCannotBeWrittenLeavesTheSessionAlone(t *testing.T) {
	shop := newShop(t)
	jar := jarOf[basket](t, shop)
	v, err := sealed(t, shop, "ada", `{"d":{"items":["`+strings.Repeat("large", 500)+`"]}}`)
	require.NoError(t, err)
	shop.pass(20 * time.Minute)
	response := view(v, jar)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.False(t, wrote(response))
	require.ErrorIs(t, shop.told(sealjar.EventUnwritten)[0].Err, sealjar.ErrTooLarge)
}

// Another implementation that holds the keys, or another version of this one, may put anything into the state. That gives a
// session that works, or none, and never a failure.
func FuzzState(f *testing.F) {
	for _, seed := range []string{
		`{"d":{}}`, `{"d":{"views":1,"items":["a"],"Owner":{"Name":"b"}}}`, `{"d":null}`, `{"d":[]}`, `{"d":"x"}`, `{"d":{"views":1e400}}`,
		`{}`, `{"d":{},"d":{}}`, `{"d":{},"unknown":[1]}`, `{"D":{}}`, `{"d":{"VIEWS":1,"views":2}}`,
		`{"d":{},"f":[["info","hello"],["a"],[],null,["a","b","c"]]}`, `{"d":{},"f":null}`, `{"d":{},"f":[[1,2]]}`, `{"d":{},"f":{}}`,
		`{"d":{},"g":["staff","",null]}`, `{"d":{},"g":"staff"}`, `{"d":{},"g":null}`,
		`{"d":{},"l":1}`, `{"d":{},"l":0}`, `{"d":{},"l":-1}`, `{"d":{},"l":1.5}`, `{"d":{},"l":9223372036854775807}`, `{"d":{},"l":34560001}`, `{"d":{},"l":null}`,
		`{"d":{},"r":true}`, `{"d":{},"r":false}`, `{"d":{},"r":1}`, `{"d":{},"r":null}`, ` { "d" : { } } `,
		`{"d":{},"c":1777896000000}`, `{"d":{},"c":0}`, `{"d":{},"c":-1}`, `{"d":{},"c":9e18}`, `{"d":{},"c":null}`,
		`{"d":{},"m":["pwd","otp"]}`, `{"d":{},"m":["",null]}`, `{"d":{},"m":{}}`, `{"d":{},"m":null}`,
		`{"d":{},"o":"AAAAAAAAAAAAAAAAAAAAAA"}`, `{"d":{},"o":"\u0000AAAAAAAAAAAAAAAAAAAAA"}`, `{"d":{},"o":""}`, `{"d":{},"o":null}`,
		`{"d":{},"s":{"b":1,"a":[2]}}`, `{"d":{},"s":{"":{}}}`, `{"d":{},"s":{}}`, `{"d":{},"s":[]}`, `{"d":{},"s":null}`, `{"d":{},"s":{"a":1,"a":2}}`,
		`{"d":{},"v":1}`, `{"d":{},"v":0}`, `{"d":{},"v":null}`, `{"d":{},"v":1e9}`, `{"d":{},"f":[["\u2028","\u0000"]]}`,
		`{"d":{},"x":{"c":1777896000000,"n":"there","u":true}}`, `{"d":{},"x":{"n":"\u0000"}}`, `{"d":{},"x":{"n":null,"c":null,"u":null}}`, `{"d":{},"x":1}`,
	} {
		f.Add(seed, "ada")
		f.Add(seed, "")
	}
	f.Fuzz(func(t *testing.T, text, subject string) {
		shop := newShop(t)
		v, err := sealed(t, shop, subject, text)
		if err != nil {
			return
		}
		jar := jarOf[basket](t, shop)
		var before *sealjar.Session[basket]
		var flashes []sealjar.Flash
		response := ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
			before = s
			if s.Err() != nil {
				require.ErrorIs(t, s.Err(), sealjar.ErrInvalid)
				require.Zero(t, s.Data)
				require.Empty(t, s.Subject())
				return
			}
			require.Equal(t, subject, s.Subject())
			flashes = s.Flashes()
			require.NoError(t, s.AddFlash("info", "changed"))
			require.NoError(t, slotVisits.Set(s, 7))
		})
		if before.Err() != nil || response.StatusCode != http.StatusOK {
			return
		}
		require.LessOrEqual(t, before.AbsoluteExpiry().Sub(before.AuthTime()), 30*day)
		ask(v, jar, func(_ context.Context, s *sealjar.Session[basket]) {
			require.NoError(t, s.Err(), "what was opened can be sealed and opened again")
			require.Equal(t, before.Data, s.Data)
			require.Equal(t, before.Groups(), s.Groups())
			require.Equal(t, before.Remembered(), s.Remembered())
			visits, ok := slotVisits.Get(s)
			require.True(t, ok)
			require.Equal(t, 7, visits)
			require.Equal(t, []sealjar.Flash{{Kind: "info", Text: "changed"}}, s.Flashes(), "the %d others were read", len(flashes))
		})
	})
}
