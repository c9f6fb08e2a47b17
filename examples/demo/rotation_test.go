package main

import (
	"crypto/sha256"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

func newRotation(t *testing.T) *rotation {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.json")
	file, err := openKeys(path, keyFileOptions(keys.Watch{Logger: silence}))
	require.NoError(t, err)
	return &rotation{file: file, path: path}
}

// phases are those of the keys in the order in which they came.
func phases(k *rotation, now time.Time) (all []string) {
	for _, v := range k.view(now) {
		all = append(all, v.Phase)
	}
	return all
}

func TestPhasesOfKeys(t *testing.T) {
	k := newRotation(t)
	now := time.Now()
	require.Equal(t, []string{"sealing"}, phases(k, now))
	first := k.view(now)[0].KeyID

	require.NoError(t, k.change(t.Context(), "add", "", keys.ES256))
	require.Equal(t, []string{"sealing", "pending"}, phases(k, now))
	require.Equal(t, []string{"opening", "sealing"}, phases(k, now.Add(time.Minute)), "it takes over by itself")
	next := k.view(now)[1]
	require.Equal(t, keys.ES256, next.Algorithm)
	require.Greater(t, next.NotBefore, now.Add(keys.Leeway).UnixMilli(), "every node knows it before")

	require.NoError(t, k.change(t.Context(), "promote", next.KeyID, ""))
	require.Equal(t, []string{"opening", "sealing"}, phases(k, time.Now()))
	require.NoError(t, k.change(t.Context(), "retire", first, ""))
	require.Greater(t, k.view(time.Now())[0].Expiry, now.Add(absolute).UnixMilli(), "the last of its sessions lives on")
	require.Equal(t, []string{"gone", "sealing"}, phases(k, now.Add(2*absolute)))

	require.NoError(t, k.change(t.Context(), "remove", first, ""))
	require.Equal(t, []string{"gone", "sealing"}, phases(k, time.Now()))
	text, err := os.ReadFile(k.path)
	require.NoError(t, err)
	require.NotContains(t, string(text), first)
	require.Contains(t, string(text), next.KeyID)
}

func TestSomeGoneKeysAreShown(t *testing.T) {
	k := newRotation(t)
	for range keptGone + 3 {
		require.NoError(t, k.change(t.Context(), "add", "", keys.HS256))
		now := time.Now()
		require.NoError(t, k.change(t.Context(), "remove", k.view(now)[len(k.view(now))-1].KeyID, ""))
	}
	require.Len(t, k.view(time.Now()), 1+keptGone)
}

// A key that has expired is shown for as long as the file has it, and keeps its place.
func TestExpiredKeysOfTheFileAreShown(t *testing.T) {
	k := newRotation(t)
	for range keptGone + 3 {
		require.NoError(t, k.change(t.Context(), "add", "", keys.HS256))
		all := k.view(time.Now())
		require.NoError(t, k.change(t.Context(), "promote", all[len(all)-1].KeyID, ""))
		require.NoError(t, k.change(t.Context(), "retire", all[len(all)-2].KeyID, ""))
	}
	later := time.Now().Add(2 * absolute)
	all := k.view(later)
	require.Len(t, all, 1+keptGone+3)
	for range 3 {
		require.Equal(t, all, k.view(later))
	}
}

func TestKeyChangesRefused(t *testing.T) {
	v := visit(t, "alice")
	kid := read[anatomy](t, v, "demo/cookie").Sealing
	for name, form := range map[string]string{
		"no action":                     "kid=" + kid,
		"an unknown action":             "action=drop&kid=" + kid,
		"an unknown key":                "action=promote&kid=nobody",
		"an unknown algorithm":          "action=add&alg=none",
		"to retire the only key":        "action=retire&kid=" + kid,
		"to remove the only key":        "action=remove&kid=" + kid,
		"to promote what is not a key":  "action=promote",
		"an action as part of the path": "action=../add",
	} {
		a := v.send(t, "demo/keys", form)
		require.Equal(t, http.StatusUnprocessableEntity, a.StatusCode, name)
		require.Contains(t, a.body, `"error":`, name)
	}
	require.Equal(t, "alice", v.opinions(t)["Echo"])
}

// A jar asks that no key ends before the sessions that it seals. What would break that leaves the file as it is.
func TestRefusedChangeLeavesTheFile(t *testing.T) {
	k := newRotation(t)
	require.NoError(t, k.file.Require(absolute, time.Now())) // as a jar does
	change := func(action string, key int) error {
		return k.change(t.Context(), action, k.view(time.Now())[key].KeyID, keys.ES256)
	}
	require.NoError(t, change("add", 0))
	require.NoError(t, change("add", 0))
	require.NoError(t, change("promote", 2))
	require.NoError(t, change("retire", 2))
	require.Equal(t, []string{"opening", "sealing", "opening"}, phases(k, time.Now()))
	before, err := os.ReadFile(k.path)
	require.NoError(t, err)

	require.ErrorContains(t, change("remove", 1), "want at least", "the retired one would seal")
	after, err := os.ReadFile(k.path)
	require.NoError(t, err)
	require.Equal(t, sha256.Sum256(before), sha256.Sum256(after))
	require.NoError(t, change("add", 0))
	require.NoError(t, change("remove", 1), "the new one seals")
	require.Equal(t, []string{"opening", "gone", "opening", "sealing"}, phases(k, time.Now()))
}

// The session moves to the new key with its next response, and the old one's end does not sign it out.
func TestKeyFileThatIsGone(t *testing.T) {
	k := newRotation(t)
	kid := k.view(time.Now())[0].KeyID
	require.NoError(t, os.Remove(k.path))
	for _, action := range []string{"add", "promote", "retire", "remove"} {
		require.ErrorIs(t, k.change(t.Context(), action, kid, keys.HS256), errNoFile)
	}
	require.NoFileExists(t, k.path)
	require.Equal(t, []string{"sealing"}, phases(k, time.Now()), "what is known goes on")
}

func TestSessionSurvivesRotation(t *testing.T) {
	v := visit(t, "alice")
	old := read[anatomy](t, v, "demo/cookie").Sealing
	require.Equal(t, http.StatusNoContent, v.send(t, "demo/keys", "action=add&alg=EdDSA").StatusCode)
	s := v.watch(t, func(s snapshot) bool { return len(s.Keys) == 2 })
	require.Equal(t, http.StatusNoContent, v.send(t, "demo/keys", "action=promote&kid="+s.Keys[1].KeyID).StatusCode)

	held := read[anatomy](t, v, "demo/cookie")
	require.Equal(t, old, held.Inside.KeyID)
	require.Equal(t, s.Keys[1].KeyID, held.Sealing)
	v.get(t, v.echo)
	require.Equal(t, s.Keys[1].KeyID, read[anatomy](t, v, "demo/cookie").Inside.KeyID)
	require.Equal(t, http.StatusNoContent, v.send(t, "demo/keys", "action=remove&kid="+old).StatusCode)
	require.Equal(t, "alice", v.opinions(t)["net/http"])
}
