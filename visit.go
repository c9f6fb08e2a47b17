package sealjar

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/sealjar/sealjar/internal/late"
)

// AnyJar is what an adapter to a web framework needs of a [Jar], whatever the type of its data.
type AnyJar interface {
	// Begin starts the session's part in one request. The handler gets the writer and the request that it returns; when
	// the handler has returned, call end. With pending, the response is still to come from somewhere else, such as a
	// framework's error handler, through the same writer; call end(true) also if the handler panicked. If the session
	// can't be written, fail is called to answer in place of the handler, whose response is dropped; nil means a plain
	// 500 Internal Server Error.
	//
	// If the jar is mounted around the request already, Begin returns what it was given, and end does nothing.
	Begin(w http.ResponseWriter, r *http.Request, fail func(http.ResponseWriter, *http.Request, error)) (
		writer http.ResponseWriter, request *http.Request, end func(pending bool))

	// Check, CheckRecent, Touch and Any are methods of [Jar].
	Check(ctx context.Context) error
	CheckRecent(ctx context.Context, maxAge time.Duration) error
	Touch(ctx context.Context)
	Any(ctx context.Context) any
}

// visit is one request's hold on a jar. It is the request's context too, so that all a request pays for a session that it
// does not use is this one piece of memory and the copy of the request that carries it.
type visit[T any] struct {
	context.Context
	jar     *Jar[T]
	writer  late.Writer
	request *http.Request // what the handler gets
	outer   *http.Request // what it was made from
	fail    func(http.ResponseWriter, *http.Request, error)

	mu        sync.Mutex
	session   Session[T]
	deadline  time.Time // the earliest of those who asked for the session; zero: none
	status    int       // of the header that has left; 0: it is still here
	loaded    bool      // session is in use
	abandoned bool      // the handler may still be running and owns the session
}

// Value finds the visit under its jar.
func (v *visit[T]) Value(key any) any {
	if key == any(v.jar) {
		return v
	}
	return v.Context.Value(key)
}

// Format keeps what is in the session out of the text of a context, or of an event with a context, under every verb.
func (v *visit[T]) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "%T", v) }

// Begin is for adapters to web frameworks: see [AnyJar].
func (j *Jar[T]) Begin(w http.ResponseWriter, r *http.Request, fail func(http.ResponseWriter, *http.Request, error)) (
	writer http.ResponseWriter, request *http.Request, end func(pending bool),
) {
	if r.Context().Value(j) != nil {
		return w, r, func(bool) {}
	}
	v := &visit[T]{Context: r.Context(), jar: j, outer: r, fail: fail}
	v.writer.Start(w, v)
	v.request = r.WithContext(v)
	return &v.writer, v.request, v.end
}

func (j *Jar[T]) visit(ctx context.Context) *visit[T] {
	v, ok := ctx.Value(j).(*visit[T])
	if !ok {
		panic("sealjar: no session in this context: mount the jar's middleware around the handler, or use Jar.Load")
	}
	return v
}

func (v *visit[T]) load(ctx context.Context) *Session[T] {
	if v.open(ctx) {
		v.session.tell()
	}
	return &v.session
}

// open reports whether the session was loaded, or left to the handler, now.
func (v *visit[T]) open(ctx context.Context) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if deadline, ok := ctx.Deadline(); ok && (v.deadline.IsZero() || deadline.Before(v.deadline)) {
		v.deadline = deadline
	}
	if v.loaded {
		// Somebody without a deadline, such as a gate, has asked for it before, and the response has left since.
		if v.abandoned || !v.overrun() {
			return false
		}
		v.abandon()
		return true
	}
	v.loaded, v.session.visited = true, true
	v.jar.open(&v.session, ctx, v.outer)
	v.session.sent = v.status != 0
	if v.overrun() {
		v.abandon()
	}
	return true
}

// Commit is called when the header is about to leave.
func (v *visit[T]) Commit(h http.Header, status int) error {
	loaded, err := v.commit(h, status)
	if loaded {
		v.session.tell()
	}
	return err
}

func (v *visit[T]) commit(h http.Header, status int) (loaded bool, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.status = status
	if !v.loaded {
		return false, nil
	}
	if v.overrun() {
		v.abandon()
		return true, nil
	}
	if err := v.session.commit(v.Context, h); err != nil {
		return true, err
	}
	if status == http.StatusUnauthorized {
		v.session.challenge(h)
	}
	return true, nil
}

// overrun reports whether the handler may still be running, and writing to Data, although a response has left:
// http.TimeoutHandler answers 503 in its place when the deadline has passed or the client has gone.
func (v *visit[T]) overrun() bool {
	return v.status == http.StatusServiceUnavailable &&
		(v.Context.Err() != nil || !v.deadline.IsZero() && !time.Now().Before(v.deadline))
}

func (v *visit[T]) abandon() {
	v.abandoned = true
	v.session.abandon()
}

// Fail is called when Commit has returned an error.
func (v *visit[T]) Fail(w http.ResponseWriter, err error) {
	if v.fail != nil {
		v.fail(w, v.request, err)
		return
	}
	http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
}

func (v *visit[T]) end(pending bool) {
	// The server looks at its own request for temporary files to remove, and who logs looks there for the pattern.
	v.outer.MultipartForm, v.outer.Pattern = v.request.MultipartForm, v.request.Pattern
	late := v.status != 0 // without a late moment nothing was late
	if !pending {
		v.writer.Finish()
	}
	if v.checkEnd(late, pending) {
		v.session.tell()
	}
}

// checkEnd looks for changes that will not reach the client, and reports whether there may be something to tell.
func (v *visit[T]) checkEnd(late, pending bool) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.loaded || v.abandoned {
		return false
	}
	if late {
		v.session.checkLate()
	}
	if pending && v.status == 0 && v.session.isChanged() {
		// The server ends its request's context when everybody has returned.
		context.AfterFunc(v.outer.Context(), v.checkNeverSent)
	}
	return true
}

// checkNeverSent tells of a change for which no response came after all, or one that did not pass through this visit.
func (v *visit[T]) checkNeverSent() {
	v.mu.Lock()
	if lost := v.status == 0; lost {
		v.session.neverSent()
	}
	v.mu.Unlock()
	v.session.tell()
}
