package revocation

import (
	"math/bits"
	"sync/atomic"
	"unsafe"
)

// idTable is the set of the ids that are revoked, each with when it may be forgotten, in about 18 bytes an id.
//
// It is cut by the first byte of the mixed id into 256 shards, so that what is rebuilt at a time stays small. A
// shard is an immutable sorted base, and beside it a small hash table of what came since (the delta), into which one writer
// writes while readers read. When the delta is full, a new base is made of both, without what has expired.
// Readers take no lock: they see a shard before or after, and both are complete.
//
// Methods that change it need the lock of the index.
type idTable struct {
	mixer  mixer
	shards [256]atomic.Pointer[shard]
	count  atomic.Int64
	bytes  atomic.Int64
}

// shard is of one first byte. All but the slots is immutable.
type shard struct {
	base
	slots []slot
	used  int // slots in use; only for the writer
}

// slot is empty while end is 0, which is written last.
type slot struct{ a, b, end atomic.Uint64 }

const (
	smallSlots = 8    // of a shard's first delta
	loneSlots  = 1024 // how large a delta grows before there is a base
	leastSlots = 128  // of the delta beside a base
)

// contains reports whether the mixed id is there.
func (t *idTable) contains(k id) bool {
	s := t.shards[k.a>>56].Load()
	if s == nil {
		return false
	}
	if len(s.high) == 0 {
		return s.slotOf(k) != nil
	}
	// Memory is what this waits for. The base is asked for first and looked at last, so that the wait for it and the wait
	// for the delta are one.
	bucket := s.bucket(k)
	i, end := int(s.starts[bucket]), int(s.starts[bucket+1])
	first := s.high[min(i, len(s.high)-1)]
	if s.slotOf(k) != nil {
		return true
	}
	if i == end {
		return false
	}
	return first == highOf(k) && s.is(i, k) || s.findIn(i+1, end, k) >= 0
}

// slotOf returns the slot of k in the delta, or nil.
func (s *shard) slotOf(k id) *slot {
	i, _ := bits.Mul64(k.b, uint64(len(s.slots)))
	for {
		slot := &s.slots[i]
		if slot.end.Load() == 0 {
			return nil
		}
		if slot.a.Load() == k.a && slot.b.Load() == k.b {
			return slot
		}
		if i++; i == uint64(len(s.slots)) {
			i = 0
		}
	}
}

// put adds an id that is not there. There is a free slot.
func (s *shard) put(k id, end tick) {
	i, _ := bits.Mul64(k.b, uint64(len(s.slots)))
	for s.slots[i].end.Load() != 0 {
		if i++; i == uint64(len(s.slots)) {
			i = 0
		}
	}
	slot := &s.slots[i]
	slot.a.Store(k.a)
	slot.b.Store(k.b)
	slot.end.Store(uint64(end))
	s.used++
}

func (s *shard) full() bool { return s.used >= len(s.slots)-len(s.slots)/4 }

func (s *shard) bytes() int64 {
	return int64(unsafe.Sizeof(*s)) + int64(len(s.slots))*int64(unsafe.Sizeof(slot{})) + s.base.bytes()
}

// add puts an id into the table, or moves its end to a later time.
func (t *idTable) add(x id, end, now tick) {
	k := t.mixer.mix(x)
	at := &t.shards[k.a>>56]
	s := at.Load()
	if s == nil {
		s = &shard{slots: make([]slot, smallSlots)}
		t.replace(nil, s, at)
	}
	if slot := s.slotOf(k); slot != nil {
		if tick(slot.end.Load()) < end {
			slot.end.Store(uint64(end))
		}
		return
	}
	i := s.find(k)
	if i >= 0 && s.endOf(i) >= end {
		return
	}
	if s.full() {
		s = t.rebuild(s, now, at)
		if i = s.find(k); i >= 0 && s.endOf(i) >= end { // never, but cheap to say
			return
		}
	}
	if i < 0 {
		t.count.Add(1)
	}
	s.put(k, end)
}

// rebuild makes room in a shard: a larger delta while it is small, and then a new base.
func (t *idTable) rebuild(s *shard, now tick, at *atomic.Pointer[shard]) *shard {
	if len(s.high) == 0 && len(s.slots) < loneSlots {
		larger := &shard{slots: make([]slot, 2*len(s.slots))}
		for i := range s.slots {
			if e := tick(s.slots[i].end.Load()); e != 0 {
				larger.put(id{s.slots[i].a.Load(), s.slots[i].b.Load()}, e)
			}
		}
		t.replace(s, larger, at)
		return larger
	}
	return t.merge(s, now, at)
}

// merge replaces a shard by one with all in the base, without what has expired.
func (t *idTable) merge(s *shard, now tick, at *atomic.Pointer[shard]) *shard {
	before := s.ids()
	merged := &shard{base: newBase(s, now)}
	n := len(merged.high)
	t.count.Add(int64(n - before))
	// One slot for eleven ids of the base costs 2.2 bytes an id, and makes each id be copied some fifteen times until the
	// base has doubled.
	merged.slots = make([]slot, max(n/11, leastSlots))
	t.replace(s, merged, at)
	return merged
}

// ids counts the different ids.
func (s *shard) ids() int {
	n := len(s.high)
	for i := range s.slots {
		if slot := &s.slots[i]; slot.end.Load() != 0 && s.find(id{slot.a.Load(), slot.b.Load()}) < 0 {
			n++
		}
	}
	return n
}

func (t *idTable) replace(old, next *shard, at *atomic.Pointer[shard]) {
	if old != nil {
		t.bytes.Add(-old.bytes())
	}
	if next != nil {
		t.bytes.Add(next.bytes())
	}
	at.Store(next)
}

// forget removes what has expired from the shard, if it is worth it: an eighth of it, or all.
func (t *idTable) forget(i int, now tick) {
	at := &t.shards[i]
	s := at.Load()
	if s == nil {
		return
	}
	parts := s.used + len(s.high)
	switch expired := s.expired(now); {
	case expired == parts:
		t.count.Add(-int64(s.ids()))
		t.replace(s, nil, at)
	case expired > parts/8:
		t.merge(s, now, at)
	}
}

// expired counts what may be forgotten. An id whose end was moved is in both parts, and counts for each.
func (s *shard) expired(now tick) (n int) {
	for i := range s.slots {
		if end := tick(s.slots[i].end.Load()); end != 0 && end < now {
			n++
		}
	}
	return n + s.base.expired(now)
}

// each calls f with the ids of the shard and their ends, in no order, until f returns false. It needs no lock. An id whose
// end was moved may come twice.
func (t *idTable) each(i int, f func(id, tick) bool) {
	s := t.shards[i].Load()
	if s == nil {
		return
	}
	for i := range s.slots {
		slot := &s.slots[i]
		if end := tick(slot.end.Load()); end != 0 && !f(t.mixer.unmix(id{slot.a.Load(), slot.b.Load()}), end) {
			return
		}
	}
	first := uint64(i) << 56
	s.base.each(first, func(k id, end tick) bool { return f(t.mixer.unmix(k), end) })
}

// end returns when an id may be forgotten, 0 if it is not there.
func (t *idTable) end(x id) tick {
	k := t.mixer.mix(x)
	s := t.shards[k.a>>56].Load()
	if s == nil {
		return 0
	}
	if slot := s.slotOf(k); slot != nil {
		return tick(slot.end.Load())
	}
	if i := s.find(k); i >= 0 {
		return s.endOf(i)
	}
	return 0
}
