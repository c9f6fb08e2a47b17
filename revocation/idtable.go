package revocation

import (
	"math/bits"
	"sync/atomic"
	"unsafe"
)

// idTable is the set of the ids that are revoked, each with when it may be forgotten, in less than 20 bytes an id if there
// are millions.
//
// It is cut by the first byte of the mixed id into 256 shards, so that what is rebuilt at a time stays small. A
// shard is an immutable sorted base, and beside it a small hash table of what came since (the delta), into which one writer
// writes while readers read. When the delta is full, a new base is made of both, without what has expired. In front of
// both is a filter, which answers for nearly all sessions that are live.
// Readers take no lock: they see a shard before or after, and both are complete.
//
// Methods that change it need the lock of the index.
type idTable struct {
	mixer  *mixer
	shards [256]atomic.Pointer[shard]
	count  atomic.Int64
	bytes  atomic.Int64
}

// shard is of one first byte. All but the filter and the slots is immutable.
type shard struct {
	filter
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

	// idsPerSlot of the base. The delta costs 1.7 bytes an id then, and each id is copied some twenty times until the base
	// has doubled.
	idsPerSlot = 14
)

func newShard(b base, slots int) *shard {
	s := &shard{base: b, filter: newFilter(len(b.high) + room(slots)), slots: make([]slot, slots)}
	s.each(0, func(k id, _ tick) bool { s.filter.add(k.a); return true }) // the filter does not mind the first byte
	return s
}

// room is how many of the slots are used before the delta is full: a search ends at a free one.
func room(slots int) int { return slots - slots/4 }

// contains reports whether the id is there.
func (t *idTable) contains(x id) bool {
	k := t.mixer.mix(x)
	s := t.shards[k.a>>56].Load()
	return s != nil && s.mayHave(k.a) && s.has(k)
}

// shard returns the shard of a mixed lead and has the processor fetch what its filter says of it; nil if there is none.
func (t *idTable) shard(lead uint64) *shard {
	s := t.shards[lead>>56].Load()
	if s != nil {
		prefetch(unsafe.Pointer(s.word(lead)))
	}
	return s
}

// has waits for memory three times if there are many ids; for two of them at once.
func (s *shard) has(k id) bool {
	if len(s.high) > 0 {
		prefetch(unsafe.Pointer(&s.starts[s.bucket(k)]))
	}
	return s.slotOf(k) != nil || s.find(k) >= 0
}

// home is the slot at which the search for k begins. It takes both halves, since ids may begin or end alike.
func (s *shard) home(k id) uint64 {
	i, _ := bits.Mul64(k.a<<8^k.b, uint64(len(s.slots)))
	return i
}

// slotOf returns the slot of k in the delta, or nil.
func (s *shard) slotOf(k id) *slot {
	i := s.home(k)
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
	i := s.home(k)
	for s.slots[i].end.Load() != 0 {
		if i++; i == uint64(len(s.slots)) {
			i = 0
		}
	}
	s.filter.add(k.a)
	slot := &s.slots[i]
	slot.a.Store(k.a)
	slot.b.Store(k.b)
	slot.end.Store(uint64(end))
	s.used++
}

func (s *shard) full() bool { return s.used >= room(len(s.slots)) }

func (s *shard) bytes() int64 {
	return int64(unsafe.Sizeof(*s)) + int64(len(s.slots))*int64(unsafe.Sizeof(slot{})) + s.filter.bytes() + s.base.bytes()
}

// add puts an id into the table, or moves its end to a later time.
func (t *idTable) add(x id, end, now tick) {
	k := t.mixer.mix(x)
	at := &t.shards[k.a>>56]
	s := at.Load()
	if s == nil {
		s = newShard(base{}, smallSlots)
		t.replace(nil, s, at)
	}
	i := -1
	if s.mayHave(k.a) {
		if slot := s.slotOf(k); slot != nil {
			if tick(slot.end.Load()) < end {
				slot.end.Store(uint64(end))
			}
			return
		}
		if i = s.find(k); i >= 0 && s.endOf(i) >= end {
			return
		}
	}
	if s.full() {
		s = t.rebuild(s, now, at)
		i = s.find(k) // it may have expired
	}
	if i < 0 {
		t.count.Add(1)
	}
	s.put(k, end)
}

// rebuild makes room in a shard: a larger delta while it is small, and then a new base.
func (t *idTable) rebuild(s *shard, now tick, at *atomic.Pointer[shard]) *shard {
	if len(s.high) == 0 && len(s.slots) < loneSlots {
		larger := newShard(base{}, 2*len(s.slots))
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
	b := newBase(s, now)
	n := len(b.high)
	t.count.Add(int64(n - before))
	merged := newShard(b, max(n/idsPerSlot, leastSlots))
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
