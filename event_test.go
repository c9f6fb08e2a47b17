package sealjar_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/sealjartest"
	"github.com/sealjar/sealjar/stdmw"
	"github.com/sealjar/sealjar/token"
)

// webWatch is a jar all of whose events and log lines are kept.
type webWatch struct {
	webEvents
	jar   *sealjar.Jar[webState]
	clock *webClock
	list  *webList
	kid   string
	log   bytes.Buffer
}

func newWebWatch(t *testing.T) *webWatch {
	t.Helper()
	ring := sealjartest.Ring(t)
	w := &webWatch{clock: newWebClock(), list: new(webList), kid: ring.Keys()[0].ID()}
	w.jar = webJar(t, sealjar.Options{
		Keys: ring, Revocation: w.list, Now: w.clock.Now, Observe: w.Observe,
		Logger: slog.New(slog.NewJSONHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	return w
}

// alice returns the cookie of somebody who is signed in, and the session's id, and forgets the events of that.
func (w *webWatch) alice(t *testing.T) (cookie, id string) {
	t.Helper()
	cookie = webSeal(t, w.jar, func(_ http.ResponseWriter, s *sealjar.Session[webState]) {
		require.NoError(t, s.SignIn(t.Context(), "alice"))
		id = s.ID()
	})
	w.Take()
	w.log.Reset()
	return cookie, id
}

// eventWant is an event as it must be. Fields of webWatch.alice's session are filled in where known is true.
type eventWant struct {
	kind  sealjar.EventKind
	err   error
	known bool
	level slog.Level
}

// Each row is a request of alice. EventOpened, which comes first in each, is left out.
func TestEvents(t *testing.T) {
	const opened, sealed, ended, unwritten = sealjar.EventOpened, sealjar.EventSealed, sealjar.EventEnded,
		sealjar.EventUnwritten
	for name, test := range map[string]struct {
		do   func(t *testing.T, watch *webWatch, w http.ResponseWriter, s *sealjar.Session[webState])
		want []eventWant
	}{
		"reading": {
			func(_ *testing.T, watch *webWatch, _ http.ResponseWriter, s *sealjar.Session[webState]) {
				_ = s.Subject()
			}, nil,
		},
		"a change": {
			func(_ *testing.T, _ *webWatch, _ http.ResponseWriter, s *sealjar.Session[webState]) { s.Data.Views++ },
			[]eventWant{{sealed, nil, true, slog.LevelDebug}},
		},
		"a change that is taken back": {
			func(_ *testing.T, _ *webWatch, _ http.ResponseWriter, s *sealjar.Session[webState]) {
				s.Data.Views++
				s.Data.Views--
			},
			nil,
		},
		"a renewal": {
			func(_ *testing.T, watch *webWatch, _ http.ResponseWriter, _ *sealjar.Session[webState]) {
				watch.clock.Move(10 * time.Minute)
			},
			[]eventWant{{sealed, nil, true, slog.LevelDebug}},
		},
		"the end": {
			func(t *testing.T, _ *webWatch, _ http.ResponseWriter, s *sealjar.Session[webState]) {
				require.NoError(t, s.End(t.Context()))
			},
			[]eventWant{{ended, nil, true, slog.LevelDebug}},
		},
		"the end twice": {
			func(t *testing.T, _ *webWatch, _ http.ResponseWriter, s *sealjar.Session[webState]) {
				require.NoError(t, s.End(t.Context()))
				require.NoError(t, s.End(t.Context()))
			},
			[]eventWant{{ended, nil, true, slog.LevelDebug}},
		},
		"the end, not recorded": {
			func(t *testing.T, watch *webWatch, _ http.ResponseWriter, s *sealjar.Session[webState]) {
				watch.list.revoke = errWebOutage
				require.ErrorIs(t, s.End(t.Context()), errWebOutage)
			},
			[]eventWant{{ended, errWebOutage, true, slog.LevelError}},
		},
		"a new id": {
			func(t *testing.T, _ *webWatch, _ http.ResponseWriter, s *sealjar.Session[webState]) {
				require.NoError(t, s.Renew(t.Context()))
			},
			[]eventWant{{ended, nil, true, slog.LevelDebug}, {sealed, nil, false, slog.LevelDebug}},
		},
		"a new subject": {
			func(t *testing.T, _ *webWatch, _ http.ResponseWriter, s *sealjar.Session[webState]) {
				require.NoError(t, s.SignIn(t.Context(), "bob"))
			},
			[]eventWant{{ended, nil, true, slog.LevelDebug}, {sealed, nil, false, slog.LevelDebug}},
		},
		"too much": {
			func(_ *testing.T, _ *webWatch, w http.ResponseWriter, s *sealjar.Session[webState]) {
				webText(5000)(w, s)
			},
			[]eventWant{{unwritten, sealjar.ErrTooLarge, true, slog.LevelError}},
		},
		"too late": {
			func(t *testing.T, _ *webWatch, w http.ResponseWriter, s *sealjar.Session[webState]) {
				w.WriteHeader(http.StatusNoContent)
				s.Data.Views++
				require.ErrorIs(t, s.Remember(true), sealjar.ErrHeadersSent)
			},
			[]eventWant{{unwritten, sealjar.ErrHeadersSent, true, slog.LevelError}},
		},
		"revoked under way": {
			func(t *testing.T, watch *webWatch, _ http.ResponseWriter, s *sealjar.Session[webState]) {
				require.NoError(t, watch.list.Revoke(t.Context(), revocation.Entry{
					Kind: revocation.Session, Name: s.ID(), Cutoff: watch.clock.Now(), Until: watch.clock.Now().Add(time.Hour),
				}))
				s.Data.Views++
			},
			[]eventWant{{unwritten, sealjar.ErrRevoked, true, slog.LevelDebug}},
		},
		"an outage under way": {
			func(_ *testing.T, watch *webWatch, _ http.ResponseWriter, s *sealjar.Session[webState]) {
				watch.list.check = errWebOutage
				s.Data.Views++
			},
			[]eventWant{{unwritten, sealjar.ErrUnavailable, true, slog.LevelError}},
		},
		"expired under way": {
			func(_ *testing.T, watch *webWatch, _ http.ResponseWriter, s *sealjar.Session[webState]) {
				watch.clock.Move(13 * time.Hour)
				s.Data.Views++
			},
			[]eventWant{{unwritten, sealjar.ErrExpired, true, slog.LevelWarn}},
		},
		"an invitation to caches": {
			func(_ *testing.T, _ *webWatch, w http.ResponseWriter, s *sealjar.Session[webState]) {
				w.Header().Set("Cache-Control", "public")
				s.Data.Views++
			},
			[]eventWant{{sealjar.EventUncached, nil, true, slog.LevelWarn}, {sealed, nil, true, slog.LevelDebug}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			watch := newWebWatch(t)
			cookie, id := watch.alice(t)
			response := webServe(watch.jar, func(w http.ResponseWriter, s *sealjar.Session[webState]) {
				test.do(t, watch, w, s)
			}, cookie)
			all, lines := watch.Take(), watch.lines(t)
			require.Len(t, all, 1+len(test.want), "%+v", all)
			require.Len(t, lines, len(all))
			for i, want := range append([]eventWant{{opened, nil, true, slog.LevelDebug}}, test.want...) {
				got, line := all[i], lines[i]
				require.Equal(t, want.kind, got.Kind)
				require.Equal(t, "__Host-session", got.Cookie)
				require.NotNil(t, got.Context)
				if want.err != nil {
					require.ErrorIs(t, got.Err, want.err)
				}
				require.Equal(t, want.err != nil || want.kind == sealjar.EventUncached, got.Err != nil)
				require.Equal(t, want.known, got.SessionID == id)
				require.NotEmpty(t, got.SessionID)
				if want.known {
					require.Equal(t, "alice", got.Subject)
				}
				if want.kind != sealjar.EventUncached {
					require.Equal(t, watch.kid, got.KeyID)
				}
				require.Equal(t, want.kind == sealed, got.Size > 0)
				if want.kind == sealed {
					pair, _, _ := strings.Cut(response.Header.Get("Set-Cookie"), ";")
					require.Equal(t, len(pair)-len("="), got.Size)
				}
				checkLine(t, line, want.level, got)
			}
		})
	}
}

// lines returns what was logged.
func (w *webWatch) lines(t *testing.T) (lines []map[string]any) {
	t.Helper()
	for line := range strings.Lines(w.log.String()) {
		var m map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &m))
		lines = append(lines, m)
	}
	w.log.Reset()
	return lines
}

// checkLine wants a log line to say what the event says.
func checkLine(t *testing.T, line map[string]any, level slog.Level, e sealjar.Event) {
	t.Helper()
	want := map[string]any{
		"time": line["time"], "level": level.String(), "msg": "session " + string(e.Kind), "cookie": e.Cookie,
	}
	for name, value := range map[string]string{"sid": e.SessionID, "sub": e.Subject, "kid": e.KeyID} {
		if value != "" {
			want[name] = value
		}
	}
	if e.Err != nil {
		want["err"] = e.Err.Error()
	}
	if e.Size != 0 {
		want["size"], want["limit"] = float64(e.Size), float64(e.Limit)
	}
	require.Equal(t, want, line)
}

func TestEventsOfRefusalsLevels(t *testing.T) {
	levels := map[error]slog.Level{
		sealjar.ErrInvalid: slog.LevelInfo, sealjar.ErrExpired: slog.LevelDebug,
		sealjar.ErrRevoked: slog.LevelInfo, sealjar.ErrUnavailable: slog.LevelError,
	}
	for _, refusal := range webRefusals {
		t.Run(refusal.name, func(t *testing.T) {
			watch := new(webWatch)
			options, cookie := refusal.make(t)
			options.Observe = watch.Observe
			options.Logger = slog.New(slog.NewJSONHandler(&watch.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			webServe(webJar(t, options), webRead, cookie)
			all, lines := watch.Take(), watch.lines(t)
			require.Len(t, all, 1)
			require.Len(t, lines, 1)
			checkLine(t, lines[0], levels[refusal.is], all[0])
		})
	}
}

func TestEventsOfEachTwin(t *testing.T) {
	watch := newWebWatch(t)
	cookie, _ := watch.alice(t)
	webServe(watch.jar, webRead, "__Host-session=x; "+cookie+"; __Host-session=y")
	require.Equal(t, []sealjar.EventKind{
		sealjar.EventRefused, sealjar.EventRefused, sealjar.EventTwins, sealjar.EventOpened,
	}, watch.Kinds())
}

// A request that does not ask, or brings nothing, is no event.
func TestEventsOfNothing(t *testing.T) {
	watch := newWebWatch(t)
	cookie, _ := watch.alice(t)
	webRespond(watch.jar, func(http.ResponseWriter, *http.Request) {}, cookie)
	webServe(watch.jar, webRead)
	webServe(watch.jar, webRead, "theme=dark")
	require.Empty(t, watch.Take())
}

func TestEventsAskedSeveralTimesToldOnce(t *testing.T) {
	watch := newWebWatch(t)
	cookie, _ := watch.alice(t)
	webRespond(watch.jar, func(_ http.ResponseWriter, r *http.Request) {
		for range 3 {
			watch.jar.From(r.Context()).Data.Views++
			require.NoError(t, watch.jar.Check(r.Context()))
		}
	}, cookie)
	require.Equal(t, []sealjar.EventKind{sealjar.EventOpened, sealjar.EventSealed}, watch.Kinds())
}

func TestEventTellsARenewalFromAChange(t *testing.T) {
	watch := newWebWatch(t)
	cookie, _ := watch.alice(t)
	for _, c := range []struct {
		name    string
		later   time.Duration
		visit   webSession
		renewal bool
	}{
		{"a change", 0, func(_ http.ResponseWriter, s *sealjar.Session[webState]) { s.Data.Views++ }, false},
		{"a flash", 0, func(_ http.ResponseWriter, s *sealjar.Session[webState]) { require.NoError(t, s.AddFlash("info", "a")) }, false},
		{"a visit that renews", 10 * time.Minute, webRead, true},
		{"a change that renews", 10 * time.Minute, func(_ http.ResponseWriter, s *sealjar.Session[webState]) { s.Data.Views++ }, false},
	} {
		watch.clock.Move(c.later)
		webServe(watch.jar, c.visit, cookie)
		all := watch.Take()
		require.Equal(t, sealjar.EventSealed, all[len(all)-1].Kind, c.name)
		require.Equal(t, c.renewal, all[len(all)-1].Renewal, c.name)
	}
}

func TestEventsOfEndAll(t *testing.T) {
	watch := newWebWatch(t)
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "mine")
	require.NoError(t, watch.jar.EndAll(ctx, "alice"))
	watch.list.revoke = errWebOutage
	require.ErrorIs(t, watch.jar.EndAll(ctx, "alice"), errWebOutage)
	all, lines := watch.Take(), watch.lines(t)
	require.Len(t, all, 2)
	for i, level := range []slog.Level{slog.LevelDebug, slog.LevelError} {
		require.Equal(t, "mine", all[i].Context.Value(key{}))
		require.Equal(t, sealjar.Event{
			Kind: sealjar.EventEnded, Cookie: "__Host-session", Subject: "alice", Context: ctx, Err: all[i].Err,
		}, all[i])
		checkLine(t, lines[i], level, all[i])
	}
	require.NoError(t, all[0].Err)
	require.ErrorIs(t, all[1].Err, errWebOutage)
}

// The response that a client must not see because its change is lost, for reasons that no session can help.
func TestEventsOfWhatCannotBeSealed(t *testing.T) {
	t.Run("no key seals any more", func(t *testing.T) {
		clock, events := newWebClock(), new(webEvents)
		jar := webJar(t, sealjar.Options{Keys: webExpiringRing(t), AllowShortKeys: true, Now: clock.Now, Observe: events.Observe})
		clock.Move(time.Minute)
		response := webServe(jar, webCount)
		require.Equal(t, http.StatusInternalServerError, response.StatusCode)
		all := events.Take()
		require.Len(t, all, 1)
		require.Equal(t, sealjar.EventUnwritten, all[0].Kind)
		require.ErrorIs(t, all[0].Err, token.ErrNoSealingKey)
	})
	t.Run("data that is no JSON", func(t *testing.T) {
		events := new(webEvents)
		jar, err := sealjar.New[struct{ Price float64 }](sealjar.Options{Keys: sealjartest.Ring(t), Observe: events.Observe})
		require.NoError(t, err)
		response := webRespond(jar, func(_ http.ResponseWriter, r *http.Request) { jar.From(r.Context()).Data.Price = math.NaN() })
		require.Equal(t, http.StatusInternalServerError, response.StatusCode)
		all := events.Take()
		require.Len(t, all, 1)
		require.Equal(t, sealjar.EventUnwritten, all[0].Kind)
		require.ErrorContains(t, all[0].Err, "sealjar: the session's data can't be encoded")
		var unsupported *json.UnsupportedValueError
		require.True(t, errors.As(all[0].Err, &unsupported))
	})
}

func TestEventsLoggerOfNobodyIsSlogDefaultOfNew(t *testing.T) {
	var log bytes.Buffer
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	jar, err := sealjar.New[webState](sealjar.Options{Keys: sealjartest.Ring(t)})
	slog.SetDefault(old)
	require.NoError(t, err)
	webServe(jar, webRead, "__Host-session=x")
	require.Contains(t, log.String(), `level=INFO msg="session refused" cookie=__Host-session err="sealjar: invalid session: token: malformed"`)
}

// A panic of Observe goes the way of the handler's own, and the jar goes on.
func TestEventsObserverPanics(t *testing.T) {
	panics := true
	jar := webJar(t, sealjar.Options{Observe: func(sealjar.Event) {
		if panics {
			panic("observer")
		}
	}})
	handler := stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		s := jar.From(r.Context())
		s.Data.Views++
	}))
	for _, cookie := range []string{"__Host-session=x", ""} { // when it is loaded, and when it is sealed
		panics = true
		require.PanicsWithValue(t, "observer", func() { handler.ServeHTTP(newWebRecorder(), newWebRequest(cookie)) })
		panics = false
		w := newWebRecorder()
		handler.ServeHTTP(w, newWebRequest(cookie))
		require.Len(t, w.Header()["Set-Cookie"], 1)
	}
}

