package sealjar

import (
	"context"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/sealjar/sealjar/internal/typedjson"
)

// Jar gives each request its session, whose data has the type T, and keeps it in one cookie. It is safe for
// concurrent use.
//
// T is encoded as JSON. A struct is the natural choice: exported fields are kept, and a field that is added or taken away
// later is no trouble for the sessions that live.
type Jar[T any] struct {
	config *config
	fresh  func() T // an empty T that a handler can write to
	zero   []byte   // the JSON of that
	reader *typedjson.Decoder
}

// New checks the options and makes a jar. The error names the option that is wrong. It starts nothing.
func New[T any](options Options) (*Jar[T], error) {
	config, err := newConfig(options)
	if err != nil {
		return nil, err
	}
	j := &Jar[T]{config: config, fresh: freshOf[T](), reader: typedjson.NewDecoder(reflect.TypeFor[T]())}
	zero := j.fresh()
	if j.zero, err = json.Marshal(&zero); err != nil {
		return nil, fmt.Errorf("sealjar: a session can't hold %s: %w", reflect.TypeFor[T](), err)
	}
	var again T
	if err := json.Unmarshal(j.zero, &again); err != nil {
		return nil, fmt.Errorf("sealjar: a session can't hold %s: %w", reflect.TypeFor[T](), err)
	}
	if hidesAll(reflect.TypeFor[T]()) {
		return nil, fmt.Errorf("sealjar: a session can't hold %s: it has no exported field, so nothing of it would be kept",
			reflect.TypeFor[T]())
	}
	return j, nil
}

// freshOf spares handlers the nil map and the nil pointer.
func freshOf[T any]() func() T {
	switch t := reflect.TypeFor[T](); t.Kind() {
	case reflect.Map:
		return func() T { return reflect.MakeMap(t).Interface().(T) }
	case reflect.Pointer:
		return func() T { return reflect.New(t.Elem()).Interface().(T) }
	}
	return func() (t T) { return t }
}

// hidesAll reports whether t is a struct that has fields of which JSON would write none.
func hidesAll(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t.NumField() == 0 {
		return false
	}
	for _, own := range []reflect.Type{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[encoding.TextMarshaler]()} {
		if reflect.PointerTo(t).Implements(own) {
			return false
		}
	}
	for field := range t.Fields() {
		if (field.IsExported() || field.Anonymous) && field.Tag.Get("json") != "-" {
			return false
		}
	}
	return true
}

// From returns the session of the request with this context. The first call opens the cookie; a request that never
// calls it costs nothing and gets no header. The session is usable whatever [Session.Err] says.
//
// It counts as activity: the session's idle time starts anew, see [Options]. For polling and heartbeats use [Jar.Peek].
//
// From panics if the jar's middleware is not mounted around the handler. It may be called from several goroutines of a request.
func (j *Jar[T]) From(ctx context.Context) *Session[T] {
	s := j.visit(ctx).load(ctx)
	s.touch()
	return s
}

// Peek is [Jar.From] without counting as activity: the session is not renewed, and a change that is made to it does not
// move its end.
func (j *Jar[T]) Peek(ctx context.Context) *Session[T] { return j.visit(ctx).load(ctx) }

// Check returns nil if somebody is signed in. Otherwise it returns the reason: an error that matches [ErrUnavailable] if nobody
// can tell now, [ErrAnonymous] if there is a session without a subject, or what [Session.Err] says. Like Peek, it does not
// count as activity. It is all that a gate needs; stdmw and echomw have one.
func (j *Jar[T]) Check(ctx context.Context) error {
	s := j.Peek(ctx)
	if s.Subject() != "" {
		return nil
	}
	if err := s.Err(); err != nil {
		return err
	}
	return ErrAnonymous
}

// CheckRecent is [Jar.Check] for what asks for more than a session, such as a change of the password: it returns
// [ErrStale] if who is signed in did so longer ago than maxAge. Let them show again who they are, and call
// [Session.SignIn].
func (j *Jar[T]) CheckRecent(ctx context.Context, maxAge time.Duration) error {
	if err := j.Check(ctx); err != nil {
		return err
	}
	s := j.Peek(ctx)
	if s.undated() || j.config.now().Sub(s.AuthTime()) > maxAge {
		s.stalePast(maxAge)
		return ErrStale
	}
	return nil
}

// Touch counts the request as activity, as From does.
func (j *Jar[T]) Touch(ctx context.Context) { j.From(ctx) }

// Any is From for adapters to frameworks whose context is untyped. The result is a *Session[T].
func (j *Jar[T]) Any(ctx context.Context) any { return j.From(ctx) }

// Load opens the session of a request where no middleware is mounted. The session is usable with any error, which is the
// one that [Session.Err] gives. Use [Jar.Save] to write it.
func (j *Jar[T]) Load(r *http.Request) (*Session[T], error) {
	s := new(Session[T])
	j.open(s, r.Context(), r)
	s.touch()
	s.tell()
	return s, s.err
}

// Save puts the cookie of a session from [Jar.Load] into the header of a response, if it is due. Call it before the header
// leaves, and once. A session from [Jar.From] saves itself.
//
// The error matches [ErrTooLarge], or [ErrUnavailable] if the store of [Options].Spill fails, or says why Data can't be
// encoded or no key can seal; the session was not written then.
func (j *Jar[T]) Save(w http.ResponseWriter, s *Session[T]) error {
	if s.visited {
		return errSavesItself
	}
	defer s.tell()
	return s.commit(s.ctx, w.Header())
}

var errSavesItself = errors.New("sealjar: a session from Jar.From saves itself: Jar.Save is for those from Jar.Load")

// open fills s with the session that the request brings.
func (j *Jar[T]) open(s *Session[T], ctx context.Context, r *http.Request) {
	s.text = jsonText[T]{jar: j, data: &s.Data}
	s.Data = j.fresh()
	s.record.load(ctx, j.config, &s.text, r)
}
