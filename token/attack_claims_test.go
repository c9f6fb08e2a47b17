package token_test

import (
	"strings"
)

// usualMembers are the members of usualPayload, by name.
var usualMembers = map[string]string{
	"aud": `"session"`, "sub": `"alice"`, "sid": `"dGVzdC1zZXNzaW9u"`, "jti": `"dGVzdC10b2tlbg"`,
	"iat": `1799999990`, "exp": `1800001800`, "auth_time": `1799999000.5`, "sealjar": `{"d":{"n":1}}`,
}

// claimAttacks are sealed and signed with the true keys, and say something that the profile has no place for: a foreign
// minter's mistake, or the work of somebody who has found a way to have text of his own put into the claims.
func claimAttacks() []attack {
	var list []attack
	add := func(name, comment string, payload func(string) string) {
		list = append(list, attack{name: "claim-" + name, refusal: "claims", comment: comment, parts: said(payload)})
	}
	value := func(name, with string) func(string) string {
		return func(payload string) string {
			return swap(payload, `"`+name+`":`+usualMembers[name], `"`+name+`":`+with)
		}
	}
	for _, name := range []string{"aud", "sid", "jti", "iat", "exp", "auth_time", "sealjar"} {
		add(name+"-missing", "No "+name+".", func(payload string) string {
			payload = swap(payload, `"`+name+`":`+usualMembers[name], "")
			return strings.NewReplacer("{,", "{", ",,", ",", ",}", "}").Replace(payload)
		})
	}
	types := map[string]string{"null": `null`, "true": `true`, "string": `"1799999999"`, "number": `1`, "array": `[]`, "object": `{}`}
	for _, name := range []string{"aud", "sub", "sid", "jti", "iat", "exp", "auth_time", "sealjar"} {
		for _, kind := range []string{"null", "true", "string", "number", "array", "object"} {
			text := strings.HasPrefix(usualMembers[name], `"`)
			switch {
			case kind == "string" && text, kind == "object" && name == "sealjar", kind == "number" && !text && name != "sealjar":
				continue
			}
			add(name+"-"+kind, name+" is of another type: "+kind+".", value(name, types[kind]))
		}
	}
	for _, name := range []string{"sub", "sid", "jti"} {
		add(name+"-empty", "An empty "+name+".", value(name, `""`))
		add(name+"-in-array", name+" in an array.", value(name, `[`+usualMembers[name]+`]`))
	}
	for _, name := range []string{"sid", "jti"} {
		add(name+"-long", name+" of 65 characters.", value(name, `"`+strings.Repeat("a", 65)+`"`))
		for character, text := range map[string]string{
			"dot": `.`, "slash": `/`, "plus": `+`, "padding": `=`, "space": ` `, "line-break": `\n`, "nul": `\u0000`, "non-ascii": `é`, "colon": `:`,
		} {
			add(name+"-with-"+character, name+" with a character outside of base64url.", value(name, `"a`+text+`b"`))
		}
	}
	add("sub-long", "sub of 256 bytes.", value("sub", `"`+strings.Repeat("a", 256)+`"`))
	add("sub-long-escaped", "sub of 256 bytes once its escapes are resolved.", value("sub", `"`+strings.Repeat(`\u00e9`, 128)+`"`))
	add("aud-array-one", "aud as an array, which RFC 7519, section 4.1.3, allows and this profile does not.", value("aud", `["session"]`))
	add("aud-array-two", "aud as an array of two.", value("aud", `["session","other"]`))
	add("iss-null", "iss is null, where none is expected.", front(`"iss":null`))
	add("iss-empty", "iss is empty, where none is expected.", front(`"iss":""`))
	add("iss-number", "iss is a number.", front(`"iss":1`))
	add("iss-array", "iss is an array.", front(`"iss":["https://issuer.example"]`))

	// Readers that fold the case of names let the second one win.
	for _, name := range []string{"Exp", "EXP", "SUB", "Sub", "Aud", "SID", "Jti", "IAT", "Auth_Time", "SealJar", "eXp", "\u017fub"} {
		lower := strings.ReplaceAll(strings.ToLower(name), "\u017f", "s")
		slug := strings.ReplaceAll(name, "\u017f", "long-s-")
		add("case-"+slug+"-besides", name+" besides "+lower+".", front(`"`+name+`":`+usualMembers[lower]))
		add("case-"+slug+"-instead", name+" in place of "+lower+".", func(payload string) string { return swap(payload, `"`+lower+`":`, `"`+name+`":`) })
	}
	for name, member := range map[string]string{
		"nbf": `"nbf":1799999990`, "role": `"role":"admin"`, "cnf": `"cnf":{}`, "state": `"state":{}`, "empty-name": `"":1`, "nul-name": `"exp\u0000":1`,
		"proto": `"__proto__":{}`, "space-name": `"exp ":1900000000`,
	} {
		add("unknown-"+name, "A claim that the profile does not have.", front(member))
	}
	for name, member := range usualMembers {
		add("duplicate-"+name, name+" twice with the same value.", front(`"`+name+`":`+member))
		escaped := `\u00` + hexOf(name[0]) + name[1:]
		add("duplicate-escaped-"+name, name+" twice, once with an escaped character.", front(`"`+escaped+`":`+member))
	}
	add("duplicate-exp-later", "exp twice, the later one last.", back(`"exp":1900000000`))
	add("duplicate-sub-admin", "sub twice, another one last.", back(`"sub":"admin"`))
	for name, state := range map[string]string{
		"state": `{"a":1,"a":2}`, "state-escaped": `{"a":1,"\u0061":2}`, "deep": `{"a":{"b":{"c":{"d":1,"d":1}}}}`,
		"deep-escaped": `{"a":{"b":1,"\u0062":1}}`, "in-array": `{"a":[[{"b":1,"b":1}]]}`, "surrogate-pair": `{"😀":1,"\ud83d\ude00":1}`,
		"empty-name": `{"":1,"":1}`, "ninth-name": `{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"i":1}`,
	} {
		add("duplicate-inside-"+name, "A name twice in one object of the state.", value("sealjar", state))
	}
	add("deep-33", "33 levels of objects, one more than are read.", value("sealjar", nested(`{"a":`, `}`, 31)))
	add("deep-33-arrays", "33 levels, of which the lowest are arrays.", value("sealjar", `{"a":`+strings.Repeat("[", 31)+strings.Repeat("]", 31)+`}`))
	add("deep-1000", "A thousand arrays.", value("sealjar", `{"a":`+strings.Repeat("[", 1000)+strings.Repeat("]", 1000)+`}`))
	add("deep-unclosed", "Arrays that are never closed.", func(string) string { return `{"sealjar":{"a":` + strings.Repeat("[", 3000) })
	return list
}

// said changes the claims.
func said(change func(string) string) func(p *parts) {
	return func(p *parts) { p.payload = change(p.payload) }
}

func front(member string) func(string) string {
	return func(payload string) string { return "{" + member + "," + payload[1:] }
}

func back(member string) func(string) string {
	return func(payload string) string { return payload[:len(payload)-1] + "," + member + "}" }
}

// nested is an object in n others.
func nested(open, end string, n int) string {
	return strings.Repeat(open, n) + `{}` + strings.Repeat(end, n)
}

func hexOf(c byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[c>>4], digits[c&15]})
}
