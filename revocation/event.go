package revocation

import (
	"context"
	"log/slog"
)

// EventKind is what happened to a list.
type EventKind string

const (
	// EventRevoked : this process has recorded Entry, or has failed to, which Err says.
	EventRevoked EventKind = "revoked"
	// EventLoaded : all Count entries were read, at the start or because the store did not know the place from which to go on.
	EventLoaded EventKind = "loaded"
	// EventStale : the list can't tell any more who was revoked. Err says why, as far as it is known.
	EventStale EventKind = "stale"
	// EventRecovered : it can tell again.
	EventRecovered EventKind = "recovered"
	// EventFailed : the store did not answer as it should. The list tries again.
	EventFailed EventKind = "failed"
	// EventResync : the store does not know the place from which to go on. Everything is read again.
	EventResync EventKind = "resync"
	// EventRestored : the store had lost Count entries that this process knew, and they were written back.
	EventRestored EventKind = "restored"
	// EventSwept : Count expired entries were deleted from the store.
	EventSwept EventKind = "swept"
)

// Event tells an operator or an auditor what became of a list. It holds no byte of a token.
type Event struct {
	Kind  EventKind
	Entry Entry // in EventRevoked
	Count int
	Err   error
	// Context is the caller's in EventRevoked, where the application may have put who it was, and Run's otherwise.
	Context context.Context
}

func (e *Event) level() slog.Level {
	switch {
	case e.Kind == EventStale, e.Kind == EventRevoked && e.Err != nil:
		return slog.LevelError
	case e.Kind == EventFailed, e.Kind == EventResync, e.Kind == EventRestored:
		return slog.LevelWarn
	case e.Kind == EventSwept:
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// observer is where events go.
type observer struct {
	observe func(Event)
	logger  *slog.Logger
}

func newObserver(observe func(Event), logger *slog.Logger) observer {
	if logger == nil {
		logger = slog.Default()
	}
	return observer{observe, logger}
}

func (o *observer) emit(e Event) {
	if o.observe != nil {
		o.observe(e)
	}
	level := e.level()
	if !o.logger.Enabled(e.Context, level) {
		return
	}
	var attrs []slog.Attr
	if e.Kind == EventRevoked {
		attrs = append(attrs, slog.String("kind", string(e.Entry.Kind)), slog.String("name", e.Entry.Name),
			slog.Time("cutoff", e.Entry.Cutoff), slog.Time("until", e.Entry.Until), slog.String("reason", e.Entry.Reason))
	}
	if e.Count != 0 {
		attrs = append(attrs, slog.Int("count", e.Count))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("err", e.Err.Error()))
	}
	o.logger.LogAttrs(e.Context, level, "revocation "+string(e.Kind), attrs...)
}
