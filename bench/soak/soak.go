// Package soak keeps a server with sessions busy, with good and with hostile cookies, and says whether it stays as it was.
//
// The server is a process of its own: net/http and Echo over one jar with a revocation list in memory. Its clock goes
// by a tenth of a second with every request, so that sessions are renewed, expire and are forgotten by the list all the
// time, however long the run is. A list that forgot nothing, a pool that only grows, a goroutine that is left behind:
// each shows.
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
	Log      io.Writer // where the samples are written as they come
}

// samples is how many times the server is looked at. The first is before the load, when it has served nothing.
const samples = 21

// Run starts a server, keeps it busy, and tells what there was to see. The error says that it could not be done, not that the
// server did badly: that is [Report.Verdict].
func Run(ctx context.Context, o Options) (*Report, error) {
	s, err := startServer()
	if err != nil {
		return nil, err
	}
	defer s.close()
	l := &load{addresses: s.addresses[:], report: newReport()}

	began := time.Now()
	look := func() error {
		figures, err := s.figures()
		if err != nil {
			return err
		}
		sample := Sample{Elapsed: time.Since(began), Requests: l.done.Load(), Figures: figures}
		l.report.Samples = append(l.report.Samples, sample)
		if len(l.report.Samples) == 1 {
			fmt.Fprintf(o.Log, "%8s %10s %8s %10s %9s %10s\n", "time", "requests", "RSS MB", "heap KB", "objects", "goroutines")
		}
		fmt.Fprintln(o.Log, sample)
		return nil
	}
	if err := look(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var clients sync.WaitGroup
	for i := range o.Clients {
		clients.Go(func() { l.client(ctx, i) })
	}
	err = nil
	for i := 1; i < samples && err == nil; i++ {
		if err = l.until(ctx, o, began, i); err != nil {
			break
		}
		l.pause.Lock() // no request is under way
		err = look()
		l.pause.Unlock()
	}
	cancel()
	clients.Wait()
	if err != nil {
		return nil, err
	}
	l.report.Left, err = s.settled(l.report.Samples[0].Goroutines)
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
	addresses []string
	pause     sync.RWMutex // held for reading while a request is under way
	done      atomic.Int64
	failure   atomic.Pointer[error]

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
