package keys_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

// badSecret is one line of the policy: what can't be a secret, and why.
type badSecret struct {
	name   string
	bytes  []byte
	reason string
	// listReason is the reason that FromSecrets gives, which must tell lengths apart before it can decode; empty if it is
	// the same one.
	listReason string
}

const (
	notASecret = "is not 32 bytes as 64 hexadecimal digits or as 43 characters of base64url"
	lowEntropy = "has too little entropy"
	words      = "is words in base64"
	sample     = "is a published sample that everybody knows"
)

var badSecrets = slices.Concat([]badSecret{
	{"empty", []byte{}, "is empty", "list of secrets is empty"},
	{"one byte", secret("a")[:1], "is too short", ""},
	{"16 bytes", secret("a")[:16], "is too short", ""},
	{"31 bytes", secret("a")[:31], "is too short", ""},
	{"33 bytes", append(secret("a"), 7), "has the wrong length", notASecret},
	{"64 bytes", append(secret("a"), secret("b")...), "has the wrong length", notASecret},
	{"all zero", make([]byte, 32), "is all zero", ""},
	{"one byte repeated", bytes.Repeat([]byte{0xA5}, 32), "repeats one byte", ""},
	{"counting up from 0", sequence(0, 1), lowEntropy, ""},
	{"counting up from 1", sequence(1, 1), lowEntropy, ""},
	{"counting up from 128", sequence(128, 1), lowEntropy, ""},
	{"counting down", sequence(255, 255), lowEntropy, ""},
	{"counting by 17", sequence(0, 17), lowEntropy, ""},
	{"a block of 16 bytes twice", bytes.Repeat(secret("a")[:16], 2), lowEntropy, ""},
	{"a block of 8 bytes four times", bytes.Repeat(secret("a")[:8], 4), lowEntropy, ""},
	{"a block of 5 bytes again and again", bytes.Repeat(secret("a")[:5], 7)[:32], lowEntropy, ""},
	{"a 16-byte key filled up with zeros", append(secret("a")[:16:16], make([]byte, 16)...), lowEntropy, ""},
	{"a 24-byte key filled up in front", append(bytes.Repeat([]byte{0xFF}, 8), secret("a")[:24]...), lowEntropy, ""},
	{"15 different bytes", append(sequence(3, 5)[:15], slices.Repeat([]byte{3, 3, 8, 8, 13}, 4)[:17]...), lowEntropy, ""},
	{"decimal counting, written as hex", hexBytes("0102030405060708091011121314151617181920212223242526272829303132"), lowEntropy, ""},
	{"counting up and down", hexBytes("00112233445566778899aabbccddeeffffeeddccbbaa99887766554433221100"), lowEntropy, ""},
	{"10 equal steps", append(sequence(7, 11)[:11], secret("steps")[:21]...), lowEntropy, ""},
	{"digits only", hexBytes("3141592653589793238462643383279502884197169399375105820974944592"), lowEntropy, ""},
	{"the alphabet as base64", base64Bytes("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopo"), lowEntropy, ""},
	{"lower case words as base64url", base64Bytes("correct-horse-battery-staple-correct-horseA"), words, ""},
	{"a placeholder as base64url", base64Bytes("your-secret-key-here-please-change-it-now-0"), words, ""},
	{"upper case words as base64url", base64Bytes("YOUR_SECRET_KEY_HERE_PLEASE_CHANGE_IT_NOW-0"), words, ""},
	{"40 lower case letters as base64url", base64Bytes("xqzjvkwyfbhgpdmxucltnrsaoeiwqzjvkxybfhgp0X0"), words, ""},
	{"SHA-256 of nothing", hexBytes("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), sample, ""},
	{"SHA-256 of password", hexBytes("5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"), sample, ""},
	{"a sentence of 32 characters", []byte("Correct horse battery staple, 7!"), "is printable text", ""},
	{"32 hexadecimal digits", []byte(hex.EncodeToString(secret("a")[:16])), "is printable text", ""},
	{"64 hexadecimal digits, undecoded", []byte(hex.EncodeToString(secret("a"))), "has the wrong length", notASecret},
	{"base64url text, undecoded", []byte(b64(secret("a"))), "has the wrong length", notASecret},
	{"PEM text", []byte("-----BEGIN PRIVATE KEY-----\n" + b64(secret("a")) + "\n-----END PRIVATE KEY-----\n"), "text of a PEM block or a JWK", notASecret},
	{"PEM text after a space", []byte(" \r\n-----BEGIN EC PRIVATE KEY-----\n" + b64(secret("a"))), "text of a PEM block or a JWK", notASecret},
	{"JWK text", []byte(`{"kty": "oct", "k": "` + b64(secret("a")) + "\"}\n"), "text of a PEM block or a JWK", notASecret},
	{"JWK text of 32 characters", []byte(`{"kty":"oct","k":"AyM1SysPpbyD"}`), "text of a PEM block or a JWK", ""},
}, publishedSecrets())

// publishedSecrets are keys that stand in specifications.
func publishedSecrets() []badSecret {
	var rows []badSecret
	for name, text := range map[string]string{
		"RFC 7520, section 3.5":       "849b57219dae48de646d07dbb533566e976686457c1491be3a76dcea6c427188",
		"RFC 7520, section 3.6":       "0003daa40bf82db15b8956b01236a050196e62a379ae19dafbc9ee95d0ef3b1f",
		"format.md, secret":           "6f1d3c5a90b27e48d4a1f06b8c93e257b85e02f7419dca36e0537d1f2a648cb9",
		"format.md, signing key":      "b3d54964b28c7898eedd633fe3f61115f3750c29d08781750d8d117a8a9c3869",
		"format.md, encryption key":   "b937452ea8c652445d572dfe1a4a9d6d9d13925ed25baca100679878176387e6",
		"RFC 8032, 7.1, test 1024":    "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
		"RFC 8032, 7.1, SHA(abc)":     "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
		"RFC 8032, section 7.1":       "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		"RFC 8032, 7.1, test 2":       "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
		"RFC 8032, 7.1, test 3":       "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
		"RFC 7515, A.3":               "8e9b109e719098bf980487df1f5d77e9cb29606ebed2263b5f57c213df84f4b2",
		"RFC 7516, A.1":               "b1a1f480548fe1733fb403ff6b9ad4f68a076e5b702e22692f82cb2e7aea40fc",
		"RFC 7516, A.2":               "04d31fc5549dfcfe0b649dfa3faa6ace6b7cd42d6f6b09dbc8b100f08f9c2ccf",
		"RFC 7517, A.2":               "f3bd0c07a81fb932781ed52752f60cc89a6be5e51934fe01938ddb55d8f77801",
		"RFC 7518, appendix C, Alice": "d3f3716913d4310a0026de741b3f18893afc8114f0c84682ba677e313a13988a",
		"RFC 7518, appendix C, Bob":   "5449836690d75caf29f0dd029ddb31b3ddb8aba9d2d515c5012465e817d4a9dc",
		"RFC 6979, A.2.5":             "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
		"NIST SP 800-38A":             "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
		"Fernet":                      "730ff4c7af3d46923e8ed451ee813c87f790b0a226bc96a92de49b5e9c05e1ee",
	} {
		rows = append(rows, badSecret{"sample of " + name, hexBytes(text), sample, ""})
	}
	// The same 16 bytes twice, so it is known for that first.
	gcm := hexBytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
	return append(rows, badSecret{"sample of the GCM specification", gcm, lowEntropy, ""})
}

func hexBytes(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return b
}

func base64Bytes(text string) []byte {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		panic(err)
	}
	return b
}

func sequence(first, step byte) []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = first + byte(i)*step
	}
	return b
}

