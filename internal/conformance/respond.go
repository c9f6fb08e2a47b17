package conformance

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync"

	"github.com/stretchr/testify/require"
)

// The ways of /respond/<how>, each after the values in the parameter "set" were set:
//
//	status?code=n   that status; with a body if it may have one, and a Location if it is a redirect
//	empty           nothing is written
//	flush           the header is flushed, and then "body" written
//	early           the header is flushed before the values are set, and then "body" written
//	stream          "one", flushed; waits for /control/release; "two"
//	big             1 MiB of "x" in pieces
//	length          "body" with Content-Length
//	hints           103 Early Hints, and then "body"
//	panic           panics before anything is written, with a recoverer outside
//	abort           breaks off after "body" was flushed
//	notmodified     304 for If-None-Match: "v1"
//	headers?h=n:v   header fields as the handler likes, and "body"
//	error           the framework's own way to answer an error, with 418
var mechanics = []Behaviour{
	{Given: "a change and a handler that writes nothing", Expect: "200 with the cookie", check: responds("empty", "")},
	{Given: "a change and a header that is flushed before the body", Expect: "the cookie and the whole body", check: responds("flush", "body")},
	{Given: "a change and a body with Content-Length", Expect: "the cookie and the whole body", check: responds("length", "body")},
	{Given: "a change and a body of 1 MiB in pieces", Expect: "the cookie and the whole body", check: responds("big", strings.Repeat("x", 1<<20))},
	{Given: "a change and a body that is streamed", Expect: "the cookie and the first piece before the rest is made", check: func(p *probe) {
		b := p.browser()
		response, err := p.begin(context.Background(), http.MethodGet, "/respond/stream?set=who=alice", nil)
		require.NoError(p, err)
		defer response.Body.Close()
		b.take(response)
		require.NotEmpty(p, b.value(), "the cookie came with the header")
		first := make([]byte, 3)
		_, err = io.ReadFull(response.Body, first)
		require.NoError(p, err)
		p.control("release")
		rest, err := io.ReadAll(response.Body)
		require.NoError(p, err)
		require.Equal(p, "onetwo", string(first)+string(rest))
		b.has("alice")
	}},
	{Given: "a header that is flushed before a new session begins", Expect: "the whole response, and no cookie", check: func(p *probe) {
		b := p.browser()
		r := b.ok("/respond/early?set=who=alice")
		require.NoError(p, r.err)
		require.Equal(p, "body", r.body)
		b.none(r)
		p.visitor("bob")
	}},
	{Given: "a header that is flushed before a session changes", Expect: "the whole response, and the session still good", check: func(p *probe) {
		b := p.visitor("alice")
		r := b.ok("/respond/early?set=a=1")
		require.Equal(p, "body", r.body)
		b.has("alice")
	}},
	{Given: "a change and 103 Early Hints", Expect: "the cookie with the final response", check: func(p *probe) {
		b := p.browser()
		var mu sync.Mutex
		hinted := 0
		ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
			Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
				mu.Lock()
				defer mu.Unlock()
				hinted = code
				return nil
			},
		})
		r := p.do(ctx, http.MethodGet, "/respond/hints?set=who=alice", nil)
		mu.Lock()
		require.Equal(p, http.StatusEarlyHints, hinted)
		mu.Unlock()
		require.Equal(p, http.StatusOK, r.StatusCode)
		b.take(r.Response)
		b.session(r)
		b.has("alice")
	}},
	{Given: "a change and a redirect", Expect: "the cookie beside the Location", check: func(p *probe) {
		b := p.browser()
		r := b.get("/respond/status?code=303&set=who=alice")
		require.Equal(p, "/read", r.Header.Get("Location"))
		b.session(r)
		b.has("alice")
	}},
	{Given: "a flash message and a redirect", Expect: "the message on the page behind it", check: func(p *probe) {
		b := p.browser()
		b.ok("/flash?text=saved")
		b.get("/respond/status?code=303&set=a=1")
		require.Equal(p, []string{"saved"}, b.flashes())
	}},
	{Given: "HEAD", Expect: "the cookie as with GET, and no body", check: func(p *probe) {
		b := p.browser()
		r := b.ask(http.MethodHead, "/set?who=alice")
		require.Equal(p, http.StatusOK, r.StatusCode)
		require.Empty(p, r.body)
		b.session(r)
		b.has("alice")
	}},
	{Given: "a conditional request, a change and 304", Expect: "the cookie, and no body", check: func(p *probe) {
		b := p.visitor("alice")
		header := b.header()
		header.Set("If-None-Match", `"v1"`)
		r := p.do(context.Background(), http.MethodGet, "/respond/notmodified?set=a=1", header)
		b.take(r.Response)
		require.Equal(p, http.StatusNotModified, r.StatusCode)
		require.Empty(p, r.body)
		require.Equal(p, map[string]string{"who": "alice", "a": "1"}, b.read().Values)
	}},
	{Given: "a change and an error that the framework answers", Expect: "its status with the cookie", check: func(p *probe) {
		b := p.browser()
		r := b.get("/respond/error?set=who=alice")
		require.Equal(p, http.StatusTeapot, r.StatusCode)
		b.session(r)
		b.has("alice")
	}},
	{Given: "a handler that panics", Expect: "500, and the session as good as before", check: func(p *probe) {
		b := p.visitor("alice")
		require.Equal(p, http.StatusInternalServerError, b.get("/respond/panic?set=a=1").StatusCode)
		b.has("alice")
	}},
	{Given: "a handler that breaks off in the middle of the body", Expect: "the client sees that it did, and the session is good", check: func(p *probe) {
		b := p.visitor("alice")
		response, err := p.begin(context.Background(), http.MethodGet, "/respond/abort?set=a=1", b.header())
		if err == nil {
			r := p.finish(response)
			b.take(response)
			require.Error(p, r.err)
		}
		b.has("alice")
	}},
	{Given: "a change and a cookie of the handler's own", Expect: "both", check: func(p *probe) {
		b := p.browser()
		r := b.ok("/respond/headers?set=who=alice&" + query("h", "Set-Cookie:theme=dark; Path=/"))
		require.Len(p, r.cookies("theme"), 1)
		b.session(r)
		b.has("alice")
	}},
	{Given: "a change and header fields of the handler's own", Expect: "they are as it set them", check: func(p *probe) {
		b := p.browser()
		r := b.ok("/respond/headers?set=who=alice&" + query("h", "X-Own:1") + "&" + query("h", "Content-Type:text/markdown") +
			"&" + query("h", "Content-Language:cs"))
		require.Equal(p, "1", r.Header.Get("X-Own"))
		require.Contains(p, r.Header.Get("Content-Type"), "text/markdown")
		require.Equal(p, "cs", r.Header.Get("Content-Language"))
		require.Equal(p, "body", r.body)
	}},
	{Given: "two visitors over one connection, in turn", Expect: "each their own session", check: func(p *probe) {
		alice, bob := p.visitor("alice"), p.visitor("bob")
		for range 5 {
			alice.has("alice")
			bob.has("bob")
			p.browser().anonymous()
		}
	}},
	{Given: "a client that hangs up before the answer", Expect: "the server and the session go on", check: func(p *probe) {
		b := p.visitor("alice")
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() {
			_, err := p.send(ctx, http.MethodGet, "/hold?a=1", b.header())
			done <- err
		}()
		p.control("held")
		cancel()
		require.Error(p, <-done)
		p.control("release")
		b.has("alice")
	}},
}

// responds is the check that a change reaches the client with a whole body.
func responds(how, body string) func(*probe) {
	return func(p *probe) {
		b := p.browser()
		r := b.ok("/respond/" + how + "?set=who=alice")
		require.NoError(p, r.err)
		require.True(p, body == r.body, "%d bytes", len(r.body))
		b.session(r)
		b.has("alice")
	}
}
