package revocation

import "hash/maphash"

// nameHash spreads names by a secret of this process, so that who can choose names can't choose where they go. It decides
// where to look, and never what is refused: names are compared.
//
// Names of up to 16 bytes, which most are, are mixed as if they were ids. That takes half the time of maphash, and with
// maphash the hashes of a decision took longer than all else but the wait for memory.
type nameHash struct {
	short mixer
	long  maphash.Seed
}

func newNameHash() nameHash { return nameHash{newMixer(), maphash.MakeSeed()} }

func (h *nameHash) of(s string) uint64 {
	n := len(s)
	if n == 0 || n > 16 {
		return maphash.String(h.long, s)
	}
	// Every byte is in one of the two. Few names share both, because those with the same have different lengths.
	var x id
	switch {
	case n >= 8:
		x = id{eight(s), eight(s[n-8:])}
	case n >= 4:
		x = id{four(s), four(s[n-4:])}
	default:
		x = id{uint64(s[0])<<8 | uint64(s[n-1]), uint64(s[n/2])}
	}
	x.a += uint64(n)
	return h.short.half(x).a
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
