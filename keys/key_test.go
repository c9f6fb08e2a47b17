package keys_test

import (
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

func TestKeysAllowed(t *testing.T) {
	want := map[string]struct {
		alg     keys.Algorithm
		canSign bool
		size    int
	}{
		"HS256":         {keys.HS256, true, 32},
		"EdDSA private": {keys.EdDSA, true, 64},
		"EdDSA public":  {keys.EdDSA, false, 64},
		"ES256 private": {keys.ES256, true, 64},
		"ES256 public":  {keys.ES256, false, 64},
	}
	for name, signing := range signingKeys(t) {
		t.Run(name, func(t *testing.T) {
			key := newKey(t, keys.Material{
				ID: "2026-11.a_B", Signing: signing, Encryption: secret("e"),
				Created: now, NotBefore: now.Add(time.Hour), Expiry: now.Add(2 * time.Hour),
			})
			require.Equal(t, "2026-11.a_B", key.ID())
			require.Equal(t, want[name].alg, key.Algorithm())
			require.Equal(t, want[name].canSign, key.CanSign())
			require.Equal(t, want[name].size, key.SignatureSize())
			require.True(t, now.Equal(key.Created()))
			require.True(t, now.Add(time.Hour).Equal(key.NotBefore()))
			require.True(t, now.Add(2*time.Hour).Equal(key.Expiry()))
			require.False(t, key.Expired(now.Add(2*time.Hour-1)))
			require.True(t, key.Expired(now.Add(2*time.Hour)), "the key opens until its expiry, not at it")
		})
	}
}

func TestKeyIDs(t *testing.T) {
	for name, id := range map[string]string{
		"one character":  "a",
		"64 characters":  strings.Repeat("a", 64),
		"all characters": "ABCXYZabcxyz0189._-",
		"a hyphen":       "-",
		"dots":           "..",
	} {
		t.Run(name+" allowed", func(t *testing.T) {
			require.Equal(t, id, hmacKey(t, id, time.Time{}, time.Time{}).ID())
			sig, enc := signingJWK(t, id, keys.HS256), encryptionJWK(id)
			_, err := keys.Parse(keyFile(t, sig, enc), keys.Options{})
			require.NoError(t, err)
		})
	}
	const badCharacter = "has a character outside of A-Z, a-z, 0-9, dot, underscore and hyphen"
	for _, row := range []struct{ name, id, reason string }{
		{"none", "", "a key has no id (kid)"},
		{"65 characters", strings.Repeat("a", 65), `key id "aaaaaaaa"… is longer than 64 characters`},
		{"a mile of characters", strings.Repeat("é", 5000), "is longer than 64 characters"},
		{"a space", "a b", `key id "a b" ` + badCharacter},
		{"a line end", "a\n", `key id "a\n" ` + badCharacter},
		{"a slash", "a/b", badCharacter},
		{"a plus", "a+b", badCharacter},
		{"a quote", `a"b`, badCharacter},
		{"a null character", "a\x00", badCharacter},
		{"a letter beyond ASCII", "schlüssel", badCharacter},
		{"a digit beyond ASCII", "٣", badCharacter},
		{"broken UTF-8", "a\xff", badCharacter},
		{"an at sign", "a@b", badCharacter},
		{"a brace", "a{", badCharacter},
		{"a backquote", "a`", badCharacter},
		{"a bracket", "a[", badCharacter},
		{"a colon", "a:", badCharacter},
		{"a comma", "a,b", badCharacter},
	} {
		t.Run(row.name+" refused", func(t *testing.T) {
			_, err := keys.NewKey(keys.Material{ID: row.id, Signing: secret("s"), Encryption: secret("e")})
			requireRefused(t, err, [][]byte{secret("s"), secret("e")}, row.reason)
			sig, enc := signingJWK(t, "a", keys.HS256), encryptionJWK("a")
			sig["kid"], enc["kid"] = row.id, row.id
			_, err = keys.Parse(keyFile(t, sig, enc), keys.Options{})
			if row.name == "broken UTF-8" {
				return // the test's own encoder mends it
			}
			requireRefused(t, err, [][]byte{secret("a sig"), secret("a enc")}, "entry 1: ", row.reason)
		})
	}
}

func TestOneKeyForTwoUsesRefused(t *testing.T) {
	same := secret("same")
	point, err := p256Key(t, "same").PublicKey.Bytes()
	require.NoError(t, err)
	const isSame, isPublic = "signing key and encryption key are the same bytes", "encryption key is the public part of the signing key"
	for _, row := range []struct {
		name       string
		signing    any
		encryption []byte
		reason     string
	}{
		{"HS256", same, same, isSame},
		{"the Ed25519 seed", ed25519Key("same"), same, isSame},
		{"the P-256 scalar", p256Key(t, "same"), same, isSame},
		{"the Ed25519 public key", ed25519Key("same"), ed25519Key("same")[32:], isPublic},
		{"the Ed25519 public key, alone", ed25519Key("same").Public(), ed25519Key("same")[32:], isPublic},
		{"x on P-256", p256Key(t, "same"), point[1:33], isPublic},
		{"y on P-256", &p256Key(t, "same").PublicKey, point[33:], isPublic},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := keys.NewKey(keys.Material{ID: "k1", Signing: row.signing, Encryption: row.encryption})
			requireRefused(t, err, [][]byte{same, row.encryption}, `key "k1": `+row.reason)
		})
	}
}

