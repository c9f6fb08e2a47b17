package sealjar

import (
	"context"
	"errors"
	"log/slog"

	"github.com/sealjar/sealjar/spill"
)

// EventKind is what happened.
type EventKind string

const (
	// EventOpened : a request brought a good session.
	EventOpened EventKind = "opened"
	// EventRefused : a request brought a cookie that was not accepted; Err says why. Whose it was is known only if its
	// token was good. Or the list refused what the handler asked for, in [Session.SignIn], [Session.Renew],
	// [Jar.EndOthers] or [Jar.Seal]: Subject is then who was to be signed in.
	EventRefused EventKind = "refused"
	// EventTwins : a request brought several cookies of the jar's name, of which the newest good one counts. Another
	// application on this site uses the name, somebody plants cookies, or the jar's Domain or Path was changed. The
	// next cookie that is written deletes the others as far as the options tell of them: those of the host and those of
	// [Cookie].Domain, with Path=/ and [Cookie].Path. If the jar has sealed several, as with other options on an earlier day,
	// [Session.End] deletes those of up to three parent domains of the request's Host and three levels of its path too: without a
	// list they would sign in again.
	EventTwins EventKind = "twins"
	// EventSealed : a response carries a new cookie of Size bytes, or [Jar.Seal] has made a token.
	EventSealed EventKind = "sealed"
	// EventEnded : a session was ended by [Session.End], or left by [Session.Renew] or [Session.SignIn], or a subject's
	// sessions by [Jar.EndAll]. If Err is not nil, the revocation was not recorded, or the session not deleted from the
	// store of [Options].Spill.
	EventEnded EventKind = "ended"
	// EventUnwritten : a session was changed, taken over or due for renewal, and no cookie was written, or it was not
	// prolonged or told to the other system of [Options].Takeover because that does not answer; Err says why.
	EventUnwritten EventKind = "unwritten"
	// EventUncached : the handler had allowed caches to keep a response that carries a session's cookie. It was overruled.
	EventUncached EventKind = "uncached"
)

// Event tells what became of a session. It holds no byte of a token and no data of the application.
type Event struct {
	Kind EventKind
	// Cookie is the name of the jar's cookie.
	Cookie string
	// Err says why, if something was refused or failed.
	Err error
	// SessionID, Subject and KeyID name the session, as far as they are known.
	SessionID, Subject, KeyID string
	// Size is the number of bytes of the cookie, name and value, or of the token, in EventSealed, and Limit how many it
	// may have. From 80 % of that on the log warns.
	Size, Limit int
	// Row is, in EventSealed, the number of bytes that were written into the store of [Options].Spill, and RowLimit how
	// many they may be. The log warns from 80 % of that on, too.
	Row, RowLimit int
	// Renewal says, in EventSealed and EventUnwritten, that the session is as it was: the cookie makes it live on, or has it
	// under a newer key. Otherwise it was changed.
	Renewal bool
	// Migrated says in EventOpened that the data went through [Options].Migrate.
	Migrated bool
	// TakenOver says in EventOpened that the session comes from [Options].Takeover.
	TakenOver bool
	// Context is the request's.
	Context context.Context
}

// level is how loud an event is in the log. Strangers can send bad cookies all day, so those do not shout.
func (e *Event) level() slog.Level {
	switch {
	case e.Kind == EventUncached, e.Kind == EventSealed && (e.Size*5 >= e.Limit*4 || e.Row > 0 && e.Row*5 >= e.RowLimit*4):
		return slog.LevelWarn
	case errors.Is(e.Err, ErrUnavailable), e.Kind == EventEnded && e.Err != nil:
		return slog.LevelError
	case e.Kind == EventUnwritten && errors.Is(e.Err, spill.ErrGone) && !e.Renewal:
		return slog.LevelWarn // a change was lost, with its session
	case e.Kind == EventUnwritten && errors.Is(e.Err, ErrInvalid):
		return slog.LevelInfo // the request's header was refused
	case e.Kind == EventUnwritten && errors.Is(e.Err, ErrExpired) && !e.Renewal:
		return slog.LevelWarn // a change was lost
	case e.Kind == EventUnwritten && !errors.Is(e.Err, ErrRevoked) && !errors.Is(e.Err, ErrExpired):
		return slog.LevelError
	case e.Kind == EventTwins, e.Kind == EventRefused && !errors.Is(e.Err, ErrExpired):
		return slog.LevelInfo
	}
	return slog.LevelDebug
}

// note keeps an event until no lock is held: a logger that looks into the session of its context must not wait for itself.
func (s *record) note(e Event) {
	if e.Context == nil {
		e.Context = s.ctx
	}
	s.events = append(s.events, e)
}

// refused tells that the list has refused what was to become of the session.
func (s *record) refused(ctx context.Context, subject string, err error) error {
	s.note(Event{Kind: EventRefused, Err: err, SessionID: s.id, Subject: subject, KeyID: s.claims.KeyID, Context: ctx})
	return err
}

// unlock lets go of the lock and tells what was noted.
func (s *record) unlock() {
	events := s.events
	s.events = nil
	s.mu.Unlock()
	for _, e := range events {
		s.config.emit(e)
	}
}

// tell tells what was noted by a method that does not do so itself.
func (s *record) tell() {
	s.mu.Lock()
	s.unlock()
}

func (c *config) emit(e Event) {
	e.Cookie = c.cookie.name
	if c.observe != nil {
		c.observe(e)
	}
	level := e.level()
	if !c.logger.Enabled(e.Context, level) {
		return
	}
	attrs := []slog.Attr{slog.String("cookie", e.Cookie)}
	for _, a := range []struct{ name, value string }{{"sid", e.SessionID}, {"sub", e.Subject}, {"kid", e.KeyID}} {
		if a.value != "" {
			attrs = append(attrs, slog.String(a.name, a.value))
		}
	}
	if e.Size != 0 {
		attrs = append(attrs, slog.Int("size", e.Size), slog.Int("limit", e.Limit))
	}
	if e.Row != 0 {
		attrs = append(attrs, slog.Int("row", e.Row), slog.Int("row_limit", e.RowLimit))
	}
	if e.Migrated {
		attrs = append(attrs, slog.Bool("migrated", true))
	}
	if e.TakenOver {
		attrs = append(attrs, slog.Bool("taken_over", true))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("err", e.Err.Error()))
	}
	c.logger.LogAttrs(e.Context, level, "session "+string(e.Kind), attrs...)
}
