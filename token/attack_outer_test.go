package token_test

import (
	"bytes"
	"compress/flate"
	"strings"
)

// outerAttacks change the JWE header and encrypt under the changed one with the true key, so that nothing but the
// comparison of the header stands in their way.
func outerAttacks() []attack {
	list := []attack{
		{name: "outer-kid-foreign", refusal: "unknown_key", comment: "A token of a key that the ring does not have.", ring: func(k *testKey) []*testKey {
			return []*testKey{newTestKey(k.alg, "test-other")}
		}},
		{name: "outer-zip", refusal: "unknown_key", comment: "A compressed token (zip, RFC 7516, section 4.1.3), truly deflated.", parts: func(p *parts) {
			p.outer = swap(p.outer, `,"cty"`, `,"zip":"DEF","cty"`)
			p.plain = deflated
		}},
		{name: "outer-cty-missing", refusal: "unknown_key", comment: "No cty.", parts: outer(`,"cty":"JWT"`, ``)},
		{name: "outer-cty-lower", refusal: "unknown_key", comment: "cty in lower case, which RFC 7519, section 5.2, allows and this profile does not.", parts: outer(`"JWT"`, `"jwt"`)},
		{name: "outer-cty-other", refusal: "unknown_key", comment: "Another cty.", parts: outer(`"JWT"`, `"JWE"`)},
		{name: "outer-kid-missing", refusal: "unknown_key", comment: "No kid, with the only key of the ring.", parts: func(p *parts) { p.outer = swap(p.outer, `"kid":"`+p.key.id+`",`, ``) }},
		{name: "outer-kid-empty", refusal: "unknown_key", comment: "An empty kid.", parts: func(p *parts) { p.outer = swap(p.outer, p.key.id, ``) }},
		{name: "outer-kid-upper", refusal: "unknown_key", comment: "The kid in capitals.", parts: func(p *parts) { p.outer = swap(p.outer, p.key.id, strings.ToUpper(p.key.id)) }},
		{name: "outer-kid-escaped", refusal: "unknown_key", comment: "The kid with an escaped character.", parts: outer(`"test-`, `"\u0074est-`)},
		{name: "outer-name-escaped", refusal: "unknown_key", comment: "A member name with an escaped character.", parts: outer(`"enc"`, `"\u0065nc"`)},
		{name: "outer-name-upper", refusal: "unknown_key", comment: "A member name in capitals.", parts: outer(`"alg"`, `"ALG"`)},
		{name: "outer-order", refusal: "unknown_key", comment: "The members in the order of the alphabet.", parts: func(p *parts) {
			p.outer = `{"alg":"dir","cty":"JWT","enc":"A256GCM","kid":"` + p.key.id + `"}`
		}},
		{name: "outer-space", refusal: "unknown_key", comment: "Space after a colon.", parts: outer(`"alg":`, `"alg": `)},
		{name: "outer-space-before", refusal: "unknown_key", comment: "Space before the header.", parts: func(p *parts) { p.outer = " " + p.outer }},
		{name: "outer-line-break-after", refusal: "unknown_key", comment: "A line break after the header.", parts: func(p *parts) { p.outer += "\n" }},
		{name: "outer-trailing", refusal: "unknown_key", comment: "A second object after the header.", parts: func(p *parts) { p.outer += "{}" }},
		{name: "outer-byte-order-mark", refusal: "unknown_key", comment: "A byte order mark before the header.", parts: func(p *parts) { p.outer = "\ufeff" + p.outer }},
		{name: "outer-null", refusal: "unknown_key", comment: "The header is null.", parts: func(p *parts) { p.outer = "null" }},
		{name: "outer-empty", refusal: "unknown_key", comment: "The header has no member.", parts: func(p *parts) { p.outer = "{}" }},
		{name: "outer-not-json", refusal: "unknown_key", comment: "The header is not JSON.", parts: func(p *parts) { p.outer = "header" }},
		{name: "outer-duplicate-alg", refusal: "unknown_key", comment: "alg twice, the true one last.", parts: outer(`{"alg"`, `{"alg":"none","alg"`)},
		{name: "outer-duplicate-same", refusal: "unknown_key", comment: "enc twice with the same value.", parts: outer(`"enc":"A256GCM"`, `"enc":"A256GCM","enc":"A256GCM"`)},
	}
	for _, alg := range []string{
		"none", "DIR", "A128KW", "A256KW", "A256GCMKW", "RSA1_5", "RSA-OAEP", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW",
		"PBES2-HS256+A128KW", "HS256",
	} {
		name := strings.ToLower(strings.ReplaceAll(alg, "+", "-"))
		if alg == "DIR" {
			name = "upper-case"
		}
		list = append(list, attack{name: "outer-alg-" + name, refusal: "unknown_key", comment: "Key management alg " + alg + ".", parts: outer(`"dir"`, `"`+alg+`"`)})
	}
	for _, enc := range []string{"A128GCM", "A192GCM", "A128CBC-HS256", "A256CBC-HS512", "none"} {
		list = append(list, attack{name: "outer-enc-" + strings.ToLower(enc), refusal: "unknown_key", comment: "Content encryption enc " + enc + ".", parts: outer(`"A256GCM"`, `"`+enc+`"`)})
	}
	for _, m := range extraMembers {
		list = append(list, attack{name: "outer-" + m.name, refusal: "unknown_key", comment: m.comment, parts: outer(`,"cty"`, `,`+m.text+`,"cty"`)})
	}
	return list
}

