package token_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwe"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jws"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

// foreign opens a token as a program would that has jwx and the key file, and nothing of this library.
func foreign(file []byte, text string) (outer, inner, payload string, err error) {
	set, err := jwk.Parse(file)
	if err != nil {
		return "", "", "", err
	}
	find := func(kid, use string) any {
		for i := range set.Len() {
			if key, _ := set.Key(i); key.KeyID() == kid && key.KeyUsage() == use {
				var raw any
				must(key.Raw(&raw))
				return raw
			}
		}
		return nil
	}
	message, err := jwe.Parse([]byte(text))
	if err != nil {
		return "", "", "", err
	}
	kid := message.ProtectedHeaders().KeyID()
	var signed []byte
	freely(func() { signed, err = jwe.Decrypt([]byte(text), jwe.WithKey(jwa.DIRECT, find(kid, "enc"))) })
	if err != nil {
		return "", "", "", err
	}
	parsed, err := jws.Parse(signed)
	if err != nil {
		return "", "", "", err
	}
	header := parsed.Signatures()[0].ProtectedHeaders()
	if header.KeyID() != kid {
		return "", "", "", errors.New("another kid inside")
	}
	body, err := jws.Verify(signed, jws.WithKey(header.Algorithm(), find(kid, "sig")))
	if err != nil {
		return "", "", "", err
	}
	first := func(text string) string {
		segment, _, _ := strings.Cut(text, ".")
		decoded, err := base64.RawURLEncoding.DecodeString(segment)
		must(err)
		return string(decoded)
	}
	return first(text), first(string(signed)), string(body), nil
}

func foreignOpen(t testing.TB, file []byte, text string) (outer, inner, payload string) {
	t.Helper()
	outer, inner, payload, err := foreign(file, text)
	require.NoError(t, err)
	return outer, inner, payload
}

// foreignClaims reads a payload as a careless program does, with encoding/json.
func foreignClaims(payload, kid string) (claims vectorClaims, iss, aud string, err error) {
	var body struct {
		Iss   string          `json:"iss"`
		Aud   string          `json:"aud"`
		Sub   string          `json:"sub"`
		Sid   string          `json:"sid"`
		Jti   string          `json:"jti"`
		Iat   json.Number     `json:"iat"`
		Exp   json.Number     `json:"exp"`
		Auth  json.Number     `json:"auth_time"`
		State json.RawMessage `json:"sealjar"`
	}
	if err := json.Unmarshal([]byte(payload), &body); err != nil {
		return vectorClaims{}, "", "", err
	}
	date := func(n json.Number) string {
		exact, ok := new(big.Rat).SetString(n.String())
		if !ok {
			return "not a number"
		}
		exact.Mul(exact, big.NewRat(1000, 1))
		if !exact.IsInt() {
			return "not whole milliseconds"
		}
		return time.UnixMilli(exact.Num().Int64()).UTC().Format(stamp)
	}
	return vectorClaims{
		KeyID: kid, Subject: body.Sub, SessionID: body.Sid, TokenID: body.Jti,
		IssuedAt: date(body.Iat), Expiry: date(body.Exp), AuthTime: date(body.Auth), State: string(body.State),
	}, body.Iss, body.Aud, nil
}

// requireForeign opens a good vector with jwx, which must see the same claims.
func requireForeign(t *testing.T, v *vector) {
	t.Helper()
	_, _, payload := foreignOpen(t, v.Keys, v.Token)
	claims, iss, aud, err := foreignClaims(payload, v.Claims.KeyID)
	require.NoError(t, err)
	require.Equal(t, *v.Claims, claims)
	require.Equal(t, v.Issuer, iss)
	require.Equal(t, v.Audience, aud)
}

