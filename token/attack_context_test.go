package token_test

import "time"

const issuer = "https://issuer.example"

// contextAttacks are tokens that are right somewhere else or at another time, and tokens with two things wrong, which
// show the order of the checks.
func contextAttacks() []attack {
	withIssuer := func(text string) func(p *parts) { return said(front(`"iss":"` + text + `"`)) }
	expectIssuer := func(v *vector) { v.Issuer = issuer }
	audienceIs := func(text string) func(p *parts) {
		return said(func(payload string) string { return swap(payload, `"session"`, `"`+text+`"`) })
	}
	endsAt := func(end time.Time) func(k *testKey) []*testKey {
		return func(k *testKey) []*testKey {
			k.expiry = end
			return []*testKey{k}
		}
	}
	late := clock("2028-01-15T08:00:00.000Z")
	return []attack{
		{name: "issuer-missing", refusal: "issuer", comment: "No iss where one is expected.", given: expectIssuer},
		{name: "issuer-other", refusal: "issuer", comment: "Another issuer.", parts: withIssuer("https://other.example"), given: expectIssuer},
		{name: "issuer-slash", refusal: "issuer", comment: "The issuer and a slash: issuers are compared by bytes.", parts: withIssuer(issuer + "/"), given: expectIssuer},
		{name: "issuer-case", refusal: "issuer", comment: "The issuer with a capital.", parts: withIssuer("https://Issuer.example"), given: expectIssuer},
		{name: "issuer-prefix", refusal: "issuer", comment: "The beginning of the issuer.", parts: withIssuer("https://issuer"), given: expectIssuer},
		{name: "issuer-unexpected", refusal: "issuer", comment: "An issuer where none is expected.", parts: withIssuer(issuer)},
		{name: "audience-other", refusal: "audience", comment: "A token of another cookie.", parts: audienceIs("remember")},
		{name: "audience-empty", refusal: "audience", comment: "An empty aud.", parts: audienceIs("")},
		{name: "audience-case", refusal: "audience", comment: "The audience in capitals.", parts: audienceIs("SESSION")},
		{name: "audience-prefix", refusal: "audience", comment: "The beginning of the audience.", parts: audienceIs("sess")},
		{name: "audience-longer", refusal: "audience", comment: "The audience and more.", parts: audienceIs("session2")},
		{name: "audience-normalization", refusal: "audience", comment: "The audience in other bytes that Unicode calls equivalent.", parts: audienceIs("se\u017f\u017fion")},

		{name: "key-expired", refusal: "key_expired", comment: "A good token of a key that has expired this second.", ring: endsAt(noon)},
		{name: "key-expired-before-exp", refusal: "key_expired", comment: "No leeway for keys: their end is the same on every node.", ring: endsAt(noon.Add(-time.Second))},
		{name: "key-expired-forged", refusal: "key_expired", comment: "The key is known to have expired from the header alone.", ring: endsAt(noon), text: inSegment(4, func(string) string { return "AAAAAAAAAAAAAAAAAAAAAA" })},

		{name: "order-length-first", refusal: "too_long", comment: "Too long and of an unknown key.", text: func(s string) string { return "x" + s + string(make([]byte, 8192)) }},
		{name: "order-form-before-key", refusal: "malformed", comment: "No tag, and an unknown key.", text: inSegment(4, func(string) string { return "" }), ring: func(k *testKey) []*testKey {
			return []*testKey{newTestKey(k.alg, "test-other")}
		}},
		{name: "order-key-before-alphabet", refusal: "unknown_key", comment: "An unknown key, and a ciphertext that is not base64url.", text: inSegment(3, func(s string) string { return "*" + s[1:] }), ring: func(k *testKey) []*testKey {
			return []*testKey{newTestKey(k.alg, "test-other")}
		}},
		{name: "order-seal-before-expiry", refusal: "decryption", comment: "Expired, and the tag is wrong.", text: inSegment(4, func(string) string { return "AAAAAAAAAAAAAAAAAAAAAA" }), given: late},
		{name: "order-inner-before-expiry", refusal: "malformed", comment: "Expired, and of another typ.", parts: inner("session+jwt", "JWT"), given: late},
		{name: "order-signature-before-expiry", refusal: "signature", comment: "Expired, and not signed by the key.", parts: resigned(func(s []byte) []byte { s[9] ^= 1; return s }), given: late},
		{name: "order-signature-before-claims", refusal: "signature", comment: "Not signed by the key, and no claims at all.", parts: func(p *parts) {
			p.payload = "null"
			resigned(func(s []byte) []byte { s[9] ^= 1; return s })(p)
		}},
		{name: "order-claims-before-expiry", refusal: "claims", comment: "Expired, with a claim that the profile does not have.", parts: said(front(`"role":"admin"`)), given: late},
		{name: "order-claims-before-issuer", refusal: "claims", comment: "Another issuer, with a claim that the profile does not have.", parts: said(func(payload string) string {
			return front(`"role":"admin","iss":"https://other.example"`)(payload)
		})},
		{name: "order-issuer-before-audience", refusal: "issuer", comment: "Another issuer and another audience.", parts: audienceIs("other"), given: expectIssuer},
		{name: "order-issuer-before-expiry", refusal: "issuer", comment: "Expired, and no iss.", given: func(v *vector) { expectIssuer(v); late(v) }},
		{name: "order-audience-before-expiry", refusal: "audience", comment: "Expired, and of another audience.", parts: audienceIs("other"), given: late},
		{name: "order-not-yet-before-expiry", refusal: "not_yet", comment: "Expired, and the session begins later.", parts: said(func(payload string) string {
			return swap(swap(payload, `"exp":1800001800`, `"exp":1799999991`), `"auth_time":1799999000.5`, `"auth_time":1900000000`)
		})},
	}
}
