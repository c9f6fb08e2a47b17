package main

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Both servers put a session that is too large for one cookie into several, and back.
func TestSessionOutgrowsItsCookie(t *testing.T) {
	v := visit(t, "alice")
	for _, server := range []string{v.std, v.echo} {
		v.std = server
		for _, step := range []struct {
			bytes  string
			pieces int
		}{{"7500", 4}, {"3000", 2}, {"5000", 3}, {"0", 1}} {
			require.Equal(t, http.StatusNoContent, v.send(t, "fill", "bytes="+step.bytes).StatusCode)
			require.Len(t, v.cookies, step.pieces)
			a := read[anatomy](t, v, "demo/cookie")
			require.Len(t, a.Pieces, step.pieces)
			size := 0
			for _, p := range a.Pieces {
				require.Equal(t, len(p.Name)+len(v.cookies[p.Name]), p.Bytes)
				require.LessOrEqual(t, p.Bytes, a.Limit)
				size += p.Bytes
			}
			require.Equal(t, size, a.Bytes)
			require.True(t, a.Accepted)
			require.Equal(t, "alice", a.Inside.Subject)
			require.Equal(t, 4, strings.Count(a.Value, "."))
			require.Equal(t, "alice", v.opinions(t)["node, refuse"])
		}
	}
}

// What four cookies do not hold is refused, and the session goes on as it was.
func TestSessionTooLargeForItsCookies(t *testing.T) {
	v := visit(t, "alice")
	for _, server := range []string{v.std, v.echo} {
		v.std = server
		require.Equal(t, http.StatusNoContent, v.send(t, "fill", "bytes=4000").StatusCode)
		a := v.send(t, "fill", "bytes=20000")
		require.Equal(t, http.StatusRequestEntityTooLarge, a.StatusCode)
		require.Contains(t, a.body, `{"error":"Four cookies do not hold that.`)
		require.Empty(t, a.Cookies())
		require.Equal(t, "alice", v.opinions(t)["Echo"])
		for _, bad := range []string{"20001", "-1", "", "x", "1e3", "99999999999999999999"} {
			a := v.send(t, "fill", "bytes="+bad)
			require.Equal(t, http.StatusBadRequest, a.StatusCode, bad)
			require.Contains(t, a.body, badFill)
		}
	}
}

// A piece that an answer did not take away has no part in the token, and is shown.
func TestPiecesThatAreLeftOver(t *testing.T) {
	v := visit(t, "alice")
	require.Equal(t, http.StatusNoContent, v.send(t, "fill", "bytes=3000").StatusCode)
	value := read[anatomy](t, v, "demo/cookie").Value
	v.cookies[cookieName+"_2"] = "old"
	a := read[anatomy](t, v, "demo/cookie")
	require.Equal(t, value, a.Value)
	require.True(t, a.Accepted)
	require.Len(t, a.Pieces, 3)
	delete(v.cookies, cookieName+"_1")
	require.False(t, read[anatomy](t, v, "demo/cookie").Accepted)
}

// The page promises it of any position: here of the first, of the last, and of both sides of each cut.
func TestCharacterOfAnyPieceIsChangedAndPutBack(t *testing.T) {
	v := visit(t, "alice")
	require.Equal(t, http.StatusNoContent, v.send(t, "fill", "bytes=5000").StatusCode)
	good := read[anatomy](t, v, "demo/cookie").Value
	room := cookieLimit - len(cookieName) - 2
	for _, at := range []int{0, room - 1, room, 2*room - 1, 2 * room, len(good) - 1} {
		want, _ := flip(good, at)
		form := "at=" + strconv.Itoa(at)
		require.Equal(t, http.StatusNoContent, v.send(t, "demo/flip", form).StatusCode)
		a := read[anatomy](t, v, "demo/cookie")
		require.Equal(t, want, a.Value)
		require.False(t, a.Accepted)
		v.send(t, "demo/flip", form)
		require.Equal(t, good, read[anatomy](t, v, "demo/cookie").Value)
	}
	require.Equal(t, http.StatusBadRequest, v.send(t, "demo/flip", "at="+strconv.Itoa(len(good))).StatusCode)
}
