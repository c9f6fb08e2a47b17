package keys

import (
	"crypto/cipher"
	"sync/atomic"
)

// SealLimit is the number of tokens that one process seals under one key before it warns ([ReasonSeals]): 2^30. AES-GCM with
// random nonces allows 2^32 for each key (NIST SP 800-38D, section 8.3), by all processes together, so this is right
// for up to four of them; with n processes set the limit to 2^32/n.
const SealLimit = 1 << 30

// countingAEAD counts what is sealed under a key. The ring of a later version of the key file takes the count over.
type countingAEAD struct {
	cipher.AEAD
	sealed atomic.Uint64
}

func (a *countingAEAD) Seal(dst, nonce, plaintext, additionalData []byte) []byte {
	a.sealed.Add(1)
	return a.AEAD.Seal(dst, nonce, plaintext, additionalData)
}

// Seals returns how many tokens this process has sealed under the key. A key that a [File] or a [Rotator] has
// loaded anew counts on.
func (k *Key) Seals() uint64 { return k.secrets().aead.sealed.Load() }
