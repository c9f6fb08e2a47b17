package revocation

import (
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Index lets tests measure the index without its list.
type Index struct{ x *index }

func NewIndex() Index                               { return Index{newIndex()} }
func (i Index) Add(now time.Time, entries ...Entry) { i.x.add(entries, now) }
func (i Index) Forget(now time.Time)                { i.x.forget(now) }
func (i Index) Refuses(c *Claims) Kind              { return i.x.refuses(c) }
func (i Index) Size() (entries, bytes int64)        { return i.x.size() }

// Passes reports whether the filter lets a session id pass, so that the shard is asked.
func (i Index) Passes(sid string) bool {
	t := &i.x.ids[sessionIDs]
	k, _ := parseSessionID(sid)
	k = t.mixer.mix(k)
	s := t.shards[k.a>>56].Load()
	return s != nil && s.mayHave(k.a)
}

// Steps is how many slots of a delta are looked at to find a session id that is in one.
func (i Index) Steps(sid string) uint64 {
	t := &i.x.ids[sessionIDs]
	k, _ := parseSessionID(sid)
	k = t.mixer.mix(k)
	s := t.shards[k.a>>56].Load()
	n := uint64(len(s.slots))
	for steps, home := uint64(0), s.home(k); ; steps++ {
		if slot := &s.slots[(home+steps)%n]; slot.a.Load() == k.a && slot.b.Load() == k.b {
			return steps + 1
		}
	}
}

// SearchEnds reports whether the search in a crowded bucket ends where the id would be. Something equal lies behind larger
// ones, where no base has it, and whoever finds it has gone on.
func SearchEnds() bool {
	const n = 100
	b := base{bits: 8, starts: make([]uint32, 1<<8+1), high: make([]uint64, n), middle: make([]uint16, n), low: make([]uint32, n)}
	for i := range n - 1 {
		b.high[i] = 2 * uint64(i)
	}
	b.high[n-1] = 1
	for i := range b.starts[1:] {
		b.starts[1+i] = n
	}
	return b.find(id{0, 1 << 48}) < 0
}

// Each calls f for all entries, as they would be written back.
func (i Index) Each(now time.Time, f func(Entry)) {
	i.x.lost(newIndex(), now, time.Hour, func(e Entry) bool { f(e); return true })
}

// Wipe takes away everything that m holds, and who it is.
func (m *Memory) Wipe() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.id, m.last, m.entries, m.log, m.sweepAt = "", 0, nil, nil, 0
	m.some.Store(false)
}

// Cached is how many names the cache holds.
func (d *Direct) Cached() int { return len(d.cache.young) + len(d.cache.old) }

// SubjectPasses reports whether the filter lets a subject pass.
func (i Index) SubjectPasses(name string) bool {
	t := &i.x.names[subjectNames]
	return t.slots.Load().mayHave(t.hash.of(name))
}

// FindWhileAdding looks for a name that is not there and that the filter lets pass, while another one gets the slot at
// which the search ends, in so many tables. It returns how often the other one's entry was found.
func FindWhileAdding(rounds int) (wrong int) {
	t := nameTable{hash: newNameHash()}
	const absent = "absent"
	home := func(name string) uint64 { return t.hash.of(name) & 7 }
	other := "0"
	for i := 1; home(other) != home(absent); i++ {
		other = strconv.Itoa(i)
	}
	e := &nameEntry{name: other}
	empty := func() *nameSlots {
		slots := newNameSlots(8)
		slots.filter.add(t.hash.of(absent))
		return slots
	}
	t.slots.Store(empty())
	var done atomic.Bool
	var reader sync.WaitGroup
	reader.Go(func() {
		for !done.Load() {
			if t.find(absent) != nil {
				wrong++
			}
		}
	})
	for range rounds {
		slots := empty()
		t.slots.Store(slots)
		hash := t.hash.of(other)
		slot, _ := slots.probe(hash, other)
		slots.put(slot, hash, e)
	}
	done.Store(true)
	reader.Wait()
	return wrong
}
