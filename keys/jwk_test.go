package keys_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

var algorithms = []keys.Algorithm{keys.HS256, keys.EdDSA, keys.ES256}

func TestKeyFilesAllowed(t *testing.T) {
	dated := func(entry jwk) jwk {
		entry["iat"], entry["nbf"], entry["exp"] = now.Unix(), now.Add(time.Hour).Unix(), now.Add(2*time.Hour).Unix()
		return entry
	}
	for _, alg := range algorithms {
		t.Run(string(alg), func(t *testing.T) {
			ring, err := keys.Parse(keyFile(t, dated(signingJWK(t, "a", alg)), dated(encryptionJWK("a"))), keys.Options{OpenOnly: true})
			require.NoError(t, err)
			key := ring.Key("a")
			require.Equal(t, alg, key.Algorithm())
			require.True(t, key.CanSign())
			require.True(t, now.Equal(key.Created()))
			require.True(t, now.Add(time.Hour).Equal(key.NotBefore()))
			require.True(t, now.Add(2*time.Hour).Equal(key.Expiry()))
		})
		if alg == keys.HS256 {
			continue // a shared secret has no public part
		}
		t.Run(string(alg)+" public", func(t *testing.T) {
			entry := signingJWK(t, "a", alg)
			delete(entry, "d")
			_, err := keys.Parse(keyFile(t, entry, encryptionJWK("a")), keys.Options{})
			requireRefused(t, err, nil, `no key can seal now; key "a" has only a public signing key`)
			ring, err := keys.Parse(keyFile(t, entry, encryptionJWK("a")), keys.Options{OpenOnly: true})
			require.NoError(t, err)
			require.False(t, ring.Key("a").CanSign())
			private, err := keys.Parse(keyFile(t, signingJWK(t, "a", alg), encryptionJWK("a")), keys.Options{})
			require.NoError(t, err)
			signature, err := private.Key("a").Sign(nil, []byte("input"))
			require.NoError(t, err)
			require.NoError(t, ring.Key("a").Verify([]byte("input"), signature))
		})
	}
	sig, enc := signingJWK(t, "a", keys.HS256), encryptionJWK("a")
	for name, change := range map[string]func(sig, enc jwk){
		"members that nobody knows":   func(sig, enc jwk) { sig["note"], enc["x-y"] = "mine", []any{1, map[string]any{"k": "v"}} },
		"members that differ in case": func(sig, _ jwk) { sig["KTY"], sig["K"], sig["Use"], sig["Kid"] = "RSA", "AA", "enc", "b" },
		"key_ops that fit": func(sig, enc jwk) {
			sig["key_ops"], enc["key_ops"] = []string{"verify", "sign"}, []string{"encrypt", "decrypt"}
		},
		"dates of zero":                    func(sig, enc jwk) { sig["iat"], sig["nbf"], enc["iat"], enc["nbf"] = 0, 0, 0, 0 },
		"the last second of the year 9999": func(sig, enc jwk) { sig["exp"], enc["exp"] = int64(253402300799), int64(253402300799) },
	} {
		t.Run(name, func(t *testing.T) {
			sig, enc := signingJWK(t, "a", keys.HS256), encryptionJWK("a")
			change(sig, enc)
			_, err := keys.Parse(keyFile(t, sig, enc), keys.Options{})
			require.NoError(t, err)
		})
	}
	t.Run("any order", func(t *testing.T) {
		ring, err := keys.Parse(keyFile(t, enc, encryptionJWK("b"), signingJWK(t, "b", keys.ES256), sig), keys.Options{})
		require.NoError(t, err)
		require.Equal(t, "a", ring.Keys()[0].ID())
		require.Equal(t, "b", ring.Keys()[1].ID())
	})
	t.Run("other members of the set", func(t *testing.T) {
		text := bytes.Replace(keyFile(t, sig, enc), []byte("{"), []byte(`{"Keys":[],"comment":"mine",`), 1)
		_, err := keys.Parse(text, keys.Options{})
		require.NoError(t, err)
	})
	t.Run("exactly 1 MiB", func(t *testing.T) {
		text := keyFile(t, sig, enc)
		text = append(text, bytes.Repeat([]byte(" "), keys.MaxFileSize-len(text))...)
		_, err := keys.Parse(text, keys.Options{})
		require.NoError(t, err)
	})
}

