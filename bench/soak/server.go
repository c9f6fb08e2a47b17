package soak

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"
)

// Server is what is kept busy: the demo, or what answers like it.
type Server struct {
	URLs [2]string // of the application under net/http and under Echo; each ends with a slash
	PID  int       // of its process; 0 if that is none of its own
}

// Figures are what a server needs of the machine at one moment, after a garbage collection, and how often it has failed.
type Figures struct {
	RSS        uint64 // bytes; 0 where that can't be told
	Heap       uint64 // bytes that are in use
	Objects    uint64
	Goroutines int
	Failed     int64 // answers with a 5xx, as the server counts them
}

func (s Server) figures(ctx context.Context) (f Figures, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URLs[0]+"demo/process", nil)
	if err != nil {
		return f, err
	}
	r.Close = true // so that the one who asks is the same goroutines each time
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return f, fmt.Errorf("soak: the server does not tell its figures: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return f, fmt.Errorf("soak: the server tells %s in place of its figures", response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(&f); err != nil {
		return f, fmt.Errorf("soak: the server's figures: %w", err)
	}
	f.RSS = rss(s.PID)
	return f, nil
}

func rss(pid int) uint64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	var size, resident uint64
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		return 0
	}
	return resident * uint64(os.Getpagesize())
}

// settled waits until the server has no more goroutines than before, and returns how many there are. It gives up after
// the patience.
func (s Server) settled(ctx context.Context, before int, patience time.Duration) (int, error) {
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		f, err := s.figures(ctx)
		if err != nil || f.Goroutines <= before || time.Now().After(deadline) {
			return f.Goroutines, err
		}
	}
}
