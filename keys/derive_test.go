package keys_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

// What HKDF-SHA256 gives for SHA-256("sealjar test secret 1"), by OpenSSL 3.0 and not by this package:
//
//	openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:$secret -kdfopt "info:sealjar v1 signing HS256" HKDF
//
// If this test fails, every session in the world that was sealed from a secret is lost.
const (
	vectorSecret     = "0f741cee07012718543e88cf20288fea47f1f0fbf975855481745b64805ac471"
	vectorSigning    = "c1592dd04ffd7e1d1b57d0f7e17f95f2e459b07d6fdaaafb3efc02a8e66f3954"
	vectorEncryption = "edfd830160c1d53e32b81f20d9f3705b51012f641913dcce111e695452f51c36"
	vectorID         = "jm8a5lxA" // base64url of 8e6f1ae65c40
)

func TestDerivationVector(t *testing.T) {
	ring, err := keys.FromSecrets(vectorSecret)
	require.NoError(t, err)
	derived := ring.Keys()[0]
	require.Equal(t, vectorID, derived.ID())
	require.Equal(t, keys.HS256, derived.Algorithm())
	require.True(t, derived.NotBefore().IsZero() && derived.Expiry().IsZero() && derived.Created().IsZero())
	want := newKey(t, keys.Material{ID: vectorID, Signing: unhex(t, vectorSigning), Encryption: unhex(t, vectorEncryption)})
	requireSameFile(t, newRing(t, want), ring)
}

// requireSameFile compares two rings with all that is secret in them.
func requireSameFile(t *testing.T, want, got *keys.Ring) {
	t.Helper()
	a, err := keys.Marshal(want)
	require.NoError(t, err)
	b, err := keys.Marshal(got)
	require.NoError(t, err)
	require.True(t, string(a) == string(b), "the rings differ")
}

func TestSecretFormsAllowed(t *testing.T) {
	want, err := keys.FromSecrets(vectorSecret)
	require.NoError(t, err)
	raw := unhex(t, vectorSecret)
	for name, text := range map[string]string{
		"hex":                hex.EncodeToString(raw),
		"hex in capitals":    strings.ToUpper(hex.EncodeToString(raw)),
		"base64":             base64.RawStdEncoding.EncodeToString(raw),
		"base64 padded":      base64.StdEncoding.EncodeToString(raw),
		"base64url":          base64.RawURLEncoding.EncodeToString(raw),
		"base64url padded":   base64.URLEncoding.EncodeToString(raw),
		"a line end after":   vectorSecret + "\n",
		"spaces around":      " \t" + vectorSecret + " \r\n",
		"a comma after":      vectorSecret + ",",
		"commas and nothing": " , ," + vectorSecret + ", ,",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := keys.FromSecrets(text)
			require.NoError(t, err)
			requireSameFile(t, want, got)
		})
	}
	// The two alphabets of base64 differ in two characters, so a secret with both of them must be tried.
	both := unhex(t, "d30af3b018834472642442182b7920c7b3a8faf08073b6f234cf8b7c29bf795b")
	require.Contains(t, base64.StdEncoding.EncodeToString(both), "+")
	require.Contains(t, base64.StdEncoding.EncodeToString(both), "/")
	standard, err := keys.FromSecrets(base64.StdEncoding.EncodeToString(both))
	require.NoError(t, err)
	url, err := keys.FromSecrets(base64.URLEncoding.EncodeToString(both))
	require.NoError(t, err)
	requireSameFile(t, standard, url)
}

func TestSeveralSecretsAllowed(t *testing.T) {
	one, two, three := hex.EncodeToString(secret("1")), b64(secret("2")), hex.EncodeToString(secret("3"))
	for _, separator := range []string{",", " ", "\n", ", ", "\r\n", "\t,\t"} {
		ring, err := keys.FromSecrets(strings.Join([]string{one, two, three}, separator))
		require.NoError(t, err)
		all := ring.Keys()
		require.Len(t, all, 3)
		require.Same(t, all[0], ring.Sealing(now), "the first seals")
		for i, text := range []string{one, two, three} {
			alone, err := keys.FromSecrets(text)
			require.NoError(t, err)
			require.Equal(t, alone.Keys()[0].ID(), all[i].ID(), "the id depends on nothing but the secret")
			require.Same(t, all[i], ring.Key(all[i].ID()), "all open")
			require.False(t, all[i].Expired(now.AddDate(100, 0, 0)))
		}
	}
}

