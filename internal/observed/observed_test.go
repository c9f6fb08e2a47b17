package observed_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/internal/observed"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLabels(t *testing.T) {
	both := func(errs ...error) error { return fmt.Errorf("sealjar: for user alice: %w", errors.Join(errs...)) }
	for _, c := range []struct {
		event         sealjar.Event
		label, reason string
	}{
		{sealjar.Event{Kind: sealjar.EventOpened}, "opened", ""},
		{sealjar.Event{Kind: sealjar.EventSealed}, "sealed", ""},
		{sealjar.Event{Kind: sealjar.EventSealed, Renewal: true}, "renewed", ""},
		{sealjar.Event{Kind: sealjar.EventEnded}, "ended", ""},
		{sealjar.Event{Kind: sealjar.EventEnded, Err: errors.New("alice's")}, "ended", "not_recorded"},
		{sealjar.Event{Kind: sealjar.EventUncached, Err: errors.New("public")}, "uncached", ""},
		{sealjar.Event{Kind: sealjar.EventTwins, Err: errors.New("several")}, "twins", ""},
		{sealjar.Event{Kind: sealjar.EventRefused, Err: both(sealjar.ErrInvalid, token.ErrMalformed)}, "refused", "invalid"},
		{sealjar.Event{Kind: sealjar.EventRefused, Err: both(sealjar.ErrInvalid, token.ErrUnknownKey)}, "refused", "unknown_key"},
		{sealjar.Event{Kind: sealjar.EventRefused, Err: both(sealjar.ErrInvalid, token.ErrKeyExpired)}, "refused", "key_expired"},
		{sealjar.Event{Kind: sealjar.EventRefused, Err: both(sealjar.ErrExpired, token.ErrExpired)}, "refused", "expired"},
		{sealjar.Event{Kind: sealjar.EventRefused, Err: sealjar.ErrRevoked}, "refused", "revoked"},
		{sealjar.Event{Kind: sealjar.EventRefused, Err: both(sealjar.ErrUnavailable, context.Canceled)}, "refused", "unavailable"},
		{sealjar.Event{Kind: sealjar.EventUnwritten, Err: both(sealjar.ErrTooLarge)}, "unwritten", "too_large"},
		{sealjar.Event{Kind: sealjar.EventUnwritten, Err: sealjar.ErrHeadersSent}, "unwritten", "headers_sent"},
		{sealjar.Event{Kind: sealjar.EventUnwritten, Err: errors.New("json: alice")}, "unwritten", "other"},
	} {
		event, reason := observed.Labels(c.event)
		require.Equal(t, c.label, event)
		require.Equal(t, c.reason, reason, c.event.Err)
	}
}

// Who watches for 80 % of the limit finds a boundary there, in however many cookies a session may be.
func TestBuckets(t *testing.T) {
	require.IsIncreasing(t, observed.Buckets)
	for cookies := 1; cookies <= 4; cookies++ {
		require.Contains(t, observed.Buckets, float64(cookies*4096))
		require.Contains(t, observed.Buckets, float64(cookies*4096*4/5))
	}
}

// The pages of both packages name each kind of event.
func TestEachKindIsDocumented(t *testing.T) {
	for _, file := range []string{"promobserve/promobserve.go", "otelobserve/otelobserve.go"} {
		text, err := os.ReadFile("../../observe/" + file)
		require.NoError(t, err)
		page, _, _ := strings.Cut(string(text), "\npackage ")
		for _, kind := range []sealjar.EventKind{
			sealjar.EventOpened, sealjar.EventRefused, sealjar.EventTwins, sealjar.EventSealed, sealjar.EventEnded, sealjar.EventUnwritten, sealjar.EventUncached,
		} {
			require.Regexp(t, `\b`+string(kind)+`\b`, page, file)
		}
	}
}

func TestKeyAge(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	old, err := keys.Generate(keys.HS256, now.Add(-time.Hour), time.Time{})
	require.NoError(t, err)
	young, err := keys.Generate(keys.HS256, now.Add(time.Hour), time.Time{})
	require.NoError(t, err)
	ring, err := keys.NewRing([]*keys.Key{old, young}, keys.Options{})
	require.NoError(t, err)
	for later, want := range map[time.Duration]time.Duration{0: time.Hour, 59 * time.Minute: 119 * time.Minute, 61 * time.Minute: time.Minute} {
		age, known := observed.KeyAge(ring, now.Add(later))
		require.True(t, known)
		require.Equal(t, want, age)
	}

	atOnce, err := keys.Generate(keys.HS256, time.Time{}, time.Time{})
	require.NoError(t, err)
	ring, err = keys.NewRing([]*keys.Key{atOnce}, keys.Options{})
	require.NoError(t, err)
	age, known := observed.KeyAge(ring, atOnce.Created().Add(time.Hour))
	require.True(t, known)
	require.Equal(t, time.Hour, age)
	secret, err := keys.FromSecrets("db57a76f1c58efd34a7f14beccf439f52716dc1a72e134656f78ebcf9e31f33e")
	require.NoError(t, err)
	_, known = observed.KeyAge(secret, now)
	require.False(t, known, "a secret has no date")
}
