package token_test

import (
	"encoding/json"
	"strings"
)

// textAttacks need no key: anybody who has a token can send these.
func textAttacks() []attack {
	list := []attack{
		{name: "text-empty", refusal: "malformed", comment: "No text.", text: func(string) string { return "" }},
		{name: "text-four-dots", refusal: "malformed", comment: "Five empty segments.", text: func(string) string { return "...." }},
		{name: "text-half", refusal: "malformed", comment: "The first half of a token.", text: func(s string) string { return s[:len(s)/2] }},
		{name: "text-four-segments", refusal: "malformed", comment: "A token without its tag.", text: func(s string) string { return s[:strings.LastIndexByte(s, '.')] }},
		{name: "text-four-segments-no-key", refusal: "malformed", comment: "A token without the empty segment of the encrypted key.", text: func(s string) string { return swap(s, "..", ".") }},
		{name: "text-six-segments", refusal: "malformed", comment: "A token and one segment more.", text: func(s string) string { return s + ".AAAA" }},
		{name: "text-six-segments-tag", refusal: "malformed", comment: "A token and one segment more, of the length of a tag.", text: func(s string) string { return s + "." + strings.Repeat("A", 22) }},
		{name: "text-six-segments-empty", refusal: "malformed", comment: "A token and a dot.", text: func(s string) string { return s + "." }},
		{name: "text-leading-dot", refusal: "malformed", comment: "A dot and a token.", text: func(s string) string { return "." + s }},
		{name: "text-leading-space", refusal: "unknown_key", comment: "A space and a token.", text: func(s string) string { return " " + s }},
		{name: "text-trailing-space", refusal: "malformed", comment: "A token and a space.", text: func(s string) string { return s + " " }},
		{name: "text-trailing-newline", refusal: "malformed", comment: "A token and a line break.", text: func(s string) string { return s + "\n" }},
		{name: "text-trailing-nul", refusal: "malformed", comment: "A token and a zero byte.", text: func(s string) string { return s + "\x00" }},
		{name: "text-quoted", refusal: "malformed", comment: "A token in quotes, as some cookie libraries write it.", text: func(s string) string { return `"` + s + `"` }},
		{name: "text-bearer", refusal: "unknown_key", comment: "A token behind the word of an Authorization header.", text: func(s string) string { return "Bearer " + s }},
		{name: "text-percent-encoded", refusal: "malformed", comment: "A token with its dots percent-encoded.", text: func(s string) string { return strings.ReplaceAll(s, ".", "%2E") }},
		{name: "text-upper-case", refusal: "unknown_key", comment: "A token in capitals.", text: strings.ToUpper},
		{name: "text-fullwidth-dots", refusal: "malformed", comment: "A token with the dots of another alphabet (U+FF0E).", text: func(s string) string { return strings.ReplaceAll(s, ".", "．") }},
		{name: "text-twice", refusal: "malformed", comment: "Two tokens in one.", text: func(s string) string { return s + "." + s }},
		{name: "text-byte-order-mark", refusal: "unknown_key", comment: "A token behind a byte order mark.", text: func(s string) string { return "\ufeff" + s }},
		{name: "text-invalid-utf8", refusal: "malformed", comment: "A token with a byte that is in no text.", text: inSegment(3, func(s string) string { return "\xff" + s[1:] })},
		{name: "text-8192-brackets", refusal: "malformed", comment: "JSON as deep as the limit of length allows.", text: func(string) string { return strings.Repeat("[", 8192) }},
		{name: "text-8192-dots", refusal: "unknown_key", comment: "As many segments as the limit of length allows, of which the first, the header, is empty.", text: func(string) string { return strings.Repeat(".", 8192) }},
		{name: "text-too-long", refusal: "too_long", comment: "A token of more than 8,192 characters with which nothing else is wrong.", parts: func(p *parts) {
			p.payload = swap(p.payload, `{"n":1}`, `"`+strings.Repeat("x", 4900)+`"`)
		}},
		{name: "text-too-long-dots", refusal: "too_long", comment: "8,193 dots.", text: func(string) string { return strings.Repeat(".", 8193) }},
		{name: "json-flattened", refusal: "malformed", comment: "The same token in the flattened JSON serialization (RFC 7516, section 7.2.2).", text: flattened},
		{name: "json-general", refusal: "malformed", comment: "The same token in the general JSON serialization (RFC 7516, section 7.2.1).", text: general},
		{name: "jws-bare", refusal: "malformed", comment: "The signed token, not encrypted.", whole: func(p *parts) string { return p.jws() }},
		{name: "jwt-bare-unsecured", refusal: "malformed", comment: "An unsecured JWT (RFC 7519, section 6).", text: func(string) string {
			return b64([]byte(`{"alg":"none"}`)) + "." + b64([]byte(usualPayload)) + "."
		}},
		{name: "claims-bare", refusal: "malformed", comment: "The claims and nothing around them.", text: func(string) string { return usualPayload }},
		{name: "encrypted-key", refusal: "malformed", comment: "An encrypted key, which alg dir does not have (RFC 7516, section 5.2, step 10).", parts: func(p *parts) { p.encryptedKey = b64(make([]byte, 40)) }},
		{name: "encrypted-key-one-character", refusal: "malformed", comment: "An encrypted key of one character.", parts: func(p *parts) { p.encryptedKey = "A" }},
		{name: "nonce-short", refusal: "malformed", comment: "A nonce of 11 bytes, truly used.", parts: func(p *parts) { p.nonce = make([]byte, 11) }},
		{name: "nonce-long", refusal: "malformed", comment: "A nonce of 13 bytes, truly used.", parts: func(p *parts) { p.nonce = make([]byte, 13) }},
		{name: "nonce-16", refusal: "malformed", comment: "A nonce of 16 bytes, truly used.", parts: func(p *parts) { p.nonce = make([]byte, 16) }},
		{name: "nonce-empty", refusal: "malformed", comment: "No nonce.", text: inSegment(2, func(string) string { return "" })},
		{name: "tag-short", refusal: "malformed", comment: "The first 15 bytes of the tag.", text: inSegment(4, func(s string) string { return s[:20] })},
		{name: "tag-12", refusal: "malformed", comment: "The first 12 bytes of the tag, the shortest that GCM knows.", text: inSegment(4, func(s string) string { return s[:16] })},
		{name: "tag-long", refusal: "malformed", comment: "A tag with a zero byte after it.", text: inSegment(4, func(s string) string { return s + "A" })},
		{name: "tag-empty", refusal: "malformed", comment: "No tag.", text: inSegment(4, func(string) string { return "" })},
		{name: "ciphertext-empty", refusal: "malformed", comment: "Nothing encrypted, with a true tag over it.", parts: func(p *parts) { p.plain = func(string) string { return "" } }},
	}
	for i, name := range []string{0: "header", 2: "nonce", 3: "ciphertext", 4: "tag"} {
		if name == "" {
			continue
		}
		refusal := "malformed"
		if i == 0 {
			refusal = "unknown_key"
		}
		spell := func(spelling, comment string, change func(string) string) {
			list = append(list, attack{name: "base64-" + spelling + "-" + name, refusal: refusal, comment: comment, parts: spelled, text: inSegment(i, change)})
		}
		spell("line-break", "A line break inside a segment.", func(s string) string { return s[:4] + "\n" + s[4:] })
		spell("line-break-at-end", "A line break after a segment.", func(s string) string { return s + "\r\n" })
		spell("line-break-in-place", "A line break in the place of a character.", func(s string) string { return s[:4] + "\n" + s[5:] })
		spell("space", "A space inside a segment.", func(s string) string { return s[:4] + " " + s[4:] })
		spell("padding", "A segment with padding.", func(s string) string { return s + strings.Repeat("=", 4-len(s)%4) })
		if i != 2 { // 12 bytes fill 16 characters
			spell("unused-bits", "A segment whose last character has a bit set that stands for nothing.", loose)
		}
		if i != 0 { // printable text has no 62 or 63
			spell("standard-alphabet", "A segment in the alphabet of base64 in place of base64url.", standard)
		}
	}
	return list
}