// door is one way in which a secret comes into the package. It gives the words that must name the key in an error.
type door struct {
	name string
	open func(t *testing.T, secret []byte) error
	key  string
}

var doors = []door{
	{"NewKey signing", func(_ *testing.T, s []byte) error {
		_, err := keys.NewKey(keys.Material{ID: "k1", Signing: s, Encryption: secret("e")})
		return err
	}, `key "k1": signing key`},
	{"NewKey encryption", func(_ *testing.T, s []byte) error {
		_, err := keys.NewKey(keys.Material{ID: "k1", Signing: secret("s"), Encryption: s})
		return err
	}, `key "k1": encryption key`},
	{"Parse signing", func(t *testing.T, s []byte) error {
		entry := signingJWK(t, "k1", keys.HS256)
		entry["k"] = b64(s)
		_, err := keys.Parse(keyFile(t, entry, encryptionJWK("k1")), keys.Options{})
		return err
	}, `key "k1": signing key`},
	{"Parse encryption", func(t *testing.T, s []byte) error {
		entry := encryptionJWK("k1")
		entry["k"] = b64(s)
		_, err := keys.Parse(keyFile(t, signingJWK(t, "k1", keys.EdDSA), entry), keys.Options{})
		return err
	}, `key "k1": encryption key`},
	{"ReadFile signing", func(t *testing.T, s []byte) error {
		entry := signingJWK(t, "k1", keys.HS256)
		entry["k"] = b64(s)
		return readFile(t, keyFile(t, entry, encryptionJWK("k1")))
	}, `key "k1": signing key`},
	{"ReadFile encryption", func(t *testing.T, s []byte) error {
		entry := encryptionJWK("k1")
		entry["k"] = b64(s)
		return readFile(t, keyFile(t, signingJWK(t, "k1", keys.ES256), entry))
	}, `key "k1": encryption key`},
}

