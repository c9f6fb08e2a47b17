package keys_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

// began is when the tests of rotation begin.
var began = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// fleet is a few nodes whose clocks differ, each of which learns of a new ring at a time of its own.
type fleet struct {
	t      *rapid.T
	policy keys.Policy
	now    time.Time // by the clock on the wall
	stored *keys.Ring
	known  map[string]time.Time // when a key was published
	nodes  []*node
	tokens []sealed
}

type node struct {
	fleet *fleet
	skew  time.Duration
	ring  *keys.Ring
	news  []news
	codec *token.Codec
}

type news struct {
	at   time.Time
	ring *keys.Ring
}

type sealed struct {
	by     int
	text   string
	expiry time.Time
}

func (n *node) Ring() *keys.Ring { return n.ring }
func (n *node) now() time.Time   { return n.fleet.now.Add(n.skew) }

// publish stores a ring, which each node learns of within the propagation delay.
func (f *fleet) publish(ring *keys.Ring) {
	f.stored = ring
	for _, k := range ring.Keys() {
		if _, known := f.known[k.ID()]; !known {
			f.known[k.ID()] = f.now
		}
	}
	for _, n := range f.nodes {
		delay := f.policy.Propagation
		if rapid.Bool().Draw(f.t, "sooner") {
			delay = time.Duration(rapid.Int64Range(0, int64(delay)).Draw(f.t, "delay"))
		}
		n.news = append(n.news, news{f.now.Add(delay), ring})
	}
}

func (f *fleet) advance(by time.Duration) {
	f.now = f.now.Add(by)
	for _, n := range f.nodes {
		for _, news := range n.news {
			if !news.at.After(f.now) && news.ring.Version() > n.ring.Version() {
				n.ring = news.ring
			}
		}
	}
}

// advanceToDate goes to where things go wrong: a moment around a date of a key or the end of a token, by some node's clock.
func (f *fleet) advanceToDate() {
	var dates []time.Time
	for _, k := range f.stored.Keys() {
		dates = append(dates, k.NotBefore(), k.Expiry())
	}
	for _, s := range f.tokens {
		dates = append(dates, s.expiry)
	}
	n := rapid.SampledFrom(f.nodes).Draw(f.t, "clock")
	offset := rapid.SampledFrom([]time.Duration{-keys.Leeway, -time.Millisecond, 0, time.Millisecond, keys.Leeway}).Draw(f.t, "offset")
	if to := rapid.SampledFrom(dates).Draw(f.t, "date").Add(offset).Add(-n.skew); to.After(f.now) {
		f.advance(to.Sub(f.now))
	}
}

// change is a step that any node, or an operator beside it, takes on what is stored.
func (f *fleet) change(step func(*keys.Ring, time.Time) (*keys.Ring, error)) {
	n := rapid.SampledFrom(f.nodes).Draw(f.t, "writer")
	next, err := step(f.stored, n.now())
	require.NoError(f.t, err)
	if next != f.stored {
		require.Greater(f.t, next.Version(), f.stored.Version())
		f.publish(next)
	}
}

func (f *fleet) rotate() {
	f.change(func(r *keys.Ring, now time.Time) (*keys.Ring, error) {
		next, err := keys.Rotate(r, f.policy, now)
		if err != nil {
			return nil, err
		}
		found, err := next.Check(f.policy, now)
		require.NoError(f.t, err)
		require.Empty(f.t, found, "what Rotate makes passes Check")
		found, err = keys.CheckStep(r, next, f.policy, now)
		require.NoError(f.t, err)
		require.Empty(f.t, found)
		require.NoError(f.t, next.Require(f.policy.Session, now))
		require.NotNil(f.t, next.Spare(now.Add(min(2*day, f.policy.Period/2))), "a spare is there until the next daily job but one")
		again, err := keys.Rotate(next, f.policy, now)
		require.Same(f.t, next, again, "a second time there is nothing to do")
		return next, err
	})
}

// emergency takes the key out of use that seals, as far as a spare is known to all nodes.
func (f *fleet) emergency() {
	f.change(func(r *keys.Ring, now time.Time) (*keys.Ring, error) {
		spare, sealing := r.Spare(now), r.Sealing(now)
		if spare == nil || f.now.Before(f.known[spare.ID()].Add(f.policy.Propagation)) {
			return r, nil
		}
		switch rapid.IntRange(0, 2).Draw(f.t, "emergency") {
		case 0:
			return r.Promote(spare.ID(), now)
		case 1:
			return r.Retire(sealing.ID(), f.policy, now)
		}
		return r.Taint(sealing.ID(), now)
	})
}

