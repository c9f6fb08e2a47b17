package revocation

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"math/bits"
)

// id is the random bytes that a session id or a token id of ours encodes: 16 of a session, 12 and four zeros of a token.
type id struct{ a, b uint64 }

// Lengths of the texts: base64url without padding.
const (
	sessionText = 22
	tokenText   = 16
)

// sextets gives the value of a base64url character; other bytes have the high bit.
var sextets = func() (t [256]uint8) {
	for i := range t {
		t[i] = 0x80
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") {
		t[c] = uint8(i)
	}
	return t
}()

// parseSessionID reads a session id as this library makes them. False means another form, which is kept as text. Only
// the canonical spelling counts, so that two texts are never one id.
func parseSessionID(s string) (x id, ok bool) {
	if len(s) != sessionText {
		return x, false
	}
	var bad, v uint8
	for i := range 10 {
		v = sextets[s[i]]
		bad |= v
		x.a = x.a<<6 | uint64(v)
	}
	for i := 11; i < 21; i++ {
		v = sextets[s[i]]
		bad |= v
		x.b = x.b<<6 | uint64(v)
	}
	middle, last := sextets[s[10]], sextets[s[21]]
	bad |= middle | last
	x.a = x.a<<4 | uint64(middle>>2)
	x.b = uint64(middle)<<62 | x.b<<2 | uint64(last>>4)
	return x, bad&0x80 == 0 && last&0x0f == 0
}

// parseTokenID is parseSessionID for token ids.
func parseTokenID(s string) (x id, ok bool) {
	if len(s) != tokenText {
		return x, false
	}
	var bad, v uint8
	for i := range 10 {
		v = sextets[s[i]]
		bad |= v
		x.a = x.a<<6 | uint64(v)
	}
	for i := 11; i < tokenText; i++ {
		v = sextets[s[i]]
		bad |= v
		x.b = x.b<<6 | uint64(v)
	}
	middle := sextets[s[10]]
	bad |= middle
	x.a = x.a<<4 | uint64(middle>>2)
	x.b = uint64(middle)<<62 | x.b<<32
	return x, bad&0x80 == 0
}

func (x id) bytes() (b [16]byte) {
	binary.BigEndian.PutUint64(b[:8], x.a)
	binary.BigEndian.PutUint64(b[8:], x.b)
	return b
}

func (x id) sessionID() string { b := x.bytes(); return base64.RawURLEncoding.EncodeToString(b[:]) }
func (x id) tokenID() string   { b := x.bytes(); return base64.RawURLEncoding.EncodeToString(b[:12]) }

// mixer spreads ids evenly, by a secret of this process, so that who can choose ids can't choose where they go. It is a
// permutation (three Feistel rounds), so the mixed id stands for the id exactly: nothing is ever refused by mistake, and
// the id can be told when a store has to be given back what it lost. It hides nothing, and needn't.
type mixer [6]uint64

func newMixer() (m mixer) {
	var b [8 * len(m)]byte
	_, _ = rand.Read(b[:]) // never fails
	for i := range m {
		m[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return m
}

func (m *mixer) mix(x id) id {
	x.b ^= fold(x.a^m[0], m[1])
	x.a ^= fold(x.b^m[2], m[3])
	x.b ^= fold(x.a^m[4], m[5])
	return x
}

func (m *mixer) unmix(x id) id {
	x.b ^= fold(x.a^m[4], m[5])
	x.a ^= fold(x.b^m[2], m[3])
	x.b ^= fold(x.a^m[0], m[1])
	return x
}

func fold(x, key uint64) uint64 {
	high, low := bits.Mul64(x, key|1)
	return high ^ low
}
