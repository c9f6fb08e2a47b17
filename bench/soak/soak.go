// Package soak keeps the demo busy, under net/http and under Echo, with good and with hostile cookies, and says whether it
// stays as it was.
//
// The demo is told to have sessions of a few seconds, so that they are renewed, expire and are forgotten all the time. A
// revocation is kept for a minute longer than a session lives: how many there are is a matter of the clock and not of the
// speed, since clients end sessions no more often than [Options.Pause] lets them. A table of sessions that forgot nothing,
// a pool that only grows, a goroutine that is left behind: each shows.
package soak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Options say how long it goes on. One of Duration and Requests is required.
type Options struct {
	Duration time.Duration
	Requests int64 // in place of Duration
	Clients  int
	Pause    time.Duration // at least, between two sessions that a client ends
	Patience time.Duration // for how long the server may take to see that its clients are gone; 0 means 30 seconds
	Log      io.Writer     // where the samples are written as they come
}

// samples is how many times the server is looked at. The first is before the load, when it has served nothing.
const samples = 21

// Run keeps a server busy, and tells what there was to see. The error says that it could not be done, not that the server
// did badly: that is [Report.Verdict].
func Run(ctx context.Context, s Server, o Options) (*Report, error) {
	l := &load{server: s, pause: o.Pause, report: newReport()}

	began := time.Now()
	look := func() error {
		figures, err := s.figures(ctx)
		if err != nil {
			return err
		}
		sample := Sample{Elapsed: time.Since(began), Requests: l.done.Load(), Figures: figures}
		l.report.Samples = append(l.report.Samples, sample)
		if len(l.report.Samples) == 1 {
			fmt.Fprintf(o.Log, "%8s %10s %8s %10s %9s %10s %5s\n",
				"time", "requests", "RSS MB", "heap KB", "objects", "goroutines", "5xx")
		}
		fmt.Fprintln(o.Log, sample)
		return nil
	}
	if err := look(); err != nil {
		return nil, err
	}
	working, rest := context.WithCancel(ctx)
	defer rest()
	var clients sync.WaitGroup
	for i := range o.Clients {
		clients.Go(func() { l.client(working, i) })
	}
	var err error
	for i := 1; i < samples && err == nil; i++ {
		if err = l.until(ctx, o, began, i); err != nil {
			break
		}
		l.still.Lock()
		err = look()
		l.still.Unlock()
	}
	rest()
	clients.Wait()
	if err != nil {
		return nil, err
	}
	patience := o.Patience
	if patience == 0 {
		patience = 30 * time.Second
	}
	l.report.Left, err = s.settled(ctx, l.report.Samples[0].Goroutines, patience)
	return l.report, errors.Join(err, l.err())
}

// until waits for the sample i.
func (l *load) until(ctx context.Context, o Options, began time.Time, i int) error {
	if o.Requests == 0 {
		select {
		case <-time.After(time.Until(began.Add(o.Duration * time.Duration(i) / (samples - 1)))):
			return l.err()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for l.done.Load() < o.Requests*int64(i)/(samples-1) {
		if err := errors.Join(l.err(), ctx.Err()); err != nil {
			return err
		}
		time.Sleep(time.Millisecond)
	}
	return nil
}

// load is what all clients share.
type load struct {
	server  Server
	pause   time.Duration
	still   sync.RWMutex // held for reading while a request is under way
	done    atomic.Int64
	failure atomic.Pointer[error]

	mu     sync.Mutex
	report *Report
}

func (l *load) fail(err error) { l.failure.CompareAndSwap(nil, &err) }

func (l *load) err() error {
	if err := l.failure.Load(); err != nil {
		return *err
	}
	return nil
}
