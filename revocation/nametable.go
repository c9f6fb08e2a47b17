package revocation

import (
	"strings"
	"sync/atomic"
	"time"
	"unique"
	"unsafe"
)

// nameTable is the names of one kind that have a cutoff, or are no ids of ours, as text: about 100 bytes each. Readers take no
// lock; one writer puts entries into free slots or replaces them, and makes a new table when it is full.
type nameTable struct {
	hash  nameHash
	slots atomic.Pointer[nameSlots]
	count atomic.Int64
	bytes atomic.Int64
}

// nameSlots are a power of two. Of the subjects that nobody has signed out, the filter knows nearly all, and asking it is
// cheaper than looking through the slots, of which there may be more than the processor's cache holds.
type nameSlots struct {
	filter
	slots []nameSlot
}

func newNameSlots(n int) *nameSlots { return &nameSlots{newFilter(room(n)), make([]nameSlot, n)} }

func (t *nameSlots) put(slot *nameSlot, hash uint64, e *nameEntry) {
	t.filter.add(hash)
	slot.hash.Store(hash)
	slot.entry.Store(e)
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
	hash := t.hash.of(name)
	if !slots.mayHave(hash) {
		return nil
	}
	_, e := slots.probe(hash, name)
	return e
}

// probe returns the slot that has the name and its entry, or the one that is free for it and nil. One in four slots is free. The
// entry is the one that was looked at: to load it again might bring another name's, which has just got the free slot.
func (t *nameSlots) probe(hash uint64, name string) (*nameSlot, *nameEntry) {
	mask := uint64(len(t.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		slot := &t.slots[i]
		e := slot.entry.Load()
		if e == nil || slot.hash.Load() == hash && e.name == name {
			return slot, e
		}
	}
}

// add puts an entry into the table, or merges it with the one that is there.
func (t *nameTable) add(e Entry) {
	if t.slots.Load() == nil {
		t.resize(8, 0)
	} else if n := len(t.slots.Load().slots); t.count.Load() >= int64(room(n)) {
		t.resize(2*n, 0)
	}
	slots := t.slots.Load()
	hash := t.hash.of(e.Name)
	slot, have := slots.probe(hash, e.Name)
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
	slots.put(slot, hash, next)
}

func (e *nameEntry) entry(kind Kind) Entry {
	return Entry{
		Kind: kind, Name: e.name, Cutoff: time.UnixMilli(e.cutoff), Until: time.UnixMilli(e.until), Reason: e.reason.Value(),
	}
}

// resize makes a table of n slots of the entries that end at now or later.
func (t *nameTable) resize(n int, now int64) {
	next := newNameSlots(n)
	var count int64
	bytes := int64(n)*int64(unsafe.Sizeof(nameSlot{})) + next.filter.bytes()
	if old := t.slots.Load(); old != nil {
		for i := range old.slots {
			if e := old.slots[i].entry.Load(); e != nil && e.until >= now {
				hash := old.slots[i].hash.Load()
				slot, _ := next.probe(hash, e.name)
				next.put(slot, hash, e)
				count++
				bytes += e.bytes()
			}
		}
	}
	t.count.Store(count)
	t.bytes.Store(bytes)
	t.slots.Store(next)
}

// forget removes what has expired, if it is worth it: an eighth of the entries, or all.
func (t *nameTable) forget(now int64) {
	slots := t.slots.Load()
	if slots == nil {
		return
	}
	var live, expired int64
	for i := range slots.slots {
		if e := slots.slots[i].entry.Load(); e != nil {
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
		for int64(room(n)) <= live {
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
	for i := range slots.slots {
		if e := slots.slots[i].entry.Load(); e != nil && !f(e.entry(kind)) {
			return false
		}
	}
	return true
}
