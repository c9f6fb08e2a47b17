package sqlstore_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/revocation/revocationtest"
	"github.com/sealjar/sealjar/revocation/sqlstore"
)

func TestConformance(t *testing.T) {
	databases(t, func(t *testing.T, d database) {
		revocationtest.Run(t, func(t testing.TB) revocationtest.Backend {
			options := d.table(t)
			b := revocationtest.Backend{
				Open: func(t testing.TB) revocation.Store { return d.open(t, options) },
				Wipe: func(t testing.TB) { exec(t, d.connect(t), "DELETE FROM "+options.Table) },
			}
			if d.dialect != sqlstore.SQLite { // it has one writer at a time
				b.Slow = func(t testing.TB) revocation.Store { return slow{d.open(t, options)} }
			}
			return b
		})
	})
}

// slow commits late, now and then very late.
type slow struct{ *sqlstore.Store }

func (s slow) Add(ctx context.Context, entries ...revocation.Entry) error {
	return s.AddSlowly(ctx, func() { time.Sleep(rand.N(30 * time.Millisecond)) }, entries...)
}
