package revocation

import (
	"math/bits"
	"sync/atomic"
)

// filter tells of most ids that are not there that they are not, by one look at 64 bits (a Bloom filter, of which each id
// has all its bits in one word). So the decision for a live token waits for memory once, and not for each part of a
// shard. Of an id that is there it never says so; of the others it lets about 2 in 100 pass, and who asks looks further.
//
// One writer adds while readers ask. An id is in the filter before it is in the shard.
type filter []atomic.Uint64

// filterBits is for each id. With fewer, more ids pass; with more, the filter grows out of the processor's cache.
const filterBits = 10

func newFilter(ids int) filter { return make(filter, ids*filterBits/64+1) }

// word returns the word of an id. The lead of the mixed id is enough to know it: the bits below the first byte say the word,
// and the last 24 of the 48 the bits in it. The words are in the order of the ids, so that a filter is filled from front to
// back when a base is made.
func (f filter) word(lead uint64) *atomic.Uint64 {
	i, _ := bits.Mul64(lead>>16<<24, uint64(len(f)))
	return &f[i]
}

func filterMask(lead uint64) uint64 {
	return 1<<(lead>>16&63) | 1<<(lead>>22&63) | 1<<(lead>>28&63) | 1<<(lead>>34&63)
}

func (f filter) add(lead uint64) {
	word, mask := f.word(lead), filterMask(lead)
	if have := word.Load(); have&mask != mask {
		word.Store(have | mask)
	}
}

func (f filter) mayHave(lead uint64) bool {
	mask := filterMask(lead)
	return f.word(lead).Load()&mask == mask
}

func (f filter) bytes() int64 { return 8 * int64(len(f)) }