func TestJWKsRefused(t *testing.T) {
	set := func(name string, value any) func(sig, enc jwk) { return func(sig, _ jwk) { sig[name] = value } }
	drop := func(name string) func(sig, enc jwk) { return func(sig, _ jwk) { delete(sig, name) } }
	setEnc := func(name string, value any) func(sig, enc jwk) { return func(_, enc jwk) { enc[name] = value } }
	both := func(name string, value any) func(sig, enc jwk) {
		return func(sig, enc jwk) { sig[name], enc[name] = value, value }
	}
	other := func(alg keys.Algorithm, names ...string) func(sig, enc jwk) { // the members of another key of the same kind
		return func(sig, _ jwk) {
			for _, name := range names {
				sig[name] = signingJWK(t, "other", alg)[name]
			}
		}
	}
	const (
		hs, ed, es = keys.HS256, keys.EdDSA, keys.ES256
		sigKey     = `entry 1: key "a": `
		encKey     = `entry 2: key "a": `
		wholeKey   = `key "a": `
		notSeconds = " is not a number of whole seconds since 1970"
	)
	for _, row := range []struct {
		name   string
		alg    keys.Algorithm
		change func(sig, enc jwk)
		key    string // how the error names the key
		reason string
	}{
		{"no kid", hs, drop("kid"), "entry 1: ", `has no "kid"`},
		{"a kid that is a number", hs, set("kid", 7), "entry 1: ", `has a "kid" that is not a string`},
		{"a kid that is null", hs, set("kid", nil), "entry 1: ", `has a "kid" that is not a string`},
		{"a kid of its own", hs, set("kid", "b"), `key "b": `, `has no encryption key ("use":"enc")`},
		{"a kid in another case", hs, setEnc("kid", "A"), `key "a": `, `has no encryption key ("use":"enc")`},

		{"no use", hs, drop("use"), sigKey, `has no "use": want "sig" or "enc"`},
		{"an empty use", hs, set("use", ""), sigKey, `has an unknown "use"`},
		{"an unknown use", hs, set("use", "both"), sigKey, `has an unknown "use"`},
		{"a use in capitals", hs, set("use", "SIG"), sigKey, `has an unknown "use"`},
		{"a use that is a list", hs, set("use", []string{"sig"}), sigKey, `has a "use" that is not a string`},
		{"two signing keys", hs, func(sig, enc jwk) { enc["use"], enc["alg"] = "sig", "HS256" }, encKey, `is there twice with "use":"sig"`},
		{"two encryption keys", hs, func(sig, enc jwk) { sig["use"], sig["alg"] = "enc", "A256GCM" }, encKey, `is there twice with "use":"enc"`},
		{"the uses exchanged", hs, func(sig, enc jwk) { sig["use"], enc["use"] = "enc", "sig" }, sigKey, `encryption key has not "alg":"A256GCM"`},

		{"no alg", hs, drop("alg"), sigKey, `signing key has not "alg":"HS256", the one for "kty":"oct"`},
		{"alg none", hs, set("alg", "none"), sigKey, `signing key has not "alg":"HS256"`},
		{"alg HS512", hs, set("alg", "HS512"), sigKey, `signing key has not "alg":"HS256"`},
		{"alg in small letters", hs, set("alg", "hs256"), sigKey, `signing key has not "alg":"HS256"`},
		{"alg of another kty", ed, set("alg", "HS256"), sigKey, `signing key has not "alg":"EdDSA", the one for "kty":"OKP"`},
		{"alg of another curve", es, set("alg", "ES384"), sigKey, `signing key has not "alg":"ES256", the one for "kty":"EC"`},
		{"alg ES256K", es, set("alg", "ES256K"), sigKey, `signing key has not "alg":"ES256"`},
		{"alg of encryption for signing", hs, set("alg", "A256GCM"), sigKey, `signing key has not "alg":"HS256"`},
		{"alg a number", hs, set("alg", 256), sigKey, `signing key has not "alg":"HS256"`},
		{"no alg for encryption", hs, func(_, enc jwk) { delete(enc, "alg") }, encKey, `encryption key has not "alg":"A256GCM"`},
		{"alg dir for encryption", hs, setEnc("alg", "dir"), encKey, `encryption key has not "alg":"A256GCM"`},
		{"alg A128GCM for encryption", hs, setEnc("alg", "A128GCM"), encKey, `encryption key has not "alg":"A256GCM"`},
		{"a secret for alg", hs, set("alg", b64(secret("a sig"))), sigKey, `signing key has not "alg":"HS256"`},

		{"no kty", hs, drop("kty"), sigKey, `has no "kty"`},
		{"an empty kty", hs, set("kty", ""), sigKey, `has an unknown "kty"`},
		{"a kty of null", hs, set("kty", nil), sigKey, `has a "kty" that is not a string`},
		{"an unknown kty", hs, set("kty", "AKP"), sigKey, `has an unknown "kty"`},
		{"a kty in capitals", hs, set("kty", "OCT"), sigKey, `has an unknown "kty"`},
		{"RSA", hs, func(sig, _ jwk) {
			delete(sig, "k")
			sig["kty"], sig["alg"], sig["n"], sig["e"] = "RSA", "RS256", b64(bytes.Repeat(secret("n"), 8)), "AQAB"
		}, sigKey, "is an RSA key"},
		{"RSA for encryption", hs, setEnc("kty", "RSA"), encKey, "is an RSA key"},
		{"an asymmetric key for encryption", hs, func(_, enc jwk) {
			delete(enc, "k")
			for name, value := range signingJWK(t, "b", keys.EdDSA) {
				if name != "kid" && name != "use" && name != "alg" {
					enc[name] = value
				}
			}
		}, encKey, `encryption key has not "kty":"oct"`},

		{"X25519", ed, set("crv", "X25519"), sigKey, "is on another curve than Ed25519"},
		{"Ed448", ed, set("crv", "Ed448"), sigKey, "is on another curve than Ed25519"},
		{"P-256 for OKP", ed, set("crv", "P-256"), sigKey, "is on another curve than Ed25519"},
		{"no crv", ed, drop("crv"), sigKey, `has no "crv"`},
		{"P-384", es, set("crv", "P-384"), sigKey, "is on another curve than P-256"},
		{"P-521", es, set("crv", "P-521"), sigKey, "is on another curve than P-256"},
		{"secp256k1", es, set("crv", "secp256k1"), sigKey, "is on another curve than P-256"},
		{"no crv for EC", es, drop("crv"), sigKey, `has no "crv"`},

		{"no k", hs, drop("k"), sigKey, `has no "k"`},
		{"no k for encryption", hs, func(_, enc jwk) { delete(enc, "k") }, encKey, `has no "k"`},
		{"an empty k", hs, set("k", ""), wholeKey, "signing key is empty"},
		{"k null", hs, set("k", nil), sigKey, `has a "k" that is not a string`},
		{"k a list of bytes", hs, set("k", []int{1, 2, 3}), sigKey, `has a "k" that is not a string`},
		{"k in hex", hs, set("k", fmt.Sprintf("%x", secret("a sig"))), wholeKey, "signing key has the wrong length"},
		{"k in base64", hs, set("k", base64.RawStdEncoding.EncodeToString(sequence(0xfb, 0xf7))), sigKey, `has a "k" that is not base64url without padding`},
		{"k padded", hs, set("k", b64(secret("a sig"))+"="), sigKey, `has a "k" that is not base64url without padding`},
		{"k with a line end", hs, set("k", b64(secret("a sig"))[:20]+"\n"+b64(secret("a sig"))[20:]), sigKey, `has a "k" that is not base64url without padding`},
		{"k not canonical", hs, set("k", b64(secret("a sig"))[:42]+"B"), sigKey, `has a "k" that is not base64url without padding`},
		{"k a passphrase", hs, set("k", "correct horse"), sigKey, `has a "k" that is not base64url without padding`},

		{"no x", ed, drop("x"), sigKey, `has no "x"`},
		{"an empty x", ed, set("x", ""), sigKey, `has a "x" of the wrong length: want 32 bytes`},
		{"x of 31 bytes", ed, set("x", b64(secret("x")[:31])), sigKey, `has a "x" of the wrong length`},
		{"x of 33 bytes", ed, set("x", b64(append(secret("x"), 0))), sigKey, `has a "x" of the wrong length`},
		{"an empty d", ed, set("d", ""), sigKey, `has a "d" of the wrong length`},
		{"d null", ed, set("d", nil), sigKey, `has a "d" that is not a string`},
		{"d of 31 bytes", ed, set("d", b64(secret("a sig")[:31])), sigKey, `has a "d" of the wrong length`},
		{"d of seed and public key", ed, set("d", b64(ed25519Key("a sig"))), sigKey, `has a "d" of the wrong length`},
		{"d of another key", ed, other(keys.EdDSA, "d"), sigKey, "its public part does not belong to its private part"},
		{"x of another key", ed, other(keys.EdDSA, "x"), sigKey, "its public part does not belong to its private part"},
		{"x off the curve, with d", ed, set("x", b64(append([]byte{2}, make([]byte, 31)...))), sigKey, "its public part does not belong to its private part"},

		{"no y", es, drop("y"), sigKey, `has no "y"`},
		{"x with a zero in front", es, set("x", b64(append([]byte{0}, secret("x")...))), sigKey, `has a "x" of the wrong length`},
		{"y shortened", es, set("y", b64(secret("y")[:31])), sigKey, `has a "y" of the wrong length`},
		{"x and y exchanged", es, func(sig, _ jwk) { sig["x"], sig["y"] = sig["y"], sig["x"] }, wholeKey, "signing key has a public part that is not a point on P-256"},
		{"x and y zero", es, func(sig, _ jwk) { sig["x"], sig["y"] = b64(make([]byte, 32)), b64(make([]byte, 32)) }, wholeKey, "signing key has a public part that is not a point on P-256"},
		{"x of another key on P-256", es, other(keys.ES256, "x"), wholeKey, "signing key has a public part that is not a point on P-256"},
		{"public, off the curve", es, func(sig, enc jwk) { delete(sig, "d"); other(keys.ES256, "y")(sig, enc) }, wholeKey, "signing key has a public part that is not a point on P-256"},
		{"the public part of another key", es, other(keys.ES256, "x", "y"), wholeKey, "has a public part that does not belong to its private part"},
		{"the private part of another key", es, other(keys.ES256, "d"), wholeKey, "has a public part that does not belong to its private part"},
		{"d zero", es, set("d", b64(make([]byte, 32))), "", "out of range for P-256"},
		{"d the order", es, set("d", b64(order.Bytes())), "", "out of range for P-256"},
		{"d all ones", es, set("d", b64(bytes.Repeat([]byte{0xff}, 32))), "", "out of range for P-256"},
		{"d without its zero in front", es, set("d", b64(secret("a sig")[1:])), sigKey, `has a "d" of the wrong length`},

		{"a secret declared as OKP", hs, func(sig, _ jwk) { sig["kty"], sig["crv"], sig["alg"] = "OKP", "Ed25519", "EdDSA" }, sigKey, `has a member "k", which its "kty" knows nothing of`},
		{"a secret in a public key", ed, func(sig, _ jwk) { delete(sig, "d"); sig["k"] = b64(secret("k")) }, sigKey, `has a member "k", which its "kty" knows nothing of`},
		{"a public key declared as oct", ed, func(sig, _ jwk) { delete(sig, "d"); sig["kty"], sig["alg"] = "oct", "HS256" }, sigKey, `has no "k"`},
		{"a public key in a secret", hs, set("x", b64(secret("x"))), sigKey, `has a member "x", which its "kty" knows nothing of`},
		{"a private part in a secret", hs, set("d", b64(secret("d"))), sigKey, `has a member "d", which its "kty" knows nothing of`},
		{"Ed25519 with y", ed, set("y", b64(secret("y"))), sigKey, `has a member "y", which its "kty" knows nothing of`},
		{"Ed25519 declared as EC", ed, func(sig, _ jwk) { sig["kty"], sig["crv"], sig["alg"] = "EC", "P-256", "ES256" }, sigKey, `has no "y"`},
		{"P-256 declared as OKP", es, func(sig, _ jwk) { sig["kty"], sig["crv"], sig["alg"] = "OKP", "Ed25519", "EdDSA" }, sigKey, `has a member "y"`},
		{"a private key meant as a public one", ed, set("key_ops", []string{"verify"}), sigKey, "contradicts whether it is a private key"},
		{"a public key meant as a private one", es, func(sig, _ jwk) { delete(sig, "d"); sig["key_ops"] = []string{"sign"} }, sigKey, "contradicts whether it is a private key"},
		{"key_ops of another use", hs, set("key_ops", []string{"sign", "encrypt"}), sigKey, `has a "key_ops" that contradicts its "use"`},
		{"key_ops of signing in an encryption key", hs, setEnc("key_ops", []string{"sign"}), encKey, `has a "key_ops" that contradicts its "use"`},
		{"key_ops that is text", hs, set("key_ops", "sign"), sigKey, `has a "key_ops" that is not an array of strings`},
		{"key_ops without use", hs, func(sig, _ jwk) { delete(sig, "use"); sig["key_ops"] = []string{"sign"} }, sigKey, `has no "use"`},
		{"the same bytes for both uses", hs, func(sig, enc jwk) { sig["k"] = enc["k"] }, wholeKey, "signing key and encryption key are the same bytes"},
		{"a certificate that is none", hs, set("x5c", "MIIB"), sigKey, "is not a valid JWK"},

		{"iat in one half only", hs, set("iat", 1), encKey, "iat, nbf and exp differ"},
		{"nbf in one half only", hs, setEnc("nbf", 1), encKey, "iat, nbf and exp differ"},
		{"exp that differs", hs, func(sig, enc jwk) { sig["exp"], enc["exp"] = int64(4102444800), int64(4102444801) }, encKey, "iat, nbf and exp differ"},
		{"iat a fraction", hs, both("iat", 1.5), sigKey, "iat" + notSeconds},
		{"nbf text", hs, both("nbf", "1793000000"), sigKey, "nbf" + notSeconds},
		{"nbf with an exponent", hs, both("nbf", json.RawMessage("1e9")), sigKey, "nbf" + notSeconds},
		{"nbf with a fraction of zero", hs, both("nbf", json.RawMessage("1.0")), sigKey, "nbf" + notSeconds},
		{"nbf null", hs, both("nbf", nil), sigKey, "nbf" + notSeconds},
		{"nbf true", hs, both("nbf", true), sigKey, "nbf" + notSeconds},
		{"exp negative", hs, both("exp", -1), sigKey, "exp" + notSeconds},
		{"exp in the year 10000", hs, both("exp", int64(253402300800)), sigKey, "exp" + notSeconds},
		{"exp beyond 64 bits", hs, both("exp", json.RawMessage("18446744073709551616")), sigKey, "exp" + notSeconds},
		{"exp of a thousand digits", hs, both("exp", json.RawMessage(strings.Repeat("9", 1000))), sigKey, "exp" + notSeconds},
		{"exp at nbf", hs, func(sig, enc jwk) { both("exp", 1000)(sig, enc); both("nbf", 1000)(sig, enc) }, wholeKey, "expiry is not after"},
		{"exp before nbf", hs, func(sig, enc jwk) { both("exp", 999)(sig, enc); both("nbf", 1000)(sig, enc) }, wholeKey, "expiry is not after"},
		{"exp in the past", hs, both("exp", 1000), "no key can seal now; ", `key "a" expired at 1970-01-01T00:16:40Z`},
		{"nbf in the future", hs, both("nbf", int64(4102444800)), "no key can seal now; ", `key "a" starts at 2100-01-01T00:00:00Z`},
	} {
		t.Run(row.name, func(t *testing.T) {
			sig, enc := signingJWK(t, "a", row.alg), encryptionJWK("a")
			row.change(sig, enc)
			text := keyFile(t, sig, enc)
			secrets := [][]byte{secret("a sig"), secret("a enc"), secret("other sig"), secret("k"), secret("d")}
			ring, err := keys.Parse(text, keys.Options{Now: atNow})
			requireRefused(t, err, secrets, row.key, row.reason)
			require.Nil(t, ring)
			requireRefused(t, readFile(t, text), secrets, row.key, row.reason)
		})
	}
}

