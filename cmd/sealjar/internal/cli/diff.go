package cli

import (
	"fmt"
	"time"

	"github.com/sealjar/sealjar/keys"
)

// difference is what a change does to one key.
type difference struct {
	KeyID  string   `json:"kid"`
	Change string   `json:"change"` // added, removed or changed
	Before *jsonKey `json:"before,omitempty"`
	After  *jsonKey `json:"after,omitempty"`
}

// compare says which keys differ between two rings, the first of which may be nil. The states of keys are left out: they are
// a matter of time.
func compare(before, after *keys.Ring) []difference {
	list := []difference{}
	if before != nil {
		for _, k := range before.Keys() {
			old := dates(k)
			other := after.Key(k.ID())
			if other == nil {
				list = append(list, difference{KeyID: k.ID(), Change: "removed", Before: &old})
			} else if now := dates(other); !old.equal(now) {
				list = append(list, difference{KeyID: k.ID(), Change: "changed", Before: &old, After: &now})
			}
		}
	}
	for _, k := range after.Keys() {
		if before == nil || before.Key(k.ID()) == nil {
			added := dates(k)
			list = append(list, difference{KeyID: k.ID(), Change: "added", After: &added})
		}
	}
	return list
}

// lines shows a difference as people know it from diff.
func (d difference) lines(now time.Time) []string {
	switch d.Change {
	case "added":
		return []string{fmt.Sprintf("+ %s  %s, %s", d.KeyID, d.After.Algorithm, d.After.span(now))}
	case "removed":
		return []string{fmt.Sprintf("- %s  %s, %s", d.KeyID, d.Before.Algorithm, d.Before.span(now))}
	}
	lines := []string{"~ " + d.KeyID}
	if !equalTime(d.Before.SealsFrom, d.After.SealsFrom) {
		lines = append(lines, fmt.Sprintf("    seals from   %s", arrow(d.Before.SealsFrom, d.After.SealsFrom, now, since)))
	}
	if !equalTime(d.Before.OpensUntil, d.After.OpensUntil) {
		lines = append(lines, fmt.Sprintf("    opens until  %s", arrow(d.Before.OpensUntil, d.After.OpensUntil, now, never)))
	}
	if d.Before.Tainted != d.After.Tainted {
		lines = append(lines, fmt.Sprintf("    tainted      %t -> %t", d.Before.Tainted, d.After.Tainted))
	}
	return lines
}

func arrow(from, to *time.Time, now time.Time, none string) string {
	return showTime(timeOf(from), none) + " -> " + showBoth(timeOf(to), now, none)
}

// span says in one line when the key is used.
func (k jsonKey) span(now time.Time) string {
	text := "seals from " + showBoth(timeOf(k.SealsFrom), now, since) + ", opens until " + showBoth(timeOf(k.OpensUntil), now, never)
	if k.Tainted {
		text = "tainted, opens until " + showBoth(timeOf(k.OpensUntil), now, never)
	}
	return text
}

func (k jsonKey) equal(other jsonKey) bool {
	return equalTime(k.SealsFrom, other.SealsFrom) && equalTime(k.OpensUntil, other.OpensUntil) && k.Tainted == other.Tainted
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func equalTime(a, b *time.Time) bool { return timeOf(a).Equal(timeOf(b)) }
