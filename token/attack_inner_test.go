package token_test

import (
	"strings"

	"github.com/sealjar/sealjar/keys"
)

// innerAttacks put something else than the key's own JWS inside, under the true encryption and, where there is one to
// make, with the true signature.
func innerAttacks() []attack {
	list := []attack{
		{name: "inner-alg-none", refusal: "malformed", comment: "An unsecured JWT inside (RFC 7518, section 3.6).", parts: func(p *parts) {
			p.inner = `{"alg":"none"}`
			p.sign = func(string) []byte { return nil }
		}},
		{name: "inner-alg-none-profile", refusal: "malformed", comment: "alg none in a header that is otherwise right, with a signature of the right length.", parts: func(p *parts) {
			p.inner = swap(p.inner, string(p.key.alg), "none")
		}},
		{name: "inner-alg-none-capital", refusal: "malformed", comment: "alg None.", parts: func(p *parts) { p.inner = swap(p.inner, string(p.key.alg), "None") }},
		{name: "inner-alg-lower", refusal: "malformed", comment: "alg in lower case.", parts: func(p *parts) { p.inner = swap(p.inner, string(p.key.alg), strings.ToLower(string(p.key.alg))) }},
		{name: "inner-alg-hs512", refusal: "malformed", comment: "Another alg of the same family.", parts: func(p *parts) { p.inner = swap(p.inner, string(p.key.alg), "HS512") }},
		{name: "inner-kid-other", refusal: "malformed", comment: "The inner kid is that of another key of the ring, which did sign; the outer one is not.", ring: twoKeys, parts: func(p *parts) {
			k := newTestKey(p.key.alg, "test-other")
			p.inner, p.sign = k.parts().inner, k.sign
		}},
		{name: "inner-kid-foreign", refusal: "malformed", comment: "The inner kid is not in the ring.", parts: func(p *parts) { p.inner = swap(p.inner, p.key.id, "other") }},
		{name: "inner-kid-missing", refusal: "malformed", comment: "No inner kid.", parts: func(p *parts) { p.inner = swap(p.inner, `"kid":"`+p.key.id+`",`, ``) }},
		{name: "inner-typ-missing", refusal: "malformed", comment: "No typ.", parts: inner(`,"typ":"session+jwt"`, ``)},
		{name: "inner-typ-jwt", refusal: "malformed", comment: "typ JWT: a token for another purpose (RFC 8725, section 3.11).", parts: inner(`session+jwt`, `JWT`)},
		{name: "inner-typ-media-type", refusal: "malformed", comment: "typ with the part that RFC 7515, section 4.1.9, lets one leave out.", parts: inner(`session+jwt`, `application/session+jwt`)},
		{name: "inner-typ-upper", refusal: "malformed", comment: "typ in capitals.", parts: inner(`session+jwt`, `SESSION+JWT`)},
		{name: "inner-order", refusal: "malformed", comment: "The members in another order.", parts: func(p *parts) {
			p.inner = `{"typ":"session+jwt","alg":"` + string(p.key.alg) + `","kid":"` + p.key.id + `"}`
		}},
		{name: "inner-space", refusal: "malformed", comment: "Space in the header.", parts: inner(`"alg":`, `"alg": `)},
		{name: "inner-duplicate-alg", refusal: "malformed", comment: "alg twice, the true one last.", parts: inner(`{"alg"`, `{"alg":"none","alg"`)},
		{name: "inner-duplicate-last", refusal: "malformed", comment: "alg twice, the true one first.", parts: inner(`"session+jwt"`, `"session+jwt","alg":"none"`)},
		{name: "inner-escaped", refusal: "malformed", comment: "A member name with an escaped character.", parts: inner(`"alg"`, `"\u0061lg"`)},
		{name: "inner-cty", refusal: "malformed", comment: "A content type.", parts: inner(`}`, `,"cty":"JWT"}`)},
		{name: "inner-b64-raw-payload", refusal: "malformed", comment: "An unencoded payload (RFC 7797), truly signed so.", parts: func(p *parts) {
			p.inner = swap(p.inner, `}`, `,"b64":false,"crit":["b64"]}`)
			p.payloadText = p.payload
		}},
		{name: "inner-claims-bare", refusal: "malformed", comment: "The claims themselves, encrypted and not signed.", parts: func(p *parts) { p.plain = func(string) string { return usualPayload } }},
		{name: "inner-null", refusal: "malformed", comment: "null, encrypted.", parts: func(p *parts) { p.plain = func(string) string { return "null" } }},
		{name: "inner-dots", refusal: "malformed", comment: "A text of dots, encrypted.", parts: func(p *parts) { p.plain = func(string) string { return strings.Repeat(".", 400) } }},
		{name: "inner-nested-jwe", refusal: "malformed", comment: "Encrypted twice: a whole token inside.", parts: func(p *parts) {
			again := p.key.parts()
			p.plain = func(string) string { return again.token() }
		}},
		{name: "inner-nested-jws", refusal: "claims", comment: "Signed twice: the payload is a JWS.", parts: func(p *parts) { p.payload = p.key.parts().jws() }},
		{name: "inner-json-flattened", refusal: "malformed", comment: "The JWS in the flattened JSON serialization (RFC 7515, section 7.2.2).", parts: func(p *parts) {
			p.plain = func(jws string) string {
				part := strings.Split(jws, ".")
				return toJSON(map[string]any{"protected": part[0], "payload": part[1], "signature": part[2]})
			}
		}},
		{name: "inner-json-general", refusal: "malformed", comment: "The JWS in the general JSON serialization (RFC 7515, section 7.2.1).", parts: func(p *parts) {
			p.plain = func(jws string) string {
				part := strings.Split(jws, ".")
				return toJSON(map[string]any{"payload": part[1], "signatures": []any{map[string]any{"protected": part[0], "signature": part[2]}}})
			}
		}},
		{name: "inner-leading-space", refusal: "malformed", comment: "Space before the JWS.", parts: around(" ", "")},
		{name: "inner-trailing-space", refusal: "malformed", comment: "Space after the JWS.", parts: around("", " ")},
		{name: "inner-trailing-dot", refusal: "malformed", comment: "A dot after the JWS.", parts: around("", ".")},
		{name: "inner-fourth-segment", refusal: "malformed", comment: "A fourth segment.", parts: around("", ".AAAA")},
		{name: "inner-header-line-break", refusal: "malformed", comment: "A line break in the header's segment.", parts: func(p *parts) { p.innerText = "\n" + b64([]byte(p.inner)) }},
		{name: "inner-payload-line-break", refusal: "malformed", comment: "A line break in the payload's segment, truly signed.", parts: func(p *parts) {
			p.payloadText = b64([]byte(p.payload)) + "\n"
		}},
		{name: "inner-payload-line-break-inside", refusal: "malformed", comment: "Line breaks inside the payload's segment, truly signed.", parts: func(p *parts) {
			s := b64([]byte(p.payload))
			p.payloadText = s[:4] + "\r\n\r\n" + s[4:]
		}},
		{name: "inner-payload-padding", refusal: "malformed", comment: "Padding after the payload's segment, truly signed.", parts: func(p *parts) {
			s := b64([]byte(p.payload + " "))
			p.payloadText = s + strings.Repeat("=", 4-len(s)%4)
		}},
		{name: "inner-payload-unused-bits", refusal: "malformed", comment: "A bit set that stands for nothing in the payload's segment, truly signed.", parts: func(p *parts) {
			for len(p.payload)%3 == 0 {
				p.payload += " "
			}
			p.payloadText = loose(b64([]byte(p.payload)))
		}},
		{name: "inner-payload-standard-alphabet", refusal: "malformed", comment: "The payload's segment in the alphabet of base64, truly signed.", parts: func(p *parts) {
			p.payloadText = standard(b64([]byte(swap(p.payload, "alice", "~~~~~~"))))
		}},
		{name: "inner-payload-dot", refusal: "malformed", comment: "Four segments, the second and third of them signed.", parts: func(p *parts) {
			s := b64([]byte(p.payload))
			p.payloadText = s[:40] + "." + s[40:]
		}},
	}
	for _, m := range extraMembers {
		list = append(list, attack{name: "inner-" + m.name, refusal: "malformed", comment: m.comment, parts: inner(`,"typ"`, `,`+m.text+`,"typ"`)})
	}
	for _, alg := range []keys.Algorithm{keys.HS256, keys.EdDSA, keys.ES256} {
		var others []keys.Algorithm
		for _, other := range algorithms {
			if other != alg {
				others = append(others, other)
			}
		}
		name := strings.ToLower(string(alg))
		list = append(list, attack{name: "inner-alg-" + name, refusal: "malformed", comment: "The header of an " + string(alg) + " key, signed with a key of the attacker's.", only: others, parts: func(p *parts) {
			attacker := newTestKey(alg, "attacker")
			p.inner = swap(p.inner, string(p.key.alg), string(alg))
			p.sign = attacker.sign
		}})
	}
	return list
}

func twoKeys(k *testKey) []*testKey { return []*testKey{k, newTestKey(k.alg, "test-other")} }

func inner(old, with string) func(p *parts) {
	return func(p *parts) { p.inner = swap(p.inner, old, with) }
}

// around encrypts the JWS with text before and after it.
func around(before, after string) func(p *parts) {
	return func(p *parts) { p.plain = func(jws string) string { return before + jws + after } }
}