func TestKeyFilesRefused(t *testing.T) {
	sig, enc := signingJWK(t, "a", keys.HS256), encryptionJWK("a")
	good := string(keyFile(t, sig, enc))
	var many []jwk
	for i := range 33 {
		id := fmt.Sprint("k", i)
		many = append(many, signingJWK(t, id, keys.HS256), encryptionJWK(id))
	}
	entries := func(all ...jwk) string { return string(keyFile(t, all...)) }
	const notASet = `is not a JWK Set: want an object with an array "keys"`
	for _, row := range []struct{ name, text, reason string }{
		{"empty", "", "unexpected end at byte 0"},
		{"white space", " \n", "unexpected end at byte 2"},
		{"null", "null", notASet},
		{"text", `"keys"`, notASet},
		{"an array of keys", good[8 : len(good)-1], notASet},
		{"one JWK", `{"kty":"oct","kid":"a"}`, notASet},
		{"keys null", `{"keys":null}`, notASet},
		{"keys an object", `{"keys":{}}`, notASet},
		{"keys in capitals", strings.Replace(good, "keys", "KEYS", 1), notASet},
		{"an empty set", `{"keys":[]}`, "a ring needs at least one key"},
		{"an entry that is null", `{"keys":[null]}`, "entry 1: is not a JWK: want an object"},
		{"an entry that is text", `{"keys":["secret"]}`, "entry 1: is not a JWK: want an object"},
		{"an entry that is a list", strings.Replace(good, "[", "[[],", 1), "entry 1: is not a JWK: want an object"},
		{"an empty entry", `{"keys":[{}]}`, `entry 1: has no "kid"`},
		{"a signing key alone", entries(sig), `key "a": has no encryption key ("use":"enc")`},
		{"an encryption key alone", entries(enc), `key "a": has no signing key ("use":"sig")`},
		{"a signing key twice", entries(sig, enc, sig), `entry 3: key "a": is there twice with "use":"sig"`},
		{"an encryption key twice", entries(sig, enc, enc), `entry 3: key "a": is there twice with "use":"enc"`},
		{"a key under two ids", entries(sig, enc, jwk{"kid": "b", "use": "sig", "kty": "oct", "alg": "HS256", "k": enc["k"]}, encryptionJWK("b")), `keys "a" and "b" share a key`},
		{"33 ids", entries(many...), "66 keys are too many: at most 32 ids with two keys each"},
		{"33 ids, some of them halves", entries(many[:64][0], many[2], many[4], many[6]), `key "k0": has no encryption key`},
		{"something after it", good + "{}", fmt.Sprintf("text after the value at byte %d", len(good))},
		{"a null character after it", good + "\x00", "text after the value"},
		{"the file twice", good + good, "text after the value"},
		{"cut off", good[:len(good)-1], "comma or closing brace expected"},
		{"a byte order mark", "\ufeff" + good, "unexpected character at byte 0"},
		{"a comment", "// keys\n" + good, "unexpected character at byte 0"},
		{"a trailing comma", strings.Replace(good, "}]", "},]", 1), "unexpected character"},
		{"broken UTF-8", strings.Replace(good, `"a"`, "\"a\xff\"", 1), "not valid UTF-8"},
		{"a lone surrogate", strings.Replace(good, `"a"`, `"\ud800"`, 1), "lone surrogate"},
		{"keys twice", strings.Replace(good, "{", `{"keys":[],`, 1), "member name given twice"},
		{"kid twice", strings.Replace(good, `"kid"`, `"kid":"b","kid"`, 1), "member name given twice"},
		{"k twice", strings.Replace(good, `"k"`, `"k":"","k"`, 1), "member name given twice"},
		{"k twice, once escaped", strings.Replace(good, `"k"`, `"\u006b":"","k"`, 1), "member name given twice"},
		{"a member twice in a member that nobody knows", strings.Replace(good, `"kid"`, `"z":{"a":1,"a":2},"kid"`, 1), "member name given twice"},
		{"deep nesting", strings.Repeat("[", 100_000), "nested too deep"},
		{"PEM", "\n-----BEGIN PRIVATE KEY-----\n" + b64(secret("a sig")) + "\n", "is a PEM file: want a JWK Set"},
		{"secrets", fmt.Sprintf("%x", secret("a sig")), "at byte "},
		{"1 MiB and a byte", good + strings.Repeat(" ", keys.MaxFileSize+1-len(good)), "larger than 1048576 bytes"},
		{"8 MiB", strings.Repeat(" ", 8<<20), "larger than 1048576 bytes"},
	} {
		t.Run(row.name, func(t *testing.T) {
			secrets := [][]byte{secret("a sig"), secret("a enc"), secret("k0 sig")}
			_, err := keys.Parse([]byte(row.text), keys.Options{})
			requireRefused(t, err, secrets, row.reason)
			requireRefused(t, readFile(t, []byte(row.text)), secrets, row.reason)
		})
	}
	_, err := keys.Parse(keyFile(t, many[:64]...), keys.Options{})
	require.NoError(t, err, "32 ids are allowed")
}

