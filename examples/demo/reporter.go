package main

import (
	"context"
	"net/http"
	"time"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
)

// reporter tells the first process what the second one sees, in the order in which it happens.
type reporter struct {
	nodeSetup
	client *http.Client
	queue  chan report
}

func newReporter(setup nodeSetup) *reporter {
	return &reporter{nodeSetup: setup, client: &http.Client{Transport: &http.Transport{}}, queue: make(chan report, 1000)}
}

// tell drops what there is no room for rather than hold up a request.
func (r *reporter) tell(told report) {
	select {
	case r.queue <- told:
	default:
	}
}

func (r *reporter) line(l line)      { r.tell(report{Lines: []line{l}}) }
func (r *reporter) stale(stale bool) { r.tell(report{Stale: &stale}) }
func (r *reporter) keys(keys.Event)  { r.tell(report{Keys: true}) }

func (r *reporter) learned(entries []revocation.Entry) {
	var told report
	for _, e := range entries {
		told.Learned = append(told.Learned, learned{revocation.Name{Kind: e.Kind, Name: e.Name}, time.Now()})
	}
	r.tell(told)
}

func (r *reporter) run(ctx context.Context) {
	defer r.client.CloseIdleConnections()
	for {
		select {
		case told := <-r.queue:
			_ = post(ctx, r.client, r.Backstage+"report", r.Secret, told, nil)
		case <-ctx.Done():
			return
		}
	}
}
