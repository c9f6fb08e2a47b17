package revocation

import (
	"hash/maphash"
	"strings"
	"sync/atomic"
	"time"
	"unique"
	"unsafe"
)

// nameTable is the names of one kind that have a cutoff, or are no ids of ours, as text: about 100 bytes each. Readers take no
// lock; one writer puts entries into free slots or replaces them, and makes a new table when it is full.
type nameTable struct {
	seed  maphash.Seed
	slots atomic.Pointer[[]nameSlot]
	count atomic.Int64
	bytes atomic.Int64
}

// nameSlot is empty while entry is nil, which is written last.
type nameSlot struct {
	hash  atomic.Uint64
	entry atomic.Pointer[nameEntry]
}

// nameEntry is immutable.
type nameEntry struct {
	name          string
	cutoff, until int64 // Unix milliseconds
	reason        unique.Handle[string]
}

func (e *nameEntry) bytes() int64 { return int64(unsafe.Sizeof(*e)) + int64(len(e.name)) }

// find returns the entry of a name, or nil.
func (t *nameTable) find(name string) *nameEntry {
	slots := t.slots.Load()
	if slots == nil {
		return nil
	}
	slot := probe(*slots, maphash.String(t.seed, name), name)
	return slot.entry.Load()
}

// probe returns the slot that has the name, or is free for it. One in four slots is free.
func probe(slots []nameSlot, hash uint64, name string) *nameSlot {
	mask := uint64(len(slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		e := slots[i].entry.Load()
		if e == nil || slots[i].hash.Load() == hash && e.name == name {
			return &slots[i]
		}
	}
}

// add puts an entry into the table, or merges it with the one that is there.
func (t *nameTable) add(e Entry) {
	if slots := t.slots.Load(); slots == nil {
		t.resize(8, 0)
	} else if n := int64(len(*slots)); t.count.Load() >= n-n/4 {
		t.resize(2*len(*slots), 0)
	}
	hash := maphash.String(t.seed, e.Name)
	slot := probe(*t.slots.Load(), hash, e.Name)
	have := slot.entry.Load()
	if have == nil {
		t.count.Add(1)
	} else {
		e = have.entry(e.Kind).Merge(e)
	}
	next := &nameEntry{
		name: strings.Clone(e.Name), cutoff: e.Cutoff.UnixMilli(), until: e.Until.UnixMilli(), reason: unique.Make(e.Reason),
	}
	if have != nil {
		if *have == *next {
			return
		}
		next.name = have.name
		t.bytes.Add(-have.bytes())
	}
	t.bytes.Add(next.bytes())
	slot.hash.Store(hash)
	slot.entry.Store(next)
}

func (e *nameEntry) entry(kind Kind) Entry {
	return Entry{
		Kind: kind, Name: e.name, Cutoff: time.UnixMilli(e.cutoff), Until: time.UnixMilli(e.until), Reason: e.reason.Value(),
	}
}

// resize makes a table of n slots of the entries that end at now or later. n is a power of two.
func (t *nameTable) resize(n int, now int64) {
	slots := make([]nameSlot, n)
	var count int64
	bytes := int64(n) * int64(unsafe.Sizeof(nameSlot{}))
	if old := t.slots.Load(); old != nil {
		for i := range *old {
			if e := (*old)[i].entry.Load(); e != nil && e.until >= now {
				hash := (*old)[i].hash.Load()
				slot := probe(slots, hash, e.name)
				slot.hash.Store(hash)
				slot.entry.Store(e)
				count++
				bytes += e.bytes()
			}
		}
	}
	t.count.Store(count)
	t.bytes.Store(bytes)
	t.slots.Store(&slots)
}

// forget removes what has expired, if it is worth it: an eighth of the entries, or all.
func (t *nameTable) forget(now int64) {
	slots := t.slots.Load()
	if slots == nil {
		return
	}
	var live, expired int64
	for i := range *slots {
		if e := (*slots)[i].entry.Load(); e != nil {
			if e.until < now {
				expired++
			} else {
				live++
			}
		}
	}
	switch {
	case live == 0:
		t.slots.Store(nil)
		t.count.Store(0)
		t.bytes.Store(0)
	case expired > live/8:
		n := 8
		for int64(n-n/4) <= live {
			n *= 2
		}
		t.resize(n, now)
	}
}

// each calls f for all entries, in no order, until it returns false. It needs no lock.
func (t *nameTable) each(kind Kind, f func(Entry) bool) bool {
	slots := t.slots.Load()
	if slots == nil {
		return true
	}
	for i := range *slots {
		if e := (*slots)[i].entry.Load(); e != nil && !f(e.entry(kind)) {
			return false
		}
	}
	return true
}
