package keys

import (
	"bytes"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
)

// secretSize is the length in bytes of every symmetric key: what A256GCM takes (RFC 7518, section 5.3) and the
// least that HS256 may have (section 3.2).
const secretSize = 32

// checkSecret says why b can't be a secret, or nil. 32 random bytes meet all bounds together with a probability of less than
// 3·10^-11, nearly all of it from isText, so a good secret is never refused.
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
	case isText(b):
		return errors.New("is words in base64, which have too little entropy for a key: want 32 random bytes")
	case isPatterned(b) || isDecimal(b) || distinct(b) < 16:
		return errors.New("has too little entropy: want 32 random bytes")
	case isPublished(b):
		return errPublished
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

// isText finds words that happen to be base64 or base64url (your-secret-key-here-…): at least 40 of the 43 characters are
// of one case, or one of the two that stand for hyphen and underscore. Of 64 characters these are 28, so for random bytes
// the odds are C(43,40)·(28/64)^40·(36/64)^3 = 9.6·10^-12 for 40, and 10^-11 with what is more, for each case.
func isText(b []byte) bool {
	lower, upper := 0, 0
	for _, v := range sextets(b) {
		switch {
		case v < 26:
			upper++
		case v < 52:
			lower++
		case v > 61:
			upper++
			lower++
		}
	}
	return max(lower, upper) >= 40
}

// sextets gives the values of the characters that b has in base64: 43 for a secret, the last of which is a multiple of four.
func sextets(b []byte) []byte {
	text := []byte(base64.RawStdEncoding.EncodeToString(b))
	for i, c := range text {
		text[i] = byte(strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", c))
	}
	return text
}

// isDecimal finds digits where hexadecimal ones are wanted. Odds for random bytes: (10/16)^64 = 8.6·10^-14.
func isDecimal(b []byte) bool {
	for _, c := range b {
		if c>>4 > 9 || c&15 > 9 {
			return false
		}
	}
	return true
}

// isPatterned finds sequences (00 01 02 …, ff ee dd …, 08 09 10 11 …, ABCDEF… in base64), a block that is repeated, and a
// shorter key that was filled up with one byte. A sequence shows by a difference between neighbours that comes again and
// again. Odds for random bytes: one of 256 differences at least 10 times among 31 is 256·C(31,10)·256^-10 = 9.4·10^-15, and
// one of 127 at least 14 times among the 41 between whole characters of base64 is 127·C(41,14)·64^-14 = 2.3·10^-13.
func isPatterned(b []byte) bool {
	if mostEqualSteps(b) >= 10 || mostEqualSteps(sextets(b)[:42]) >= 14 || bytes.Equal(b[:len(b)/2], b[len(b)/2:]) {
		return true
	}
	for ; len(b) >= 8; b = b[1:] {
		if isConstant(b[:8]) {
			return true
		}
	}
	return false
}

// mostEqualSteps counts how often the most frequent difference between neighbours occurs.
func mostEqualSteps(b []byte) int {
	var count [256]int
	for i := range len(b) - 1 {
		count[b[i+1]-b[i]]++
	}
	return slices.Max(count[:])
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
