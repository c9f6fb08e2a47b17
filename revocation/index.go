package revocation

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// index answers whether an entry refuses a session, in this process and without a lock. Entries are added by one at a time.
//
// Session ids and token ids of this library are kept as their random bytes, in less than 20 bytes each if there are millions;
// everything else as text, with its cutoff to the millisecond, in about 100 bytes. Both are exact.
type index struct {
	present atomic.Uint32 // a bit for each table that holds anything, so that the others cost nothing
	mixer   mixer         // of all ids

	all   atomic.Int64 // cutoff of the kind all, in Unix milliseconds
	ids   [3]idTable   // sessions, tokens, renewed
	names [6]nameTable // subjects, groups, keys, and the sessions, tokens and renewed with names of another form

	mu       sync.Mutex // of the writer
	allEntry Entry
}

// Places in ids and names, and bits of present: those of names are shifted by 3.
const (
	sessionIDs = iota
	tokenIDs
	renewedIDs
)

const (
	subjectNames = iota
	groupNames
	keyNames
	sessionNames
	tokenNames
	renewedNames
)

const (
	hasSessionIDs = 1 << iota
	hasTokenIDs
	hasRenewedIDs
	hasSubjects
	hasGroups
	hasKeys
	hasSessionNames
	hasTokenNames
	hasRenewedNames
	hasAll
)

var (
	idKinds   = [...]Kind{Session, Token, Renewed}
	nameKinds = [...]Kind{Subject, Group, Key, Session, Token, Renewed}
)

func newIndex() *index {
	x := &index{mixer: newMixer()}
	x.all.Store(math.MinInt64)
	for i := range x.ids {
		x.ids[i].mixer = &x.mixer
	}
	for i := range x.names {
		x.names[i].hash = newNameHash()
	}
	return x
}

// refuses returns the kind of an entry that refuses the token, or "".
func (x *index) refuses(c *Claims) Kind {
	present := x.present.Load()
	if present == 0 {
		return ""
	}
	return x.find(present, x.seek(present, c), c)
}

// sought is where an entry for a session would be. Its id may be among millions of others, which takes a while to look at.
type sought struct {
	lead           uint64 // of the mixed id
	ended, renewed *shard // nil: it is in none
}

// seek has the processor fetch what the filters say of a session's id. Until find asks for it there is time for other things.
func (x *index) seek(present uint32, c *Claims) (at sought) {
	if present&(hasSessionIDs|hasRenewedIDs) == 0 || len(c.SessionID) != sessionText {
		return at
	}
	at.lead = x.mixer.lead(leadOf(c.SessionID))
	if present&hasSessionIDs != 0 {
		at.ended = x.ids[sessionIDs].shard(at.lead)
	}
	if present&hasRenewedIDs != 0 {
		at.renewed = x.ids[renewedIDs].shard(at.lead)
	}
	return at
}

// find is refuses when what is sought is on its way. It asks for that last. From the answer to the next question there is
// little to do, so that a processor that looks ahead waits for both at once.
func (x *index) find(present uint32, sought sought, c *Claims) Kind {
	at := c.AuthTime.UnixMilli()
	if present&hasAll != 0 && at <= x.all.Load() {
		return All
	}
	if present&hasSubjects != 0 && c.Subject != "" && x.names[subjectNames].cuts(c.Subject, at) {
		return Subject
	}
	if present&hasKeys != 0 && c.KeyID != "" && x.names[keyNames].cuts(c.KeyID, at) {
		return Key
	}
	if present&hasGroups != 0 {
		for _, group := range c.Groups {
			if x.names[groupNames].cuts(group, at) {
				return Group
			}
		}
	}
	if c.Origin != "" && x.hasSession(c.Origin, present) {
		return Session
	}
	if present&hasTokenIDs != 0 && x.hasTokenID(c.TokenID) {
		return Token
	}
	if present&(hasSessionNames|hasTokenNames|hasRenewedNames) != 0 {
		if kind := x.lookForNames(c); kind != "" {
			return kind
		}
	}
	if sought.ended != nil && sought.ended.mayHave(sought.lead) && x.ids[sessionIDs].containsSession(c.SessionID) {
		return Session
	}
	if sought.renewed != nil && sought.renewed.mayHave(sought.lead) && x.ids[renewedIDs].containsSession(c.SessionID) {
		return Renewed
	}
	return ""
}

// lookForNames asks the tables of those ids that this library did not make.
func (x *index) lookForNames(c *Claims) Kind {
	for _, q := range [...]struct {
		table int
		name  string
		kind  Kind
	}{{sessionNames, c.SessionID, Session}, {tokenNames, c.TokenID, Token}, {renewedNames, c.SessionID, Renewed}} {
		if q.name != "" && x.names[q.table].find(q.name) != nil {
			return q.kind
		}
	}
	return ""
}

