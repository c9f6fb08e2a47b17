package keys

import (
	"context"
	"log/slog"
	"time"
)

// EventKind is what happened to the keys of a [File] or a [Rotator].
type EventKind string

const (
	// EventLoaded : another ring is in use, or the one in use was found again after a failure.
	EventLoaded EventKind = "loaded"
	// EventRefused : the new state of the keys was not accepted; Err says why. The ring stays as it was.
	EventRefused EventKind = "refused"
	// EventRolledBack : a ring with a lower version is in use, as [File.AcceptRollback] allowed.
	EventRolledBack EventKind = "rolled back"
	// EventRotated : this process has written the next ring to the store.
	EventRotated EventKind = "rotated"
	// EventWarning : something is wrong with the ring in use, or will be; Warning says what.
	EventWarning EventKind = "warning"
)

// Event tells of keys. It holds no secret.
type Event struct {
	Kind EventKind
	// Source is the path of the key file, or "store".
	Source string
	// Version is that of the ring in use.
	Version int64
	// Err says why, in EventRefused.
	Err error
	// Warning says what, in EventWarning.
	Warning Warning
}

func (e *Event) level() slog.Level {
	switch e.Kind {
	case EventRefused:
		return slog.LevelError
	case EventWarning, EventRolledBack:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

func (e *Event) log(logger *slog.Logger) {
	attrs := []slog.Attr{slog.String("source", e.Source), slog.Int64("version", e.Version)}
	if e.Err != nil {
		attrs = append(attrs, slog.String("err", e.Err.Error()))
	}
	if w := e.Warning; w.Text != "" {
		attrs = append(attrs, slog.String("warning", w.Text), slog.Time("at", w.At))
		if w.KeyID != "" {
			attrs = append(attrs, slog.String("kid", w.KeyID))
		}
	}
	logger.LogAttrs(context.Background(), e.level(), "keys "+string(e.Kind), attrs...)
}

// Status says how the keys of a [File] or a [Rotator] are, for health checks.
type Status struct {
	// Version is that of the ring in use, KeyIDs are its keys, and Sealing is the one that seals now, empty if none does.
	Version int64
	KeyIDs  []string
	Sealing string
	// Changed is when the ring in use was taken over. Checked is when it was last known to be the latest.
	Changed, Checked time.Time
	// Err says why the last look failed, nil if it succeeded.
	Err error
	// Seals is how many tokens this process has sealed under each key.
	Seals map[string]uint64
}

// Age is for how long nobody has known whether the ring in use is the latest.
func (s Status) Age(now time.Time) time.Duration { return now.Sub(s.Checked) }
