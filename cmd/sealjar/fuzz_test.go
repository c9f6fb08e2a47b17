package main_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/cmd/sealjar/internal/cli"
)

// What the fuzz test opens: a secret, and a token of that noon whose subject tries to move the cursor. The processes of a fuzz
// test must agree on it, so it stands here.
const (
	fuzzSecret = "7d0f9e7c0a9b64e6a5a2a86a2b9f1d4d3f1de8cfb1e0a7725cbb8a4d6e92c135"
	fuzzToken  = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoicVZJSFJnbW4iLCJjdHkiOiJKV1QifQ..AZjw5kBThkuj9w8L.M-7" +
		"la-mAXQdCmGEKDnjqrtK-UpfoeY7R38JfWJjXH7v9XePEZWMgGz-9g2io-_3FHt7rfcbexduHNTLVoBXf3GaU85DORMSgv80qCtP" +
		"HwZGBZSAHt8BuzKO6QvCn8tOz-n0e61ZfMM9kin16E8US0kWcPDUHCDgH-eo_AUPSBEQXaCt5AMLsgQwQuXT4-2Z0wEvcjs2T8BM" +
		"Bk0xTYUnCEoHvZ_tMTgCgPPDY5euOjxI8QeKwIZh5Jo6jnrXMTvR1g7GlJU5YZJs5iwHQHEGsyUhXGzhoFbvaS1-0hfPrvH08u36" +
		"6UpgIQC-eXKekEuKjhrQdJPghZ-1G76un7XuendZsBI-wjz9sP575kT-2Sm7lWyYdriMD5rkm9SKzpHvJw9hCoOdgWlur3Btkcls" +
		"Ie5NfJM2gj98lX9vFb3h14yxEekaX5Of7Fho7fg5wsHEedevnGnyp0OWeWEK8CTiscv1MYJl3OG2vcLoXpVenmZ_ROaa87s37C4_" +
		"-kbPmdPU6naawfXx0S52nFRQSGIzrlWuu9oX0F1dFpYb1vs-kjDxnyz72vDfrNAXCKiZqvzcYkb-li0ZYOmsU3ms.i6iOWV9ZoUC" +
		"C697soPvJ3A"
)

// FuzzTokenShow : whatever is pasted into it, the command neither panics nor prints what a terminal would obey, and it accepts no
// token but the one that was sealed with the secret.
func FuzzTokenShow(f *testing.F) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	good := "__Host-session=" + fuzzToken
	f.Add("Set-Cookie: " + good + "; Path=/; Secure")
	f.Add(good)
	f.Add("Cookie: a=b; " + good)
	f.Add("# Netscape HTTP Cookie File\n\n#HttpOnly_app.example\tFALSE\t/\tTRUE\t0\t__Host-session\t" + fuzzToken)
	f.Add("a\t\t\t\t\t\x1b[2J\teyJhIjoiAAAA....")
	f.Add("eyJhIjoi\u009b\x1b[2J.....")
	f.Add("Set-Cookie: \x1b[2J=eyJhIjoiAAAA....")
	f.Add("eyJ0eXAiOiJhXHUwMDFiIn0....")

	f.Fuzz(func(t *testing.T, text string) {
		for _, arguments := range [][]string{{"token", "show"}, {"token", "show", "--json"}} {
			var out bytes.Buffer
			code := cli.Run(context.Background(), arguments, cli.Env{
				In: strings.NewReader(text), Out: &out, Err: &out, Now: func() time.Time { return now },
				Getenv: func(name string) string { return map[string]string{"SEALJAR_SECRET": fuzzSecret}[name] },
			})
			if code == 0 {
				require.Contains(t, text, fuzzToken)
			} else {
				require.Contains(t, []int{1, 3}, code)
			}
			for _, c := range out.String() {
				require.True(t, c == '\n' || unicode.IsPrint(c), "%q", out.String())
			}
		}
	})
}
