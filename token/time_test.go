package token_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

func msAfter(t time.Time, ms int64) time.Time { return time.UnixMilli(t.UnixMilli() + ms) }

// TestTimes moves the opener's clock over each boundary of a token that was sealed at noon, for an hour, in a session that
// began a minute after noon, by the clock of a node that is ahead; and of a key that ends two hours after noon.
func TestTimes(t *testing.T) {
	t.Parallel()
	const ms, ns = time.Millisecond, time.Nanosecond
	for _, row := range []struct {
		name   string
		now    time.Duration // after noon
		begins time.Duration
		want   error
	}{
		{"at the time of issue allowed", 0, 0, nil},
		{"issued at the leeway from now allowed", -30 * time.Second, 0, nil},
		{"issued a nanosecond beyond the leeway refused", -30*time.Second - ns, 0, token.ErrNotYet},
		{"begun at three times the leeway from now allowed", -30 * time.Second, 60 * time.Second, nil},
		{"begun a millisecond beyond that refused", -30 * time.Second, 60*time.Second + ms, token.ErrNotYet},
		{"just before exp allowed", time.Hour - ms, 0, nil},
		{"at exp allowed, by the leeway", time.Hour, 0, nil},
		{"a nanosecond before the end of the leeway allowed", time.Hour + 30*time.Second - ns, 0, nil},
		{"at the end of the leeway refused", time.Hour + 30*time.Second, 0, token.ErrExpired},
		{"a year later refused", 8766 * time.Hour, 0, token.ErrExpired},
	} {
		for _, alg := range algorithms {
			t.Run(string(alg)+"/"+row.name, func(t *testing.T) {
				t.Parallel()
				ring := ringOf(t, usual(alg))
				claims := newClaims()
				claims.AuthTime = noon.Add(row.begins)
				text, err := codecOf(t, token.Config{Keys: ring}).Seal(claims)
				require.NoError(t, err)
				_, err = codecOf(t, token.Config{Keys: ring, Now: at(noon.Add(row.now))}).Open(text)
				requireExactly(t, row.want, err)
			})
		}
	}
}

// TestKeysEndAtTheirSecond shows that there is no leeway for keys, in sealing and in opening.
func TestKeysEndAtTheirSecond(t *testing.T) {
	t.Parallel()
	k := usual(keys.HS256)
	k.notBefore, k.expiry = noon, noon.Add(30*time.Minute)
	ring := ringOf(t, k)
	text := k.mint(usualPayload)
	for _, row := range []struct {
		name       string
		now        time.Duration
		seal, open error
	}{
		{"before nbf: opens, does not seal", -time.Nanosecond, token.ErrNoSealingKey, nil},
		{"at nbf", 0, nil, nil},
		{"a nanosecond before exp", 30*time.Minute - time.Nanosecond, nil, nil},
		{"at exp", 30 * time.Minute, token.ErrNoSealingKey, token.ErrKeyExpired},
		{"after exp", 30*time.Minute + time.Second, token.ErrNoSealingKey, token.ErrKeyExpired},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			now := noon.Add(row.now)
			c := codecOf(t, token.Config{Keys: ring, Now: at(now)})
			claims := newClaims()
			_, err := c.Seal(claims)
			requireExactly(t, row.seal, err)
			_, err = c.Open(text)
			requireExactly(t, row.open, err)
		})
	}
}

// TestTokensDieWithTheirKey shows that the leeway adds nothing to a token whose key ends first.
func TestTokensDieWithTheirKey(t *testing.T) {
	t.Parallel()
	k := usual(keys.HS256)
	k.expiry = noon.Add(time.Hour)
	ring := ringOf(t, k)
	last := codecOf(t, token.Config{Keys: ring, Now: at(noon.Add(time.Hour - time.Millisecond))})
	claims := newClaims()
	claims.Expiry = noon.Add(24 * time.Hour)
	text, err := last.Seal(claims)
	require.NoError(t, err)
	require.True(t, claims.Expiry.Equal(noon.Add(time.Hour)))
	_, err = last.Open(text)
	require.NoError(t, err)
	_, err = codecOf(t, token.Config{Keys: ring, Now: at(noon.Add(time.Hour))}).Open(text)
	require.ErrorIs(t, err, token.ErrKeyExpired)
}

// TestTheClockDefaultsToNow seals without a clock of its own.
func TestTheClockDefaultsToNow(t *testing.T) {
	t.Parallel()
	c, err := token.New(token.Config{Keys: ringOf(t, usual(keys.HS256)), Audience: audience})
	require.NoError(t, err)
	claims := newClaims()
	claims.Expiry = time.Now().Add(time.Hour)
	claims.AuthTime = time.Now().Add(-time.Hour)
	before := time.Now().Truncate(time.Millisecond)
	text, err := c.Seal(claims)
	require.NoError(t, err)
	require.False(t, claims.IssuedAt.Before(before) || claims.IssuedAt.After(time.Now()))
	_, err = c.Open(text)
	require.NoError(t, err)
}
