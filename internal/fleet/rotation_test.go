//go:build unix

package fleet_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/internal/fleet"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/stdmw"
)

// swapping is a source whose ring is another one every few times that it is asked, also in the middle of a request. Each opens
// what the other seals.
type swapping struct {
	rings [2]*keys.Ring
	asked atomic.Int64
}

func (s *swapping) Ring() *keys.Ring { return s.rings[s.asked.Add(1)/5%2] }

func newSwapping(t *testing.T) *swapping {
	t.Helper()
	s := &swapping{}
	for i, list := range []string{secret + " " + otherSecret, otherSecret + " " + secret} {
		ring, err := keys.FromSecrets(list)
		require.NoError(t, err)
		s.rings[i] = ring
	}
	return s
}

const otherSecret = "7fJt0nq4wXy1m0sVd3oQeJ5bHk9aZr2LcUi8GpTS6Eg="

// A hundred users sign in, look around and sign out on two nodes in one process, while the keys change all the time. No
// token of a session that was signed out is accepted, whichever key has sealed it.
func TestRevokeWhileKeysRotate(t *testing.T) {
	const users, rounds = 100, 2
	source := newSwapping(t)
	ctx, cancel := context.WithCancel(t.Context())
	var running, visiting sync.WaitGroup
	var nodes []http.Handler
	store := &revocation.Memory{}
	for range 2 {
		list, err := revocation.NewList(store, revocation.ListOptions{OnStale: revocation.Refuse, Logger: slog.New(slog.DiscardHandler)})
		require.NoError(t, err)
		running.Go(func() { _ = list.Run(ctx) })
		require.Eventually(t, func() bool { return list.Status().Current }, patience, time.Millisecond)
		nodes = append(nodes, smallApp(t, source, list))
	}
	for user := range users {
		visiting.Go(func() {
			for i := range rounds {
				userLife(t, nodes[(user+i)%2], nodes[(user+i+1)%2], fmt.Sprint("user ", user))
			}
		})
	}
	visiting.Wait()
	cancel()
	running.Wait()
}

// smallApp signs in, looks, and signs out, as the path says.
func smallApp(t *testing.T, source keys.Source, list sealjar.Revocation) http.Handler {
	jar, err := sealjar.New[fleet.State](sealjar.Options{Keys: source, Revocation: list, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	return stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		switch user, in := strings.CutPrefix(r.URL.Query().Get("do"), "in "); {
		case in:
			_ = session.SignIn(r.Context(), user)
		case user == "out":
			_ = session.End(r.Context())
		}
		session.Data.Views++
		fmt.Fprint(w, session.Subject())
	}))
}

func userLife(t *testing.T, here, there http.Handler, name string) {
	var cookies []string
	ask := func(node http.Handler, cookie, do string) string {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.RawQuery = "do=" + strings.ReplaceAll(do, " ", "+")
		r.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		node.ServeHTTP(w, r)
		set, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
		cookies = append(cookies, set)
		return w.Body.String()
	}
	last := func() string { return cookies[len(cookies)-1] }
	ask(here, "", "in "+name)
	for range 3 {
		if got := ask(there, last(), ""); got != name {
			t.Errorf("%s is signed in as %q", name, got)
		}
	}
	tokens := cookies[:4:4]
	ask(here, last(), "out")
	for _, cookie := range tokens {
		if got := ask(here, cookie, ""); got != "" {
			t.Errorf("%s is still signed in where the session was ended", got)
		}
		deadline := time.Now().Add(patience)
		for ask(there, cookie, "") != "" {
			if time.Now().After(deadline) {
				t.Errorf("%s is still signed in elsewhere", name)
				return
			}
			time.Sleep(time.Millisecond)
		}
	}
}
