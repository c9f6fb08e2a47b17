package token_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

// kindness is one way to make a token that must be opened, starting from the usual one.
type kindness struct {
	name, comment string
	parts         func(p *parts)
	given         func(v *vector)
	ring          func(k *testKey) []*testKey
	key           func(alg keys.Algorithm) *testKey // nil: the usual one
	only          []keys.Algorithm                  // nil: HS256, for what does not depend on the algorithm
}

// goodVectors forges the tokens. What they say is written down by the codec that opens them, so look at it.
func goodVectors(t testing.TB) []*vector {
	t.Helper()
	var list []*vector
	for _, g := range kindnesses() {
		algs := g.only
		if algs == nil {
			algs = algorithms[:1]
		}
		for _, alg := range algs {
			k := usual(alg)
			if g.key != nil {
				k = g.key(alg)
			}
			ring := []*testKey{k}
			if g.ring != nil {
				ring = g.ring(k)
			}
			p := k.parts()
			if g.parts != nil {
				g.parts(p)
			}
			v := &vector{
				Name: g.name, Comment: g.comment, Keys: jwks(ring...), Now: noon.Format(stamp), Audience: audience, Token: p.token(),
			}
			if g.only != nil {
				v.Name += "-" + strings.ToLower(string(alg))
			}
			if g.given != nil {
				g.given(v)
			}
			claims, err := v.codec(t, v.ring(t)).Open(v.Token)
			require.NoError(t, err, v.Name)
			text := claimsText(&claims)
			v.Claims = &text
			list = append(list, v)
		}
	}
	return list
}