// After a timeout the handler may still be writing to Data, so nothing is sealed, and that is told.
func TestEventsOfTimeout(t *testing.T) {
	watch := newWebWatch(t)
	cookie, id := watch.alice(t)
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	handler := stdmw.New(watch.jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		watch.jar.From(r.Context()).Data.Views++
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	w := newWebRecorder()
	handler.ServeHTTP(w, newWebRequest(cookie).WithContext(ctx))
	require.Empty(t, w.Header()["Set-Cookie"])
	all, lines := watch.Take(), watch.lines(t)
	require.Len(t, all, 2)
	require.Equal(t, sealjar.EventUnwritten, all[1].Kind)
	require.Equal(t, id, all[1].SessionID)
	require.ErrorContains(t, all[1].Err, "sealjar: the request timed out or was given up")
	checkLine(t, lines[1], slog.LevelError, all[1])
}

type webPanics struct{ N int }

func (p webPanics) MarshalJSON() ([]byte, error) {
	if p.N == 13 {
		panic("13")
	}
	return json.Marshal(map[string]int{"N": p.N})
}

// A panic of the application's own encoding or Adjust is answered by whoever recovers, inside of the middleware or outside.
func TestPanicsInWritingAreToldAndRecovered(t *testing.T) {
	recoverer := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				if recover() != nil {
					http.Error(w, "recovered", http.StatusInternalServerError)
				}
			}()
			next.ServeHTTP(w, r)
		})
	}
	for name, c := range map[string]struct {
		n      int
		adjust func(*http.Request, sealjar.Cookie) sealjar.Cookie
	}{
		"MarshalJSON": {n: 13},
		"Adjust":      {n: 1, adjust: func(*http.Request, sealjar.Cookie) sealjar.Cookie { panic("adjust") }},
	} {
		events := new(webEvents)
		jar, err := sealjar.New[webPanics](sealjar.Options{
			Keys: sealjartest.Ring(t), Cookie: sealjar.Cookie{Adjust: c.adjust}, Observe: events.Observe, Logger: slog.New(slog.DiscardHandler),
		})
		require.NoError(t, err)
		sessions := stdmw.New(jar, stdmw.Options{})
		handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			jar.From(r.Context()).Data.N = c.n
			_, _ = w.Write([]byte("body"))
		})
		for where, site := range map[string]http.Handler{"inside": sessions(recoverer(handler)), "outside": recoverer(sessions(handler))} {
			w := httptest.NewRecorder()
			site.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
			require.Equal(t, http.StatusInternalServerError, w.Code, "%s %s", name, where)
			require.Equal(t, "recovered\n", w.Body.String())
			require.Empty(t, w.Header()["Set-Cookie"])
			require.Equal(t, []sealjar.EventKind{sealjar.EventUnwritten}, events.Kinds(), "%s %s", name, where)
		}
	}
}
