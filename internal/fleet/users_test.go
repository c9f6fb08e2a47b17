//go:build unix

package fleet_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func testUsers(t *testing.T, b backend) {
	trio := startTrio(t, b)
	t.Run("a slow request that was under way", func(t *testing.T) { testSlowRequest(t, trio) })
	t.Run("a client that hangs up", func(t *testing.T) { testHangUp(t, trio) })
	for i, clock := range []string{"slow", "fast", "right"} {
		t.Run("everywhere, and in again at once, on a node whose clock is "+clock, func(t *testing.T) { testEverywhere(t, trio, i) })
	}
}

// requireOut waits until every node refuses the visitor. A node that has not heard of it yet may renew the cookie, which
// is kept, as by a thief, and worth nothing in the end.
func requireOut(t *testing.T, trio *threeNodes, v visitor) {
	t.Helper()
	for i, n := range trio.nodes {
		require.Eventually(t, func() bool {
			status, _, set := v.visit(t, n, "GET /account")
			return status == http.StatusUnauthorized && !set
		}, patience, patience/1000, "node %d", i)
	}
}

// A request has its session, the user signs out on another node, and then it writes: whether its node has heard of that or
// not, nobody gets the session back.
func testSlowRequest(t *testing.T, trio *threeNodes) {
	for _, heard := range []bool{false, true} {
		v, sid := signedIn(t, trio.nodes[0], "ada")
		tab := *v
		body, finish := io.Pipe()
		answered := tab.slow(t, trio.nodes[1], tab.request(t, trio.nodes[1], "POST /view", body))
		status, _, _ := v.visit(t, trio.nodes[0], "POST /signout")
		require.Equal(t, http.StatusNoContent, status)
		if heard {
			trio.nodes[1].requireRefused([]string{sid})
		}
		require.NoError(t, finish.Close())
		response := <-answered
		require.NotNil(t, response)
		require.NoError(t, response.Body.Close())
		if cookies := response.Cookies(); len(cookies) > 0 {
			require.False(t, heard)
			tab.cookie = cookies[0].Name + "=" + cookies[0].Value
		}
		requireOut(t, trio, tab)
	}
}

func testHangUp(t *testing.T, trio *threeNodes) {
	v, sid := signedIn(t, trio.nodes[0], "ada")
	trio.nodes[1].ready()
	ctx, hangUp := context.WithCancel(t.Context())
	body, finish := io.Pipe()
	answered := v.slow(t, trio.nodes[1], v.request(t, trio.nodes[1], "POST /signout", body).WithContext(ctx))
	hangUp()
	_ = finish.CloseWithError(ctx.Err()) // the rest of the body never comes
	require.Nil(t, <-answered)
	for _, n := range trio.nodes {
		n.requireRefused([]string{sid})
	}
	requireOut(t, trio, *v)
}

// All happens within one second. The new session lives on every node, and every older one dies, also one of a node whose clock
// is ahead of that on which all is ended.
func testEverywhere(t *testing.T, trio *threeNodes, here int) {
	name := fmt.Sprint("grace", here)
	var phone, tablet, laptop *visitor
	var old visitor
	status, text, set := 0, "", false
	for range 10 { // a node that can't tell for a moment: once more from the start
		phone, _ = signedIn(t, trio.nodes[1], name)
		tablet, _ = signedIn(t, trio.nodes[2], name)
		laptop, _ = signedIn(t, trio.nodes[1], name)
		old = *laptop
		if status, text, set = laptop.once(t, trio.nodes[here], "POST /everywhere"); status != http.StatusServiceUnavailable {
			break
		}
		trio.nodes[here].ready()
	}
	require.Equal(t, http.StatusNoContent, status, text)
	require.True(t, set)
	for range 2 {
		for _, n := range trio.nodes {
			status, who, _ := laptop.visit(t, n, "GET /account")
			require.Equal(t, http.StatusOK, status)
			require.Equal(t, name, who)
		}
		for _, v := range []*visitor{phone, tablet, &old} {
			requireOut(t, trio, *v)
		}
	}
}
