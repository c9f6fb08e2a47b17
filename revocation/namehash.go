package revocation

import (
	"crypto/rand"
	"encoding/binary"
	"hash/maphash"
	"math/bits"
)

// nameHash spreads names by a secret of this process, so that who can choose names can't choose where they go. It decides
// where to look, and never what is refused: names are compared.
//
// Names of up to 16 bytes, which most are, are mixed here. That takes half the time of maphash, and with
// maphash the hashes of a decision took longer than all else but the wait for memory.
type nameHash struct {
	short [4]uint64
	long  maphash.Seed
}

func newNameHash() (h nameHash) {
	var b [8 * len(h.short)]byte
	_, _ = rand.Read(b[:]) // never fails
	for i := range h.short {
		h.short[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	h.long = maphash.MakeSeed()
	return h
}

func (h *nameHash) of(s string) uint64 {
	n := len(s)
	if n == 0 || n > 16 {
		return maphash.String(h.long, s)
	}
	// Every byte is in one of the two. Few names share both, because those with the same have different lengths.
	var a, b uint64
	switch {
	case n >= 8:
		a, b = eight(s), eight(s[n-8:])
	case n >= 4:
		a, b = four(s), four(s[n-4:])
	default:
		a, b = uint64(s[0])<<8|uint64(s[n-1]), uint64(s[n/2])
	}
	a += uint64(n)
	b ^= fold(a^h.short[0], h.short[1])
	return a ^ fold(b^h.short[2], h.short[3])
}

func fold(x, key uint64) uint64 {
	high, low := bits.Mul64(x, key|1)
	return high ^ low
}

// eight and four are one load each.
func eight(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func four(s string) uint64 {
	_ = s[3]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}
