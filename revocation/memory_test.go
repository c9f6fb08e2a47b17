package revocation_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/revocation/revocationtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMemoryIsAStore(t *testing.T) {
	revocationtest.Run(t, func(testing.TB) revocationtest.Backend {
		m := &revocation.Memory{}
		return revocationtest.Backend{
			Open: func(testing.TB) revocation.Store { return m },
			Wipe: func(testing.TB) { m.Wipe() },
		}
	})
}

// Memory is a list by itself: what was revoked is refused, by each kind of name.
func TestMemoryIsAList(t *testing.T) {
	at := time.UnixMilli(1_700_000_000_000)
	claims := revocation.Claims{SessionID: "s", TokenID: "t", Subject: "u", KeyID: "k", Groups: []string{"g", "h"}, AuthTime: at}
	for _, test := range []struct {
		name    string
		entry   revocation.Entry
		refused bool
	}{
		{"its session refused", revocation.Entry{Kind: revocation.Session, Name: "s", Cutoff: at.Add(-time.Hour)}, true},
		{"its token refused", revocation.Entry{Kind: revocation.Token, Name: "t", Cutoff: at.Add(-time.Hour)}, true},
		{"its subject, signed in at the cutoff, refused", revocation.Entry{Kind: revocation.Subject, Name: "u", Cutoff: at}, true},
		{"its subject, signed in after the cutoff, allowed", revocation.Entry{Kind: revocation.Subject, Name: "u", Cutoff: at.Add(-time.Millisecond)}, false},
		{"its key refused", revocation.Entry{Kind: revocation.Key, Name: "k", Cutoff: at}, true},
		{"one of its groups refused", revocation.Entry{Kind: revocation.Group, Name: "h", Cutoff: at}, true},
		{"all refused", revocation.Entry{Kind: revocation.All, Cutoff: at}, true},
		{"another session allowed", revocation.Entry{Kind: revocation.Session, Name: "u", Cutoff: at}, false},
		{"another group allowed", revocation.Entry{Kind: revocation.Group, Name: "i", Cutoff: at}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := revocation.Memory{Now: func() time.Time { return at }}
			require.NoError(t, m.Check(context.Background(), claims))
			test.entry.Until = at.Add(time.Hour)
			require.NoError(t, m.Revoke(context.Background(), test.entry))
			err := m.Check(context.Background(), claims)
			if !test.refused {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, revocation.ErrRevoked)
		})
	}
}

// A Memory that is used for years does not grow for ever.
func TestMemoryForgetsByItself(t *testing.T) {
	at := time.UnixMilli(1_700_000_000_000)
	m := revocation.Memory{Now: func() time.Time { return at }}
	for range 10_000 {
		at = at.Add(time.Second)
		name := at.Format(time.RFC3339)
		require.NoError(t, m.Revoke(context.Background(), revocation.Entry{
			Kind: revocation.Session, Name: name, Cutoff: at, Until: at.Add(time.Minute),
		}))
	}
	require.Less(t, m.Len(), 500)
	at = at.Add(time.Hour)
	n, err := m.Sweep(context.Background())
	require.NoError(t, err)
	require.NotZero(t, n)
	require.Zero(t, m.Len())
}

// Memory does not lock to tell that it is empty, and knows when it is not, and when it is again.
func TestMemoryThatIsEmptyOrNot(t *testing.T) {
	now := time.Now()
	m := &revocation.Memory{Now: func() time.Time { return now }}
	c := revocation.Claims{SessionID: "s", AuthTime: now}
	require.NoError(t, m.Check(t.Context(), c))
	for range 2 {
		require.NoError(t, m.Add(t.Context()))
		require.NoError(t, m.Check(t.Context(), c))
		require.NoError(t, m.Add(t.Context(), revocation.Entry{Kind: revocation.Session, Name: "s", Cutoff: now, Until: now.Add(time.Hour)}))
		require.ErrorIs(t, m.Check(t.Context(), c), revocation.ErrRevoked)
		_, err := m.Sweep(t.Context())
		require.NoError(t, err)
		require.ErrorIs(t, m.Check(t.Context(), c), revocation.ErrRevoked)
		now = now.Add(2 * time.Hour)
		deleted, err := m.Sweep(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, deleted)
		require.NoError(t, m.Check(t.Context(), c))
	}
}