// extraMembers are those that a header of this profile never has, and that have opened doors in other implementations.
var extraMembers = []struct{ name, text, comment string }{
	{"crit", `"crit":["exp"]`, "A critical extension (RFC 7516, section 4.1.13)."},
	{"crit-empty", `"crit":[]`, "An empty list of critical extensions."},
	{"zip-none", `"zip":"none"`, "A word for no compression."},
	{"jwk", `"jwk":{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`, "A key in the token itself (jwk)."},
	{"jku", `"jku":"https://attacker.example/keys.json"`, "The address of keys (jku)."},
	{"x5u", `"x5u":"https://attacker.example/cert.pem"`, "The address of a certificate (x5u)."},
	{"x5c", `"x5c":["MIIB"]`, "A certificate in the token itself (x5c)."},
	{"x5t", `"x5t":"AAAAAAAAAAAAAAAAAAAAAAAAAAA"`, "The digest of a certificate (x5t)."},
	{"x5t-s256", `"x5t#S256":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"`, "The digest of a certificate (x5t#S256)."},
	{"p2c", `"p2s":"AAAAAAAAAAA","p2c":2147483647`, "Two thousand million rounds of PBKDF2 (p2s, p2c)."},
	{"epk", `"epk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}`, "An ephemeral key off its curve (epk)."},
	{"b64", `"b64":false`, "An unencoded payload (b64, RFC 7797)."},
	{"unknown", `"x":1`, "A member that nobody knows."},
	{"exp", `"exp":1800001800`, "A claim in the header (RFC 7519, section 5.3)."},
}

func outer(old, with string) func(p *parts) {
	return func(p *parts) { p.outer = swap(p.outer, old, with) }
}

func deflated(jws string) string {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	must(err)
	_, err = w.Write([]byte(jws))
	must(err)
	must(w.Close())
	return out.String()
}

// sealAttacks are wrong in the encryption itself.
func sealAttacks() []attack {
	flip := func(p *parts, i int) string {
		return inSegment(i, func(s string) string {
			first := "A"
			if s[0] == 'A' {
				first = "B"
			}
			return first + s[1:]
		})(p.token())
	}
	other := func(k *testKey) *testKey { return newTestKey(k.alg, "test-other") }
	return []attack{
		{name: "seal-nonce-changed", refusal: "decryption", comment: "A bit of the nonce is changed.", whole: func(p *parts) string { return flip(p, 2) }},
		{name: "seal-ciphertext-changed", refusal: "decryption", comment: "A bit of the ciphertext is changed.", whole: func(p *parts) string { return flip(p, 3) }},
		{name: "seal-tag-changed", refusal: "decryption", comment: "A bit of the tag is changed.", whole: func(p *parts) string { return flip(p, 4) }},
		{name: "seal-tag-zero", refusal: "decryption", comment: "A tag of zeros.", text: inSegment(4, func(s string) string { return strings.Repeat("A", len(s)) })},
		{name: "seal-ciphertext-short", refusal: "decryption", comment: "The ciphertext without its last three bytes.", text: inSegment(3, func(s string) string { return s[:(len(s)-4)/4*4] })},
		{name: "seal-ciphertext-none", refusal: "decryption", comment: "No ciphertext, with the tag of another.", text: inSegment(3, func(string) string { return "" })},
		{name: "seal-key-other", refusal: "decryption", comment: "The right kid, encrypted with another key.", parts: func(p *parts) {
			wrong := *p.key
			wrong.encryption = other(p.key).encryption
			p.key = &wrong
		}},
		{name: "seal-key-signing", refusal: "decryption", comment: "Encrypted with the secret that signs.", only: algorithms[:1], parts: func(p *parts) {
			wrong := *p.key
			wrong.encryption = p.key.signing.([]byte)
			p.key = &wrong
		}},
		{name: "seal-kid-relabelled", refusal: "decryption", comment: "The header of one key of the ring before the rest of another's token: the header is authenticated.", ring: func(k *testKey) []*testKey {
			return []*testKey{k, other(k)}
		}, whole: func(p *parts) string {
			return strings.Replace(p.token(), b64([]byte(p.outer)), b64([]byte(other(p.key).parts().outer)), 1)
		}},
		{name: "seal-header-unauthenticated", refusal: "decryption", comment: "The true header, but another one was authenticated.", whole: func(p *parts) string {
			p.outerText = b64([]byte(p.outer + " "))
			return b64([]byte(p.outer)) + strings.TrimPrefix(p.token(), p.outerText)
		}},
	}
}
