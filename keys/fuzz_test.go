package keys_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

// A key file is trusted, but half of one, or one that an editor went through, must give an error and no surprise.
func FuzzParse(f *testing.F) {
	for _, alg := range algorithms {
		private, public := signingJWK(f, "a", alg), signingJWK(f, "a", alg)
		delete(public, "d")
		dated := encryptionJWK("a")
		dated["nbf"], dated["exp"] = 1000, int64(4102444800)
		f.Add(keyFile(f, private, encryptionJWK("a")))
		f.Add(keyFile(f, public, encryptionJWK("a")))
		f.Add(keyFile(f, private, dated))
	}
	f.Add(keyFile(f, signingJWK(f, "a", keys.HS256), encryptionJWK("a"), encryptionJWK("b"), signingJWK(f, "b", keys.EdDSA)))
	for _, text := range []string{
		"", "null", "{}", `{"keys":[]}`, `{"keys":[{}]}`, `{"keys":[null,1,"",[]]}`, "-----BEGIN PRIVATE KEY-----",
		`{"keys":[{"kid":"a","use":"sig","kty":"oct","alg":"HS256","k":"","iat":1e9,"nbf":-1,"exp":99999999999999999999}]}`,
		`{"keys":[{"kid":"a","use":"sig","kty":"EC","crv":"P-256","alg":"ES256","x":"","y":"","d":"","x5c":[],"key_ops":["sign"]}]}`,
		`{"keys":[{"kid":"a","kty":"RSA","n":"AQAB","e":"AQAB"}]}`, strings.Repeat(`{"keys":[`, 40),
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var ring *keys.Ring
		var err error
		spent := allocated(func() { ring, err = keys.Parse(data, keys.Options{OpenOnly: true}) })
		require.Less(t, spent, uint64(4<<20+128*len(data)), "the cost follows the size")
		if err != nil {
			require.Nil(t, ring)
			require.True(t, strings.HasPrefix(err.Error(), "keys: "), err)
			require.Less(t, len(err.Error()), 300)
			return
		}
		require.NotEmpty(t, ring.Keys())
		require.LessOrEqual(t, len(ring.Keys()), keys.MaxKeys)
		text, err := keys.Marshal(ring)
		require.NoError(t, err)
		again, err := keys.Parse(text, keys.Options{OpenOnly: true})
		require.NoError(t, err)
		requireSameFile(t, ring, again)
		for _, key := range ring.Keys() {
			require.Same(t, key, ring.Key(key.ID()))
			require.Equal(t, "plain", string(open(t, again.Key(key.ID()), seal(key))))
			if key.CanSign() {
				signature, err := key.Sign(nil, data)
				require.NoError(t, err)
				require.NoError(t, again.Key(key.ID()).Verify(data, signature))
			}
		}
	})
}

func FuzzFromSecrets(f *testing.F) {
	one, two := hex.EncodeToString(secret("1")), b64(secret("2"))
	for _, list := range []string{
		"", one, two, two + "=", one + "," + two, one + "\n" + two + "\n", two + two, one[1:], "changeme", strings.Repeat("A", 43), strings.Repeat("0", 64),
		"-----BEGIN PRIVATE KEY-----", `{"kty":"oct"}`, strings.Repeat(one+",", 40), "\u2003" + one + "\u0085", "\xff" + one,
	} {
		f.Add(list)
	}
	f.Fuzz(func(t *testing.T, list string) {
		ring, err := keys.FromSecrets(list)
		if err != nil {
			require.Nil(t, ring)
			require.True(t, strings.HasPrefix(err.Error(), "keys: "), err)
			for _, word := range strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == ' ' }) {
				if len(word) >= 24 { // longer than any word of the errors
					require.NotContains(t, err.Error(), word)
				}
			}
			return
		}
		require.Same(t, ring.Keys()[0], ring.Sealing(time.Unix(0, 0)), "the first seals, since ever")
		require.LessOrEqual(t, len(ring.Keys()), keys.MaxKeys)
		again, err := keys.FromSecrets(list)
		require.NoError(t, err)
		requireSameFile(t, ring, again)
		text, err := keys.Marshal(ring)
		require.NoError(t, err)
		parsed, err := keys.Parse(text, keys.Options{})
		require.NoError(t, err)
		requireSameFile(t, ring, parsed)
	})
}
