package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"slices"
	"sync"
)

var errPublished = errors.New("is a published sample that everybody knows: want 32 random bytes of your own")

// published are keys that stand in specifications, test suites and tutorials, so everybody has them. Keys with
// an obvious pattern (00 01 02 …) need no line here: isPatterned finds them.
var published = func() [][]byte {
	var list [][]byte
	for _, text := range []string{
		"849b57219dae48de646d07dbb533566e976686457c1491be3a76dcea6c427188", // RFC 7520, section 3.5 (HMAC)
		"0003daa40bf82db15b8956b01236a050196e62a379ae19dafbc9ee95d0ef3b1f", // RFC 7520, section 3.6 (AES-256)
		"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", // RFC 8032, section 7.1; RFC 8037, appendix A
		"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", // RFC 8032, section 7.1, test 2
		"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", // RFC 8032, section 7.1, test 3
		"f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5", // RFC 8032, section 7.1, test 1024
		"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42", // RFC 8032, section 7.1, test SHA(abc)
		"8e9b109e719098bf980487df1f5d77e9cb29606ebed2263b5f57c213df84f4b2", // RFC 7515, appendix A.3 (P-256)
		"d3f3716913d4310a0026de741b3f18893afc8114f0c84682ba677e313a13988a", // RFC 7518, appendix C, Alice (P-256)
		"5449836690d75caf29f0dd029ddb31b3ddb8aba9d2d515c5012465e817d4a9dc", // RFC 7518, appendix C, Bob (P-256)
		"c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721", // RFC 6979, appendix A.2.5 (P-256)
		"b1a1f480548fe1733fb403ff6b9ad4f68a076e5b702e22692f82cb2e7aea40fc", // RFC 7516, appendix A.1 (A256GCM)
		"04d31fc5549dfcfe0b649dfa3faa6ace6b7cd42d6f6b09dbc8b100f08f9c2ccf", // RFC 7516, appendices A.2 and B
		"f3bd0c07a81fb932781ed52752f60cc89a6be5e51934fe01938ddb55d8f77801", // RFC 7517, appendix A.2 (P-256)
		"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", // NIST SP 800-38A (AES-256)
		"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", // the GCM specification (AES-256)
		"730ff4c7af3d46923e8ed451ee813c87f790b0a226bc96a92de49b5e9c05e1ee", // the Fernet specification
		"6f1d3c5a90b27e48d4a1f06b8c93e257b85e02f7419dca36e0537d1f2a648cb9", // docs/format.md, the secret
		"b3d54964b28c7898eedd633fe3f61115f3750c29d08781750d8d117a8a9c3869", // docs/format.md, the signing key
		"b937452ea8c652445d572dfe1a4a9d6d9d13925ed25baca100679878176387e6", // docs/format.md, the encryption key
	} {
		key, err := hex.DecodeString(text)
		if err != nil {
			panic("keys: bad table of published keys")
		}
		list = append(list, key)
	}
	// What a shell makes of a variable that is not set, or of the first word that comes to mind.
	for _, word := range []string{"", "\n", "password", "password\n", "secret", "secret\n", "changeme", "changeme\n"} {
		sum := sha256.Sum256([]byte(word))
		list = append(list, sum[:])
	}
	return list
}()

func isPublished(secret []byte) bool {
	found := 0
	for _, known := range published {
		found |= subtle.ConstantTimeCompare(secret, known)
	}
	return found == 1
}

// publishedHalves are the public keys of the published private ones: whoever verifies with one lets everybody sign. They are
// computed at the first public key, so that who has none pays nothing.
var publishedHalves = sync.OnceValue(func() (halves []publicKey) {
	for _, secret := range published {
		halves = append(halves, ed25519.NewKeyFromSeed(secret).Public().(ed25519.PublicKey))
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), secret); err == nil {
			halves = append(halves, &key.PublicKey)
		}
	}
	return halves
})

// publicKey is what the public keys of the standard library have in common.
type publicKey interface{ Equal(crypto.PublicKey) bool }

func checkPublic(key publicKey) error {
	if slices.ContainsFunc(publishedHalves(), func(known publicKey) bool { return key.Equal(known) }) {
		return errors.New("is the public part of a published sample, whose private part everybody knows")
	}
	return nil
}
