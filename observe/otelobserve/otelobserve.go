// Package otelobserve counts what happens to sealjar's sessions for OpenTelemetry.
//
//	observe, err := otelobserve.New(otelobserve.Options{Keys: ring})
//	...
//	jar, err := sealjar.New[State](sealjar.Options{Keys: ring, Observe: observe})
//
// # Metrics
//
//	sealjar.session.events        counter    {event}  what became of sessions; attributes cookie, event, reason
//	sealjar.cookie.size           histogram  By       of each session that was sealed: its cookies, or a token; attribute cookie
//	sealjar.revocation.staleness  gauge      s        since the list's last complete read of its store
//	sealjar.key.age               gauge      s        for how long the sealing key has sealed; not there if its dates are not known
//
// The attributes are sealjar.cookie, sealjar.event and sealjar.reason; the last is not there if nothing went wrong. The
// cookie is the name of the jar's cookie, so that all jars of a program can share one observer. The event is opened,
// refused, twins, sealed, renewed, ended, unwritten or uncached, as the kinds of [sealjar.Event] say; renewed is a
// cookie that only has the session live on, or under a newer key. The reasons are those of package promobserve, and its
// page says what they mean.
//
// No attribute names a session, a subject or a key: there are at most about 30 counters a cookie, whoever sends what. What is
// counted carries the request's context, so that exemplars lead to its trace.
package otelobserve

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/internal/observed"
	"github.com/sealjar/sealjar/keys"
)

// Options says what is measured, and for whom. The zero value is valid.
type Options struct {
	// MeterProvider makes the metrics. Nil means OpenTelemetry's global one.
	MeterProvider metric.MeterProvider

	// Keys, if not nil, is where the age of the sealing key comes from: what sealjar.Options.Keys has.
	Keys keys.Source

	// Staleness, if not nil, is how old is what the revocation list knows. For a *revocation.List, it is
	// func() time.Duration { return list.Status().Staleness }.
	Staleness func() time.Duration
}

// New makes the metrics and returns what sealjar.Options.Observe wants, for one jar or for several. An error is the
// MeterProvider's.
func New(o Options) (func(sealjar.Event), error) {
	if o.MeterProvider == nil {
		o.MeterProvider = otel.GetMeterProvider()
	}
	meter := o.MeterProvider.Meter("github.com/sealjar/sealjar/observe/otelobserve")
	events, err1 := meter.Int64Counter("sealjar.session.events", metric.WithUnit("{event}"),
		metric.WithDescription("What became of sessions, and why."))
	sizes, err2 := meter.Int64Histogram("sealjar.cookie.size", metric.WithUnit("By"),
		metric.WithDescription("Sizes of sessions that were sealed: their cookies, names and values, or a token."),
		metric.WithExplicitBucketBoundaries(observed.Buckets...))
	err := errors.Join(err1, err2)
	if o.Staleness != nil {
		err = errors.Join(err, gauge(meter, "sealjar.revocation.staleness", "Time since the revocation list's last complete read of its store.",
			func() (time.Duration, bool) { return o.Staleness(), true }))
	}
	if o.Keys != nil {
		err = errors.Join(err, gauge(meter, "sealjar.key.age", "For how long the sealing key has sealed.",
			func() (time.Duration, bool) { return observed.KeyAge(o.Keys, time.Now()) }))
	}
	if err != nil {
		return nil, fmt.Errorf("otelobserve: %w", err)
	}
	return func(e sealjar.Event) {
		cookie := attribute.String("sealjar.cookie", e.Cookie)
		event, reason := observed.Labels(e)
		attributes := []attribute.KeyValue{cookie, attribute.String("sealjar.event", event)}
		if reason != "" {
			attributes = append(attributes, attribute.String("sealjar.reason", reason))
		}
		events.Add(e.Context, 1, metric.WithAttributes(attributes...))
		if e.Kind == sealjar.EventSealed {
			sizes.Record(e.Context, int64(e.Size), metric.WithAttributes(cookie))
		}
	}, nil
}

func gauge(meter metric.Meter, name, description string, value func() (time.Duration, bool)) error {
	_, err := meter.Float64ObservableGauge(name, metric.WithUnit("s"), metric.WithDescription(description),
		metric.WithFloat64Callback(func(_ context.Context, to metric.Float64Observer) error {
			if d, known := value(); known {
				to.Observe(d.Seconds())
			}
			return nil
		}))
	return err
}
