package backchannel_test

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/backchannel"
)

func TestClaims(t *testing.T) {
	const name = "http://schemas.openid.net/event/backchannel-logout"
	at := func(d time.Duration) int64 { return start.Add(d).Unix() }
	for _, row := range []struct {
		name   string
		claims object
	}{
		{"one audience of an array", object{"aud": []string{client}}},
		{"a second audience that is trusted", object{"aud": []string{"till", client}}},
		{"dates with a fraction", object{"iat": float64(at(0)) + 0.25, "exp": float64(at(time.Minute)) + 0.5}},
		{"issued half a minute ahead", object{"iat": at(30 * time.Second)}},
		{"issued five minutes ago, for longer", object{"iat": at(-5 * time.Minute), "exp": at(time.Hour)}},
		{"expired within the leeway", object{"exp": at(-29 * time.Second)}},
		{"claims that nobody knows", object{"iss2": "x", "Nonce": 1, "trace": object{"a": 1}}},
		{"more events", object{"events": object{name: object{"a": 1}, "urn:x": "y"}}},
	} {
		t.Run(row.name+" allowed", func(t *testing.T) {
			s := newSite(t, func(o *backchannel.Options) { o.OtherAudiences = []string{"till"} })
			require.Equal(t, http.StatusOK, s.post(logoutToken(claimsOf(start, row.claims))).Code)
		})
	}
	for _, row := range []struct {
		name   string
		claims object
		why    string
	}{
		{"another issuer", object{"iss": issuer + "/"}, "another issuer"},
		{"no issuer", object{"iss": nil}, "missing"},
		{"another audience", object{"aud": "till"}, "another audience"},
		{"no audience", object{"aud": nil}, "missing"},
		{"an empty array of audiences", object{"aud": []string{}}, "missing"},
		{"a null audience", object{"aud": json.RawMessage("null")}, "missing"},
		{"an audience of numbers", object{"aud": []any{client, 1}}, "no text"},
		{"an audience in an object", object{"aud": object{"a": client}}, "neither a text"},
		{"a second audience that is not trusted", object{"aud": []string{client, "bank"}}, "not trusted"},
		{"no iat", object{"iat": nil}, "missing"},
		{"an iat that is a text", object{"iat": fmt.Sprint(at(0))}, "not a number"},
		{"an iat that is huge", object{"iat": 1e300}, "not a number"},
		{"issued further ahead", object{"iat": at(31 * time.Second)}, "in the future"},
		{"issued longer ago", object{"iat": at(-330 * time.Second), "exp": at(time.Hour)}, "has expired"},
		{"no exp", object{"exp": nil}, "missing"},
		{"expired", object{"exp": at(-30 * time.Second)}, "has expired"},
		{"no jti", object{"jti": nil}, "missing"},
		{"an empty jti", object{"jti": ""}, "is empty"},
		{"neither sub nor sid", object{"sub": nil}, "neither sub nor sid"},
		{"an empty sub", object{"sub": "", "sid": "s1"}, "is empty"},
		{"a sub that is a number", object{"sub": 7}, "no text"},
		{"a long sid", object{"sid": strings.Repeat("s", 256)}, "longer than 255"},
		{"a nonce", object{"nonce": "n"}, "nonce"},
		{"a null nonce", object{"nonce": json.RawMessage("null")}, "nonce"},
		{"no events", object{"events": nil}, "events"},
		{"events without the event", object{"events": object{name + "s": object{}}}, "events"},
		{"the event with another value", object{"events": object{name: "{}"}}, "events"},
		{"the event with an array", object{"events": object{name: []int{}}}, "events"},
		{"events in an array", object{"events": []string{name}}, "events"},
		{"events as a text", object{"events": name}, "events"},
	} {
		t.Run(row.name+" refused", func(t *testing.T) {
			s := newSite(t, nil)
			s.requireRefused(t, s.post(logoutToken(claimsOf(start, row.claims))), row.why)
		})
	}
	t.Run("a claim given twice refused", func(t *testing.T) {
		s := newSite(t, nil)
		text := string(must(json.Marshal(claimsOf(start, nil))))
		token := sign("RS256", rsaKey(), `{"alg":"RS256","kid":"k1","typ":"logout+jwt"}`, `{"sub":"grace",`+text[1:])
		s.requireRefused(t, s.post(token), "not a signed JWT")
	})
}

