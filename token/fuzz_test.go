package token_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

// ringOfEach is a ring of each algorithm with the key file that a foreign library reads.
func ringOfEach(t testing.TB) (ring *keys.Ring, file []byte, byAlgorithm map[keys.Algorithm]*testKey) {
	t.Helper()
	byAlgorithm = make(map[keys.Algorithm]*testKey)
	var list []*testKey
	for _, alg := range algorithms {
		byAlgorithm[alg] = usual(alg)
		list = append(list, byAlgorithm[alg])
	}
	return ringOf(t, list...), jwks(list...), byAlgorithm
}

// requireOneReading makes sure that jwx opens what the codec has opened, and reads the same out of it.
func requireOneReading(t *testing.T, file []byte, text string, claims *token.Claims) {
	t.Helper()
	_, _, payload := foreignOpen(t, file, text)
	have, iss, aud, err := foreignClaims(payload, claims.KeyID)
	require.NoError(t, err)
	require.Equal(t, claimsText(claims), have)
	require.Empty(t, iss)
	require.Equal(t, audience, aud)
}

// FuzzOpen opens any text, which no reader of this program has made.
func FuzzOpen(f *testing.F) {
	ring, file, _ := ringOfEach(f)
	c := codecOf(f, token.Config{Keys: ring})
	for _, v := range readVectors(f) {
		f.Add(v.Token)
	}
	f.Fuzz(func(t *testing.T, text string) {
		claims, err := c.Open(text)
		if err == nil {
			requireOneReading(t, file, text, &claims)
			return
		}
		require.Zero(t, claims)
		requireSentinel(t, err)
	})
}

// FuzzMalleability changes a good token in one place by any text: none but itself opens.
func FuzzMalleability(f *testing.F) {
	ring, _, byAlgorithm := ringOfEach(f)
	c := codecOf(f, token.Config{Keys: ring})
	var good []string
	for _, alg := range algorithms {
		good = append(good, byAlgorithm[alg].mint(usualPayload))
	}
	for i := range good {
		f.Add(uint8(i), uint16(0), uint16(0), "")
		f.Add(uint8(i), uint16(10), uint16(1), "\n")
		f.Add(uint8(i), uint16(86), uint16(0), ".")
		f.Add(uint8(i), uint16(600), uint16(22), "AAAAAAAAAAAAAAAAAAAAAA")
	}
	f.Fuzz(func(t *testing.T, which uint8, place, length uint16, with string) {
		text := good[int(which)%len(good)]
		from := int(place) % (len(text) + 1)
		to := min(len(text), from+int(length))
		changed := text[:from] + with + text[to:]
		_, err := c.Open(changed)
		require.Equal(t, changed == text, err == nil, "%q", changed)
	})
}

// FuzzPayload seals any payload with the true keys, as a foreign minter with mistakes might, so that the claims are what
// decides. Whatever opens, jwx and encoding/json must read in the same way, and Seal must be able to write.
func FuzzPayload(f *testing.F) {
	ring, file, byAlgorithm := ringOfEach(f)
	c := codecOf(f, token.Config{Keys: ring})
	for _, a := range attacks() {
		if a.parts != nil && a.whole == nil && a.text == nil {
			p := byAlgorithm[keys.HS256].parts()
			if a.aimedAt(keys.HS256) {
				a.parts(p)
				f.Add(uint8(0), p.payload)
			}
		}
	}
	for _, g := range kindnesses() {
		p := byAlgorithm[keys.HS256].parts()
		if g.parts != nil {
			g.parts(p)
		}
		for i := range algorithms {
			f.Add(uint8(i), p.payload)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, payload string) {
		text := byAlgorithm[algorithms[int(which)%len(algorithms)]].mint(payload)
		claims, err := c.Open(text)
		if err != nil {
			require.Zero(t, claims)
			requireSentinel(t, err)
			return
		}
		requireOneReading(t, file, text, &claims)

		claims.Expiry, claims.AuthTime = noon.Add(token.Leeway), noon
		again, err := c.Seal(&claims)
		if len(text) > token.DefaultMaxLength-100 && err != nil {
			return // a fresh jti may be longer than the one that was there
		}
		require.NoError(t, err)
		opened, err := c.Open(again)
		require.NoError(t, err)
		require.Equal(t, claimsText(&claims), claimsText(&opened))
	})
}

// FuzzSeal gives any claims to Seal: it refuses them, or Open gives them back.
func FuzzSeal(f *testing.F) {
	ring, file, _ := ringOfEach(f)
	c := codecOf(f, token.Config{Keys: ring})
	f.Add("alice", "dGVzdC1zZXNzaW9u", `{"d":{"n":1}}`, int64(3600_000), int64(-1000))
	f.Add("", "a", `{},"sub":{}`, int64(1), int64(30_000))
	f.Add("\"\\\x00\u2028😀", strings.Repeat("_", 64), ` {"a":[]} `, int64(999), int64(-1_800_000_000_000))
	f.Fuzz(func(t *testing.T, subject, session, state string, expires, begins int64) {
		claims := &token.Claims{
			Subject: subject, SessionID: session, State: []byte(state),
			Expiry: msAfter(noon, expires), AuthTime: msAfter(noon, begins),
		}
		text, err := c.Seal(claims)
		if err != nil {
			require.Empty(t, text)
			return
		}
		opened, err := c.Open(text)
		require.NoError(t, err)
		require.Equal(t, claimsText(claims), claimsText(&opened))
		requireOneReading(t, file, text, &opened)
	})
}

func requireSentinel(t testing.TB, err error) {
	t.Helper()
	for _, sentinel := range refusals {
		if errors.Is(err, sentinel) {
			requireExactly(t, sentinel, err)
			return
		}
	}
	require.Fail(t, "an error that is none of the refusals", "%v", err)
}
