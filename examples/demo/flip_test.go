package main

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The page promises it of any position.
func TestEveryChangedCharacterMakesAnonymous(t *testing.T) {
	v := visit(t, "alice")
	good := v.cookies[cookieName]
	for position := range good {
		changed, ok := flip(good, position)
		require.True(t, ok)
		who := ask(t, http.MethodGet, v.std+"whoami", "", http.Header{"Cookie": {cookieName + "=" + changed}})
		require.Equal(t, http.StatusOK, who.StatusCode)
		require.JSONEq(t, `{"server":"net/http","subject":"","views":0,"known":false}`, who.body, position)
	}
}

func TestCharacterIsChangedAndPutBack(t *testing.T) {
	v := visit(t, "alice")
	good := v.cookies[cookieName]
	a := v.send(t, "demo/flip", "at=300")
	require.Equal(t, http.StatusNoContent, a.StatusCode)
	require.Contains(t, a.Header.Get("Set-Cookie"), "; Path=/; HttpOnly; Secure; SameSite=Lax")
	require.Equal(t, map[string]string{"net/http": "", "Echo": "", "node, refuse": "", "node, allow": ""}, v.opinions(t))
	v.watch(t, func(s snapshot) bool {
		return slices.ContainsFunc(s.Lines, func(l line) bool { return strings.Contains(l.Err, "token: decryption failed") })
	})
	v.send(t, "demo/flip", "at=300")
	require.Equal(t, good, v.cookies[cookieName])
	require.Equal(t, "alice", v.opinions(t)["Echo"])
	v.send(t, "demo/flip", "at=300&at=0&at=200")
	require.Equal(t, "", v.opinions(t)["Echo"])
	v.send(t, "demo/flip", "at=0&at=200&at=300")
	require.Equal(t, good, v.cookies[cookieName], "several at a time")
	for _, at := range []string{"-1", "", "x", "1&at=x", "1&at=-1", strconv.Itoa(len(good)), "1e3"} {
		a := v.send(t, "demo/flip", "at="+at)
		require.Equal(t, http.StatusBadRequest, a.StatusCode, at)
		require.Empty(t, a.Header.Get("Set-Cookie"), at)
	}
}

// To change a character twice is to leave it alone, and once is never that.
func FuzzFlip(f *testing.F) {
	f.Add("eyJ..a-_9", 3)
	f.Add("", 0)
	f.Fuzz(func(t *testing.T, value string, position int) {
		token := strings.Map(func(r rune) rune {
			if r == '.' || strings.ContainsRune(base64url, r) {
				return r
			}
			return -1
		}, value)
		once, ok := flip(token, position)
		require.Equal(t, ok, once != token)
		twice, _ := flip(once, position)
		require.Equal(t, token, twice)
	})
}
