package token_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

// swapped is a source whose ring a test may change.
type swapped struct{ ring atomic.Pointer[keys.Ring] }

func newSwapped(ring *keys.Ring) *swapped {
	s := new(swapped)
	s.ring.Store(ring)
	return s
}

func (s *swapped) Ring() *keys.Ring { return s.ring.Load() }

// TestNewKeysTakeEffectAtOnce shows a rotation and an emergency on a live codec.
func TestNewKeysTakeEffectAtOnce(t *testing.T) {
	t.Parallel()
	older, newer := newTestKey(keys.HS256, "older"), newTestKey(keys.EdDSA, "newer")
	newer.notBefore = noon.Add(-time.Hour)
	source := newSwapped(ringOf(t, older))
	c := codecOf(t, token.Config{Keys: source})
	first, err := c.Seal(newClaims())
	require.NoError(t, err)

	source.ring.Store(ringOf(t, older, newer))
	claims := newClaims()
	second, err := c.Seal(claims)
	require.NoError(t, err)
	require.Equal(t, "newer", claims.KeyID)
	for id, text := range map[string]string{"older": first, "newer": second} {
		opened, err := c.Open(text)
		require.NoError(t, err)
		require.Equal(t, id, opened.KeyID)
	}

	source.ring.Store(ringOf(t, newer))
	_, err = c.Open(first)
	require.ErrorIs(t, err, token.ErrUnknownKey)
	_, err = c.Open(second)
	require.NoError(t, err)

	impostor := newTestKey(keys.EdDSA, "impostor")
	impostor.id = "newer"
	source.ring.Store(ringOf(t, impostor))
	_, err = c.Open(second)
	require.ErrorIs(t, err, token.ErrDecryption, "a table of the ring before")
}

// TestKeysAreSwappedWhileInUse seals and opens in many goroutines while the ring changes under them. Each of the rings has
// all keys, so no token may fail; and none may come back with another's claims, for scratch memory is shared.
func TestKeysAreSwappedWhileInUse(t *testing.T) {
	t.Parallel()
	var list []*testKey
	for _, alg := range algorithms {
		list = append(list, usual(alg))
	}
	var rings []*keys.Ring
	for i := range list {
		list[i].notBefore = noon.Add(-time.Hour)
		rings = append(rings, ringOf(t, list...))
		list[i].notBefore = time.Time{}
	}
	source := newSwapped(rings[0])
	c := codecOf(t, token.Config{Keys: source})
	stop := make(chan struct{})
	var swapper, users sync.WaitGroup
	swapper.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				source.ring.Store(rings[i%len(rings)])
			}
		}
	})
	failures := make(chan string, 50)
	for user := range 50 {
		users.Go(func() {
			name := strings.Repeat(string(rune('A'+user)), 1+user)
			for range 10 {
				claims := newClaims()
				claims.Subject = name
				claims.State = []byte(`{"d":"` + strings.Repeat(name, 1+user%3) + `"}`)
				text, err := c.Seal(claims)
				if err != nil {
					failures <- err.Error()
					return
				}
				opened, err := c.Open(text)
				if err != nil {
					failures <- err.Error()
					return
				}
				if claimsText(&opened) != claimsText(claims) {
					failures <- "other claims than were sealed"
					return
				}
				if _, err := c.Open(text[:len(text)-22] + strings.Repeat("A", 22)); !errors.Is(err, token.ErrDecryption) {
					failures <- "a changed token was not refused"
					return
				}
			}
		})
	}
	users.Wait()
	close(stop)
	swapper.Wait()
	close(failures)
	for failure := range failures {
		require.Fail(t, failure)
	}
}

// TestClaimsKeepTheirMemory makes sure that what one Open returned is not changed by the next, and that what Seal was
// given is not kept.
func TestClaimsKeepTheirMemory(t *testing.T) {
	t.Parallel()
	k := usual(keys.HS256)
	c := codecOf(t, token.Config{Keys: ringOf(t, k)})
	first, err := c.Open(k.mint(usualPayload))
	require.NoError(t, err)
	before := claimsText(&first)
	for range 20 {
		_, err := c.Open(k.mint(swap(swap(usualPayload, "alice", "mallory"), `{"n":1}`, `{"n":2}`)))
		require.NoError(t, err)
		_, err = c.Seal(newClaims())
		require.NoError(t, err)
	}
	require.Equal(t, before, claimsText(&first))

	claims := newClaims()
	state := []byte(`{"d":{"n":1}}`)
	claims.State = state
	text, err := c.Seal(claims)
	require.NoError(t, err)
	require.Equal(t, `{"d":{"n":1}}`, string(state))
	copy(state, `{"d":{"n":9}}`)
	opened, err := c.Open(text)
	require.NoError(t, err)
	require.Equal(t, `{"d":{"n":1}}`, string(opened.State))
}
