package late_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/internal/late"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errCommit = errors.New("no")

// hooks record what the writer tells them, in the order of the writer below.
type hooks struct {
	below    *below
	err      error
	panics   bool
	statuses []int
	fail     func(w http.ResponseWriter)
}

func (h *hooks) Commit(header http.Header, status int) error {
	h.statuses = append(h.statuses, status)
	h.below.log("commit")
	if h.panics {
		panic("commit")
	}
	header.Set("Session", "sealed")
	return h.err
}

func (h *hooks) Fail(w http.ResponseWriter, err error) {
	h.below.log("fail: " + err.Error())
	if h.fail == nil {
		http.Error(w, "sorry", http.StatusInternalServerError)
		return
	}
	h.fail(w)
}

// below is a writer that can do nothing but what it must, and records it.
type below struct {
	header http.Header
	calls  []string
}

func (b *below) log(call string)     { b.calls = append(b.calls, call) }
func (b *below) Header() http.Header { return b.header }

func (b *below) WriteHeader(status int) { b.log("header " + http.StatusText(status)) }
func (b *below) Write(p []byte) (int, error) {
	b.log("write " + strings.TrimSpace(string(p)))
	return len(p), nil
}

// full is one that can do all that the server's own can.
type full struct{ *below }

func (b full) Flush() { b.log("flush") }

func (b full) WriteString(s string) (int, error) {
	b.log("string " + s)
	return len(s), nil
}

func (b full) ReadFrom(src io.Reader) (int64, error) {
	b.log("readfrom")
	return io.Copy(io.Discard, src)
}

func (b full) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	b.log("hijack")
	return nil, nil, nil
}

// flushFails is one whose flush fails.
type flushFails struct{ *below }

func (flushFails) FlushError() error { return io.ErrClosedPipe }

// wrapper is somebody else's, which can do nothing by itself.
type wrapper struct{ http.ResponseWriter }

func (w wrapper) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func start(make func(*below) http.ResponseWriter) (*late.Writer, *below, *hooks) {
	b := &below{header: http.Header{}}
	h := &hooks{below: b}
	w := new(late.Writer)
	w.Start(make(b), h)
	return w, b, h
}

func plain(b *below) http.ResponseWriter   { return b }
func capable(b *below) http.ResponseWriter { return full{b} }

// doors are all the ways by which a header can leave.
var doors = []struct {
	name   string
	use    func(w *late.Writer) error
	calls  []string // of the writer below
	status int
}{
	{"Write", func(w *late.Writer) error { _, err := w.Write([]byte("a")); return err }, []string{"write a"}, 200},
	{"WriteString", func(w *late.Writer) error { _, err := w.WriteString("a"); return err }, []string{"string a"}, 200},
	{
		"WriteHeader",
		func(w *late.Writer) error { w.WriteHeader(http.StatusNotFound); return nil },
		[]string{"header Not Found"},
		404,
	},
	{
		"WriteHeader with 101",
		func(w *late.Writer) error { w.WriteHeader(http.StatusSwitchingProtocols); return nil },
		[]string{"header Switching Protocols"},
		101,
	},
	{"Flush", func(w *late.Writer) error { w.Flush(); return nil }, []string{"flush"}, 200},
	{"FlushError", (*late.Writer).FlushError, []string{"flush"}, 200},
	{
		"a flush by a controller",
		func(w *late.Writer) error { return http.NewResponseController(wrapper{w}).Flush() },
		[]string{"flush"},
		200,
	},
	{"ReadFrom", func(w *late.Writer) error { _, err := w.ReadFrom(strings.NewReader("a")); return err }, []string{"readfrom"}, 200},
	{
		"a copy",
		func(w *late.Writer) error {
			_, err := io.Copy(w, io.LimitReader(strings.NewReader("a"), 1))
			return err
		},
		[]string{"readfrom"},
		200,
	},
	{"Hijack", func(w *late.Writer) error { _, _, err := w.Hijack(); return err }, []string{"hijack"}, 101},
	{
		"a hijack by a controller",
		func(w *late.Writer) error { _, _, err := http.NewResponseController(w).Hijack(); return err },
		[]string{"hijack"},
		101,
	},
	{"Finish", func(w *late.Writer) error { w.Finish(); return nil }, nil, 200},
}

