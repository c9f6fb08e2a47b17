package loopback

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/sealjar/sealjar/bench/app"
	"github.com/sealjar/sealjar/bench/contender"
	"github.com/sealjar/sealjar/bench/measure"
)

// Result is what one server did with one page, a round each.
type Result struct {
	Name  string
	Path  string
	Loads []Load
}

// Best is the round with the most requests per second.
func (r *Result) Best() Load {
	best := r.Loads[0]
	for _, l := range r.Loads {
		if l.PerSecond > best.PerSecond {
			best = l
		}
	}
	return best
}

// Over is how many times as many requests per second r answered as other: by the best round of each, and by the median of
// the ratios within each round.
func (r *Result) Over(other *Result) (best, middle float64) {
	ratios := make([]float64, len(r.Loads))
	for i := range ratios {
		ratios[i] = r.Loads[i].PerSecond / other.Loads[i].PerSecond
	}
	return r.Best().PerSecond / other.Best().PerSecond, measure.Median(ratios)
}

// CPU is the median of the rounds, in microseconds for each request.
func (r *Result) CPU() float64 {
	var times []float64
	for _, l := range r.Loads {
		times = append(times, float64(l.CPU.Nanoseconds())/1000)
	}
	return measure.Median(times)
}

// P99 is the median of the rounds.
func (r *Result) P99() time.Duration {
	var times []float64
	for _, l := range r.Loads {
		times = append(times, float64(l.P99))
	}
	return time.Duration(measure.Median(times))
}

// Options say how long and with what to measure.
type Options struct {
	Rounds  int
	Slice   time.Duration // of one server and one page in one round
	Payload contender.Payload
	Node    string // folder of the application for Node
}

// Measure starts all servers, visits the pages of each in turn, round by round, and stops them. Peers that can't be started are
// left out, with a word about it.
func Measure(ctx context.Context, o Options, word func(string)) ([]Result, error) {
	servers, stop, err := startAll(o, word)
	defer stop()
	if err != nil {
		return nil, err
	}
	defer pinClient()()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var results []Result
	for _, path := range []string{app.Page, app.Read, app.Views} {
		for _, s := range servers {
			results = append(results, Result{Name: s.Name, Path: path})
		}
	}
	for round := range o.Rounds + 1 {
		length := o.Slice
		if round == 0 {
			length = min(length, 300*time.Millisecond) // the first is to warm up, and does not count
		}
		for i := range results {
			r := &results[(i+round)%len(results)]
			server := servers[((i+round)%len(results))%len(servers)]
			load, err := server.visit(r.Path, length)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err != nil {
				return nil, fmt.Errorf("loopback: %s: %s: %w", r.Name, r.Path, err)
			}
			if round > 0 {
				r.Loads = append(r.Loads, load)
			}
		}
	}
	return results, nil
}

// Names of the peers that are not written in Go.
const (
	ExpressMemory = "express-session, in memory"
	ExpressMySQL  = "express-session, express-mysql-session"
)

func startAll(o Options, word func(string)) (servers []*Server, stop func(), err error) {
	var db *database
	stop = func() {
		for _, s := range servers {
			s.stop()
		}
		if db != nil {
			db.stop()
		}
	}
	for _, a := range app.All(o.Payload) {
		s, err := startGo(a.Name)
		if err != nil {
			return servers, stop, err
		}
		servers = append(servers, s)
	}
	peer := func(name string, start func() (*Server, error)) {
		s, err := start()
		if err != nil {
			word(name + " is left out: " + err.Error())
			return
		}
		servers = append(servers, s)
	}
	payload := string(o.Payload.JSON)
	peer(ExpressMemory, func() (*Server, error) { return startNode(ExpressMemory, o.Node, payload, "") })
	peer(ExpressMySQL, func() (*Server, error) {
		var err error
		if db, err = startMariaDB(); err != nil {
			return nil, err
		}
		s, err := startNode(ExpressMySQL, o.Node, payload, db.socket)
		if err != nil {
			return nil, err
		}
		s.database = db
		return s, nil
	})
	return servers, stop, nil
}
