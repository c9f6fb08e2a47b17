package revocation

import (
	"slices"
	"sync"
)

const (
	pagesAhead = 4   // how many pages of a long read wait to be taken in
	fullPage   = 512 // entries: with so many at a time there are more to come
)

// pages takes what a store hands over into the list. Full pages, which only long reads have, are taken in while the store reads the
// next ones; what is less is taken in at once, since somebody may wait for it. Entries may be taken in any order.
type pages struct {
	take   func([]Entry)
	ahead  chan []Entry // nil until there is a full page
	worker sync.WaitGroup
}

func (p *pages) add(batch []Entry) {
	if len(batch) < fullPage {
		p.take(batch)
		return
	}
	if p.ahead == nil {
		p.ahead = make(chan []Entry, pagesAhead)
		p.worker.Go(func() {
			for page := range p.ahead {
				p.take(page)
			}
		})
	}
	p.ahead <- slices.Clone(batch) // the store may use its memory again
}

// wait returns when all is taken in. Nothing may be added after that.
func (p *pages) wait() {
	if p.ahead != nil {
		close(p.ahead)
		p.worker.Wait()
	}
}