// A file must cost no more than a multiple of its size, whatever is in it: an entry of two bytes costs the most.
func TestParseAllocatesLittle(t *testing.T) {
	const size = keys.MaxFileSize / 8
	fill := func(head, unit, tail string) string {
		return head + strings.TrimSuffix(strings.Repeat(unit, (size-len(head)-len(tail))/len(unit)), ",") + tail
	}
	var members strings.Builder
	for i := 0; members.Len() < size-100; i++ {
		fmt.Fprintf(&members, `"%x":0,`, i)
	}
	for name, text := range map[string]string{
		"numbers":         fill(`{"keys":[`, "1,", "]}"),
		"empty entries":   fill(`{"keys":[`, "{},", "]}"),
		"one huge string": fill(`{"keys":["`, "a", `"]}`),
		"one huge secret": fill(`{"keys":[{"kid":"a","use":"sig","kty":"oct","alg":"HS256","k":"`, "AAAA", `"}]}`),
		"one huge number": fill(`{"keys":[{"kid":"a","use":"sig","kty":"oct","alg":"HS256","k":"","exp":`, "9", `}]}`),
		"escapes":         fill(`{"keys":[{"kid":"`, `\u0061`, `"}]}`),
		"many members":    `{"keys":[{` + strings.TrimSuffix(members.String(), ",") + `}]}`,
		"brackets":        fill("", "[", ""),
	} {
		t.Run(name, func(t *testing.T) {
			require.Less(t, allocated(func() {
				_, err := keys.Parse([]byte(text), keys.Options{})
				require.Error(t, err)
			}), uint64(96*size))
		})
	}
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