func TestEveryDoorCommitsOnceAndFirst(t *testing.T) {
	for _, door := range doors {
		t.Run(door.name, func(t *testing.T) {
			w, b, h := start(capable)
			require.NoError(t, door.use(w))
			require.Equal(t, append([]string{"commit"}, door.calls...), b.calls)
			require.Equal(t, []int{door.status}, h.statuses)

			for _, next := range doors {
				require.NoError(t, next.use(w), next.name)
			}
			require.Len(t, h.statuses, 1, "the second door and all others find the commit made")
		})
	}
}

func TestEveryDoorIsShutByAFailedCommit(t *testing.T) {
	for _, door := range doors {
		t.Run(door.name, func(t *testing.T) {
			w, b, h := start(capable)
			h.err = errCommit
			want := []string{"commit", "fail: no", "header Internal Server Error", "write sorry"}

			err := door.use(w)
			require.Equal(t, want, b.calls)
			for _, next := range doors {
				_ = next.use(w)
			}
			w.WriteHeader(http.StatusEarlyHints)
			require.Equal(t, want, b.calls, "nothing follows the answer of Fail")
			if !strings.HasPrefix(door.name, "WriteHeader") && door.name != "Flush" && door.name != "Finish" {
				require.ErrorIs(t, err, errCommit)
			}
		})
	}
}

func TestInformationalResponsesDoNotCommit(t *testing.T) {
	w, b, h := start(capable)
	w.Header().Set("Link", "</a.css>; rel=preload")
	w.WriteHeader(http.StatusContinue)
	w.WriteHeader(http.StatusProcessing)
	w.WriteHeader(http.StatusEarlyHints)
	require.Equal(t, []string{"header Continue", "header Processing", "header Early Hints"}, b.calls)
	require.Empty(t, h.statuses)
	require.NotContains(t, b.header, "Session")

	w.WriteHeader(http.StatusOK)
	require.Equal(t, []int{200}, h.statuses)
}

func TestAFailedCommitDropsWhatSpeaksOfTheBody(t *testing.T) {
	w, b, h := start(plain)
	h.err = errCommit
	gone := []string{
		"Content-Length", "Content-Encoding", "Content-Disposition", "Content-Range", "ETag", "Last-Modified", "Expires", "Location",
		"Refresh", "Trailer", "Transfer-Encoding", "Upgrade", "Connection", "Content-Digest", "X-Accel-Redirect", "X-Sendfile",
	}
	kept := []string{"Content-Security-Policy", "Set-Cookie", "Vary", "Strict-Transport-Security", "X-Request-Id"}
	for _, name := range append(gone, kept...) {
		w.Header().Set(name, "x")
	}
	w.Header().Set("Cache-Control", "public, max-age=60")
	_, err := w.Write([]byte("the handler's"))
	require.ErrorIs(t, err, errCommit)
	for _, name := range gone {
		require.Empty(t, b.header.Get(name), name)
	}
	for _, name := range kept {
		require.Equal(t, "x", b.header.Get(name), name)
	}
	require.Equal(t, "no-store", b.header.Get("Cache-Control"))
}

func TestFailThatAnswersNothingGives500(t *testing.T) {
	w, b, h := start(plain)
	h.err, h.fail = errCommit, func(w http.ResponseWriter) { w.WriteHeader(http.StatusEarlyHints) }
	w.Finish()
	require.Equal(t, []string{"commit", "fail: no", "header Early Hints", "header Internal Server Error", "write Internal Server Error"}, b.calls)
}

