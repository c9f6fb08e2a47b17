package keys_test

import (
	"crypto/rand"
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

const day = 24 * time.Hour

// plan is the policy of the tests of rotation: keys of 10 days, sessions of 2.
var plan = keys.Policy{Period: 10 * day, Session: 2 * day, Propagation: time.Hour}

// drain is how long a key opens after it was replaced.
const drain = 2*day + 2*keys.Leeway

// generated is a key of which nobody knows when it was made.
func generated(t testing.TB, notBefore, expiry time.Time) *keys.Key {
	t.Helper()
	return mustKey(t, keys.Material{
		ID: hex.EncodeToString(keyBytes()[:5]), Signing: keyBytes(), Encryption: keyBytes(), NotBefore: notBefore, Expiry: expiry,
	})
}

func mustKey(t testing.TB, m keys.Material) *keys.Key {
	t.Helper()
	k, err := keys.NewKey(m)
	require.NoError(t, err)
	return k
}

// keyBytes is 32 random bytes.
func keyBytes() []byte {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return b
}

func ringAt(t testing.TB, version int64, now time.Time, ring ...*keys.Key) *keys.Ring {
	t.Helper()
	r, err := keys.NewRing(ring, keys.Options{Version: version, Now: func() time.Time { return now }})
	require.NoError(t, err)
	return r
}

func rotated(t testing.TB, r *keys.Ring, now time.Time) *keys.Ring {
	t.Helper()
	next, err := keys.Rotate(r, plan, now)
	require.NoError(t, err)
	return next
}

func TestLeewayIsTheOneOfTokens(t *testing.T) {
	require.Equal(t, token.Leeway, keys.Leeway)
}

func TestRotateMakesTheFirstRing(t *testing.T) {
	ring := rotated(t, nil, began)
	require.EqualValues(t, 1, ring.Version())
	require.Len(t, ring.Keys(), 2)
	first, spare := ring.Keys()[0], ring.Keys()[1]
	require.True(t, first.NotBefore().IsZero(), "a node with a slow clock can start")
	require.Equal(t, began, first.Created())
	require.Equal(t, began.Add(10*day), spare.NotBefore())
	require.Equal(t, began.Add(10*day+drain), first.Expiry())
	require.True(t, spare.Expiry().IsZero(), "the last key has no end: an application that nobody rotates goes on")
	require.Same(t, first, ring.Sealing(began.Add(-time.Hour)))
	require.Same(t, spare, ring.Spare(began))
}

func TestRotateStepByStep(t *testing.T) {
	ring := rotated(t, nil, began)
	first, second := ring.Keys()[0].ID(), ring.Keys()[1].ID()

	require.Same(t, ring, rotated(t, ring, began.Add(8*day-time.Second)), "nothing to do as long as the spare stays one")

	published := began.Add(8*day + 7*time.Second)
	ring = rotated(t, ring, published)
	require.EqualValues(t, 2, ring.Version())
	require.Len(t, ring.Keys(), 3, "the first seals, the second takes over soon, a third is there then")
	require.Equal(t, first, ring.Sealing(published).ID())
	require.Equal(t, second, ring.Spare(published).ID())

	took := began.Add(10*day + 7*time.Second)
	require.Same(t, ring, rotated(t, ring, took))
	require.Equal(t, second, ring.Sealing(took).ID())
	require.Equal(t, began.Add(20*day), ring.Spare(took).NotBefore(), "the beat is the period, not the moment of the step")
	require.Equal(t, began.Add(20*day+drain), ring.Key(second).Expiry())

	gone := began.Add(10*day + drain)
	require.Same(t, ring, rotated(t, ring, gone), "a node whose clock is behind still opens with it")
	ring = rotated(t, ring, gone.Add(keys.Leeway))
	require.EqualValues(t, 3, ring.Version())
	require.Nil(t, ring.Key(first))
	require.Len(t, ring.Keys(), 2)
}

// TestASpareIsAlwaysThere : with a daily job that fails now and then, some key is always known to every node that can take over.
func TestASpareIsAlwaysThere(t *testing.T) {
	ring := rotated(t, nil, began)
	known := map[string]time.Time{}
	for hour := range 100 * 24 {
		now := began.Add(time.Duration(hour) * time.Hour)
		if d := hour / 24; hour%24 == 7 && d%2 == 0 { // every second day it fails
			ring = rotated(t, ring, now)
		}
		for _, k := range ring.Keys() {
			if _, found := known[k.ID()]; !found {
				known[k.ID()] = now
			}
		}
		if hour < 1 {
			continue // nobody can know the first spare yet
		}
		spare := ring.Spare(now)
		require.NotNil(t, spare, "hour %d", hour)
		require.False(t, now.Before(known[spare.ID()].Add(plan.Propagation)), "hour %d: every node knows it", hour)
	}
}

// TestRotateReplacesAKeyInTime : the spare was taken away shortly before it was to take over, and the one after it
// comes too late.
func TestRotateReplacesAKeyInTime(t *testing.T) {
	ring := rotated(t, nil, began)
	now := began.Add(9 * day)
	ring = rotated(t, ring, now)
	first, spare := ring.Sealing(now), ring.Spare(now)
	ring, err := ring.Retire(spare.ID(), plan, now)
	require.NoError(t, err)
	require.Equal(t, began.Add(20*day), ring.Spare(now).NotBefore())
	next := rotated(t, ring, now)
	require.Len(t, next.Keys(), 3)
	require.Equal(t, first.Expiry().Add(-drain), next.Spare(now).NotBefore(), "before the sessions of the first are cut short")
	found, err := next.Check(plan, now)
	require.NoError(t, err)
	require.Empty(t, found)
	require.Same(t, next, rotated(t, next, now))
}

func TestRotateAfterALongTime(t *testing.T) {
	ring := rotated(t, nil, began)
	second := ring.Keys()[1]
	now := began.Add(300 * day)
	require.Same(t, second, ring.Sealing(now), "the spare went on without anybody")
	ring = rotated(t, ring, now)
	require.Equal(t, second.ID(), ring.Sealing(now).ID())
	require.Equal(t, now.Add(time.Hour+keys.Leeway), ring.Spare(now).NotBefore(), "as soon as every node can know it")
	require.Equal(t, now.Add(10*day+time.Hour+keys.Leeway), ring.Keys()[2].NotBefore(), "and the one after it, which is the spare then")
	require.Equal(t, now.Add(time.Hour+keys.Leeway+drain), ring.Key(second.ID()).Expiry())
}

func TestRotateKeepsDatesAnOperatorSet(t *testing.T) {
	end := began.Add(5 * day)
	k := generated(t, began.Add(-day), end)
	ring := rotated(t, ringAt(t, 4, began, k), began)
	require.EqualValues(t, 5, ring.Version())
	require.Equal(t, end, ring.Key(k.ID()).Expiry())
	require.Equal(t, end.Add(-drain), ring.Spare(began).NotBefore(), "so early that no session is cut short")
	found, err := ring.Check(plan, began)
	require.NoError(t, err)
	require.Empty(t, found)
}

func TestRotateTakesOverARingWithoutDates(t *testing.T) {
	ring, err := keys.FromSecrets("849b57219dae48de646d07dbb533566e976686457c1491be3a76dcea6c427189 " +
		"949b57219dae48de646d07dbb533566e976686457c1491be3a76dcea6c427180")
	require.NoError(t, err)
	old := ring.Keys()
	ring = rotated(t, ring, began)
	require.Equal(t, old[0].ID(), ring.Sealing(began).ID())
	require.Equal(t, began.Add(10*day), ring.Spare(began).NotBefore())
	require.Equal(t, began.Add(time.Hour+drain), ring.Key(old[1].ID()).Expiry(), "nobody knows when it sealed for the last time: perhaps now")
	require.Equal(t, began.Add(10*day+drain), ring.Key(old[0].ID()).Expiry())
}

func TestRotateHealsARingThatCannotSeal(t *testing.T) {
	live := generated(t, began.Add(-20*day), began.Add(-day))
	ring := ringAt(t, 7, began.Add(-2*day), live)
	next := rotated(t, ring, began)
	require.EqualValues(t, 8, next.Version())
	require.NotNil(t, next.Sealing(began.Add(-2*keys.Leeway)), "at once, on slow nodes too")
	require.Nil(t, next.Key(live.ID()))

	spare := generated(t, began.Add(3*day), time.Time{})
	next = rotated(t, ringAt(t, 7, began.Add(-2*day), live, spare), began)
	require.Equal(t, spare.ID(), next.Sealing(began.Add(-keys.Leeway)).ID(), "a spare that is there is better than a key that nobody knows")
}

func TestRotateWithEachAlgorithm(t *testing.T) {
	for _, alg := range []keys.Algorithm{keys.HS256, keys.EdDSA, keys.ES256} {
		policy := plan
		policy.Algorithm = alg
		ring, err := keys.Rotate(nil, policy, began)
		require.NoError(t, err)
		for _, k := range ring.Keys() {
			require.Equal(t, alg, k.Algorithm())
		}
	}
}

func TestRotateChangesTheAlgorithmWithTheNextKey(t *testing.T) {
	ring := rotated(t, nil, began)
	policy := plan
	policy.Algorithm = keys.EdDSA
	next, err := keys.Rotate(ring, policy, began.Add(10*day))
	require.NoError(t, err)
	require.Equal(t, keys.HS256, next.Sealing(began.Add(10*day)).Algorithm())
	require.Equal(t, keys.EdDSA, next.Spare(began.Add(10*day)).Algorithm())
}

func TestPolicyRefused(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*keys.Policy)
		says   string
	}{
		"a negative period refused":           {func(p *keys.Policy) { p.Period = -1 }, "Policy.Period is -1ns"},
		"a session of centuries refused":      {func(p *keys.Policy) { p.Session = 1 << 62 }, "Policy.Session"},
		"a propagation below a second":        {func(p *keys.Policy) { p.Propagation = time.Millisecond }, "Policy.Propagation"},
		"an unknown algorithm refused":        {func(p *keys.Policy) { p.Algorithm = "none" }, `Policy.Algorithm is "none"`},
		"a period within propagation refused": {func(p *keys.Policy) { p.Period = time.Hour }, "shorter than Policy.Propagation"},
		"more keys than a ring holds refused": {func(p *keys.Policy) { p.Session = 300 * day }, "would need 35 keys"},
	} {
		t.Run(name, func(t *testing.T) {
			policy := plan
			test.change(&policy)
			_, err := keys.Rotate(nil, policy, began)
			require.ErrorContains(t, err, test.says)
		})
	}
}
