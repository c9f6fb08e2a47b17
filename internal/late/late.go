// Package late holds a response's header open until the last moment, so that what a handler decides on its
// way (here: the session) can still go into it.
//
// The moment is the one before the header leaves: Write, WriteHeader with a final status or 101, Flush, FlushError,
// Hijack, ReadFrom, or the end of the handler. An informational response (1xx) other than 101 is not that
// moment, and nothing is put into the header map before it, because who sends a 103 may clear the map afterwards, as
// httputil.ReverseProxy does.
package late

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// Hooks is what happens at that moment.
type Hooks interface {
	// Commit is called once, before a header with this status leaves (101 if the connection is hijacked). If it
	// fails, the handler's response is dropped and Fail writes another in its place.
	Commit(header http.Header, status int) error

	// Fail writes the whole response after a failed Commit. The writer passes through what Fail writes, and after
	// that nothing more. If Fail writes nothing, the response is 500 Internal Server Error.
	Fail(w http.ResponseWriter, err error)
}

// Writer is an [http.ResponseWriter] with Hooks. It implements [http.Flusher], [http.Hijacker], [io.ReaderFrom] and
// [io.StringWriter] on top of whatever the writer below can do, and Unwrap for [http.ResponseController]. Like any
// ResponseWriter it is not for concurrent use.
//
// It is an http.CloseNotifier, which Go has given up and gin's Context.Stream requires, and no [http.Pusher], which browsers
// have given up.
type Writer struct {
	below    http.ResponseWriter
	hooks    Hooks
	stage    stage
	err      error    // of the failed commit
	encoding []string // the Content-Encoding of who is around
}

type stage uint8

const (
	open      stage = iota // the header is still here
	committed              // the handler's response passes
	failing                // the response of Hooks.Fail passes, and none of it has come yet
	answered               // it has come, and more of it may
	failed                 // nothing passes
)

// Start makes w ready for one response. It is a method so that a Writer can be a part of a larger struct.
func (w *Writer) Start(below http.ResponseWriter, hooks Hooks) {
	*w = Writer{below: below, hooks: hooks, encoding: below.Header()["Content-Encoding"]}
}

// Finish commits if nothing has left yet. Call it when the handler has returned; not when it panicked.
func (w *Writer) Finish() { _ = w.commit(http.StatusOK) }

// commit returns nil if the bytes of the caller may pass.
func (w *Writer) commit(status int) error {
	switch w.stage {
	case open:
		w.stage = committed // first: the hook may panic, and must not run again
		if err := w.hooks.Commit(w.below.Header(), status); err != nil {
			w.fail(err)
			return err
		}
	case failing:
		w.stage = answered
	case failed:
		return w.err
	}
	return nil
}

func (w *Writer) fail(err error) {
	w.err, w.stage = err, failing
	dropRepresentation(w.below.Header())
	if w.encoding != nil { // a compressor around this writer works on what Fail writes too
		w.below.Header()["Content-Encoding"] = w.encoding
	}
	w.hooks.Fail(w, err)
	if w.stage == failing { // an empty 200 would say that all went well
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
	w.stage = failed
}

// Header returns the header of the writer below.
func (w *Writer) Header() http.Header { return w.below.Header() }

// WriteHeader commits, unless status is informational, and passes it on.
func (w *Writer) WriteHeader(status int) {
	informational := 100 <= status && status < 200 && status != http.StatusSwitchingProtocols
	if informational && w.stage != failed {
		w.below.WriteHeader(status)
		return
	}
	if w.commit(status) == nil {
		w.below.WriteHeader(status)
	}
}

// Write commits and passes p on. After a failed commit it returns the error of it.
func (w *Writer) Write(p []byte) (int, error) {
	if err := w.commit(http.StatusOK); err != nil {
		return 0, err
	}
	return w.below.Write(p)
}

// WriteString is Write without a copy of s, if the writer below can do that.
func (w *Writer) WriteString(s string) (int, error) {
	if err := w.commit(http.StatusOK); err != nil {
		return 0, err
	}
	return io.WriteString(w.below, s)
}

// ReadFrom commits and lets the writer below read from src, which is how a file goes out by sendfile.
func (w *Writer) ReadFrom(src io.Reader) (int64, error) {
	if err := w.commit(http.StatusOK); err != nil {
		return 0, err
	}
	if below, ok := w.below.(io.ReaderFrom); ok {
		return below.ReadFrom(src)
	}
	return io.Copy(struct{ io.Writer }{w.below}, src)
}

// Flush is FlushError for those who do not ask.
func (w *Writer) Flush() { _ = w.FlushError() }

// FlushError commits and flushes. If the writer below can't flush, it returns [http.ErrNotSupported], and the header is
// still here.
func (w *Writer) FlushError() error {
	_, flushes := find[http.Flusher](w.below)
	if _, ok := find[interface{ FlushError() error }](w.below); !ok && !flushes {
		return http.ErrNotSupported
	}
	if err := w.commit(http.StatusOK); err != nil {
		return err
	}
	return http.NewResponseController(w.below).Flush()
}

// Hijack commits and takes over the connection. Nobody sends the header map after that: a handler that writes the
// response itself must write the fields of the map too, as httputil.ReverseProxy does. If the writer below can't do it, as
// with HTTP/2, Hijack returns [http.ErrNotSupported], and the header is still here.
func (w *Writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if _, ok := find[http.Hijacker](w.below); !ok {
		return nil, nil, http.ErrNotSupported
	}
	if err := w.commit(http.StatusSwitchingProtocols); err != nil {
		return nil, nil, err
	}
	return http.NewResponseController(w.below).Hijack()
}

// Unwrap returns the writer below, for [http.ResponseController].
func (w *Writer) Unwrap() http.ResponseWriter { return w.below }

// CloseNotify asks the writer below. If that can't tell, nothing ever comes.
func (w *Writer) CloseNotify() <-chan bool {
	if below, ok := find[interface{ CloseNotify() <-chan bool }](w.below); ok {
		return below.CloseNotify()
	}
	return nil
}

// find returns w, or the first writer that it unwraps to, that is a T. It looks as [http.ResponseController] does.
func find[T any](w http.ResponseWriter) (T, bool) {
	for {
		if t, ok := w.(T); ok {
			return t, true
		}
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			var none T
			return none, false
		}
		w = wrapper.Unwrap()
	}
}
