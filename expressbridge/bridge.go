package expressbridge

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/sealjar/sealjar/takeover"
)

// bridge is the source that a jar asks.
type bridge[T any] struct{ Options[T] }

// New checks the options and makes a bridge for [sealjar.Options].Takeover. T is the type of the jar's data. The error
// names the field that is wrong. It starts nothing, and does not use the database.
func New[T any](options Options[T]) (takeover.Source, error) {
	options.Secrets = slices.Clone(options.Secrets)
	if err := options.complete(); err != nil {
		return nil, err
	}
	return &bridge[T]{options}, nil
}

// derive makes the new session's id of the old one and its subject, so that requests that are taken over at the same
// time have one session, and one that was revoked stays so. Whoever signs in there under an id that stays the same gets
// another one here, as with SignIn. No secret is in it: nodes may know different ones while they change, and who knows
// an id can't sign it.
func derive(sid, subject string) string {
	sum := sha256.Sum256([]byte("sealjar expressbridge sid\x00" + sid + "\x00" + subject)) // no sid has a zero byte
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// bounded keeps to Options.Timeout. A client that hangs up must not look like a database that does not answer.
func (b *bridge[T]) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), b.Timeout)
}

// errSignature says nothing of the cookie.
var errSignature = fmt.Errorf("%w: no secret has signed the cookie", takeover.ErrRefused)

func (b *bridge[T]) Find(ctx context.Context, r *http.Request, now time.Time) (takeover.Session, error) {
	sids, any := b.sids(r.Header)
	if !any {
		return takeover.Session{}, takeover.ErrNone
	}
	ctx, cancel := b.bounded(ctx)
	defer cancel()
	reason := errSignature
	for _, sid := range sids {
		found, err := b.find(ctx, sid, now)
		switch {
		case err == nil:
			return found, nil
		case errors.Is(err, takeover.ErrNone) || errors.Is(err, takeover.ErrEnded) || errors.Is(err, takeover.ErrRefused):
			reason = err
		case b.OnFailure == Anonymous:
			return takeover.Session{}, fmt.Errorf("%w: %w", takeover.ErrPassedOver, err)
		default:
			return takeover.Session{}, err
		}
	}
	return takeover.Session{}, reason
}

func (b *bridge[T]) find(ctx context.Context, sid string, now time.Time) (takeover.Session, error) {
	old, session, err := b.read(ctx, sid, now)
	if err != nil {
		return takeover.Session{}, err
	}
	data, err := json.Marshal(session.Data)
	if err != nil {
		return takeover.Session{}, fmt.Errorf("%w: its data can't be encoded: %T", takeover.ErrRefused, err)
	}
	found := takeover.Session{
		ID: derive(sid, session.Subject), Subject: session.Subject, Methods: session.Methods, Groups: session.Groups, Data: data,
		AuthTime: session.AuthTime, Expiry: old.Expires, Remember: session.Remember,
	}
	switch b.Mode {
	case SideBySide:
		found.Link, found.Parallel = b.beside(sid, old.MaxAge).String(), true
	case AfterGrace:
		found.Link = link{grace, min(old.Expires.Unix(), now.Add(b.Grace).Unix()), sid}.String()
	}
	return found, nil
}

// errOther says that the row is another user's by now.
var errOther = fmt.Errorf("%w: its row belongs to another subject", takeover.ErrEnded)

func (b *bridge[T]) Alive(ctx context.Context, name, subject string, now time.Time) (string, error) {
	l, ok := parseLink(name)
	switch {
	case !ok:
		return "", nil // of another bridge
	case l.kind == grace && now.Before(l.until()):
		return name, nil
	case l.kind == grace:
		return "", nil
	}
	ctx, cancel := b.bounded(ctx)
	defer cancel()
	when := now
	if b.Mode != SideBySide {
		when = time.Time{} // a row that has expired has lasted: it may be that a response was lost which let it
	}
	old, session, err := b.read(ctx, l.sid, when)
	if errors.Is(err, takeover.ErrNone) {
		err = nil // nobody is signed in there
	}
	switch {
	case err != nil:
		return "", err
	case session.Subject != subject:
		return "", errOther
	case b.Mode != SideBySide && !now.Before(old.Expires):
		return "", nil
	case b.Mode != SideBySide:
		return link{grace, min(old.Expires.Unix(), now.Add(b.Grace).Unix()), l.sid}.String(), nil // Node.js has been switched off
	}
	if l.kind == fromHere {
		l.n = seconds(b.lives(old.MaxAge))
		return l.String(), nil
	}
	return b.beside(l.sid, old.MaxAge).String(), nil
}

// Lives is for the jar to ask in time: see [takeover.Source].
func (b *bridge[T]) Lives(r *http.Request, name string) time.Duration {
	l, ok := parseLink(name)
	if !ok || l.kind == grace {
		return 0
	}
	if sids, _ := b.sids(r.Header); b.Mode == SideBySide && len(sids) > 0 && !slices.Contains(sids, l.sid) {
		return -1 // to be asked soon: somebody else may have signed in there
	}
	return time.Duration(l.n) * time.Second
}

func (b *bridge[T]) Sealed(ctx context.Context, h http.Header, s takeover.Sealed) error {
	ctx, cancel := b.bounded(ctx)
	defer cancel()
	l, linked := parseLink(s.Link)
	var err error
	switch {
	case s.Taken && b.Mode == AtOnce:
		err = b.delete(ctx, s.Request, "")
	case !linked:
		return nil
	case l.kind == grace:
		if !s.Taken && !s.Asked {
			return nil
		}
		err = b.Rows.Update(ctx, l.sid, nil, l.until())
	case s.Begun:
		b.set(h, l, s.Now)
		return nil
	case s.Changed && l.kind == fromHere && b.Back != nil:
		if s.Active {
			b.prolong(h, l, s)
		}
		return b.rewrite(ctx, l, s)
	case s.Active && (s.Taken || s.Asked):
		b.prolong(h, l, s)
		return b.Rows.Update(ctx, l.sid, nil, l.end(s.Now))
	default:
		return nil
	}
	if err != nil {
		return fmt.Errorf("expressbridge: removing a session that was taken over: %w", err) // and the cookie stays, for End to find the row
	}
	b.Clear(h, s.Request)
	return nil
}

func (b *bridge[T]) End(ctx context.Context, r *http.Request, name string) error {
	ctx, cancel := b.bounded(ctx)
	defer cancel()
	l, _ := parseLink(name)
	if err := b.delete(ctx, r, l.sid); err != nil {
		return fmt.Errorf("expressbridge: deleting a session: %w", err)
	}
	return nil
}

// delete removes the rows that a request's cookies name, and another one.
func (b *bridge[T]) delete(ctx context.Context, r *http.Request, another string) error {
	sids, _ := b.sids(r.Header)
	if another != "" && !slices.Contains(sids, another) {
		sids = append(sids, another)
	}
	var failed error
	for _, sid := range sids {
		failed = errors.Join(failed, b.Rows.Delete(ctx, sid))
	}
	return failed
}
