package keys

import (
	"crypto/sha256"
	"slices"
)

// fingerprint tells whether two keys of one id are the same key, in whatever they are dated.
func (k *Key) fingerprint() [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte("sealjar key\x00" + k.id + "\x00" + string(k.Algorithm()) + "\x00"))
	s := k.secrets()
	h.Write(s.encryption[:])
	public := s.signer.public()
	for _, part := range public {
		h.Write(part)
	}
	if public == nil {
		h.Write(s.signer.private())
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// same reports whether two rings hold the same keys with the same dates in the same order.
func same(a, b *Ring) bool {
	return slices.EqualFunc(a.keys, b.keys, func(a, b *Key) bool {
		return a == b || a.fingerprint() == b.fingerprint() && a.CanSign() == b.CanSign() && a.tainted == b.tainted &&
			a.created.Equal(b.created) && a.notBefore.Equal(b.notBefore) && a.expiry.Equal(b.expiry)
	})
}