func (f *fleet) seal() {
	by := rapid.IntRange(0, len(f.nodes)-1).Draw(f.t, "sealer")
	n := f.nodes[by]
	life := f.policy.Session
	if rapid.Bool().Draw(f.t, "shorter") {
		life = time.Duration(rapid.Int64Range(int64(time.Second), int64(life)).Draw(f.t, "life"))
	}
	claims := token.Claims{SessionID: "s", AuthTime: n.now(), Expiry: n.now().Add(life).Truncate(time.Millisecond), State: []byte("{}")}
	want := claims.Expiry
	text, err := n.codec.Seal(&claims)
	require.NoError(f.t, err)
	require.Equal(f.t, want.UnixMilli(), claims.Expiry.UnixMilli(), "no session is cut short")
	f.tokens = append(f.tokens, sealed{by, text, claims.Expiry})
}

// check opens every token on every node on which it has not expired.
func (f *fleet) check() {
	var alive []sealed
	for _, s := range f.tokens {
		live := false
		for i, n := range f.nodes {
			if !n.now().Before(s.expiry) {
				continue
			}
			live = true
			_, err := n.codec.Open(s.text)
			require.NoError(f.t, err, "token of node %d on node %d, %v before it expires", s.by, i, s.expiry.Sub(n.now()))
		}
		if live {
			alive = append(alive, s)
		}
	}
	f.tokens = alive
}

// skewOf is how far a clock is ahead. The extremes are the hard ones.
func skewOf(t *rapid.T) time.Duration {
	some := time.Duration(rapid.Int64Range(0, int64(keys.Leeway)).Draw(t, "some"))
	return rapid.SampledFrom([]time.Duration{0, some, keys.Leeway}).Draw(t, "skew")
}

// TestNoTokenIsLostToRotation is what rotation promises: whatever the schedule, the clocks (within the leeway of each other),
// the delays (within the propagation delay) and the steps, a token that any node has sealed opens on every node until it expires.
func TestNoTokenIsLostToRotation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &fleet{t: t, now: began, known: make(map[string]time.Time)}
		f.policy.Propagation = time.Duration(rapid.Int64Range(1, 600).Draw(t, "propagation")) * time.Second
		f.policy.Period = f.policy.Propagation + keys.Leeway + time.Duration(rapid.Int64Range(0, 100_000).Draw(t, "period"))*time.Second
		f.policy.Session = time.Duration(rapid.Int64Range(1, 20*int64(f.policy.Period/time.Second)).Draw(t, "session")) * time.Second
		ring, err := keys.Rotate(nil, f.policy, began)
		require.NoError(t, err)
		for range 3 {
			n := &node{fleet: f, ring: ring, skew: skewOf(t)}
			n.codec, err = token.New(token.Config{Keys: n, Audience: "a", Now: n.now})
			require.NoError(t, err)
			f.nodes = append(f.nodes, n)
		}
		f.publish(ring)
		steps := []string{"rotate", "rotate", "seal", "seal", "seal", "second", "delay", "period", "session", "date", "date", "date", "emergency"}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.SampledFrom(steps).Draw(t, "step") {
			case "rotate":
				f.rotate()
			case "seal":
				f.seal()
			case "second":
				f.advance(time.Duration(rapid.Int64Range(0, int64(2*keys.Leeway)).Draw(t, "by")))
			case "delay":
				f.advance(time.Duration(rapid.Int64Range(0, int64(f.policy.Propagation)).Draw(t, "by")))
			case "period":
				f.advance(time.Duration(rapid.Int64Range(0, int64(f.policy.Period)).Draw(t, "by")))
			case "session":
				f.advance(time.Duration(rapid.Int64Range(0, int64(f.policy.Session+f.policy.Period)).Draw(t, "by")))
			case "date":
				f.advanceToDate()
			case "emergency":
				f.emergency()
			}
			f.check()
		}
	})
}

// TestRingDoesNotGrow : however often it is rotated, a ring holds the keys that it needs.
func TestRingDoesNotGrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy := keys.Policy{Propagation: time.Minute, Period: time.Hour, Session: time.Duration(rapid.IntRange(1, 20).Draw(t, "hours")) * time.Hour}
		now := began
		ring, err := keys.Rotate(nil, policy, now)
		require.NoError(t, err)
		for range 200 {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(90*time.Minute)).Draw(t, "by")))
			ring, err = keys.Rotate(ring, policy, now)
			require.NoError(t, err)
			most := int((policy.Session+2*keys.Leeway)/policy.Period) + 4
			require.LessOrEqual(t, len(ring.Keys()), most, fmt.Sprint(policy))
		}
	})
}
