package spill_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/spill"
	"github.com/sealjar/sealjar/spill/spilltest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMemory(t *testing.T) {
	spilltest.Run(t, func(*testing.T) func() spill.Store {
		memory := &spill.Memory{}
		return func() spill.Store { return memory }
	})
}

// What a case says of itself is shown where it fails, so each must say something.
func TestEachCaseSaysWhy(t *testing.T) {
	for _, c := range spilltest.Cases() {
		require.NotEmpty(t, c.Why, c.Name)
	}
}

func TestMemorySweeps(t *testing.T) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	memory := &spill.Memory{Now: func() time.Time { return now }}
	for i := range 10_000 {
		now = now.Add(time.Second)
		require.NoError(t, memory.Create(t.Context(), fmt.Sprint(i), spill.Row{Version: 1, Data: []byte("x")}, now.Add(time.Minute)))
	}
	require.LessOrEqual(t, memory.Len(), 300)
}