func TestDerivedKeysAreUnrelated(t *testing.T) {
	seen := map[string]string{}
	for i := range 50 {
		s := secret(fmt.Sprint(i))
		ring, err := keys.FromSecrets(hex.EncodeToString(s))
		require.NoError(t, err)
		text, err := keys.Marshal(ring)
		require.NoError(t, err)
		requireNoSecret(t, string(text), s) // what derives does not contain what it derives from
		for part := range strings.FieldsFuncSeq(string(text), func(c rune) bool { return c == '"' }) {
			if len(part) == 43 {
				require.Empty(t, seen[part], "a derived key came up twice")
				seen[part] = fmt.Sprint(i)
			}
		}
	}
	require.Len(t, seen, 100)
}

func TestListsOfSecretsRefused(t *testing.T) {
	good := hex.EncodeToString(secret("good"))
	many := make([]string, 33)
	for i := range many {
		many[i] = hex.EncodeToString(secret(fmt.Sprint(i)))
	}
	for _, row := range []struct{ name, list, reason string }{
		{"empty", "", "list of secrets is empty"},
		{"white space", " \n\t", "list of secrets is empty"},
		{"commas", ",,", "list of secrets is empty"},
		{"a variable that was not expanded", "$SEALJAR_SECRET", "secret 1 of 1 is too short"},
		{"a word", "changeme", "secret 1 of 1 is too short"},
		{"hex of 31 bytes", good[2:], "secret 1 of 1 " + notASecret},
		{"hex of 16 bytes", good[:32], "secret 1 of 1 is too short"},
		{"hex of 33 bytes", good + "00", "secret 1 of 1 " + notASecret},
		{"63 hexadecimal digits", good[1:], "secret 1 of 1 " + notASecret},
		{"a letter beyond f", "g" + good[1:], "secret 1 of 1 " + notASecret},
		{"hex with a prefix", "0x" + good, "secret 1 of 1 " + notASecret},
		{"hex in quotes", `"` + good + `"`, "secret 1 of 1 " + notASecret},
		{"base64 in quotes", `"` + b64(secret("good")) + `"`, "secret 1 of 1 " + notASecret},
		{"base64 with two paddings", b64(secret("good")) + "==", "secret 1 of 1 " + notASecret},
		{"base64 that is not canonical", b64(secret("good"))[:42] + "B", "secret 1 of 1 " + notASecret},
		{"base64 of 33 bytes", b64(append(secret("good"), 1)), "secret 1 of 1 " + notASecret},
		{"one broken by a space", good[:40] + " " + good[40:], "secret 1 of 2 is too short"},
		{"the second bad", good + "," + good[:20], "secret 2 of 2 is too short"},
		{"the same twice", good + "," + good, "secret 2 of 2 is the same as secret 1"},
		{"the same twice in two spellings", good + " " + b64(secret("x")) + " " + b64(secret("good")), "secret 3 of 3 is the same as secret 1"},
		{"PEM text", "-----BEGIN PRIVATE KEY-----\n" + b64(secret("good")), "list of secrets looks like the text of a PEM block or a JWK"},
		{"JWK text", `{"kty":"oct","k":"` + b64(secret("good")) + `"}`, "list of secrets looks like the text of a PEM block or a JWK"},
		{"JWK text behind a secret", good + ` {"kty":"oct","k":"` + b64(secret("good")) + `"}`, "secret 2 of 3 is too short"},
		{"33 secrets", strings.Join(many, ","), "33 secrets are too many for one ring: at most 32"},
		{"more than 1 MiB", strings.Repeat(" ", keys.MaxFileSize) + good, "larger than 1048576 bytes"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := keys.FromSecrets(row.list)
			requireRefused(t, err, [][]byte{secret("good"), []byte(good), []byte(b64(secret("good")))}, row.reason)
		})
	}
	ring, err := keys.FromSecrets(strings.Join(many[:32], ","))
	require.NoError(t, err, "32 secrets are allowed")
	require.Len(t, ring.Keys(), 32)
}

// Every secret that is refused elsewhere is refused in a list, with its position for a name.
func TestListedSecretsRefused(t *testing.T) {
	good := hex.EncodeToString(secret("good"))
	for _, row := range badSecrets {
		reason := row.reason
		if row.listReason != "" {
			reason = row.listReason
		}
		for form, text := range map[string]string{"hex": hex.EncodeToString(row.bytes), "base64url": b64(row.bytes)} {
			t.Run(row.name+" in "+form, func(t *testing.T) {
				secrets := [][]byte{row.bytes, secret("good")}
				if text == "" {
					_, err := keys.FromSecrets(text)
					requireRefused(t, err, secrets, reason)
					return
				}
				want := reason
				if form == "hex" && len(row.bytes) == 31 {
					want = notASecret // 62 characters are too long for base64url
				}
				_, err := keys.FromSecrets(good + "," + text)
				requireRefused(t, err, secrets, "secret 2 of 2 ", want)
			})
		}
	}
}
