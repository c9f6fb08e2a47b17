package interop_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

// forge makes a token of any payload, as only who holds the keys can.
func forge(t testing.TB, k *keys.Key, payload []byte) string {
	t.Helper()
	segment := func(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
	header := segment([]byte(`{"alg":"dir","enc":"A256GCM","kid":"` + k.ID() + `","cty":"JWT"}`))
	input := segment([]byte(`{"alg":"HS256","kid":"`+k.ID()+`","typ":"session+jwt"}`)) + "." + segment(payload)
	signature, err := k.Sign(nil, []byte(input))
	require.NoError(t, err)
	sealed := k.AEAD().Seal(nil, nil, []byte(input+"."+segment(signature)), []byte(header))
	tag := len(sealed) - 16
	return header + ".." + segment(sealed[:12]) + "." + segment(sealed[12:tag]) + "." + segment(sealed[tag:])
}

// payloads are those of the vectors whose tokens come so far that a reader looks at the payload.
func payloads(t testing.TB) (list [][]byte) {
	t.Helper()
	for _, v := range vectors(t) {
		ring, err := keys.Parse(v.Keys, keys.Options{OpenOnly: true})
		require.NoError(t, err)
		parts := strings.Split(v.Token, ".")
		if len(parts) != 5 {
			continue
		}
		var sealed []byte
		for _, segment := range parts[2:] {
			b, _ := base64.RawURLEncoding.DecodeString(segment)
			sealed = append(sealed, b...)
		}
		for _, k := range ring.Keys() {
			jws, err := k.AEAD().Open(nil, nil, sealed, []byte(parts[0]))
			if err != nil || strings.Count(string(jws), ".") != 2 {
				continue
			}
			if payload, err := base64.RawURLEncoding.DecodeString(strings.Split(string(jws), ".")[1]); err == nil {
				list = append(list, payload)
			}
		}
	}
	return list
}

// FuzzNodeAgrees holds two readers against each other that have nothing in common but docs/format.md: to each payload
// both give the same claims, or the same refusal.
func FuzzNodeAgrees(f *testing.F) {
	seeds := payloads(f)
	require.Greater(f, len(seeds), 380)
	for _, payload := range seeds {
		f.Add(payload)
	}
	ring := ringOf(f, keys.HS256)
	jwks, err := keys.Marshal(ring)
	require.NoError(f, err)
	now := time.Unix(1_800_000_000, 0)
	codec, err := token.New(token.Config{Keys: ring, Audience: "session", Now: func() time.Time { return now }})
	require.NoError(f, err)
	words := map[error]string{
		token.ErrTooLong: "too_long", token.ErrClaims: "claims", token.ErrIssuer: "issuer", token.ErrAudience: "audience",
		token.ErrNotYet: "not_yet", token.ErrExpired: "expired",
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		text := forge(t, ring.Keys()[0], payload)
		have := ask(t, request{Do: "strict", Keys: jwks, Token: text, Now: now.UnixMilli(), Audience: "session"})
		require.Empty(t, have.Error)
		c, err := codec.Open(text)
		if err != nil {
			for sentinel, word := range words {
				if errors.Is(err, sentinel) {
					require.Equal(t, word, have.Refusal)
					return
				}
			}
			require.NoError(t, err)
		}
		require.Empty(t, have.Refusal)
		stamp := func(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }
		require.JSONEq(t, string(encode(t, map[string]string{
			"kid": c.KeyID, "sub": c.Subject, "sid": c.SessionID, "jti": c.TokenID, "state": string(c.State),
			"iat": stamp(c.IssuedAt), "exp": stamp(c.Expiry), "auth_time": stamp(c.AuthTime),
		})), string(have.Claims))
	})
}