// readFile puts data into a file and reads it. The error must name the file.
func readFile(t *testing.T, data []byte) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.json")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	_, err := keys.ReadFile(path, keys.Options{Now: atNow})
	if err != nil {
		require.ErrorContains(t, err, path)
	}
	return err
}

func TestSecretsRefused(t *testing.T) {
	for _, row := range badSecrets {
		for _, d := range doors {
			t.Run(row.name+" through "+d.name, func(t *testing.T) {
				requireRefused(t, d.open(t, row.bytes), [][]byte{row.bytes}, d.key, row.reason)
			})
		}
	}
}

// The private part of an asymmetric key is a secret like any other. Only its length is fixed by its type.
func TestPrivateKeysRefused(t *testing.T) {
	for _, row := range badSecrets {
		if len(row.bytes) != 32 {
			continue
		}
		t.Run(row.name+" as Ed25519 seed", func(t *testing.T) {
			key := ed25519.NewKeyFromSeed(row.bytes)
			_, err := keys.NewKey(keys.Material{ID: "k1", Signing: key, Encryption: secret("e")})
			requireRefused(t, err, [][]byte{row.bytes}, `key "k1": signing key `, row.reason)
			entry := signingJWK(t, "k1", keys.EdDSA)
			entry["x"], entry["d"] = b64(key[32:]), b64(row.bytes)
			_, err = keys.Parse(keyFile(t, entry, encryptionJWK("k1")), keys.Options{})
			requireRefused(t, err, [][]byte{row.bytes}, `key "k1": `, row.reason)
		})
		key, err := parseP256(row.bytes)
		if err != nil {
			continue // no scalar of P-256: those are refused in curve_test.go
		}
		t.Run(row.name+" as P-256 scalar", func(t *testing.T) {
			_, err := keys.NewKey(keys.Material{ID: "k1", Signing: key, Encryption: secret("e")})
			requireRefused(t, err, [][]byte{row.bytes}, `key "k1": signing key `, row.reason)
			entry := signingJWK(t, "k1", keys.ES256)
			point, err := key.PublicKey.Bytes()
			require.NoError(t, err)
			entry["x"], entry["y"], entry["d"] = b64(point[1:33]), b64(point[33:]), b64(row.bytes)
			_, err = keys.Parse(keyFile(t, entry, encryptionJWK("k1")), keys.Options{})
			requireRefused(t, err, [][]byte{row.bytes}, `key "k1": `, row.reason)
		})
	}
}