// TestForeignLibrariesOpenOurs gives what Seal makes to jwx, and the JWS inside to golang-jwt.
func TestForeignLibrariesOpenOurs(t *testing.T) {
	t.Parallel()
	for _, alg := range algorithms {
		t.Run(string(alg), func(t *testing.T) {
			t.Parallel()
			k := usual(alg)
			ring := ringOf(t, k)
			file, err := keys.Marshal(ring)
			require.NoError(t, err)
			c := codecOf(t, token.Config{Keys: ring, Issuer: issuer})
			claims := newClaims()
			text, err := c.Seal(claims)
			require.NoError(t, err)

			_, _, payload := foreignOpen(t, file, text)
			have, iss, aud, err := foreignClaims(payload, k.id)
			require.NoError(t, err)
			require.Equal(t, claimsText(claims), have)
			require.Equal(t, issuer, iss)
			require.Equal(t, audience, aud)

			var signed []byte
			freely(func() { signed, err = jwe.Decrypt([]byte(text), jwe.WithKey(jwa.DIRECT, k.encryption)) })
			require.NoError(t, err)
			parsed, err := jwt.Parse(string(signed), func(*jwt.Token) (any, error) { return k.verifier(), nil },
				jwt.WithValidMethods([]string{string(alg)}), jwt.WithIssuer(issuer), jwt.WithAudience(audience), jwt.WithSubject("alice"),
				jwt.WithIssuedAt(), jwt.WithExpirationRequired(), jwt.WithTimeFunc(at(noon)), jwt.WithStrictDecoding())
			require.NoError(t, err)
			require.Equal(t, "dGVzdC1zZXNzaW9u", parsed.Claims.(jwt.MapClaims)["sid"])
			require.Equal(t, map[string]any{"alg": string(alg), "kid": k.id, "typ": "session+jwt"}, parsed.Header)
		})
	}
}

// TestForeignTokensAreOpened puts tokens together whose JWS jwx or golang-jwt has made. Both write header members in the
// order of the alphabet, which is that of the inner header.
func TestForeignTokensAreOpened(t *testing.T) {
	t.Parallel()
	makers := map[string]func(k *testKey) string{
		"jwx": func(k *testKey) string {
			header := jws.NewHeaders()
			must(header.Set("kid", k.id))
			must(header.Set("typ", "session+jwt"))
			signed, err := jws.Sign([]byte(usualPayload), jws.WithKey(jwa.SignatureAlgorithm(k.alg), k.signing, jws.WithProtectedHeaders(header)))
			must(err)
			return string(signed)
		},
		"golang-jwt": func(k *testKey) string {
			var body jwt.MapClaims
			must(json.Unmarshal([]byte(usualPayload), &body))
			unsigned := jwt.NewWithClaims(jwt.GetSigningMethod(string(k.alg)), body)
			unsigned.Header["kid"], unsigned.Header["typ"] = k.id, "session+jwt"
			signed, err := unsigned.SignedString(k.signing)
			must(err)
			return signed
		},
	}
	for name, sign := range makers {
		for _, alg := range algorithms {
			t.Run(fmt.Sprintf("%s/%s", name, alg), func(t *testing.T) {
				t.Parallel()
				k := usual(alg)
				p := k.parts()
				p.plain = func(string) string { return sign(k) }
				c := codecOf(t, token.Config{Keys: ringOf(t, k)})
				claims, err := c.Open(p.token())
				require.NoError(t, err)
				ours, err := c.Open(k.mint(usualPayload))
				require.NoError(t, err)
				require.Equal(t, claimsText(&ours), claimsText(&claims))
			})
		}
	}
}

// TestForeignHeaderOrderIsRefused shows what docs/format.md warns of: a library that writes the outer header in an order
// of its own makes a token that any JOSE library opens, and this profile does not.
func TestForeignHeaderOrderIsRefused(t *testing.T) {
	t.Parallel()
	k := usual(keys.HS256)
	header := jwe.NewHeaders()
	must(header.Set("kid", k.id))
	must(header.Set("cty", "JWT"))
	var text []byte
	freely(func() {
		var err error
		text, err = jwe.Encrypt([]byte(k.parts().jws()), jwe.WithKey(jwa.DIRECT, k.encryption), jwe.WithContentEncryption(jwa.A256GCM),
			jwe.WithProtectedHeaders(header))
		must(err)
	})
	outer, _, payload := foreignOpen(t, jwks(k), string(text))
	require.Equal(t, `{"alg":"dir","cty":"JWT","enc":"A256GCM","kid":"`+k.id+`"}`, outer)
	require.Equal(t, usualPayload, payload)
	_, err := codecOf(t, token.Config{Keys: ringOf(t, k)}).Open(string(text))
	require.ErrorIs(t, err, token.ErrUnknownKey)
}