func TestHeaders(t *testing.T) {
	payload := string(must(json.Marshal(claimsOf(start, nil))))
	post := func(t *testing.T, header string, untyped bool) (*site, int, string) {
		s := newSite(t, func(o *backchannel.Options) { o.AllowUntyped = untyped })
		w := s.post(sign("RS256", rsaKey(), header, payload))
		if w.Code != http.StatusOK {
			require.Empty(t, s.list.entries)
		}
		return s, w.Code, w.Body.String()
	}
	for _, row := range []struct {
		header           string
		typed, ifUntyped int
	}{
		{`{"alg":"RS256","kid":"k1","typ":"logout+jwt"}`, 200, 200},
		{`{"alg":"RS256","kid":"k1","typ":"application/LOGOUT+JWT"}`, 200, 200},
		{`{"alg":"RS256","typ":"logout+jwt"}`, 200, 200},
		{`{"alg":"RS256","typ":"logout+jwt","jku":"https://evil.example","x5c":["AAAA"]}`, 200, 200},
		{`{"alg":"RS256","kid":"k1","typ":"JWT"}`, 400, 200},
		{`{"alg":"RS256","kid":"k1"}`, 400, 200},
		{`{"alg":"RS256","kid":"k1","typ":"at+jwt"}`, 400, 400},
		{`{"alg":"RS256","kid":"k1","typ":""}`, 400, 400},
		{`{"alg":"RS256","kid":"k2","typ":"logout+jwt"}`, 400, 400},
		{`{"alg":"RS512","kid":"k1","typ":"logout+jwt"}`, 400, 400},
		{`{"alg":"rs256","kid":"k1","typ":"logout+jwt"}`, 400, 400},
		{`{"alg":"none","kid":"k1","typ":"logout+jwt"}`, 400, 400},
		{`{"kid":"k1","typ":"logout+jwt"}`, 400, 400},
		{`{"alg":"RS256","alg":"RS256","kid":"k1","typ":"logout+jwt"}`, 400, 400},
		{`{"alg":"RS256","kid":"k1","typ":"logout+jwt","crit":["exp"]}`, 400, 400},
		{`{"alg":"RS256","kid":"k1","typ":"logout+jwt","b64":true}`, 400, 400},
		{`{"alg":"RS256","kid":"k1","typ":"logout+jwt"} x`, 400, 400},
		{`[]`, 400, 400},
	} {
		_, code, told := post(t, row.header, false)
		require.Equal(t, row.typed, code, "%s: %s", row.header, told)
		_, code, told = post(t, row.header, true)
		require.Equal(t, row.ifUntyped, code, "untyped allowed, %s: %s", row.header, told)
	}
}

func TestSpellingsRefused(t *testing.T) {
	good := logoutToken(claimsOf(start, nil))
	parts := strings.Split(good, ".")
	for name, text := range map[string]string{
		"padding":            good + "=",
		"a line break":       parts[0] + ".\n" + parts[1] + "." + parts[2],
		"a space before":     " " + good,
		"a fourth part":      good + ".AAAA",
		"an encrypted token": good + ".AAAA.AAAA",
		"two parts":          parts[0] + "." + parts[1],
		"one part":           parts[0],
		"no signature":       parts[0] + "." + parts[1] + ".",
		"no payload":         parts[0] + ".." + parts[2],
		"JSON":               `{"payload":"` + parts[1] + `","signatures":[]}`,
		"another alphabet":   parts[0] + "." + parts[1] + "+/." + parts[2],
		"unused bits":        good[:len(good)-1] + string(good[len(good)-1]+1), // 256 bytes end in a character with four unused bits
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, nil)
			s.requireRefused(t, s.post(text), "not a signed JWT")
		})
	}
}