// hasSession reports whether an entry of the kind Session has the id.
func (x *index) hasSession(sid string, present uint32) bool {
	if present&hasSessionIDs != 0 && len(sid) == sessionText && x.passes(sessionIDs, sid) && x.ids[sessionIDs].containsSession(sid) {
		return true
	}
	return present&hasSessionNames != 0 && x.names[sessionNames].find(sid) != nil
}

func (x *index) hasTokenID(jti string) bool {
	if len(jti) != tokenText || !x.passes(tokenIDs, jti) {
		return false
	}
	k, ours := parseTokenID(jti)
	return ours && x.ids[tokenIDs].contains(k)
}

// passes reports whether the filter of a table lets the id pass that a text encodes.
func (x *index) passes(table int, text string) bool {
	lead := x.mixer.lead(leadOf(text))
	s := x.ids[table].shards[lead>>56].Load()
	return s != nil && s.mayHave(lead)
}

// containsSession is contains for the text of a session id.
func (t *idTable) containsSession(sid string) bool {
	k, ours := parseSessionID(sid)
	return ours && t.contains(k)
}

// cuts reports whether the entry of a name refuses who signed in at that time.
func (t *nameTable) cuts(name string, at int64) bool {
	e := t.find(name)
	return e != nil && at <= e.cutoff
}

// forgetMargin is for how long an entry that has expired is kept: a clock that was an hour ahead for a moment must not have
// made a node forget what still counts.
const forgetMargin = time.Hour

// add takes in entries that are well-formed. Those that have expired it leaves out.
func (x *index) add(entries []Entry, now time.Time) {
	now = now.Add(-forgetMargin)
	x.mu.Lock()
	defer x.mu.Unlock()
	for i := range entries {
		if e := &entries[i]; !e.Until.Before(now) {
			x.addOne(e, tickBefore(now))
		}
	}
}

func (x *index) addOne(e *Entry, now tick) {
	var bit uint32
	switch e.Kind {
	case All:
		x.allEntry = x.allEntry.merged(*e)
		x.all.Store(x.allEntry.Cutoff.UnixMilli())
		bit = hasAll
	case Session:
		if k, ours := parseSessionID(e.Name); ours {
			x.ids[sessionIDs].add(k, tickAfter(e.Until), now)
			bit = hasSessionIDs
		} else {
			x.names[sessionNames].add(*e)
			bit = hasSessionNames
		}
	case Renewed:
		if k, ours := parseSessionID(e.Name); ours {
			x.ids[renewedIDs].add(k, tickAfter(e.Until), now)
			bit = hasRenewedIDs
		} else {
			x.names[renewedNames].add(*e)
			bit = hasRenewedNames
		}
	case Token:
		if k, ours := parseTokenID(e.Name); ours {
			x.ids[tokenIDs].add(k, tickAfter(e.Until), now)
			bit = hasTokenIDs
		} else {
			x.names[tokenNames].add(*e)
			bit = hasTokenNames
		}
	case Subject:
		x.names[subjectNames].add(*e)
		bit = hasSubjects
	case Group:
		x.names[groupNames].add(*e)
		bit = hasGroups
	case Key:
		x.names[keyNames].add(*e)
		bit = hasKeys
	}
	if present := x.present.Load(); present&bit != bit { // one writer
		x.present.Store(present | bit)
	}
}

// merged is Merge for an entry that may be missing.
func (e Entry) merged(other Entry) Entry {
	if e.Kind == "" {
		return other
	}
	return e.Merge(other)
}

// forget removes what has expired. It lets others write between one part and the next.
func (x *index) forget(now time.Time) {
	now = now.Add(-forgetMargin)
	for t := range x.ids {
		for i := range x.ids[t].shards {
			x.mu.Lock()
			x.ids[t].forget(i, tickBefore(now))
			x.mu.Unlock()
		}
	}
	for t := range x.names {
		x.mu.Lock()
		x.names[t].forget(now.UnixMilli())
		x.mu.Unlock()
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.allEntry.Kind == All && x.allEntry.Until.Before(now) {
		x.all.Store(math.MinInt64)
		x.allEntry = Entry{}
	}
	var present uint32
	for t := range x.ids {
		if x.ids[t].count.Load() > 0 {
			present |= hasSessionIDs << t
		}
	}
	for t := range x.names {
		if x.names[t].count.Load() > 0 {
			present |= hasSubjects << t
		}
	}
	if x.allEntry.Kind == All {
		present |= hasAll
	}
	x.present.Store(present)
}

// size returns the number of entries and about how many bytes they take.
func (x *index) size() (entries, bytes int64) {
	for t := range x.ids {
		entries += x.ids[t].count.Load()
		bytes += x.ids[t].bytes.Load()
	}
	for t := range x.names {
		entries += x.names[t].count.Load()
		bytes += x.names[t].bytes.Load()
	}
	if x.present.Load()&hasAll != 0 {
		entries++
	}
	return entries, bytes
}
