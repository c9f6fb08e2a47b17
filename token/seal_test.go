package token_test

import (
	"encoding/base64"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

// newClaims is what the session layer gives to Seal.
func newClaims() *token.Claims {
	return &token.Claims{
		Subject: "alice", SessionID: "dGVzdC1zZXNzaW9u", AuthTime: noon.Add(-time.Hour), Expiry: noon.Add(time.Hour),
		State: []byte(`{"d":{"n":1}}`),
	}
}

func TestSealCompletesTheClaims(t *testing.T) {
	t.Parallel()
	for _, alg := range algorithms {
		t.Run(string(alg), func(t *testing.T) {
			t.Parallel()
			now := noon.Add(1_999_999 * time.Nanosecond)
			k := usual(alg)
			c := codecOf(t, token.Config{Keys: ringOf(t, k), Issuer: issuer, Now: at(now)})
			claims := newClaims()
			claims.TokenID, claims.KeyID, claims.IssuedAt = "of-an-earlier-token", "of-an-earlier-key", noon.Add(-time.Minute)
			claims.AuthTime = noon.Add(-time.Hour + 5*time.Millisecond + 999*time.Microsecond)
			claims.Expiry = noon.Add(time.Hour + 7*time.Millisecond + 999*time.Microsecond)
			claims.State = []byte(" \n{\"d\": {\"n\":1}}\r\t")
			text, err := c.Seal(claims)
			require.NoError(t, err)

			require.Equal(t, k.id, claims.KeyID)
			require.True(t, claims.IssuedAt.Equal(noon.Add(time.Millisecond)))
			require.True(t, claims.AuthTime.Equal(noon.Add(-time.Hour+5*time.Millisecond)))
			require.True(t, claims.Expiry.Equal(noon.Add(time.Hour+7*time.Millisecond)))
			require.Equal(t, `{"d": {"n":1}}`, string(claims.State))
			require.Equal(t, "alice", claims.Subject)
			require.Equal(t, "dGVzdC1zZXNzaW9u", claims.SessionID)
			id, err := base64.RawURLEncoding.DecodeString(claims.TokenID)
			require.NoError(t, err)
			require.Len(t, id, 12)

			opened, err := c.Open(text)
			require.NoError(t, err)
			require.Equal(t, claimsText(claims), claimsText(&opened))
		})
	}
}

// TestSealedPayloads pins what is written to the byte: space, order and the form of times.
func TestSealedPayloads(t *testing.T) {
	t.Parallel()
	for _, alg := range algorithms {
		for _, row := range []struct {
			name   string
			change func(c *token.Claims)
			issuer string
			want   string
		}{
			{"signed in", func(*token.Claims) {}, "", `{"aud":"session","sub":"alice","sid":"dGVzdC1zZXNzaW9u","jti":"*","iat":1800000000,"exp":1800003600,"auth_time":1799996400,"sealjar":{"d":{"n":1}}}`},
			{"anonymous", func(c *token.Claims) { c.Subject = "" }, "", `{"aud":"session","sid":"dGVzdC1zZXNzaW9u","jti":"*","iat":1800000000,"exp":1800003600,"auth_time":1799996400,"sealjar":{"d":{"n":1}}}`},
			{"issuer", func(*token.Claims) {}, issuer, `{"iss":"https://issuer.example","aud":"session","sub":"alice","sid":"dGVzdC1zZXNzaW9u","jti":"*","iat":1800000000,"exp":1800003600,"auth_time":1799996400,"sealjar":{"d":{"n":1}}}`},
			{"escapes", func(c *token.Claims) { c.Subject = "\"\\\x00\n\x1f\x7f</é😀" }, "", `{"aud":"session","sub":"\"\\\u0000\u000a\u001f` + "\x7f" + `</é😀","sid":"dGVzdC1zZXNzaW9u","jti":"*","iat":1800000000,"exp":1800003600,"auth_time":1799996400,"sealjar":{"d":{"n":1}}}`},
			{"milliseconds", func(c *token.Claims) {
				c.AuthTime, c.Expiry = c.AuthTime.Add(70*time.Millisecond), c.Expiry.Add(999*time.Millisecond)
			}, "", `{"aud":"session","sub":"alice","sid":"dGVzdC1zZXNzaW9u","jti":"*","iat":1800000000,"exp":1800003600.999,"auth_time":1799996400.070,"sealjar":{"d":{"n":1}}}`},
		} {
			t.Run(string(alg)+"/"+row.name, func(t *testing.T) {
				t.Parallel()
				k := usual(alg)
				c := codecOf(t, token.Config{Keys: ringOf(t, k), Issuer: row.issuer})
				claims := newClaims()
				row.change(claims)
				text, err := c.Seal(claims)
				require.NoError(t, err)
				outer, inner, payload := foreignOpen(t, jwks(k), text)
				require.Equal(t, `{"alg":"dir","enc":"A256GCM","kid":"`+k.id+`","cty":"JWT"}`, outer)
				require.Equal(t, `{"alg":"`+string(alg)+`","kid":"`+k.id+`","typ":"session+jwt"}`, inner)
				require.Equal(t, strings.Replace(row.want, "*", claims.TokenID, 1), payload)
				_, err = c.Open(text)
				require.NoError(t, err)
			})
		}
	}
}

func TestEachTokenIsNew(t *testing.T) {
	t.Parallel()
	c := codecOf(t, token.Config{Keys: ringOf(t, usual(keys.EdDSA))})
	ids, texts, nonces := make(map[string]bool), make(map[string]bool), make(map[string]bool)
	claims := newClaims()
	const n = 1000
	for range n {
		text, err := c.Seal(claims)
		require.NoError(t, err)
		ids[claims.TokenID], texts[text], nonces[strings.Split(text, ".")[2]] = true, true, true
	}
	require.Len(t, ids, n)
	require.Len(t, texts, n)
	require.Len(t, nonces, n)
}

func TestTokensEndWithTheirKey(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name           string
		keyEnds, asked time.Duration
		want           time.Duration
	}{
		{"key ends later", 2 * time.Hour, time.Hour, time.Hour},
		{"key ends at the same time", time.Hour, time.Hour, time.Hour},
		{"key ends a second earlier", time.Hour - time.Second, time.Hour, time.Hour - time.Second},
		{"key ends in a second", time.Second, time.Hour, time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			k := usual(keys.HS256)
			k.expiry = noon.Add(row.keyEnds)
			c := codecOf(t, token.Config{Keys: ringOf(t, k)})
			claims := newClaims()
			claims.Expiry = noon.Add(row.asked)
			_, err := c.Seal(claims)
			require.NoError(t, err)
			require.True(t, claims.Expiry.Equal(noon.Add(row.want)))
		})
	}
}