func TestSignatures(t *testing.T) {
	der := must(x509.MarshalPKIXPublicKey(rsaKey().Public()))
	payload := string(must(json.Marshal(claimsOf(start, nil))))
	every := []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
	for _, row := range []struct {
		name      string
		algorithm string
		key       crypto.PrivateKey
		published object
		accepted  []string
		code      int
	}{
		{"RS256 allowed", "RS256", rsaKey(), jwk(rsaKey().Public(), nil), nil, 200},
		{"RS256 for the key's alg allowed", "RS256", rsaKey(), jwk(rsaKey().Public(), object{"alg": "RS256"}), nil, 200},
		{"PS256 allowed", "PS256", rsaKey(), jwk(rsaKey().Public(), nil), every, 200},
		{"RS512 allowed", "RS512", rsaKey(), jwk(rsaKey().Public(), nil), every, 200},
		{"ES256 allowed", "ES256", p256Key(), jwk(p256Key().Public(), nil), every, 200},
		{"ES384 allowed", "ES384", p384Key(), jwk(p384Key().Public(), nil), every, 200},
		{"EdDSA allowed", "EdDSA", ed25519Key(), jwk(ed25519Key().Public(), nil), every, 200},

		{"an algorithm that was not agreed on refused", "ES256", p256Key(), jwk(p256Key().Public(), nil), nil, 400},
		{"another algorithm than the key's refused", "PS256", rsaKey(), jwk(rsaKey().Public(), object{"alg": "RS256"}), every, 400},
		{"a key of another type refused", "ES256", p256Key(), jwk(rsaKey().Public(), nil), every, 400},
		{"a key on another curve refused", "ES256", p256Key(), jwk(p384Key().Public(), nil), every, 400},
		{"another's key refused", "RS256", otherRSA(), jwk(rsaKey().Public(), nil), nil, 400},
		{"HMAC with the public key refused", "HS256", der, jwk(rsaKey().Public(), nil), every, 400},
	} {
		t.Run(row.name, func(t *testing.T) {
			set := must(backchannel.ParseKeySet(jwks(row.published)))
			s := newSite(t, func(o *backchannel.Options) {
				o.Algorithms = row.accepted
				o.Keys = func(_ context.Context, asked string) (*backchannel.KeySet, error) {
					require.Equal(t, kid, asked)
					return set, nil
				}
			})
			header := fmt.Sprintf(`{"alg":%q,"kid":"k1","typ":"logout+jwt"}`, row.algorithm)
			w := s.post(sign(row.algorithm, row.key, header, payload))
			require.Equal(t, row.code, w.Code, w.Body)
			require.Equal(t, row.code == 200, len(s.list.entries) == 1)
		})
	}
	t.Run("without a kid and with two keys refused", func(t *testing.T) {
		set := must(backchannel.ParseKeySet(jwks(jwk(rsaKey().Public(), nil), jwk(otherRSA().Public(), object{"kid": "k2"}))))
		s := newSite(t, func(o *backchannel.Options) {
			o.Keys = func(context.Context, string) (*backchannel.KeySet, error) { return set, nil }
		})
		s.requireRefused(t, s.post(sign("RS256", rsaKey(), `{"alg":"RS256","typ":"logout+jwt"}`, payload)), "several keys")
		s.requireRefused(t, s.post(sign("RS256", rsaKey(), `{"alg":"RS256","kid":"k2","typ":"logout+jwt"}`, payload)), "does not match")
	})
	t.Run("whose claims were changed refused", func(t *testing.T) {
		s := newSite(t, nil)
		parts := strings.Split(logoutToken(claimsOf(start, nil)), ".")
		other := strings.Split(logoutToken(claimsOf(start, object{"sub": "grace"})), ".")
		s.requireRefused(t, s.post(parts[0]+"."+other[1]+"."+parts[2]), "does not match")
		require.Empty(t, s.events[0].Logout, "nothing of it is believed")
	})
}
