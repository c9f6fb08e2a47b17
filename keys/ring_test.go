package keys_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

func TestSealing(t *testing.T) {
	var zero time.Time
	past, recent, future := now.Add(-48*time.Hour), now.Add(-time.Hour), now.Add(time.Hour)
	public := func(id string, notBefore time.Time) *keys.Key {
		return newKey(t, keys.Material{ID: id, Signing: ed25519Key(id).Public(), Encryption: secret(id + " enc"), NotBefore: notBefore})
	}
	key := func(id string, notBefore, expiry time.Time) *keys.Key { return hmacKey(t, id, notBefore, expiry) }
	for _, row := range []struct {
		name string
		ring []*keys.Key
		want string // empty: none
	}{
		{"one key since ever", []*keys.Key{key("a", zero, zero)}, "a"},
		{"the latest that has started", []*keys.Key{key("a", past, zero), key("b", recent, zero), key("c", zero, zero)}, "b"},
		{"in whatever order", []*keys.Key{key("c", zero, zero), key("b", recent, zero), key("a", past, zero)}, "b"},
		{"the first of equals", []*keys.Key{key("b", recent, zero), key("a", recent, zero)}, "b"},
		{"the first of those since ever", []*keys.Key{key("b", zero, zero), key("a", zero, zero)}, "b"},
		{"not one that starts later", []*keys.Key{key("a", past, zero), key("b", future, zero)}, "a"},
		{"one that starts this instant", []*keys.Key{key("a", past, zero), key("b", now, zero)}, "b"},
		{"not one that starts in a second", []*keys.Key{key("a", past, zero), key("b", now.Add(time.Second), zero)}, "a"},
		{"not one that expired", []*keys.Key{key("a", past, zero), key("b", recent, now.Add(-time.Minute))}, "a"},
		{"not one that expires this instant", []*keys.Key{key("a", past, zero), key("b", recent, now)}, "a"},
		{"one that expires in a second", []*keys.Key{key("a", past, zero), key("b", recent, now.Add(time.Second))}, "b"},
		{"not a public one", []*keys.Key{key("a", past, zero), public("b", recent)}, "a"},
		{"none: all public", []*keys.Key{public("a", past)}, ""},
		{"none: all in the future", []*keys.Key{key("a", future, zero)}, ""},
		{"none: all expired", []*keys.Key{key("a", past, recent)}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			ring, err := keys.NewRing(row.ring, keys.Options{Now: atNow, OpenOnly: row.want == ""})
			require.NoError(t, err)
			if row.want == "" {
				require.Nil(t, ring.Sealing(now))
				_, err := keys.NewRing(row.ring, keys.Options{Now: atNow})
				require.ErrorContains(t, err, "no key can seal now")
				return
			}
			require.Equal(t, row.want, ring.Sealing(now).ID())
		})
	}
}

// Each replica decides alone, by dates; this is the life of a ring with a spare key.
func TestSealingMovesOnByItself(t *testing.T) {
	day := func(n int) time.Time { return now.AddDate(0, 0, n) }
	ring := newRing(t, hmacKey(t, "a", day(0), day(20)), hmacKey(t, "b", day(10), day(30)))
	for _, row := range []struct {
		at   time.Time
		want string
	}{
		{day(0).Add(-1), ""}, {day(0), "a"}, {day(10).Add(-1), "a"}, {day(10), "b"}, {day(25), "b"}, {day(30).Add(-1), "b"}, {day(30), ""},
	} {
		got := ""
		if key := ring.Sealing(row.at); key != nil {
			got = key.ID()
		}
		require.Equal(t, row.want, got, row.at)
	}
}

