package token_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

var (
	sessionIDs = rapid.StringMatching(`[A-Za-z0-9_-]{1,64}`)
	texts      = rapid.StringN(1, 60, 255)
)

// jsonValues draws what an application may keep.
func jsonValues(depth int) *rapid.Generator[any] {
	leaves := []*rapid.Generator[any]{
		rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.Int64().AsAny(), rapid.Float64().AsAny(), rapid.String().AsAny(),
	}
	if depth == 0 {
		return rapid.OneOf(leaves...)
	}
	return rapid.OneOf(append(leaves,
		rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[any] { return jsonValues(depth - 1) }), 0, 4).AsAny(),
		rapid.MapOfN(rapid.String(), rapid.Deferred(func() *rapid.Generator[any] { return jsonValues(depth - 1) }), 0, 4).AsAny(),
	)...)
}

// TestWhatIsSealedIsOpened draws keys, claims, a state and a clock. Open gives back what Seal was given, at any time until
// the token ends, and jwx reads the same.
func TestWhatIsSealedIsOpened(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		var ring []*testKey
		for i := range rapid.IntRange(1, 4).Draw(r, "keys") {
			k := newTestKey(rapid.SampledFrom(algorithms).Draw(r, "alg"), strings.Repeat("k", i+1))
			k.notBefore = noon.Add(-time.Duration(rapid.IntRange(0, 5).Draw(r, "nbf")) * time.Hour)
			if rapid.Bool().Draw(r, "ends") {
				k.expiry = noon.Add(time.Duration(rapid.IntRange(1, 100).Draw(r, "exp")) * time.Hour)
			}
			ring = append(ring, k)
		}
		seconds := rapid.Int64Range(0, 3599).Draw(r, "now")
		now := noon.Add(time.Duration(seconds)*time.Second + time.Duration(rapid.IntRange(0, 999_999_999).Draw(r, "ns")))
		config := token.Config{Keys: ringOf(t, ring...), Audience: texts.Draw(r, "aud"), MaxLength: 65536, Now: at(now)}
		if rapid.Bool().Draw(r, "has issuer") {
			config.Issuer = texts.Draw(r, "iss")
		}
		c := codecOf(t, config)

		state, err := json.Marshal(map[string]any{"d": jsonValues(4).Draw(r, "data")})
		require.NoError(t, err)
		lives := time.Duration(rapid.Int64Range(int64(time.Millisecond), int64(100*time.Hour)).Draw(r, "lives"))
		given := token.Claims{
			Subject: rapid.StringN(0, 60, 255).Draw(r, "sub"), SessionID: sessionIDs.Draw(r, "sid"), State: state,
			AuthTime: now.Add(-time.Duration(rapid.Int64Range(0, int64(1000*time.Hour)).Draw(r, "age"))), Expiry: now.Add(lives),
		}
		claims := given
		text, err := c.Seal(&claims)
		require.NoError(t, err)

		opened, err := c.Open(text)
		require.NoError(t, err)
		require.Equal(t, claimsText(&claims), claimsText(&opened))
		require.Equal(t, given.Subject, opened.Subject)
		require.Equal(t, given.SessionID, opened.SessionID)
		require.Equal(t, string(given.State), string(opened.State))
		ms := time.Millisecond
		require.True(t, opened.IssuedAt.Equal(now.Truncate(ms)))
		require.True(t, opened.AuthTime.Equal(given.AuthTime.Truncate(ms)))
		key := config.Keys.Ring().Key(opened.KeyID)
		require.True(t, key == config.Keys.Ring().Sealing(now))
		if key.Expiry().IsZero() || key.Expiry().After(given.Expiry) {
			require.True(t, opened.Expiry.Equal(given.Expiry.Truncate(ms)))
		} else {
			require.True(t, opened.Expiry.Equal(key.Expiry()))
		}

		_, _, payload := foreignOpen(t, jwks(ring...), text)
		have, iss, aud, err := foreignClaims(payload, opened.KeyID)
		require.NoError(t, err)
		require.Equal(t, claimsText(&opened), have)
		require.Equal(t, config.Issuer, iss)
		require.Equal(t, config.Audience, aud)

		// Until the end, and no longer.
		config.Now = at(opened.Expiry.Add(-time.Nanosecond))
		_, err = codecOf(t, config).Open(text)
		require.NoError(t, err)
		config.Now = at(opened.Expiry.Add(token.Leeway))
		_, err = codecOf(t, config).Open(text)
		if key.Expired(config.Now()) {
			require.ErrorIs(t, err, token.ErrKeyExpired)
		} else {
			require.ErrorIs(t, err, token.ErrExpired)
		}

		// Without the key there is nothing.
		config.Keys = ringOf(t, newTestKey(keys.HS256, "another"))
		_, err = codecOf(t, config).Open(text)
		require.ErrorIs(t, err, token.ErrUnknownKey)
	})
}
