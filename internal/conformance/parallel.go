package conformance

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
)

const crowd = 24

// together makes requests at the same time, with the headers that it is given, and returns the replies in their order.
func (p *probe) together(path func(i int) string, header func(i int) http.Header) []*reply {
	replies, errs := make([]*reply, crowd), make([]error, crowd)
	var wait sync.WaitGroup
	for i := range crowd {
		wait.Go(func() { replies[i], errs[i] = p.send(context.Background(), http.MethodGet, path(i), header(i)) })
	}
	wait.Wait()
	for _, err := range errs {
		require.NoError(p, err)
	}
	return replies
}

func to(path string) func(int) string { return func(int) string { return path } }

func (b *browser) each() func(int) http.Header {
	header := b.header()
	return func(int) http.Header { return header }
}

func (p *probe) allOK(replies []*reply) {
	for _, r := range replies {
		require.Equal(p, http.StatusOK, r.StatusCode, r.body)
	}
}

var parallel = []Behaviour{
	{Given: "one session read by many requests at the same time", Expect: "each sees it", check: func(p *probe) {
		for _, r := range p.together(to("/read"), p.visitor("alice").each()) {
			require.Equal(p, http.StatusOK, r.StatusCode)
			require.Contains(p, r.body, "alice")
		}
	}},
	{Given: "one session changed by many requests at the same time", Expect: "no error, and a good session afterwards", check: func(p *probe) {
		b := p.visitor("alice")
		replies := p.together(func(i int) string { return fmt.Sprintf("/set?k%d=%d", i, i) }, b.each())
		p.allOK(replies)
		for _, r := range replies {
			b.take(r.Response)
		}
		b.has("alice")
	}},
	{Given: "many visitors at the same time, each with a value of their own", Expect: "nobody sees another's", check: func(p *probe) {
		visitors := make([]*browser, crowd)
		for i := range visitors {
			visitors[i] = p.visitor(fmt.Sprintf("v%02d", i))
		}
		for i, r := range p.together(to("/read"), func(i int) http.Header { return visitors[i].header() }) {
			require.Contains(p, r.body, fmt.Sprintf("v%02d", i))
		}
	}},
	{Given: "many first visits at the same time", Expect: "as many different sessions", check: func(p *probe) {
		seen := make(map[string]bool)
		for _, r := range p.together(to("/set?who=alice"), p.browser().each()) {
			b := p.browser()
			b.take(r.Response)
			seen[b.read().ID] = true
		}
		require.Len(p, seen, crowd)
	}},
	{Given: "good and garbage cookies at the same time", Expect: "each gets its own answer", check: func(p *probe) {
		alice := p.visitor("alice").header()
		bad := http.Header{"Cookie": {p.about.Cookie + "=garbage"}}
		replies := p.together(to("/read"), func(i int) http.Header {
			if i%2 == 0 {
				return alice
			}
			return bad
		})
		p.allOK(replies)
		for i, r := range replies {
			if i%2 == 0 {
				require.Contains(p, r.body, "alice")
			} else {
				require.NotContains(p, r.body, "alice")
			}
		}
	}},
	{Given: "many sign-outs of one session at the same time", Expect: "no error, and nothing left of it", check: func(p *probe) {
		b := p.user("alice")
		p.allOK(p.together(to("/signout"), b.each()))
		b.anonymous()
	}},
	{Given: "many sign-ins over one session at the same time", Expect: "no error of the server, and each session that is given out is that subject's", check: func(p *probe) {
		for _, r := range p.together(to("/signin?subject=alice"), p.visitor("alice").each()) {
			require.Less(p, r.StatusCode, http.StatusInternalServerError)
			b := p.browser()
			b.take(r.Response)
			if b.value() != "" {
				require.Contains(p, []string{"alice", ""}, b.read().Subject)
			}
		}
	}},
	{Given: "a key rotation while many requests read", Expect: "no error and nobody signed out", needs: keysNeeded, check: func(p *probe) {
		b := p.user("alice")
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = p.send(context.Background(), http.MethodPost, "/control/keys?do=add", nil)
		}()
		for _, r := range p.together(to("/read"), b.each()) {
			require.Equal(p, http.StatusOK, r.StatusCode)
			require.Contains(p, r.body, `"alice"`)
		}
		<-done
	}},
	{Given: "one session due for renewal in many requests at the same time", Expect: "every cookie that is given out is good", needs: clock, check: func(p *probe) {
		b := p.visitor("alice")
		p.wait(20 * time.Minute)
		for _, r := range p.together(to("/read"), b.each()) {
			require.Contains(p, r.body, "alice")
			other := b.copy()
			other.take(r.Response)
			other.has("alice")
		}
	}},
}
