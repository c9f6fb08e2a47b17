package keys_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	josejwk "github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

func TestPublicHasNoSecret(t *testing.T) {
	var list []*keys.Key
	for _, alg := range []keys.Algorithm{keys.HS256, keys.EdDSA, keys.ES256} {
		k, err := keys.Generate(alg, time.Time{}, time.Now().Add(time.Hour))
		require.NoError(t, err)
		list = append(list, k)
	}
	ring := mustRing(t, list)
	set, err := keys.Public(ring)
	require.NoError(t, err)

	var public, private struct{ Keys []map[string]any }
	require.NoError(t, json.Unmarshal(set, &public))
	require.NoError(t, json.Unmarshal(marshal(t, ring), &private))
	require.Len(t, public.Keys, 2, "HS256 has no public part")
	for i, k := range public.Keys {
		require.Equal(t, list[i+1].ID(), k["kid"])
		require.Equal(t, "sig", k["use"])
		require.Equal(t, string(list[i+1].Algorithm()), k["alg"])
		for name := range k {
			require.Contains(t, []string{"kid", "use", "alg", "kty", "crv", "x", "y"}, name)
		}
	}
	for _, k := range private.Keys {
		for _, name := range []string{"k", "d"} {
			if secret, ok := k[name].(string); ok {
				require.NotContains(t, string(set), secret)
				_, err := base64.RawURLEncoding.DecodeString(secret)
				require.NoError(t, err)
			}
		}
	}
}

func TestPublicVerifies(t *testing.T) {
	for _, alg := range []keys.Algorithm{keys.EdDSA, keys.ES256} {
		k, err := keys.Generate(alg, time.Time{}, time.Time{})
		require.NoError(t, err)
		set, err := keys.Public(mustRing(t, []*keys.Key{k}))
		require.NoError(t, err)
		read, err := josejwk.Parse(set)
		require.NoError(t, err)
		published, found := read.LookupKeyID(k.ID())
		require.True(t, found)
		var raw any
		require.NoError(t, published.Raw(&raw))
		verifier := mustKey(t, keys.Material{ID: "v", Signing: raw, Encryption: keyBytes()})
		signature, err := k.Sign(nil, []byte("text"))
		require.NoError(t, err)
		require.NoError(t, verifier.Verify([]byte("text"), signature))
		require.Error(t, verifier.Verify([]byte("other"), signature))
	}
}

func TestPublicOfSecretsIsEmpty(t *testing.T) {
	ring, err := keys.FromSecrets(kek)
	require.NoError(t, err)
	set, err := keys.Public(ring)
	require.NoError(t, err)
	require.JSONEq(t, `{"keys":[]}`, string(set))
}