// Who verifies with the public part of a private key that everybody has lets everybody sign. The public parts are as the
// specifications print them.
func TestPublishedPublicKeysRefused(t *testing.T) {
	const everybody = "is the public part of a published sample"
	for name, x := range map[string]string{
		"RFC 8037, A.2":            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
		"RFC 8032, 7.1, test 2":    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
		"RFC 8032, 7.1, test 3":    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
		"RFC 8032, 7.1, test 1024": "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e",
		"RFC 8032, 7.1, SHA(abc)":  "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
	} {
		t.Run(name, func(t *testing.T) {
			key := ed25519.PublicKey(hexBytes(x))
			_, err := keys.NewKey(keys.Material{ID: "k1", Signing: key, Encryption: secret("e")})
			requireRefused(t, err, nil, `key "k1": signing key `, everybody)
			entry := signingJWK(t, "k1", keys.EdDSA)
			entry["x"] = b64(key)
			delete(entry, "d")
			_, err = keys.Parse(keyFile(t, entry, encryptionJWK("k1")), keys.Options{OpenOnly: true})
			requireRefused(t, err, nil, `key "k1": `, everybody)
		})
	}
	for name, point := range map[string][2]string{
		"RFC 7515, A.3": {"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
		"RFC 7517, A.1": {"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"},
	} {
		t.Run(name, func(t *testing.T) {
			key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, base64Bytes(point[0]), base64Bytes(point[1])))
			require.NoError(t, err)
			_, err = keys.NewKey(keys.Material{ID: "k1", Signing: key, Encryption: secret("e")})
			requireRefused(t, err, nil, `key "k1": signing key `, everybody)
			entry := signingJWK(t, "k1", keys.ES256)
			entry["x"], entry["y"] = point[0], point[1]
			delete(entry, "d")
			_, err = keys.Parse(keyFile(t, entry, encryptionJWK("k1")), keys.Options{OpenOnly: true})
			requireRefused(t, err, nil, `key "k1": `, everybody)
		})
	}
}

// What lies just inside the bounds.
func TestNearlyPatternedSecretsAllowed(t *testing.T) {
	for name, b := range map[string][]byte{
		"9 equal steps":            append(sequence(7, 11)[:10], secret("steps")[:22]...),
		"39 lower case letters":    base64Bytes("xqzjvkwyfbhgpdmxucltnrsaoeiwqzjvkxybfhgK0X0"),
		"63 decimal digits of hex": hexBytes("3141592653589793238462643383279502884197169399375105820974944a92"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := keys.NewKey(keys.Material{ID: "k1", Signing: b, Encryption: secret("e")})
			require.NoError(t, err)
		})
	}
}

// A bound that a good secret can miss locks somebody out at two in the morning. Among so many keys is every first byte, and
// every bound that is met less often than once in some thousand keys would show.
func TestRandomSecretsAllowed(t *testing.T) {
	for first := range 256 {
		b := secret("any")
		b[0] = byte(first)
		_, err := keys.NewKey(keys.Material{ID: "k1", Signing: b, Encryption: secret("e")})
		require.NoError(t, err, "first byte %#x", first)
		_, err = keys.FromSecrets(hex.EncodeToString(b))
		require.NoError(t, err, "first byte %#x", first)
	}
	for range 4000 {
		_, err := keys.Generate(keys.HS256, now, now.AddDate(1, 0, 0))
		require.NoError(t, err)
	}
}