func TestRingsRefused(t *testing.T) {
	var zero time.Time
	good := hmacKey(t, "good", zero, zero)
	with := func(id string, signing any, encryption []byte) *keys.Key {
		return newKey(t, keys.Material{ID: id, Signing: signing, Encryption: encryption})
	}
	publicOf := func(name string) []byte { return ed25519Key(name)[32:] }
	point, err := p256Key(t, "p").PublicKey.Bytes()
	require.NoError(t, err)
	many := make([]*keys.Key, 33)
	for i := range many {
		many[i] = hmacKey(t, fmt.Sprint("k", i), zero, zero)
	}
	const share = `keys "a" and "b" share a key: each needs its own`
	for _, row := range []struct {
		name  string
		ring  []*keys.Key
		words []string
	}{
		{"none", nil, []string{"a ring needs at least one key"}},
		{"no keys", []*keys.Key{}, []string{"a ring needs at least one key"}},
		{"33 keys", many, []string{"33 keys are too many for one ring: at most 32"}},
		{"a nil key", []*keys.Key{good, nil}, []string{"key 2 of 2 is empty"}},
		{"a zero key", []*keys.Key{{}, good}, []string{"key 1 of 2 is empty"}},
		{"one key twice", []*keys.Key{good, good}, []string{`key id "good" is there twice`}},
		{"one id twice", []*keys.Key{good, hmacKey(t, "x", zero, zero), with("good", secret("1"), secret("2"))}, []string{`key id "good" is there twice`}},
		{"one signing secret twice", []*keys.Key{with("a", secret("1"), secret("2")), with("b", secret("1"), secret("3"))}, []string{share}},
		{"one encryption secret twice", []*keys.Key{with("a", secret("1"), secret("2")), with("b", secret("3"), secret("2"))}, []string{share}},
		{"a signing secret that encrypts elsewhere", []*keys.Key{with("a", secret("1"), secret("2")), with("b", secret("3"), secret("1"))}, []string{share}},
		{"an encryption secret that signs elsewhere", []*keys.Key{with("a", secret("1"), secret("2")), with("b", secret("2"), secret("3"))}, []string{share}},
		{"both exchanged", []*keys.Key{with("a", secret("1"), secret("2")), with("b", secret("2"), secret("1"))}, []string{share}},
		{"an Ed25519 key twice", []*keys.Key{with("a", ed25519Key("1"), secret("2")), with("b", ed25519Key("1"), secret("3"))}, []string{share}},
		{"a P-256 key twice", []*keys.Key{with("a", p256Key(t, "1"), secret("2")), with("b", p256Key(t, "1"), secret("3"))}, []string{share}},
		{"a private key and its public key", []*keys.Key{with("a", ed25519Key("1"), secret("2")), with("b", ed25519Key("1").Public(), secret("3"))}, []string{share}},
		{"a public key twice", []*keys.Key{good, with("a", &p256Key(t, "1").PublicKey, secret("2")), with("b", &p256Key(t, "1").PublicKey, secret("3"))}, []string{share}},
		{"an Ed25519 seed for an HS256 secret", []*keys.Key{with("a", ed25519Key("1"), secret("2")), with("b", secret("1"), secret("3"))}, []string{share}},
		{"an Ed25519 public key for an HS256 secret", []*keys.Key{with("a", ed25519Key("1"), secret("2")), with("b", publicOf("1"), secret("3"))}, []string{share}},
		{"an Ed25519 public key for an encryption key", []*keys.Key{with("a", ed25519Key("1").Public(), secret("2")), with("b", secret("3"), publicOf("1"))}, []string{share}},
		{"an x on P-256 for an HS256 secret", []*keys.Key{with("a", p256Key(t, "p"), secret("2")), with("b", point[1:33], secret("3"))}, []string{share}},
		{"no key that can seal now", []*keys.Key{
			hmacKey(t, "early", now.Add(time.Hour), zero), hmacKey(t, "late", zero, now.Add(-time.Hour)), with("public", ed25519Key("1").Public(), secret("2")),
		}, []string{
			"no key can seal now", `key "early" starts at 2026-11-01T13:00:00Z`, `key "late" expired at 2026-11-01T11:00:00Z`,
			`key "public" has only a public signing key`,
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			ring, err := keys.NewRing(row.ring, keys.Options{Now: atNow})
			secrets := [][]byte{secret("1"), secret("2"), secret("3"), secret("p"), publicOf("1"), secret("good sig"), secret("good enc")}
			requireRefused(t, err, secrets, row.words...)
			require.Nil(t, ring)
		})
	}
	ring, err := keys.NewRing(many[:32], keys.Options{})
	require.NoError(t, err, "32 keys are allowed")
	require.Len(t, ring.Keys(), 32)
}

func TestOptions(t *testing.T) {
	old := hmacKey(t, "a", time.Time{}, time.Now().Add(-time.Hour))
	_, err := keys.NewRing([]*keys.Key{old}, keys.Options{})
	require.ErrorContains(t, err, `no key can seal now; key "a" expired`, "without Now it is the time of day")
	_, err = keys.NewRing([]*keys.Key{old}, keys.Options{Now: func() time.Time { return time.Now().Add(-2 * time.Hour) }})
	require.NoError(t, err)
	ring, err := keys.NewRing([]*keys.Key{old}, keys.Options{OpenOnly: true})
	require.NoError(t, err)
	require.Same(t, old, ring.Key("a"), "an expired key is there to be told from one that never was")
}

func TestRingLooksUpKeys(t *testing.T) {
	a, b := hmacKey(t, "a", time.Time{}, time.Time{}), hmacKey(t, "b", now, time.Time{})
	ring := newRing(t, a, b)
	require.Same(t, a, ring.Key("a"))
	require.Same(t, b, ring.Key("b"))
	for _, id := range []string{"", "c", "A", "a ", "ab"} {
		require.Nil(t, ring.Key(id), id)
	}
	require.True(t, [2]*keys.Key(ring.Keys()) == [2]*keys.Key{a, b}, "the order is the given one")
}

// A ring is a snapshot: whoever holds one may go on with it while others change theirs.
func TestRingsAreImmutable(t *testing.T) {
	a, b, c := hmacKey(t, "a", time.Time{}, time.Time{}), hmacKey(t, "b", now, time.Time{}), hmacKey(t, "c", now, time.Time{})
	given := append(make([]*keys.Key, 0, 8), a, b)
	ring := newRing(t, given...)
	given[0] = c
	_ = append(given[:1], c)
	require.Same(t, a, ring.Keys()[0])

	got := ring.Keys()
	got[0], got[1] = c, nil
	_ = append(got[:0], c)
	require.Same(t, a, ring.Keys()[0])
	require.Same(t, b, ring.Keys()[1])
	require.Nil(t, ring.Key("c"))
	require.Same(t, b, ring.Sealing(now))
}

func TestRingIsItsOwnSource(t *testing.T) {
	ring := newRing(t, hmacKey(t, "a", time.Time{}, time.Time{}))
	var source keys.Source = ring
	require.Same(t, ring, source.Ring())
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = source.Ring().Key("a") }), "it is asked for every token")
}
