package revocation

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"time"
)

// tick is a time in the resolution in which ids are forgotten: 2^20 milliseconds, about 17 minutes, since 1970. An end is
// rounded up, so that nothing is forgotten early. 0 is no time.
type tick int64

const tickMilli = 1 << 20

func tickAfter(t time.Time) tick  { return tickBefore(t) + 1 }
func tickBefore(t time.Time) tick { return max(tick(t.UnixMilli()/tickMilli), 0) + 1 }
func (t tick) time() time.Time    { return time.UnixMilli(int64(t-1) * tickMilli) }

// base is the sorted ids of a shard, as four columns. Of the 16 bytes of an id, the first two are not stored: the shard
// and the bucket say them.
type base struct {
	bits   uint8    // a bucket is of so many bits after the shard's: at least 8
	starts []uint32 // where each bucket begins, and the end
	high   []uint64 // bytes 3 to 10 of the ids
	middle []uint16 // bytes 11 and 12
	low    []uint32 // bytes 13 to 16
	ends   []uint16 // ticks after first
	first  tick
}

// never is the end of an id whose end is too far away to be stored: two years. It is kept as long as the process lives.
const never = math.MaxUint16

func (b *base) bucket(k id) uint64 { return k.a << 8 >> (64 - b.bits) }
func highOf(k id) uint64           { return k.a<<16 | k.b>>48 }

// find returns the place of k, or -1.
func (b *base) find(k id) int {
	if len(b.high) == 0 {
		return -1
	}
	bucket := b.bucket(k)
	return b.findIn(int(b.starts[bucket]), int(b.starts[bucket+1]), k)
}

// findIn looks for k from i to end, which lie in its bucket.
func (b *base) findIn(i, end int, k id) int {
	high := highOf(k)
	if end-i > 64 { // somebody draws ids that begin alike, or has found out the mixer's secret
		n, _ := slices.BinarySearch(b.high[i:end], high)
		i += n
	}
	for ; i < end && b.high[i] <= high; i++ {
		if b.high[i] == high && b.is(i, k) {
			return i
		}
	}
	return -1
}

// is compares what high does not say.
func (b *base) is(i int, k id) bool { return b.low[i] == uint32(k.b) && b.middle[i] == uint16(k.b>>32) }

func (b *base) endOf(i int) tick {
	if b.ends[i] == never {
		return math.MaxInt64
	}
	return b.first + tick(b.ends[i])
}

func (b *base) bytes() int64 { return int64(4*len(b.starts) + 16*cap(b.high)) }

func (b *base) expired(now tick) (n int) {
	if now <= b.first {
		return 0
	}
	limit := uint16(min(now-b.first, never))
	for _, end := range b.ends {
		if end < limit {
			n++
		}
	}
	return n
}

// each calls f for the ids in order. prefix holds the first byte.
func (b *base) each(prefix uint64, f func(id, tick) bool) {
	for bucket := range max(len(b.starts), 1) - 1 {
		first2 := prefix | uint64(bucket)>>(b.bits-8)<<48
		for i := b.starts[bucket]; i < b.starts[bucket+1]; i++ {
			k := id{first2 | b.high[i]>>16, b.high[i]<<48 | uint64(b.middle[i])<<32 | uint64(b.low[i])}
			if !f(k, b.endOf(int(i))) {
				return
			}
		}
	}
}

type idEnd struct {
	id
	end tick
}

// newBase merges a shard's base and delta, and leaves out what has expired.
func newBase(s *shard, now tick) base {
	var delta []idEnd
	first := tick(math.MaxInt64)
	for i := range s.slots {
		slot := &s.slots[i]
		if end := tick(slot.end.Load()); end >= now {
			delta = append(delta, idEnd{id{slot.a.Load(), slot.b.Load()}, end})
			first = min(first, end)
		}
	}
	slices.SortFunc(delta, func(x, y idEnd) int { return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b)) })
	n := len(delta)
	for i := range s.ends {
		if end := s.endOf(i); end >= now {
			n++
			first = min(first, end)
		}
	}
	if n == 0 {
		return base{}
	}
	b := base{
		bits: uint8(max(bits.Len(uint(n)/16), 8)), first: first,
		high: make([]uint64, 0, n), middle: make([]uint16, 0, n), low: make([]uint32, 0, n), ends: make([]uint16, 0, n),
	}
	b.starts = make([]uint32, 1<<b.bits+1)
	filled := uint64(0) // buckets whose start is known
	put := func(k id, end tick) {
		for bucket := b.bucket(k); filled <= bucket; filled++ {
			b.starts[filled] = uint32(len(b.high))
		}
		b.high = append(b.high, highOf(k))
		b.middle = append(b.middle, uint16(k.b>>32))
		b.low = append(b.low, uint32(k.b))
		b.ends = append(b.ends, uint16(min(end-first, never)))
	}
	// Only the order below the first byte matters, and the first byte is the same in all of a shard.
	var prefix uint64
	if len(delta) > 0 {
		prefix = delta[0].a >> 56 << 56
	}
	s.base.each(prefix, func(k id, end tick) bool {
		for len(delta) > 0 && (delta[0].a < k.a || delta[0].a == k.a && delta[0].b < k.b) {
			put(delta[0].id, delta[0].end)
			delta = delta[1:]
		}
		if len(delta) > 0 && delta[0].id == k {
			end = max(end, delta[0].end)
			delta = delta[1:]
		}
		if end >= now {
			put(k, end)
		}
		return true
	})
	for _, d := range delta {
		put(d.id, d.end)
	}
	for ; filled < uint64(len(b.starts)); filled++ {
		b.starts[filled] = uint32(len(b.high))
	}
	return b
}