func TestKeyDates(t *testing.T) {
	const notAfter, outside = "expiry is not after the time from which it seals (exp, nbf)", "dates are not all between the years 1970 and 9999"
	for _, row := range []struct {
		name                       string
		created, notBefore, expiry time.Time
		reason                     string // empty: allowed
	}{
		{name: "none"},
		{name: "all", created: now, notBefore: now, expiry: now.Add(time.Second)},
		{name: "created after its expiry, which decides nothing", created: now, expiry: now.Add(-time.Hour)},
		{name: "1970", created: time.Unix(0, 0), notBefore: time.Unix(0, 0), expiry: time.Unix(1, 0)},
		{name: "the last second of 9999", expiry: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)},
		{name: "expiry at not-before", notBefore: now, expiry: now, reason: notAfter},
		{name: "expiry before not-before", notBefore: now, expiry: now.Add(-time.Second), reason: notAfter},
		{name: "expiry in the same second as not-before", notBefore: now, expiry: now.Add(999 * time.Millisecond), reason: notAfter},
		{name: "created before 1970", created: time.Unix(-1, 0), reason: outside},
		{name: "not-before before 1970", notBefore: time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), reason: outside},
		{name: "expiry before 1970", expiry: time.Unix(-1, 0), reason: outside},
		{name: "expiry in the year 10000", expiry: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), reason: outside},
	} {
		name := row.name + " allowed"
		if row.reason != "" {
			name = row.name + " refused"
		}
		t.Run(name, func(t *testing.T) {
			key, err := keys.NewKey(keys.Material{
				ID: "k1", Signing: secret("s"), Encryption: secret("e"), Created: row.created, NotBefore: row.notBefore, Expiry: row.expiry,
			})
			if row.reason != "" {
				requireRefused(t, err, nil, `key "k1": `+row.reason)
				return
			}
			require.NoError(t, err)
			text, err := keys.Marshal(newRing(t, key))
			require.NoError(t, err)
			again, err := keys.Parse(text, keys.Options{OpenOnly: true})
			require.NoError(t, err, "what NewKey allows, the key file holds")
			requireSameFile(t, newRing(t, key), again)
		})
	}
}

func TestKeyDatesAreWholeSeconds(t *testing.T) {
	late := now.Add(999_999_999)
	key := newKey(t, keys.Material{
		ID: "k1", Signing: secret("s"), Encryption: secret("e"), Created: late, NotBefore: late, Expiry: late.Add(time.Hour),
	})
	require.True(t, now.Equal(key.Created()))
	require.True(t, now.Equal(key.NotBefore()))
	require.True(t, now.Add(time.Hour).Equal(key.Expiry()))
}

