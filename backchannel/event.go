package backchannel

import (
	"context"
	"log/slog"
	"time"

	"github.com/sealjar/sealjar/revocation"
)

// Logout is what a logout token says whose signature was good (section 2.4).
type Logout struct {
	// Issuer is the provider.
	Issuer string
	// Subject and SessionID are whom to sign out, as the provider names them (sub, sid). One may be empty, not both.
	Subject, SessionID string
	// TokenID is the token's jti.
	TokenID string
	// IssuedAt is when the provider made the token.
	IssuedAt time.Time
}

// EventKind is what became of a request.
type EventKind string

const (
	// EventEnded : the sessions that bear Names were ended.
	EventEnded EventKind = "ended"
	// EventRepeated : the token had been here before, and nothing was to be done.
	EventRepeated EventKind = "repeated"
	// EventRefused : the request was not a good logout token. Err says why. Logout is empty unless the signature was good.
	EventRefused EventKind = "refused"
	// EventFailed : the token may be good, but the keys could not be had or the revocation was not recorded, which Err says. The
	// provider was asked to try again.
	EventFailed EventKind = "failed"
)

// Event tells an auditor what a provider has asked for, and what became of it. It holds no byte of a token but its claims.
type Event struct {
	Kind   EventKind
	Logout Logout
	Names  []revocation.Name // in EventEnded
	Err    error
	// Context is the request's.
	Context context.Context
}

// level is how loud an event is in the log. Anybody can post nonsense, so that does not shout.
func (e *Event) level() slog.Level {
	if e.Kind == EventFailed {
		return slog.LevelError
	}
	return slog.LevelInfo
}

func (h *Handler) emit(e Event) {
	if h.o.Observe != nil {
		h.o.Observe(e)
	}
	level := e.level()
	if !h.o.Logger.Enabled(e.Context, level) {
		return
	}
	var attrs []slog.Attr
	for _, a := range []struct{ name, value string }{
		{"iss", e.Logout.Issuer}, {"sub", e.Logout.Subject}, {"sid", e.Logout.SessionID}, {"jti", e.Logout.TokenID},
	} {
		if a.value != "" {
			attrs = append(attrs, slog.String(a.name, a.value))
		}
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("err", e.Err.Error()))
	}
	h.o.Logger.LogAttrs(e.Context, level, "back-channel logout "+string(e.Kind), attrs...)
}
