package revocation

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
)

// id is the random bytes that a session id or a token id of ours encodes: 16 of a session, 12 and four zeros of a token.
type id struct{ a, b uint64 }

// Lengths of the texts: base64url without padding.
const (
	sessionText = 22
	tokenText   = 16
)

// sextets gives the value of a base64url character where it stands as the first to fourth of four; of other bytes the high bit.
var sextets = func() (t [4][256]uint32) {
	for place := range t {
		for i := range t[place] {
			t[place][i] = notSextet
		}
		for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") {
			t[place][c] = uint32(i) << (18 - 6*place)
		}
	}
	return t
}()

const notSextet = 1 << 31

// three returns the three bytes that four characters encode.
func three(a, b, c, d byte) uint64 {
	return uint64(sextets[0][a] | sextets[1][b] | sextets[2][c] | sextets[3][d])
}

// parseSessionID reads a session id as this library makes them. False means another form, which is kept as text. Only
// the canonical spelling counts, so that two texts are never one id.
func parseSessionID(s string) (x id, ok bool) {
	if len(s) != sessionText {
		return x, false
	}
	// The question in the middle keeps the compiler from loading all characters before it uses the first.
	t0, t1, t2 := three(s[0], s[1], s[2], s[3]), three(s[4], s[5], s[6], s[7]), three(s[8], s[9], s[10], s[11])
	x.a = t0<<40 | t1<<16 | t2>>8
	if (t0|t1|t2)&notSextet != 0 {
		return x, false
	}
	t3, t4 := three(s[12], s[13], s[14], s[15]), three(s[16], s[17], s[18], s[19])
	last := uint64(sextets[2][s[20]] | sextets[3][s[21]])
	x.b = t2<<56 | t3<<32 | t4<<8 | last>>4
	return x, (t3|t4)&notSextet == 0 && last&(notSextet|0x0f) == 0
}

// parseTokenID is parseSessionID for token ids.
func parseTokenID(s string) (x id, ok bool) {
	if len(s) != tokenText {
		return x, false
	}
	t0, t1, t2 := three(s[0], s[1], s[2], s[3]), three(s[4], s[5], s[6], s[7]), three(s[8], s[9], s[10], s[11])
	t3 := three(s[12], s[13], s[14], s[15])
	x.a = t0<<40 | t1<<16 | t2>>8
	x.b = t2<<56 | t3<<32
	return x, (t0|t1|t2|t3)&notSextet == 0
}

func (x id) bytes() (b [16]byte) {
	binary.BigEndian.PutUint64(b[:8], x.a)
	binary.BigEndian.PutUint64(b[8:], x.b)
	return b
}

func (x id) sessionID() string { b := x.bytes(); return base64.RawURLEncoding.EncodeToString(b[:]) }
func (x id) tokenID() string   { b := x.bytes(); return base64.RawURLEncoding.EncodeToString(b[:12]) }

// leadOf is the first 48 bits of the id that a text encodes, which are its first eight characters; of another text it is some
// number.
func leadOf(s string) uint64 {
	_ = s[7]
	return three(s[0], s[1], s[2], s[3])<<24 | three(s[4], s[5], s[6], s[7])
}

// mixer spreads ids evenly, by a secret of this process, so that who can choose ids can't choose where they go. It is a
// permutation, so the mixed id stands for the id exactly: nothing is ever refused by mistake, and the id can be told when a
// store has to be given back what it lost. It hides nothing, and needn't.
//
// The first 48 bits are mixed by themselves, so that a filter can be asked as soon as they are known: ids that have them in
// common, which random ids don't, go to one place.
type mixer struct {
	key, times1, times2    uint64 // of the lead
	inverse1, inverse2     uint64
	bKey, bTimes, bInverse uint64
}

func newMixer() (m mixer) {
	var b [40]byte
	_, _ = rand.Read(b[:]) // never fails
	number := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	m.key, m.times1, m.times2 = number(0)&leadBits, number(1)|1, number(2)|1
	m.bKey, m.bTimes = number(3), number(4)|1
	m.inverse1, m.inverse2, m.bInverse = inverse(m.times1), inverse(m.times2), inverse(m.bTimes)
	return m
}

const leadBits = 1<<48 - 1

// inverse returns what undoes a multiplication by an odd number.
func inverse(odd uint64) uint64 {
	x := odd // right in three bits; each step doubles them
	for range 5 {
		x *= 2 - odd*x
	}
	return x
}

// lead mixes the first 48 bits of an id into the upper 48 bits of the mixed id. The upper half of what comes out, which says
// the place, depends in each bit on all; the lower half on 25 bits and more.
func (m *mixer) lead(x uint64) uint64 {
	x = (x ^ m.key) * m.times1 & leadBits
	x ^= x >> 24
	return x * m.times2 << 16
}

func (m *mixer) mix(x id) id {
	return id{m.lead(x.a>>16) | x.a&0xffff, (x.b ^ m.bKey) * m.bTimes}
}

func (m *mixer) unmix(x id) id {
	lead := x.a >> 16 * m.inverse2 & leadBits
	lead ^= lead >> 24
	lead = lead*m.inverse1&leadBits ^ m.key
	return id{lead<<16 | x.a&0xffff, x.b*m.bInverse ^ m.bKey}
}
