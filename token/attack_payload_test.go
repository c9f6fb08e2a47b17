package token_test

import "strings"

// payloadAttacks are sealed and signed with the true keys around a payload that is not strict JSON.
func payloadAttacks() []attack {
	var list []attack
	add := func(name, comment string, payload func(string) string) {
		list = append(list, attack{name: "payload-" + name, refusal: "claims", comment: comment, parts: said(payload)})
	}
	whole := func(text string) func(string) string { return func(string) string { return text } }
	sub := func(text string) func(string) string {
		return func(payload string) string { return swap(payload, "alice", text) }
	}
	state := func(text string) func(string) string {
		return func(payload string) string { return swap(payload, `{"n":1}`, text) }
	}
	add("empty", "No payload, truly signed.", whole(""))
	add("space", "A payload of space.", whole("  \n"))
	add("null", "The payload is null.", whole(`null`))
	add("true", "The payload is true.", whole(`true`))
	add("number", "The payload is a number.", whole(`1`))
	add("string", "The payload is the claims in a string.", func(payload string) string { return toJSON(payload) })
	add("array", "The payload is an array of the claims.", func(payload string) string { return "[" + payload + "]" })
	add("object-empty", "The payload is an empty object.", whole(`{}`))
	add("not-json", "The payload is not JSON.", whole(`alice`))
	add("cut", "The payload ends before its last brace.", func(payload string) string { return payload[:len(payload)-1] })
	add("trailing-text", "Text after the claims.", func(payload string) string { return payload + "x" })
	add("trailing-object", "A second object after the claims.", func(payload string) string { return payload + `{"sub":"admin"}` })
	add("trailing-brace", "A brace after the claims.", func(payload string) string { return payload + "}" })
	add("trailing-comma", "A comma after the last claim.", func(payload string) string { return payload[:len(payload)-1] + ",}" })
	add("trailing-nul", "A zero byte after the claims.", func(payload string) string { return payload + "\x00" })
	add("byte-order-mark", "A byte order mark before the claims.", func(payload string) string { return "\ufeff" + payload })
	add("comment", "A comment among the claims.", func(payload string) string { return "{/**/" + payload[1:] })
	add("single-quotes", "Single quotes.", func(payload string) string { return strings.ReplaceAll(payload, `"`, `'`) })
	add("name-unquoted", "A name without quotes.", func(payload string) string { return swap(payload, `"sub":`, `sub:`) })
	add("no-colon", "A name without a value.", func(payload string) string { return swap(payload, `"sub":"alice"`, `"sub"`) })
	add("two-commas", "A comma too many.", func(payload string) string { return swap(payload, `,"sub"`, `,,"sub"`) })
	add("leading-comma", "A comma before the first claim.", func(payload string) string { return "{," + payload[1:] })
	add("form-feed", "A character of white space that JSON does not have.", func(payload string) string { return "{\f" + payload[1:] })
	add("no-break-space", "A character of white space that JSON does not have.", func(payload string) string { return "{\u00a0" + payload[1:] })

	add("utf8-invalid", "A byte that is no UTF-8.", sub("ali\xffce"))
	add("utf8-cut", "A character of which the last byte is missing.", sub("alic\xc3"))
	add("utf8-overlong", "A slash in two bytes.", sub("al\xc0\xafice"))
	add("utf8-surrogate", "A surrogate in UTF-8 (CESU-8).", sub("al\xed\xa0\xbd\xed\xb8\x80ice"))
	add("utf8-beyond", "A character beyond U+10FFFF.", sub("al\xf4\x90\x80\x80ice"))
	add("utf8-in-state", "A byte that is no UTF-8, in the state.", state("\"\xff\""))
	add("utf8-in-name", "A byte that is no UTF-8, in a name.", func(payload string) string { return swap(payload, `"n"`, "\"n\xff\"") })
	add("utf16", "The claims in UTF-16.", func(payload string) string {
		var b strings.Builder
		for _, c := range []byte(payload) {
			b.Write([]byte{0, c})
		}
		return b.String()
	})
	add("surrogate-high", "A high surrogate alone.", sub(`\ud83d`))
	add("surrogate-low", "A low surrogate alone.", sub(`\ude00`))
	add("surrogate-reversed", "A pair of surrogates in the wrong order.", sub(`\ude00\ud83d`))
	add("surrogate-low-twice", "A low surrogate before another.", sub(`\ude00\ude00`))
	add("surrogate-high-twice", "A high surrogate before another.", sub(`\ud83d\ud83d`))
	add("surrogate-then-text", "A high surrogate before a letter.", sub(`\ud83dabcdef`))
	add("surrogate-then-escape", "A high surrogate before another escape.", sub(`\ud83d\u0041`))
	add("surrogate-in-name", "A lone surrogate in a name.", func(payload string) string { return swap(payload, `"n"`, `"\ud800"`) })
	add("surrogate-in-state", "A lone surrogate in the state.", state(`"\udfff"`))
	add("control-character", "A line break in a string.", sub("al\nice"))
	add("control-nul", "A zero byte in a string.", sub("al\x00ice"))
	add("escape-unknown", "An escape that JSON does not have.", sub(`al\xice`))
	add("escape-short", "An escape of three digits.", sub(`al\u00e`))
	add("escape-capital", "An escape with a capital letter.", sub(`al\U0000e9`))
	add("escape-unicode-braces", "An escape of another language.", sub(`al\u{e9}`))

	for name, number := range map[string]string{
		"leading-zero": `01`, "plus": `+1`, "point-alone": `.`, "point-first": `.1`, "point-last": `1.`, "exponent-empty": `1e`, "exponent-sign": `1e+`,
		"minus-alone": `-`, "hexadecimal": `0x1`, "nan": `NaN`, "infinity": `-Infinity`, "octal": `0o7`, "minus-zero-zero": `-00`,
	} {
		add("number-"+name, "No number of JSON, in the state.", state(number))
	}
	for name, word := range map[string]string{"undefined": `undefined`, "true-capital": `True`, "null-capital": `NULL`, "word-long": `nullx`, "word-short": `tru`} {
		add("word-"+name, "No word of JSON, in the state.", state(word))
	}
	return list
}