// spelled gives a token in whose segments each misspelling is possible: with characters of the one alphabet only, and
// with unused bits.
func spelled(p *parts) {
	p.nonce = []byte("\xfb\xef\xbe\xff\xff\xff123456")
	for n := 0; ; n++ {
		p.payload = swap(usualPayload, `{"n":1}`, `"`+strings.Repeat("x", n)+`"`)
		s := strings.Split(p.token(), ".")
		if len(s[3])%4 != 0 && strings.ContainsAny(s[3], "-_") && strings.ContainsAny(s[4], "-_") {
			return
		}
	}
}

// inSegment changes one of the five segments of a token.
func inSegment(i int, change func(string) string) func(string) string {
	return func(s string) string {
		segments := strings.Split(s, ".")
		segments[i] = change(segments[i])
		return strings.Join(segments, ".")
	}
}

func flattened(s string) string {
	part := strings.Split(s, ".")
	return toJSON(map[string]any{"protected": part[0], "iv": part[2], "ciphertext": part[3], "tag": part[4]})
}

func general(s string) string {
	part := strings.Split(s, ".")
	return toJSON(map[string]any{
		"protected": part[0], "recipients": []any{map[string]any{}}, "iv": part[2], "ciphertext": part[3], "tag": part[4],
	})
}

func toJSON(v any) string {
	text, err := json.Marshal(v)
	must(err)
	return string(text)
}
