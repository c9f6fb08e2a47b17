package keys_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

func TestMarshalRoundTrip(t *testing.T) {
	for name, signing := range signingKeys(t) {
		for dates, m := range map[string]keys.Material{
			"no dates": {}, "all dates": {Created: now, NotBefore: now, Expiry: now.AddDate(0, 3, 0)},
			"local dates": {NotBefore: now.In(time.FixedZone("", 3600)), Expiry: now.AddDate(0, 3, 0).In(time.FixedZone("", -7200))},
			"an expiry":   {Expiry: now},
		} {
			t.Run(name+", "+dates, func(t *testing.T) {
				m.ID, m.Signing, m.Encryption = "a", signing, secret("e")
				ring := newRing(t, newKey(t, m), hmacKey(t, "b", time.Time{}, time.Time{}))
				text, err := keys.Marshal(ring)
				require.NoError(t, err)
				again, err := keys.Parse(text, keys.Options{Now: atNow})
				require.NoError(t, err)
				requireSameFile(t, ring, again)

				was, is := ring.Keys()[0], again.Keys()[0]
				require.Equal(t, was.ID(), is.ID())
				require.Equal(t, was.Algorithm(), is.Algorithm())
				require.Equal(t, was.CanSign(), is.CanSign())
				require.True(t, was.Created().Equal(is.Created()) && was.NotBefore().Equal(is.NotBefore()) && was.Expiry().Equal(is.Expiry()))
				require.Equal(t, "plain", string(open(t, is, seal(was))))
				if was.CanSign() {
					signature, err := was.Sign(nil, []byte("input"))
					require.NoError(t, err)
					require.NoError(t, is.Verify([]byte("input"), signature))
				}
			})
		}
	}
}

// The file is read by other programs too, so its form is a promise.
func TestMarshalForm(t *testing.T) {
	point, err := p256Key(t, "c").PublicKey.Bytes()
	require.NoError(t, err)
	ring := newRing(t,
		newKey(t, keys.Material{
			ID: "a", Signing: secret("a"), Encryption: secret("a enc"),
			Created: now, NotBefore: now.Add(time.Hour), Expiry: now.Add(2 * time.Hour),
		}),
		newKey(t, keys.Material{ID: "b", Signing: ed25519Key("b"), Encryption: secret("b enc")}),
		newKey(t, keys.Material{ID: "c", Signing: p256Key(t, "c"), Encryption: secret("c enc")}),
		newKey(t, keys.Material{ID: "d", Signing: ed25519Key("d").Public(), Encryption: secret("d enc")}),
	)
	got, err := keys.Marshal(ring)
	require.NoError(t, err)
	want := fmt.Sprintf(`{
  "keys": [
    {"alg": "HS256", "exp": 1793541600, "iat": 1793534400, "k": %q, "kid": "a", "kty": "oct", "nbf": 1793538000, "use": "sig"},
    {"alg": "A256GCM", "exp": 1793541600, "iat": 1793534400, "k": %q, "kid": "a", "kty": "oct", "nbf": 1793538000, "use": "enc"},
    {"alg": "EdDSA", "crv": "Ed25519", "d": %q, "kid": "b", "kty": "OKP", "use": "sig", "x": %q},
    {"alg": "A256GCM", "k": %q, "kid": "b", "kty": "oct", "use": "enc"},
    {"alg": "ES256", "crv": "P-256", "d": %q, "kid": "c", "kty": "EC", "use": "sig", "x": %q, "y": %q},
    {"alg": "A256GCM", "k": %q, "kid": "c", "kty": "oct", "use": "enc"},
    {"alg": "EdDSA", "crv": "Ed25519", "kid": "d", "kty": "OKP", "use": "sig", "x": %q},
    {"alg": "A256GCM", "k": %q, "kid": "d", "kty": "oct", "use": "enc"}
  ]
}`, b64(secret("a")), b64(secret("a enc")), b64(secret("b")), b64(ed25519Key("b")[32:]), b64(secret("b enc")),
		b64(secret("c")), b64(point[1:33]), b64(point[33:]), b64(secret("c enc")), b64(ed25519Key("d")[32:]), b64(secret("d enc")))
	var indented bytes.Buffer
	require.NoError(t, json.Indent(&indented, []byte(want), "", "  "))
	require.Equal(t, indented.String()+"\n", string(got))
	again, err := keys.Marshal(ring)
	require.NoError(t, err)
	require.Equal(t, string(got), string(again), "the same ring gives the same bytes")
}