func TestClaimsThatAreSealed(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(c *token.Claims){
		"usual":                       func(*token.Claims) {},
		"nobody":                      func(c *token.Claims) { c.Subject = "" },
		"longest subject":             func(c *token.Claims) { c.Subject = strings.Repeat("é", 127) + "a" },
		"subject of controls":         func(c *token.Claims) { c.Subject = "\x00\x01\x1f\x7f\"\\" },
		"shortest session id":         func(c *token.Claims) { c.SessionID = "-" },
		"longest session id":          func(c *token.Claims) { c.SessionID = strings.Repeat("Az0_", 16) },
		"expires a millisecond later": func(c *token.Claims) { c.Expiry = noon.Add(time.Millisecond) },
		"expires at the end of 9999":  func(c *token.Claims) { c.Expiry = time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC) },
		"begins now":                  func(c *token.Claims) { c.AuthTime = noon },
		"begins at the leeway":        func(c *token.Claims) { c.AuthTime = noon.Add(token.Leeway) },
		"begins with 1970":            func(c *token.Claims) { c.AuthTime = time.UnixMilli(1) },
		"another time zone":           func(c *token.Claims) { c.AuthTime = c.AuthTime.In(time.FixedZone("x", 3600)) },
		"empty state":                 func(c *token.Claims) { c.State = []byte(`{}`) },
		"state in space":              func(c *token.Claims) { c.State = []byte("\t{} \r\n") },
		"deepest state":               func(c *token.Claims) { c.State = []byte(nested(`{"a":`, `}`, 30)) },
		"state that looks like more":  func(c *token.Claims) { c.State = []byte(`{"sub":{},"a":"},{\"sub\":{}"}`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := codecOf(t, token.Config{Keys: ringOf(t, usual(keys.HS256))})
			claims := newClaims()
			change(claims)
			text, err := c.Seal(claims)
			require.NoError(t, err)
			opened, err := c.Open(text)
			require.NoError(t, err, "what Seal makes, Open must open")
			require.Equal(t, claimsText(claims), claimsText(&opened))
		})
	}
}

