package keys_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

func TestWithoutTheSealingKeyTheSpareSeals(t *testing.T) {
	ring := rotated(t, nil, began)
	leaked, spare := ring.Keys()[0], ring.Keys()[1]
	next, err := ring.Without(leaked.ID(), began)
	require.NoError(t, err)
	require.EqualValues(t, 2, next.Version())
	require.Nil(t, next.Key(leaked.ID()))
	require.Equal(t, spare.ID(), next.Sealing(began.Add(-keys.Leeway)).ID(), "on a node with a slow clock too")
	require.NotNil(t, ring.Key(leaked.ID()), "the old ring is as it was")
}

func TestWithoutAnotherKeyNothingElseChanges(t *testing.T) {
	ring := rotated(t, nil, began)
	sealing, spare := ring.Keys()[0], ring.Keys()[1]
	next, err := ring.Without(spare.ID(), began)
	require.NoError(t, err)
	require.Same(t, sealing, next.Sealing(began))
	require.Nil(t, next.Spare(began))
}

func TestPromoteTakesOverFromAKeyThatHasJustStarted(t *testing.T) {
	young := generated(t, began.Add(-time.Second), time.Time{})
	spare := generated(t, began.Add(day), time.Time{})
	next, err := ringAt(t, 1, began, young, spare).Promote(spare.ID(), began)
	require.NoError(t, err)
	require.Equal(t, spare.ID(), next.Sealing(began).ID())
}

// TestAKeyThatHasJustStartedIsTakenOut : in the second of its start a spare is there, and takes over within a second.
func TestAKeyThatHasJustStartedIsTakenOut(t *testing.T) {
	ring := rotated(t, nil, began)
	ring = rotated(t, ring, began.Add(9*day))
	now := began.Add(10 * day)
	started, spare := ring.Sealing(now), ring.Spare(now)
	for name, change := range map[string]func() (*keys.Ring, error){
		"removed": func() (*keys.Ring, error) { return ring.Without(started.ID(), now) },
		"tainted": func() (*keys.Ring, error) { return ring.Taint(started.ID(), now) },
		"retired": func() (*keys.Ring, error) { return ring.Retire(started.ID(), plan, now) },
	} {
		next, err := change()
		require.NoError(t, err, name)
		require.Equal(t, spare.ID(), next.Sealing(now.Add(time.Second)).ID(), name)
		if name != "retired" {
			require.Equal(t, spare.ID(), next.Sealing(now).ID(), name)
		}
	}
}

func TestRetire(t *testing.T) {
	ring := rotated(t, nil, began)
	old, spare := ring.Keys()[0], ring.Keys()[1]
	next, err := ring.Retire(old.ID(), plan, began)
	require.NoError(t, err)
	require.Equal(t, spare.ID(), next.Sealing(began).ID())
	require.Equal(t, began.Add(time.Hour+drain), next.Key(old.ID()).Expiry(), "until its last token has expired, also one of a node that hears late")

	again, err := next.Retire(old.ID(), plan, began.Add(day))
	require.NoError(t, err)
	require.Equal(t, next.Key(old.ID()).Expiry(), again.Key(old.ID()).Expiry(), "an end is never moved away")

	dropped, err := ring.Retire(spare.ID(), plan, began)
	require.NoError(t, err)
	require.Nil(t, dropped.Key(spare.ID()), "what never sealed has nothing to open")
}

func TestTaint(t *testing.T) {
	ring := rotated(t, nil, began)
	old, spare := ring.Keys()[0], ring.Keys()[1]
	next, err := ring.Taint(old.ID(), began)
	require.NoError(t, err)
	require.True(t, next.Key(old.ID()).Tainted())
	require.Equal(t, spare.ID(), next.Sealing(began).ID())
	require.Equal(t, old.Expiry(), next.Key(old.ID()).Expiry())

	data, err := keys.Marshal(next)
	require.NoError(t, err)
	read, err := keys.Parse(data, keys.Options{OpenOnly: true})
	require.NoError(t, err)
	require.True(t, read.Key(old.ID()).Tainted())
	require.False(t, read.Key(spare.ID()).Tainted())
	require.EqualValues(t, 2, read.Version())
	text, err := keys.Marshal(read)
	require.NoError(t, err)
	require.Equal(t, string(data), string(text))
}

func TestATaintedKeyOnItsOwnRefused(t *testing.T) {
	only := ringAt(t, 1, began, generated(t, time.Time{}, time.Time{}))
	_, err := only.Taint(only.Keys()[0].ID(), began)
	require.ErrorContains(t, err, "is tainted")
}

func TestATaintedSpareIsNoSpare(t *testing.T) {
	ring := rotated(t, nil, began)
	spare := ring.Spare(began)
	next, err := ring.Taint(spare.ID(), began)
	require.NoError(t, err)
	require.Nil(t, next.Spare(began))
	next = rotated(t, next, began)
	require.NotNil(t, next.Spare(began))
	require.False(t, next.Key(spare.ID()).Expiry().IsZero(), "it ends")
	data, err := keys.Marshal(next)
	require.NoError(t, err)
	_, err = keys.Parse(data, keys.Options{Now: func() time.Time { return began }})
	require.NoError(t, err, "what is written can be read")
}

func TestChangesRefused(t *testing.T) {
	ring := rotated(t, nil, began)
	only := ringAt(t, 1, began, generated(t, time.Time{}, time.Time{}))
	expired := ringAt(t, 1, began, generated(t, time.Time{}, time.Time{}), generated(t, began.Add(-2*day), began.Add(-day)))
	many := only
	for range 5 {
		var err error
		many, err = many.With(generated(t, began.Add(day), time.Time{}), began)
		require.NoError(t, err)
	}
	for name, test := range map[string]struct {
		change func() (*keys.Ring, error)
		says   string
	}{
		"to remove a key that is not there refused": {
			func() (*keys.Ring, error) { return ring.Without("other", began) },
			fmt.Sprintf(`the ring has no key "other", but %q, %q`, ring.Keys()[0].ID(), ring.Keys()[1].ID()),
		},
		"to remove a key that is not there from a ring of one refused": {
			func() (*keys.Ring, error) { return only.Without("other", began) },
			fmt.Sprintf(`the ring has no key "other", but %q`, only.Keys()[0].ID()),
		},
		"to remove a key that is not there from a ring of many refused": {
			func() (*keys.Ring, error) { return many.Without("other", began) }, `the ring has no key "other", but 6 others`,
		},
		"to remove the only key refused": {
			func() (*keys.Ring, error) { return only.Without(only.Keys()[0].ID(), began) }, "add another one first",
		},
		"to retire the only key refused": {
			func() (*keys.Ring, error) { return only.Retire(only.Keys()[0].ID(), plan, began) }, "no other key is there to seal",
		},
		"to promote an expired key refused": {
			func() (*keys.Ring, error) { return expired.Promote(expired.Keys()[1].ID(), began) }, "can't seal",
		},
		"to add a key twice refused": {
			func() (*keys.Ring, error) { return ring.With(ring.Keys()[0], began) }, "is there twice",
		},
		"a version that JSON does not know exactly refused": {
			func() (*keys.Ring, error) { return ring.WithVersion(keys.MaxVersion + 1) }, "out of range",
		},
		"a change after the last version refused": {
			func() (*keys.Ring, error) {
				last, err := ring.WithVersion(keys.MaxVersion)
				require.NoError(t, err)
				return last.With(generated(t, began.Add(day), time.Time{}), began)
			}, "out of range",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := test.change()
			require.ErrorContains(t, err, test.says)
		})
	}
}
