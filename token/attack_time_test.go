package token_test

import "strings"

// timeAttacks write a NumericDate in a form or a range that the profile does not have, under the true keys.
func timeAttacks() []attack {
	var list []attack
	bad := map[string]string{
		"negative": `-1799999990`, "minus-zero": `-0`, "negative-fraction": `-0.5`,
		"exponent": `1.79999999e9`, "exponent-integer": `18e8`, "exponent-capital": `18E8`, "exponent-plus": `18e+8`, "exponent-minus": `17999999900e-1`, "exponent-huge": `1e400`,
		"four-digits": `1799999990.0000`, "four-digits-same": `1799999990.5000`, "six-digits": `1799999990.000001`, "many-digits": `1799999990.` + strings.Repeat("0", 400),
		"thirteen-digits": `1799999990000`, "overflow-64": `18446744075509551606`, "overflow-63": `9223372036854775808`, "huge": strings.Repeat("9", 400),
		"year-10000": `253402300800`, "year-10000-fraction": `253402300800.0`, "twelve-digits": `999999999999.999`,
		"leading-zero": `01799999990`, "leading-plus": `+1799999990`, "no-fraction": `1799999990.`, "no-integer": `.5`, "two-points": `1799999990.1.1`,
		"hexadecimal": `0x6b49d1f6`, "underscore": `1_799_999_990`, "nan": `NaN`, "infinity": `Infinity`, "comma": `1799999990,5`,
		"in-string": `"1799999990"`, "date-text": `"2027-01-15T08:00:00Z"`, "space-inside": `17999 99990`, "nothing": ``, "in-array": `[1799999990]`,
		"arabic-digits": `١٧٩٩٩٩٩٩٩٠`, "bool": `false`,
	}
	for _, name := range []string{"iat", "exp", "auth_time"} {
		for form, text := range bad {
			list = append(list, attack{name: "time-" + name + "-" + form, refusal: "claims", comment: name + " is no time of this profile.", parts: date(name, text)})
		}
	}
	for _, name := range []string{"iat", "auth_time"} {
		for form, text := range map[string]string{"zero": `0`, "zero-fraction": `0.000`} {
			list = append(list, attack{name: "time-" + name + "-" + form, refusal: "claims", comment: name + " at the beginning of 1970, which is what an unset variable says.", parts: date(name, text)})
		}
	}
	list = append(list,
		attack{name: "time-exp-is-iat", refusal: "claims", comment: "A token that expires when it is issued.", parts: date("exp", `1799999990`)},
		attack{name: "time-exp-before-iat", refusal: "claims", comment: "A token that expires a millisecond before it is issued.", parts: date("exp", `1799999989.999`)},
		attack{name: "time-exp-zero", refusal: "claims", comment: "exp at the beginning of 1970.", parts: date("exp", `0`)},

		attack{name: "expired-to-the-millisecond", refusal: "expired", comment: "Now is exp and the leeway of 30 seconds, to the millisecond: the first at which it is over.", parts: date("exp", `1800000000`), given: clock("2027-01-15T08:00:30.000Z")},
		attack{name: "expired-fraction", refusal: "expired", comment: "Now is exp and the leeway, to the millisecond, with a fraction.", parts: date("exp", `1800000000.25`), given: clock("2027-01-15T08:00:30.250Z")},
		attack{name: "expired-long-ago", refusal: "expired", comment: "A token of the year before.", given: clock("2028-01-15T08:00:00.000Z")},
		attack{name: "not-yet-iat", refusal: "not_yet", comment: "Issued a millisecond more than the leeway of 30 seconds after now.", parts: date("iat", `1800000030.001`)},
		attack{name: "not-yet-auth-time", refusal: "not_yet", comment: "The session begins a millisecond more than three times the leeway after now.", parts: date("auth_time", `1800000090.001`)},
		attack{name: "not-yet-far", refusal: "not_yet", comment: "Issued in the year 9999.", parts: said(func(payload string) string {
			return swap(swap(payload, `"iat":1799999990`, `"iat":253402300799`), `"exp":1800001800`, `"exp":253402300799.999`)
		})},
	)
	return list
}

func date(name, text string) func(p *parts) {
	return said(func(payload string) string {
		return swap(payload, `"`+name+`":`+usualMembers[name], `"`+name+`":`+text)
	})
}

func clock(now string) func(v *vector) {
	return func(v *vector) { v.Now = now }
}