func TestClaimsThatAreRefused(t *testing.T) {
	t.Parallel()
	state := func(text string) func(c *token.Claims) { return func(c *token.Claims) { c.State = []byte(text) } }
	for name, change := range map[string]func(c *token.Claims){
		"subject too long":           func(c *token.Claims) { c.Subject = strings.Repeat("a", 256) },
		"subject too long in bytes":  func(c *token.Claims) { c.Subject = strings.Repeat("é", 128) },
		"subject not UTF-8":          func(c *token.Claims) { c.Subject = "ali\xffce" },
		"subject a surrogate":        func(c *token.Claims) { c.Subject = "\xed\xa0\x80" },
		"no session id":              func(c *token.Claims) { c.SessionID = "" },
		"session id too long":        func(c *token.Claims) { c.SessionID = strings.Repeat("a", 65) },
		"session id with a quote":    func(c *token.Claims) { c.SessionID = `a","sub":"admin` },
		"session id with a dot":      func(c *token.Claims) { c.SessionID = "a.b" },
		"session id with padding":    func(c *token.Claims) { c.SessionID = "YQ==" },
		"session id with a letter é": func(c *token.Claims) { c.SessionID = "é" },
		"no expiry":                  func(c *token.Claims) { c.Expiry = time.Time{} },
		"expires now":                func(c *token.Claims) { c.Expiry = noon },
		"expires within now":         func(c *token.Claims) { c.Expiry = noon.Add(999 * time.Microsecond) },
		"expired":                    func(c *token.Claims) { c.Expiry = noon.Add(-time.Millisecond) },
		"expires in the year 10000":  func(c *token.Claims) { c.Expiry = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"expires never":              func(c *token.Claims) { c.Expiry = time.Unix(math.MaxInt64/1000*999, 0) },
		"no beginning":               func(c *token.Claims) { c.AuthTime = time.Time{} },
		"begins at 0":                func(c *token.Claims) { c.AuthTime = time.Unix(0, 999_999) },
		"begins before 1970":         func(c *token.Claims) { c.AuthTime = time.Unix(-1, 0) },
		"begins after the leeway":    func(c *token.Claims) { c.AuthTime = noon.Add(3*token.Leeway + time.Millisecond) },
		"no state":                   func(c *token.Claims) { c.State = nil },
		"state of space":             state(" \n"),
		"state null":                 state(`null`),
		"state array":                state(`[]`),
		"state string":               state(`"{}"`),
		"state number":               state(`1`),
		"state cut":                  state(`{"a":1`),
		"state trailing":             state(`{}x`),
		"state two objects":          state(`{}{}`),
		"state escapes its place":    state(`{},"sub":{}`),
		"state takes a claim":        state(`{},"sub":"admin"`),
		"state adds a claim":         state(`{},"admin":{}`),
		"state closes the claims":    state(`{}}`),
		"state repeats itself":       state(`{},"sealjar":{}`),
		"state in two":               state(`{"a":1},"b":{"c":1}`),
		"state duplicate":            state(`{"a":1,"a":1}`),
		"state duplicate escaped":    state(`{"a":1,"\u0061":1}`),
		"state not UTF-8":            state("{\"a\":\"\xff\"}"),
		"state surrogate":            state(`{"a":"\ud800"}`),
		"state control character":    state("{\"a\":\"\n\"}"),
		"state too deep":             state(nested(`{"a":`, `}`, 31)),
		"state bad number":           state(`{"a":01}`),
		"state form feed":            state("\f{}"),
		"state byte order mark":      state("\ufeff{}"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := codecOf(t, token.Config{Keys: ringOf(t, usual(keys.HS256))})
			claims := newClaims()
			change(claims)
			text, err := c.Seal(claims)
			require.ErrorIs(t, err, token.ErrClaims)
			require.Empty(t, text)
			require.True(t, strings.HasPrefix(err.Error(), "token: "), err.Error())
		})
	}
}

func TestNoKeyCanSeal(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(k *testKey){
		"public":        func(k *testKey) { k.public = true },
		"expired":       func(k *testKey) { k.expiry = noon },
		"not yet begun": func(k *testKey) { k.notBefore = noon.Add(time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := usual(keys.ES256)
			change(k)
			c := codecOf(t, token.Config{Keys: ringOf(t, k)})
			text, err := c.Seal(newClaims())
			requireExactly(t, token.ErrNoSealingKey, err)
			require.Empty(t, text)
		})
	}
}

// TestSealRespectsTheLimit finds the longest state that fits and the shortest that does not, for several limits.
func TestSealRespectsTheLimit(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{0, 512, 1000, 4096, 64 << 10} {
		c := codecOf(t, token.Config{Keys: ringOf(t, usual(keys.HS256)), MaxLength: limit})
		most := limit
		if limit == 0 {
			most = token.DefaultMaxLength
		}
		seal := func(n int) (string, error) {
			claims := newClaims()
			claims.SessionID, claims.Subject, claims.State = "s", "", []byte(`{"d":"`+strings.Repeat("x", n)+`"}`)
			return c.Seal(claims)
		}
		fits, refused := 0, most
		for refused-fits > 1 {
			n := (fits + refused) / 2
			if text, err := seal(n); err == nil {
				require.LessOrEqual(t, len(text), most)
				fits = n
			} else {
				require.ErrorIs(t, err, token.ErrTooLong)
				require.Empty(t, text)
				refused = n
			}
		}
		if limit == 512 {
			continue // nothing but an empty state may fit
		}
		text, err := seal(fits)
		require.NoError(t, err)
		require.Greater(t, len(text), most-8, "the limit is used")
		_, err = c.Open(text)
		require.NoError(t, err)
	}
}

// TestSealAndOpenHaveOneLimit takes the length of a token for the limit, and one less.
func TestSealAndOpenHaveOneLimit(t *testing.T) {
	t.Parallel()
	ring := ringOf(t, usual(keys.EdDSA))
	text, err := codecOf(t, token.Config{Keys: ring}).Seal(newClaims())
	require.NoError(t, err)
	for limit, want := range map[int]error{len(text) + 1: nil, len(text): nil, len(text) - 1: token.ErrTooLong} {
		c := codecOf(t, token.Config{Keys: ring, MaxLength: limit})
		_, err := c.Open(text)
		require.ErrorIs(t, err, want)
		_, err = c.Seal(newClaims())
		require.ErrorIs(t, err, want)
	}
}