func kindnesses() []kindness {
	member := func(name, with string) func(p *parts) {
		return said(func(payload string) string {
			return swap(payload, `"`+name+`":`+usualMembers[name], `"`+name+`":`+with)
		})
	}
	payload := func(text string) func(p *parts) { return said(func(string) string { return text }) }
	named := func(id string) func(keys.Algorithm) *testKey {
		return func(alg keys.Algorithm) *testKey { return newTestKey(alg, id) }
	}
	all := algorithms
	return []kindness{
		{name: "usual", comment: "A session that is signed in.", only: all},
		{name: "anonymous", comment: "A session of nobody: no sub.", only: all, parts: said(func(p string) string { return swap(p, `"sub":"alice",`, ``) })},
		{name: "issuer", comment: "A token with an issuer.", only: all, parts: said(front(`"iss":"` + issuer + `"`)), given: func(v *vector) { v.Issuer = issuer }},
		{name: "public", comment: "A ring that only verifies: the signing key is public (no d).", only: asymmetric, ring: func(k *testKey) []*testKey {
			k.public = true
			return []*testKey{k}
		}},
		{name: "one-of-several", comment: "A ring of keys of each algorithm, of which the token's is the last.", only: all, ring: func(k *testKey) []*testKey {
			return []*testKey{newTestKey(keys.HS256, "a"), newTestKey(keys.EdDSA, "b"), newTestKey(keys.ES256, "c"), newTestKey(k.alg, k.id)}
		}},

		{name: "key-not-begun", comment: "A key whose nbf is to come: it does not seal here yet, and opens what a node with a faster clock has sealed.", ring: func(k *testKey) []*testKey {
			k.notBefore = noon.Add(time.Second)
			return []*testKey{k}
		}},
		{name: "key-last-second", comment: "A key that expires in a second, before the token's own exp.", ring: func(k *testKey) []*testKey {
			k.expiry = noon.Add(time.Second)
			return []*testKey{k}
		}},
		{name: "kid-longest", comment: "A kid of 64 characters.", key: named(strings.Repeat("k", 64))},
		{name: "kid-shortest", comment: "A kid of one character.", key: named("k")},
		{name: "kid-marks", comment: "A kid with each mark that it may have.", key: named("A.z_0-")},

		{name: "times-one-digit", comment: "A fraction of one digit: tenths.", parts: member("iat", `1799999990.7`)},
		{name: "times-two-digits", comment: "A fraction of two digits.", parts: member("iat", `1799999990.07`)},
		{name: "times-three-digits", comment: "A fraction of three digits.", parts: member("iat", `1799999990.007`)},
		{name: "times-trailing-zeros", comment: "Zeros at the end of a fraction.", parts: member("auth_time", `1799999000.500`)},
		{name: "times-zero-fraction", comment: "A fraction of zero.", parts: member("exp", `1800001800.0`)},
		{name: "times-first", comment: "The first time that is in range: a millisecond after the beginning of 1970.", parts: member("auth_time", `0.001`)},
		{name: "times-last", comment: "The last time that is in range.", parts: member("exp", `253402300799.999`)},
		{name: "times-auth-time-after-iat", comment: "The session began on a node with a faster clock.", parts: member("auth_time", `1800000000`)},
		{name: "expiry-shortest", comment: "A token that lives for a millisecond.", parts: member("exp", `1799999990.001`)},
		{name: "leeway-exp", comment: "The last millisecond of the leeway after exp.", parts: member("exp", `1800000000`), given: clock("2027-01-15T08:00:29.999Z")},
		{name: "leeway-iat", comment: "Issued just the leeway of 30 seconds after now.", parts: member("iat", `1800000030`)},
		{name: "leeway-auth-time", comment: "Begun just the leeway of 30 seconds after now.", parts: member("auth_time", `1800000030`)},

		{name: "sub-longest", comment: "sub of 255 bytes.", parts: member("sub", `"`+strings.Repeat("a", 255)+`"`)},
		{name: "sub-longest-unicode", comment: "sub of 255 bytes, which are 85 characters.", parts: member("sub", `"`+strings.Repeat("€", 85)+`"`)},
		{name: "sub-longest-escaped", comment: "sub of 255 bytes once its escapes are resolved.", parts: member("sub", `"`+strings.Repeat(`\u20ac`, 85)+`"`)},
		{name: "sub-unicode", comment: "sub in several scripts.", parts: member("sub", `"Zoë Łukasz 王小明 👩‍🚀"`)},
		{name: "sub-escaped", comment: "sub with every escape of JSON.", parts: member("sub", `"\"\\\/\b\f\n\r\t\u0000\u001f\u00e9\u20AC\ud83D\uDe00"`)},
		{name: "sub-unescaped", comment: "sub with characters that may stand for themselves: DEL, U+2028, U+FEFF, U+10FFFF.", parts: member("sub", "\"\u007f\u2028\ufeff\U0010ffff\"")},
		{name: "aud-escaped", comment: "aud with an escape: its value is compared, not its text.", parts: member("aud", `"sess\u0069on"`)},
		{name: "name-escaped", comment: "A name with an escape.", parts: said(func(p string) string { return swap(p, `"sub"`, `"\u0073\u0075b"`) })},
		{name: "aud-longest", comment: "aud of 255 bytes.", parts: member("aud", `"`+strings.Repeat("é", 127)+`a"`), given: func(v *vector) { v.Audience = strings.Repeat("é", 127) + "a" }},
		{name: "sid-and-jti-longest", comment: "sid and jti of 64 characters, with each mark.", parts: said(func(p string) string {
			return swap(swap(p, "dGVzdC1zZXNzaW9u", strings.Repeat("-_Az", 16)), "dGVzdC10b2tlbg", strings.Repeat("09aZ", 16))
		})},
		{name: "sid-and-jti-shortest", comment: "sid and jti of one character.", parts: said(func(p string) string {
			return swap(swap(p, "dGVzdC1zZXNzaW9u", "-"), "dGVzdC10b2tlbg", "_")
		})},

		{name: "order", comment: "The claims in another order: another implementation may write any.", parts: payload(
			`{"sealjar":{"d":{"n":1}},"auth_time":1799999000.5,"exp":1800001800,"iat":1799999990,"jti":"dGVzdC10b2tlbg","sid":"dGVzdC1zZXNzaW9u","sub":"alice","aud":"session"}`)},
		{name: "space", comment: "White space wherever JSON allows it. That in the state is kept, that around it is not.", parts: payload(
			" \t\r\n{ \"aud\" : \"session\" ,\n\t\"sub\":\r\n\"alice\",\"sid\":\"dGVzdC1zZXNzaW9u\", \"jti\":\"dGVzdC10b2tlbg\",\"iat\": 1799999990 ,\"exp\":1800001800\n,\"auth_time\":1799999000.5,\"sealjar\": { \"d\" : { \"n\": 1 } } } \r\n")},

		{name: "state-empty", comment: "An empty state. (The session layer wants a member d, the token does not.)", parts: member("sealjar", `{}`)},
		{name: "state-full", comment: "A state with each member that the session layer knows.", parts: member("sealjar", `{"d":{"cart":["a","b"]},"f":[["info","Saved."]],"g":["tenant:7"],"l":3600,"r":true}`)},
		{name: "state-unread", comment: "A state of everything that JSON has; it is passed through as it is.", parts: member("sealjar",
			`{"d":[null,true,false,0,-0,-0.0,1e400,1E-400,0.1e+1,123456789012345678901234567890,"","\u0041\/",{},[],{"":{"":""}}],"iss":1,"sealjar":2,"Exp":3}`)},
		{name: "state-same-name-elsewhere", comment: "One name in several objects is no repetition.", parts: member("sealjar", `{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}`)},
		{name: "state-deepest", comment: "32 levels of objects, with the claims themselves.", parts: member("sealjar", nested(`{"a":`, `}`, 30))},
		{name: "state-deepest-arrays", comment: "32 levels, most of them arrays.", parts: member("sealjar", `{"a":`+strings.Repeat("[", 30)+strings.Repeat("]", 30)+`}`)},
		{name: "longest", comment: "A token of 8,192 characters.", key: func(alg keys.Algorithm) *testKey { return newTestKey(alg, longestKid) }, parts: func(p *parts) {
			// As long as what Seal writes of it, so that it can be sealed again.
			p.payload = swap(swap(p.payload, "dGVzdC10b2tlbg", "dGVzdC10b2tlbi1p"), "1799999000.5", "1799999000.500")
			p.payload = swap(p.payload, `{"n":1}`, `"`+strings.Repeat("x", longestText)+`"`)
		}},
	}
}

// Segments grow in steps, so it takes a kid and a state together to hit a length.
const (
	longestKid  = "longest"
	longestText = 4295
)

func TestLongestVectorIsTheLongest(t *testing.T) {
	t.Parallel()
	for _, v := range readVectors(t) {
		if v.Name == "longest" {
			require.Len(t, v.Token, token.DefaultMaxLength)
			return
		}
	}
	require.Fail(t, "no such vector")
}
