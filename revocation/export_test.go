package revocation

import "time"

// Index lets tests measure the index without its list.
type Index struct{ x *index }

func NewIndex() Index                               { return Index{newIndex()} }
func (i Index) Add(now time.Time, entries ...Entry) { i.x.add(entries, now) }
func (i Index) Forget(now time.Time)                { i.x.forget(now) }
func (i Index) Refuses(c *Claims) Kind              { return i.x.refuses(c) }
func (i Index) Size() (entries, bytes int64)        { return i.x.size() }
