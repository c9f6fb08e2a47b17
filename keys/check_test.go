package keys_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

func TestTimeline(t *testing.T) {
	a := generated(t, time.Time{}, began.Add(3*day))
	b := generated(t, began.Add(day), began.Add(2*day))
	c := generated(t, began.Add(4*day), time.Time{})
	ring := ringAt(t, 1, began, a, b, c)
	require.Equal(t, []keys.Span{
		{Key: a, From: began, Until: began.Add(day)},
		{Key: b, From: began.Add(day), Until: began.Add(2 * day)},
		{Key: a, From: began.Add(2 * day), Until: began.Add(3 * day)},
		{Key: nil, From: began.Add(3 * day), Until: began.Add(4 * day)},
		{Key: c, From: began.Add(4 * day)},
	}, ring.Timeline(began))
	require.Equal(t, []keys.Span{{Key: c, From: began.Add(9 * day)}}, ring.Timeline(began.Add(9*day)))
}

func TestCheck(t *testing.T) {
	never := time.Time{}
	at := func(d time.Duration) time.Time { return began.Add(d) }
	type key struct{ notBefore, expiry time.Time }
	type warning struct {
		reason keys.Reason
		at     time.Time
	}
	for name, test := range map[string]struct {
		keys []key
		want []warning
	}{
		"a key without an end and a spare: nothing": {
			[]key{{never, at(20*day + drain)}, {at(20 * day), never}}, nil,
		},
		"one key alone: no spare": {
			[]key{{never, never}}, []warning{{keys.ReasonNoSpare, began}},
		},
		"a hole between two keys: a gap, and sessions cut short before it": {
			[]key{{never, at(5 * day)}, {at(6 * day), never}},
			[]warning{{keys.ReasonShort, at(3 * day)}, {keys.ReasonGap, at(5 * day)}},
		},
		"the last key ends: a gap for ever": {
			[]key{{never, at(day + drain)}, {at(day), at(10 * day)}},
			[]warning{{keys.ReasonShort, at(8 * day)}, {keys.ReasonGap, at(10 * day)}},
		},
		"a key that ends too soon after it was replaced: short": {
			[]key{{never, at(2 * day)}, {at(day), never}}, []warning{{keys.ReasonShort, began}},
		},
		"a key that ends just in time: nothing": {
			[]key{{never, at(3 * day)}, {at(day), never}}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var list []*keys.Key
			for _, k := range test.keys {
				list = append(list, generated(t, k.notBefore, k.expiry))
			}
			found, err := ringAt(t, 1, began, list...).Check(plan, began)
			require.NoError(t, err)
			var got []warning
			for _, w := range found {
				require.NotEmpty(t, w.String())
				got = append(got, warning{w.Reason, w.At})
			}
			require.Equal(t, test.want, got)
		})
	}
}

func TestCheckStep(t *testing.T) {
	before := rotated(t, nil, began)
	created := func(at, notBefore time.Time) *keys.Key {
		other := keys.Policy{Propagation: notBefore.Sub(at) - keys.Leeway, Period: notBefore.Sub(at), Session: day}
		ring, err := keys.Rotate(nil, other, at)
		require.NoError(t, err)
		return ring.Keys()[1]
	}
	for name, test := range map[string]struct {
		key  *keys.Key
		late bool
	}{
		"a key that starts when all can know it": {created(began, began.Add(time.Hour)), false},
		"a key that starts a second earlier":     {created(began, began.Add(time.Hour-time.Second)), true},
		"a key that was made long enough ago":    {created(began.Add(-30*time.Minute), began.Add(30*time.Minute)), false},
		"a key that has begun without this node": {created(began.Add(-2*time.Hour), began.Add(-time.Minute)), true},
	} {
		t.Run(name, func(t *testing.T) {
			after, err := before.With(test.key, began)
			require.NoError(t, err)
			found, err := keys.CheckStep(before, after, plan, began)
			require.NoError(t, err)
			if !test.late {
				require.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			require.Equal(t, keys.ReasonLate, found[0].Reason)
			require.Equal(t, test.key.ID(), found[0].KeyID)
		})
	}
	t.Run("a key that never seals is not late", func(t *testing.T) {
		old := generated(t, time.Time{}, time.Time{})
		before := ringAt(t, 1, began, generated(t, began.Add(-day), time.Time{}))
		after, err := before.With(old, began)
		require.NoError(t, err)
		found, err := keys.CheckStep(before, after, plan, began)
		require.NoError(t, err)
		require.Empty(t, found)
	})
}

func TestRequire(t *testing.T) {
	never := time.Time{}
	short := generated(t, began.Add(-day), began.Add(5*day))
	for name, test := range map[string]struct {
		ring *keys.Ring
		says string
	}{
		"a key without an end allowed":         {ringAt(t, 1, began, generated(t, began, never)), ""},
		"a key that lasts long enough allowed": {ringAt(t, 1, began, generated(t, began, began.Add(7*day))), ""},
		"a key that ends too early refused": {
			ringAt(t, 1, began, short), `key "` + short.ID() + `" opens until 2026-11-06T12:00:00Z (exp): want at least 2026-11-07T12:00:00Z`,
		},
		"a key that ends too early later refused": {
			ringAt(t, 1, began, generated(t, began, never), generated(t, began.Add(day), began.Add(2*day))), "(exp)",
		},
		"a key that ends too early after the next has taken over refused": {
			ringAt(t, 1, began, generated(t, began, began.Add(8*day)), generated(t, began.Add(2*day), never)),
			"want at least 2026-11-10T12:00:00Z, when the next key takes over and the longest session of 168h0m0s",
		},
		"a key that ends late enough after the next has taken over allowed": {
			ringAt(t, 1, began, generated(t, began, began.Add(9*day)), generated(t, began.Add(2*day), never)), "",
		},
		"an old key that seals no more allowed": {
			ringAt(t, 1, began, generated(t, began.Add(-time.Hour), began.Add(time.Hour)), generated(t, began, never)), "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.ring.Require(7*day, began)
			if test.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.says)
		})
	}
}
