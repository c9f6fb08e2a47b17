package keys

import (
	"bytes"
	"crypto/subtle"
	"encoding/hex"
	"errors"
)

// secretSize is the length in bytes of every symmetric key: what A256GCM takes (RFC 7518, section 5.3) and the
// least that HS256 may have (section 3.2).
const secretSize = 32

// published are keys that stand in specifications, test suites and tutorials, so everybody has them. Keys with
// an obvious pattern (00 01 02 …) need no line here: isPatterned finds them.
var published = func() [][]byte {
	var list [][]byte
	for _, text := range []string{
		"849b57219dae48de646d07dbb533566e976686457c1491be3a76dcea6c427188", // RFC 7520, section 3.5 (HMAC)
		"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", // RFC 8032, section 7.1; RFC 8037, appendix A
		"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", // RFC 8032, section 7.1, test 2
		"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", // RFC 8032, section 7.1, test 3
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
	} {
		key, err := hex.DecodeString(text)
		if err != nil {
			panic("keys: bad table of published keys")
		}
		list = append(list, key)
	}
	return list
}()

// checkSecret says why b can't be a secret, or nil. Each bound is met by 32 random bytes with a probability of
// less than 10^-13, so a good secret is never refused.
func checkSecret(b []byte) error {
	switch {
	case len(b) == 0:
		return errors.New("is empty")
	case looksLikeFile(b):
		return errors.New("looks like the text of a PEM block or a JWK, not like a raw secret")
	case len(b) < secretSize:
		return errors.New("is too short: want 32 random bytes")
	case len(b) > secretSize:
		return errors.New("has the wrong length: want 32 random bytes")
	case isConstant(b):
		if b[0] == 0 {
			return errors.New("is all zero")
		}
		return errors.New("repeats one byte")
	case isPrintable(b):
		return errors.New("is printable text, which has too little entropy for a key: want 32 random bytes")
	case isPatterned(b) || distinct(b) < 16:
		return errors.New("has too little entropy: want 32 random bytes")
	}
	for _, known := range published {
		if subtle.ConstantTimeCompare(b, known) == 1 {
			return errors.New("is a published sample that everybody knows: want 32 random bytes of your own")
		}
	}
	return nil
}

// looksLikeFile reports whether somebody put the text of a key file where the key should be. One brace proves
// nothing: every 256th random secret begins with it, so the rest must be text as well.
func looksLikeFile(b []byte) bool {
	b = bytes.Trim(b, " \t\r\n\ufeff")
	return bytes.HasPrefix(b, []byte("-----BEGIN")) || bytes.HasPrefix(b, []byte("{")) && isPrintable(bytes.Join(bytes.Fields(b), nil))
}

func isConstant(b []byte) bool { return bytes.Count(b, b[:1]) == len(b) }

func isPrintable(b []byte) bool {
	for _, c := range b {
		if c < 0x20 || c > 0x7e {
			return false
		}
	}
	return true
}

// isPatterned finds constant steps (00 01 02 …, ff fe fd …), a block that is repeated, and a shorter key that was filled
// up with one byte.
func isPatterned(b []byte) bool {
	step := true
	for i := 2; i < len(b) && step; i++ {
		step = b[i]-b[i-1] == b[1]-b[0]
	}
	if step || bytes.Equal(b[:len(b)/2], b[len(b)/2:]) {
		return true
	}
	for ; len(b) >= 8; b = b[1:] {
		if isConstant(b[:8]) {
			return true
		}
	}
	return false
}

func distinct(b []byte) int {
	var seen [256]bool
	n := 0
	for _, c := range b {
		if !seen[c] {
			seen[c] = true
			n++
		}
	}
	return n
}