func TestFailThatAnswersInPieces(t *testing.T) {
	w, b, h := start(capable)
	h.err = errCommit
	h.fail = func(w http.ResponseWriter) {
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusInsufficientStorage)
		_, _ = io.WriteString(w, "a")
		_ = http.NewResponseController(w).Flush()
		_, _ = io.Copy(w, io.LimitReader(strings.NewReader("b"), 1))
	}
	w.WriteHeader(http.StatusNoContent)
	require.Equal(t, []string{
		"commit", "fail: no", "header Early Hints", "header Insufficient Storage", "string a", "flush", "readfrom",
	}, b.calls)
}

func TestAPanicInTheHookIsNotRepeated(t *testing.T) {
	w, b, h := start(capable)
	h.panics = true
	require.PanicsWithValue(t, "commit", func() { w.WriteHeader(http.StatusOK) })
	w.WriteHeader(http.StatusInternalServerError) // a recoverer's
	w.Finish()
	require.Equal(t, []string{"commit", "header Internal Server Error"}, b.calls)
}

func TestAPanicInFailLeavesTheAnswerToTheRecoverer(t *testing.T) {
	w, b, h := start(capable)
	h.err, h.fail = errCommit, func(http.ResponseWriter) { panic("fail") }
	require.PanicsWithValue(t, "fail", func() { _, _ = w.Write([]byte("the handler's")) })
	w.WriteHeader(http.StatusInternalServerError)
	require.Equal(t, []string{"commit", "fail: no", "header Internal Server Error"}, b.calls)
}

func TestWhatTheWriterBelowCannotDo(t *testing.T) {
	w, b, h := start(plain)
	require.ErrorIs(t, w.FlushError(), http.ErrNotSupported)
	_, _, err := w.Hijack()
	require.ErrorIs(t, err, http.ErrNotSupported)
	w.Flush()
	require.Empty(t, h.statuses, "the header is still here, so the session can still change")

	n, err := w.ReadFrom(strings.NewReader("abc"))
	require.NoError(t, err)
	require.EqualValues(t, 3, n)
	_, err = w.WriteString("d")
	require.NoError(t, err)
	require.Equal(t, []string{"commit", "write abc", "write d"}, b.calls)
}

func TestAbilitiesAreFoundBehindOtherWrappers(t *testing.T) {
	w, b, _ := start(func(b *below) http.ResponseWriter { return wrapper{wrapper{full{b}}} })
	require.NoError(t, w.FlushError())
	_, _, err := w.Hijack()
	require.NoError(t, err)
	require.Equal(t, []string{"commit", "flush", "hijack"}, b.calls)
}

// notifies is one that can tell that the client has gone.
type notifies struct {
	*below
	gone chan bool
}

func (n notifies) CloseNotify() <-chan bool { return n.gone }

func TestCloseNotifyIsThatOfTheWriterBelow(t *testing.T) {
	gone := make(chan bool, 1)
	w, _, h := start(func(b *below) http.ResponseWriter { return wrapper{notifies{b, gone}} })
	gone <- true
	require.True(t, <-w.CloseNotify())
	require.Empty(t, h.statuses, "to ask sends nothing")

	w, _, _ = start(plain)
	select {
	case <-w.CloseNotify():
		require.Fail(t, "nobody could tell")
	default:
	}
}

func TestAnErrorOfTheFlushIsReturned(t *testing.T) {
	w, _, h := start(func(b *below) http.ResponseWriter { return flushFails{b} })
	require.ErrorIs(t, w.FlushError(), io.ErrClosedPipe)
	require.Equal(t, []int{200}, h.statuses)
}

func TestUnwrapAndHeaderAreThoseBelow(t *testing.T) {
	recorder := httptest.NewRecorder()
	w := new(late.Writer)
	w.Start(recorder, &hooks{below: &below{}})
	require.Same(t, recorder, w.Unwrap())
	w.Header().Set("A", "b")
	require.Equal(t, "b", recorder.Header().Get("A"))
}
