package proof

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/sealjar/sealjar/keys"
)

// Wall is the clock of a test, by which all its processes live. It goes fast, and it waits for who is late: on a machine that
// has other things to do, everything takes longer, and no node or visitor misses by that clock what it would not have missed.
type Wall struct {
	began time.Time
	file  *os.File // the time since then, and of each node when it last looked for keys

	mu    sync.Mutex
	now   time.Duration // since it began
	holds int
	paces map[*Pace]struct{}
}

const (
	seats    = 8
	tick     = time.Millisecond
	behindBy = 8 * time.Second // how far a node that looks for keys may be behind
)

// NewWall starts a clock for as long as t runs.
func NewWall(t testing.TB) *Wall {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(t.TempDir(), "clock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		_, err = file.Write(make([]byte, 8*(seats+1)))
	}
	if err != nil {
		t.Fatal(err)
	}
	w := &Wall{began: time.Now(), file: file, paces: make(map[*Pace]struct{})}
	done := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() { w.run(t, done) })
	t.Cleanup(func() {
		close(done)
		running.Wait()
		_ = file.Close()
	})
	return w
}

func (w *Wall) run(t testing.TB, done <-chan struct{}) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	moved := time.Now()
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
		}
		if w.move() {
			moved = time.Now()
		} else if time.Since(moved) > 2*patience {
			t.Error("somebody is late and does not come")
			return
		}
	}
}

// move lets the clock go on by one tick, if nobody is late. A process that was stopped does not make up for it.
func (w *Wall) move() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := w.now + tick*Speed
	for p := range w.paces {
		if next > p.last+p.most {
			return false
		}
	}
	for seat := 1; seat <= seats; seat++ {
		if looked := get(w.file, seat); looked != 0 && next > looked+behindBy {
			return false
		}
	}
	if w.holds > 0 {
		return true // it was asked to stand
	}
	w.now = next
	put(w.file, 0, next)
	return true
}

// Now tells the time.
func (w *Wall) Now() time.Time { return w.began.Add(w.Elapsed()) }

// Elapsed is how long the clock has run.
func (w *Wall) Elapsed() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Sleep returns when so much time has passed by this clock, or the test has failed.
func (w *Wall) Sleep(t testing.TB, d time.Duration) {
	for end := w.Elapsed() + d; w.Elapsed() < end && !t.Failed(); {
		time.Sleep(tick)
	}
}

// Hold stops the clock. It goes on when release was called as often.
func (w *Wall) Hold() (release func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.holds++
	return sync.OnceFunc(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.holds--
	})
}

// Pace is somebody for whom the clock waits.
type Pace struct {
	wall       *Wall
	last, most time.Duration
}

// Pace has the clock wait for somebody who calls Since again and again, so that it is never further than most from there.
func (w *Wall) Pace(most time.Duration) *Pace {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := &Pace{w, w.now, most}
	w.paces[p] = struct{}{}
	return p
}

// Since says what the clock is to count from: a time of [Wall.Elapsed].
func (p *Pace) Since(elapsed time.Duration) {
	p.wall.mu.Lock()
	defer p.wall.mu.Unlock()
	p.last = elapsed
}

// End has the clock wait no more.
func (p *Pace) End() {
	p.wall.mu.Lock()
	defer p.wall.mu.Unlock()
	delete(p.wall.paces, p)
}

// Clock is the clock of a node, which is ahead by skew. Where the node has a seat, from 0 on, the clock waits for it while it
// looks for keys, until [Wall.Leave].
func (w *Wall) Clock(seat int, skew time.Duration) Clock {
	return Clock{Path: w.file.Name(), Seat: seat + 1, Began: w.began, Skew: skew}
}

// Leave says that the node of a seat is no more.
func (w *Wall) Leave(seat int) { put(w.file, seat+1, 0) }

// Clock is what a node is told of its clock.
type Clock struct {
	Path  string
	Seat  int
	Began time.Time
	Skew  time.Duration
}

// Open returns what tells the time, for as long as the process lives.
func (c Clock) Open() (now func() time.Time, err error) {
	file, err := os.Open(c.Path)
	if err != nil {
		return nil, err
	}
	return func() time.Time { return c.Began.Add(get(file, 0) + c.Skew) }, nil
}

// Sit has the clock of the test wait for the node, which is about to look for keys: what it finds must not be old when it
// begins to [Clock.Follow].
func (c Clock) Sit() error {
	file, err := os.OpenFile(c.Path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	put(file, c.Seat, max(1, get(file, 0)))
	return nil
}

// Follow tells the test, for as long as the process lives, when the node last had the latest keys.
func (c Clock) Follow(source interface{ Status() keys.Status }) error {
	file, err := os.OpenFile(c.Path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	go func() {
		for ; ; time.Sleep(5 * time.Millisecond) {
			put(file, c.Seat, max(1, source.Status().Checked.Sub(c.Began)-c.Skew))
		}
	}()
	return nil
}

// The file has eight bytes for each time, so that nobody reads half of one.

func get(file *os.File, i int) time.Duration {
	var b [8]byte
	_, _ = file.ReadAt(b[:], int64(8*i))
	return time.Duration(binary.NativeEndian.Uint64(b[:]))
}

func put(file *os.File, i int, d time.Duration) {
	var b [8]byte
	binary.NativeEndian.PutUint64(b[:], uint64(d))
	_, _ = file.WriteAt(b[:], int64(8*i))
}
