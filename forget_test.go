package sealjar_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
)

// told is a list that keeps what it is told and refuses nothing.
type told struct{ entries []revocation.Entry }

func (l *told) Check(context.Context, revocation.Claims) error { return nil }

func (l *told) Revoke(_ context.Context, e revocation.Entry) error {
	l.entries = append(l.entries, e)
	return nil
}

// A session that was sealed a moment ago, by a server whose clock is ahead by the leeway, opens until its end and the leeway
// after it. Its revocation must be remembered for all that time, also if it is one of those that live longest.
func TestRevocationsAreRememberedUntilTheLastSessionIsOver(t *testing.T) {
	for name, row := range map[string]struct {
		options sealjar.Options
		longest time.Duration
	}{
		"by default":                   {sealjar.Options{}, 30 * 24 * time.Hour},
		"the remembered live longest":  {sealjar.Options{RememberAbsolute: 90 * 24 * time.Hour}, 90 * 24 * time.Hour},
		"the others live longest":      {sealjar.Options{Absolute: 60 * 24 * time.Hour}, 60 * 24 * time.Hour},
		"all live as long as possible": {sealjar.Options{Absolute: 400 * 24 * time.Hour, RememberAbsolute: 400 * 24 * time.Hour}, 400 * 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			list, clock := new(told), newWebClock()
			row.options.Revocation, row.options.Now = list, clock.Now
			jar := webJar(t, row.options)
			sealed := webSealViews(t, jar, 7)
			clock.Move(time.Minute)
			until := clock.Now().Add(row.longest + 2*30*time.Second)

			s, err := jar.Load(newWebRequest(sealed))
			require.NoError(t, err)
			require.NoError(t, s.End(t.Context()))
			require.NoError(t, jar.EndAll(t.Context(), "alice"))
			require.Len(t, list.entries, 2)
			require.Equal(t, until.String(), list.entries[0].Until.String(), "%v", list.entries[0].Kind)
			// A subject may have been signed in up to the cutoff, which lies ahead of the clock.
			ahead := list.entries[1].Cutoff.Sub(clock.Now())
			require.Equal(t, until.Add(ahead).String(), list.entries[1].Until.String(), "%v", list.entries[1].Kind)
		})
	}
}
