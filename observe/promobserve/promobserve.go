// Package promobserve counts what happens to sealjar's sessions for Prometheus.
//
//	observe, err := promobserve.New(promobserve.Options{Registerer: prometheus.DefaultRegisterer, Keys: ring})
//	...
//	jar, err := sealjar.New[State](sealjar.Options{Keys: ring, Observe: observe})
//
// # Metrics
//
//	sealjar_session_events_total          counter    what became of sessions; labels cookie, event, reason
//	sealjar_cookie_size_bytes             histogram  of each session that was sealed: its cookies, or a token; label cookie
//	sealjar_revocation_staleness_seconds  gauge      since the list's last complete read of its store
//	sealjar_key_age_seconds               gauge      for how long the sealing key has sealed; NaN if its dates are not known
//
// The label cookie is the name of the jar's cookie, so that all jars of a program can share one observer. The label
// event is opened, refused, twins, sealed, renewed, ended, unwritten or uncached, as the kinds of [sealjar.Event] say;
// renewed is a cookie that only has the session live on, or under a newer key. The label reason is empty, or why
// something was refused, unwritten, or ended in the cookie alone:
//
//	invalid       no token of ours, or not any more        expired       idle or alive for too long
//	unknown_key   under a key that the ring does not hold  key_expired   under a key that has expired
//	revoked       ended before its time                    unavailable   nobody can tell now whether it was revoked
//	too_large     does not fit into its cookie             headers_sent  changed after the header had left
//	not_recorded  ended, and a copy of the cookie lives    other         the log says it
//
// No label names a session, a subject or a key: there are at most about 30 counters a cookie, whoever sends what.
package promobserve

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/internal/observed"
	"github.com/sealjar/sealjar/keys"
)

// Options says what is measured, and for whom.
type Options struct {
	// Registerer gets the metrics. Required.
	Registerer prometheus.Registerer

	// Keys, if not nil, is where the age of the sealing key comes from: what sealjar.Options.Keys has.
	Keys keys.Source

	// Staleness, if not nil, is how old is what the revocation list knows. For a *revocation.List, it is
	// func() time.Duration { return list.Status().Staleness }.
	Staleness func() time.Duration
}

// New registers the metrics and returns what sealjar.Options.Observe wants, for one jar or for several. An error names the field
// that is wrong, or comes from the Registerer, with which each metric can be registered once.
func New(o Options) (func(sealjar.Event), error) {
	if o.Registerer == nil {
		return nil, errors.New("promobserve: Options.Registerer is missing")
	}
	events := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sealjar_session_events_total", Help: "What became of sessions, and why.",
	}, []string{"cookie", "event", "reason"})
	sizes := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "sealjar_cookie_size_bytes", Help: "Sizes of sessions that were sealed: their cookies, names and values, or a token.", Buckets: observed.Buckets,
	}, []string{"cookie"})
	metrics := []prometheus.Collector{events, sizes}
	if o.Staleness != nil {
		metrics = append(metrics, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "sealjar_revocation_staleness_seconds", Help: "Time since the revocation list's last complete read of its store.",
		}, func() float64 { return o.Staleness().Seconds() }))
	}
	if o.Keys != nil {
		metrics = append(metrics, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "sealjar_key_age_seconds", Help: "For how long the sealing key has sealed.",
		}, func() float64 {
			if age, known := observed.KeyAge(o.Keys, time.Now()); known {
				return age.Seconds()
			}
			return math.NaN()
		}))
	}
	for _, m := range metrics {
		if err := o.Registerer.Register(m); err != nil {
			return nil, fmt.Errorf("promobserve: %w", err)
		}
	}
	return func(e sealjar.Event) {
		event, reason := observed.Labels(e)
		events.WithLabelValues(e.Cookie, event, reason).Inc()
		if e.Kind == sealjar.EventSealed {
			sizes.WithLabelValues(e.Cookie).Observe(float64(e.Size))
		}
	}, nil
}
