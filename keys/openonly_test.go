package keys_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

func TestMarshalOpenOnlyHasNoSigningSecret(t *testing.T) {
	var list []*keys.Key
	for _, alg := range []keys.Algorithm{keys.HS256, keys.EdDSA, keys.ES256} {
		k, err := keys.Generate(alg, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
		require.NoError(t, err)
		list = append(list, k)
	}
	ring, err := keys.NewRing(list, keys.Options{Version: 7})
	require.NoError(t, err)
	text, err := keys.MarshalOpenOnly(ring)
	require.NoError(t, err)

	var private struct{ Keys []map[string]any }
	require.NoError(t, json.Unmarshal(marshal(t, ring), &private))
	for _, k := range private.Keys {
		switch {
		case k["alg"] == "HS256":
			require.NotContains(t, string(text), k["k"])
		case k["use"] == "sig":
			require.NotContains(t, string(text), k["d"])
		}
	}

	reader, err := keys.Parse(text, keys.Options{OpenOnly: true})
	require.NoError(t, err)
	require.Equal(t, ring.Version(), reader.Version())
	require.Len(t, reader.Keys(), 2)
	for i, k := range reader.Keys() {
		original := list[i+1]
		require.Equal(t, original.ID(), k.ID())
		require.Equal(t, original.NotBefore(), k.NotBefore().Local())
		require.Equal(t, original.Expiry(), k.Expiry().Local())
		require.False(t, k.CanSign())
		signature, err := original.Sign(nil, []byte("text"))
		require.NoError(t, err)
		require.NoError(t, k.Verify([]byte("text"), signature))
		opened, err := k.AEAD().Open(nil, nil, original.AEAD().Seal(nil, nil, []byte("text"), nil), nil)
		require.NoError(t, err)
		require.Equal(t, "text", string(opened))
	}
	again, err := keys.MarshalOpenOnly(reader)
	require.NoError(t, err)
	require.Equal(t, string(text), string(again))
}

func TestMarshalOpenOnlyOfSecretsRefused(t *testing.T) {
	ring, err := keys.FromSecrets(kek)
	require.NoError(t, err)
	_, err = keys.MarshalOpenOnly(ring)
	require.EqualError(t, err, "keys: every key signs with HS256, with which who verifies can sign: want EdDSA or ES256")
}
