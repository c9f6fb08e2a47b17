package expressbridge_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/expressbridge"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/sealjartest"
	"github.com/sealjar/sealjar/stdmw"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	sid       = "4QDZoVpqyTzkKCPNEqOqVcZ3rPzBvzrA"
	secret    = "keyboard cat"
	adaInNode = `{"cookie":{"originalMaxAge":1800000,"expires":"2026-03-14T15:39:26.000Z","httpOnly":true,"path":"/"},"user":{"id":7,"name":"ada"},"views":3}`
	nobody    = `{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"},"views":9}`
)

type data struct {
	Views int    `json:"views,omitempty"`
	Pad   string `json:"pad,omitempty"`
}

// table is expressbridge.Rows in memory.
type table struct {
	mu    sync.Mutex
	rows  map[string]row
	fail  error    // of every call
	calls []string // since the last look
}

type row struct {
	data    string
	expires time.Time
}

func (t *table) call(name string) error {
	t.calls = append(t.calls, name)
	return t.fail
}

func (t *table) Get(ctx context.Context, sid string, _ int) ([]byte, time.Time, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.call("get"); err != nil {
		return nil, time.Time{}, err
	}
	if _, bounded := ctx.Deadline(); !bounded {
		panic("a request may wait for ever")
	}
	r, ok := t.rows[sid]
	if !ok {
		return nil, time.Time{}, expressbridge.ErrNoRow
	}
	return []byte(r.data), r.expires, nil
}

func (t *table) Insert(_ context.Context, sid string, data []byte, expires time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.call("insert"); err != nil {
		return err
	}
	t.rows[sid] = row{string(data), expires}
	return nil
}

func (t *table) Update(_ context.Context, sid string, data []byte, expires time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.call("update"); err != nil {
		return err
	}
	if r, ok := t.rows[sid]; ok {
		if data != nil {
			r.data = string(data)
		}
		t.rows[sid] = row{r.data, expires}
	}
	return nil
}

func (t *table) Delete(ctx context.Context, sid string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := errors.Join(t.call("delete"), ctx.Err()); err != nil {
		return err
	}
	delete(t.rows, sid)
	return nil
}

func (t *table) took() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	calls := t.calls
	t.calls = nil
	return calls
}

// world is a jar with a bridge, whose table, clock and list are in the test's hand.
type world struct {
	t     testing.TB
	table *table
	jar   *sealjar.Jar[data]
	list  *revocation.Memory
	ring  *keys.Ring

	mu     sync.Mutex
	now    time.Time
	events []sealjar.Event
}

func importAda(_ context.Context, old expressbridge.Old) (expressbridge.Session[data], error) {
	views, _ := old.Values["views"].(float64)
	session := expressbridge.Session[data]{Data: data{Views: int(views)}}
	if user, ok := old.Values["user"].(map[string]any); ok {
		session.Subject, _ = user["name"].(string)
	}
	if at, ok := old.Values["signedInAt"].(float64); ok {
		session.AuthTime = time.UnixMilli(int64(at))
	}
	return session, nil
}

func newWorld(t testing.TB, change ...func(*expressbridge.Options[data], *sealjar.Options)) *world {
	w := &world{t: t, now: time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)}
	w.table = &table{rows: map[string]row{sid: {adaInNode, w.now.Add(30 * time.Minute)}}}
	w.ring = sealjartest.Ring(t)
	w.list = &revocation.Memory{Now: w.Now}
	w.open(change...)
	return w
}

// open makes the jar anew, as another version of the program does.
func (w *world) open(change ...func(*expressbridge.Options[data], *sealjar.Options)) {
	w.t.Helper()
	options := expressbridge.Options[data]{
		Rows: w.table, Secrets: []string{"the new one", secret}, Import: importAda,
		Mode: expressbridge.AfterGrace, OnFailure: expressbridge.Refuse, Timeout: time.Minute, // a busy machine may take two seconds
	}
	jar := sealjar.Options{
		Keys: w.ring, Now: w.Now, Revocation: w.list, Logger: slog.New(slog.DiscardHandler),
		Observe: func(e sealjar.Event) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.events = append(w.events, e)
		},
	}
	for _, c := range change {
		c(&options, &jar)
	}
	if jar.Spill.Store != nil {
		jar.Spill.Timeout = time.Minute
	}
	source, err := expressbridge.New(options)
	require.NoError(w.t, err)
	jar.Takeover = source
	w.jar, err = sealjar.New[data](jar)
	require.NoError(w.t, err)
}

func mode(m expressbridge.Mode) func(*expressbridge.Options[data], *sealjar.Options) {
	return func(o *expressbridge.Options[data], _ *sealjar.Options) { o.Mode = m }
}

func noList(_ *expressbridge.Options[data], o *sealjar.Options) { o.Revocation = nil }

func (w *world) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// told returns the events of a kind since the last call.
func (w *world) told(kind sealjar.EventKind) (of []sealjar.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if e.Kind == kind {
			of = append(of, e)
		}
	}
	w.events = nil
	return of
}

// browser holds the values of cookies.
type browser map[string]string

func signed(sid, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(sid))
	return "s:" + sid + "." + base64.RawStdEncoding.EncodeToString(mac.Sum(nil))
}

// fromNode is who was signed in by Express.
func fromNode() browser { return browser{"connect.sid": url.QueryEscape(signed(sid, secret))} }

func (b browser) copy() browser { return maps.Clone(b) }

type session = sealjar.Session[data]

// visit lets a handler use its session.
func (w *world) visit(b browser, do func(context.Context, *session)) *http.Response {
	w.t.Helper()
	return w.request(b, func(_ http.ResponseWriter, r *http.Request) { do(r.Context(), w.jar.From(r.Context())) })
}

func (w *world) request(b browser, handler http.HandlerFunc) *http.Response {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "https://example.com/", nil)
	for name, value := range b {
		r.Header.Add("Cookie", name+"="+value)
	}
	return w.serve(b, r, handler)
}

func (w *world) serve(b browser, r *http.Request, handler http.HandlerFunc) *http.Response {
	w.t.Helper()
	recorder := httptest.NewRecorder()
	stdmw.New(w.jar, stdmw.Options{})(handler).ServeHTTP(recorder, r)
	response := recorder.Result()
	for _, line := range response.Header["Set-Cookie"] {
		pair, attributes, _ := strings.Cut(line, ";")
		name, value, _ := strings.Cut(pair, "=")
		if strings.Contains(attributes, "Max-Age=0") {
			delete(b, name)
			continue
		}
		b[name] = value
	}
	return response
}

// who tells the subject that a visit sees.
func (w *world) who(b browser) (subject string) {
	w.t.Helper()
	w.visit(b, func(_ context.Context, s *session) { subject = s.Subject() })
	return subject
}
