package token_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

// requireExactly wants the very sentinel, or none: an error of constant text can't repeat a byte of a token.
func requireExactly(t testing.TB, want, err error) {
	t.Helper()
	if want == nil {
		require.NoError(t, err)
		return
	}
	require.Error(t, err)
	require.Same(t, want, err, "want %v, got %v", want, err)
}

// TestErrorsOfSealSayNothingOfTheSession looks for what went in, in pieces of four bytes, in the errors that come out. (The
// errors of Open are constants: see vector.check.)
func TestErrorsOfSealSayNothingOfTheSession(t *testing.T) {
	t.Parallel()
	const secret = "Xq7/Zk9+Vw3!Jy5"
	for name, change := range map[string]func(c *token.Claims){
		"subject":      func(c *token.Claims) { c.Subject = strings.Repeat(secret, 20) },
		"session":      func(c *token.Claims) { c.SessionID = secret },
		"state":        func(c *token.Claims) { c.State = []byte(secret) },
		"state string": func(c *token.Claims) { c.State = []byte(`{"` + secret + `":"` + secret + "\n" + `"}`) },
		"state twice":  func(c *token.Claims) { c.State = []byte(`{"` + secret + `":1,"` + secret + `":2}`) },
		"state after":  func(c *token.Claims) { c.State = []byte(`{}` + secret) },
		"too long":     func(c *token.Claims) { c.State = []byte(`{"a":"` + strings.Repeat(secret, 400) + `"}`) },
		"far too long": func(c *token.Claims) { c.State = []byte(`{"a":"` + strings.Repeat(secret, 4000) + `"}`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := codecOf(t, token.Config{Keys: ringOf(t, usual(keys.HS256))})
			claims := newClaims()
			change(claims)
			_, err := c.Seal(claims)
			require.Error(t, err)
			for i := range len(secret) - 3 {
				require.NotContains(t, err.Error(), secret[i:i+4])
			}
			require.True(t, strings.HasPrefix(err.Error(), "token: "))
		})
	}
}

// TestExpiryIsToldOfGoodTokensOnly breaks an expired token in every place: none of the results is called expired, which
// would tell that the rest of it was believed.
func TestExpiryIsToldOfGoodTokensOnly(t *testing.T) {
	t.Parallel()
	for _, alg := range algorithms {
		k := usual(alg)
		text := k.mint(usualPayload)
		c := codecOf(t, token.Config{Keys: ringOf(t, k), Now: at(noon.Add(24 * time.Hour))})
		_, err := c.Open(text)
		requireExactly(t, token.ErrExpired, err)
		neighbours(text, "A\n.", func(changed string) {
			if _, err := c.Open(changed); errors.Is(err, token.ErrExpired) {
				require.Fail(t, "expired", "%q", changed)
			}
		})
	}
}