func TestGenerate(t *testing.T) {
	for _, alg := range []keys.Algorithm{keys.HS256, keys.EdDSA, keys.ES256} {
		t.Run(string(alg), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				from, until := time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
				key, err := keys.Generate(alg, from, until)
				require.NoError(t, err)
				require.Equal(t, alg, key.Algorithm())
				require.True(t, key.CanSign())
				require.Regexp(t, `^[a-z2-7]{10}$`, key.ID())
				require.True(t, time.Now().Equal(key.Created()))
				require.True(t, from.Equal(key.NotBefore()))
				require.True(t, until.Equal(key.Expiry()))

				other, err := keys.Generate(alg, time.Time{}, time.Time{})
				require.NoError(t, err)
				require.NotEqual(t, key.ID(), other.ID())
				_, err = keys.NewRing([]*keys.Key{other, key}, keys.Options{})
				require.NoError(t, err, "two fresh keys share nothing")
			})
		})
	}
	_, err := keys.Generate("RS256", time.Time{}, time.Time{})
	requireRefused(t, err, nil, `unknown signing algorithm "RS256"`)
	_, err = keys.Generate("", time.Time{}, time.Time{})
	requireRefused(t, err, nil, `unknown signing algorithm ""`)
	_, err = keys.Generate(keys.HS256, now, now)
	requireRefused(t, err, nil, "expiry is not after")
}

// What a caller does with its material after NewKey is no concern of the key's, even through the deprecated fields.
//
//nolint:staticcheck
func TestKeysAreCopies(t *testing.T) {
	wipe := func(b []byte) { clear(b) }
	hmacSecret, private, ec := secret("signing"), ed25519Key("signing"), p256Key(t, "signing")
	public := ed25519.PublicKey(ed25519Key("signing")[32:])
	ecPublic := &p256Key(t, "signing").PublicKey
	for _, row := range []struct {
		name    string
		signing any
		change  func()
	}{
		{"HS256", hmacSecret, func() { wipe(hmacSecret) }},
		{"EdDSA private", private, func() { wipe(private) }},
		{"EdDSA public", public, func() { wipe(public) }},
		{"ES256 private", ec, func() { ec.D.SetInt64(1); ec.X.SetInt64(1); ec.Y.SetInt64(1); ec.Curve = nil }},
		{"ES256 public", ecPublic, func() { ecPublic.X.SetInt64(1); ecPublic.Y.SetInt64(1); ecPublic.Curve = nil }},
	} {
		t.Run(row.name, func(t *testing.T) {
			signer := newKey(t, keys.Material{ID: "k2", Signing: signingKeys(t)[strings.Replace(row.name, "public", "private", 1)], Encryption: secret("e")})
			signature, err := signer.Sign(nil, []byte("input"))
			require.NoError(t, err)
			encryption := secret("e")
			ring := newRing(t, newKey(t, keys.Material{ID: "k1", Signing: row.signing, Encryption: encryption}))
			before, err := keys.Marshal(ring)
			require.NoError(t, err)

			row.change()
			wipe(encryption)

			after, err := keys.Marshal(ring)
			require.NoError(t, err)
			require.True(t, string(before) == string(after), "the ring changed with its material")
			require.NoError(t, ring.Key("k1").Verify([]byte("input"), signature))
			require.Equal(t, "plain", string(open(t, ring.Key("k1"), seal(signer))))
		})
	}
}

func seal(key *keys.Key) []byte { return key.AEAD().Seal(nil, nil, []byte("plain"), []byte("header")) }

func open(t *testing.T, key *keys.Key, sealed []byte) []byte {
	t.Helper()
	plain, err := key.AEAD().Open(nil, nil, sealed, []byte("header"))
	require.NoError(t, err)
	return plain
}
