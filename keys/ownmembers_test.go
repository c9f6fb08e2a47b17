package keys_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

// TestOwnMembersOfTheKeyFile : the version and the taint, in every form that is not theirs.
func TestOwnMembersOfTheKeyFile(t *testing.T) {
	text := marshal(t, rotated(t, nil, began))
	var id string
	edit := func(change func(set map[string]any, first, second map[string]any)) []byte {
		var set map[string]any
		require.NoError(t, json.Unmarshal(text, &set))
		entries := set["keys"].([]any)
		first, second := entries[0].(map[string]any), entries[1].(map[string]any)
		id = first["kid"].(string)
		change(set, first, second)
		data, err := json.Marshal(set)
		require.NoError(t, err)
		return data
	}
	for name, test := range map[string]struct {
		change func(set, first, second map[string]any)
		says   string
	}{
		"a version allowed":               {func(set, _, _ map[string]any) { set["sealjar_version"] = 12 }, ""},
		"no version allowed":              {func(set, _, _ map[string]any) { delete(set, "sealjar_version") }, ""},
		"a version as a text refused":     {func(set, _, _ map[string]any) { set["sealjar_version"] = "12" }, "sealjar_version is not a whole number"},
		"a version with a half refused":   {func(set, _, _ map[string]any) { set["sealjar_version"] = 1.5 }, "sealjar_version is not a whole number"},
		"a version below zero refused":    {func(set, _, _ map[string]any) { set["sealjar_version"] = -1 }, "sealjar_version is not a whole number"},
		"a version beyond 2^53 refused":   {func(set, _, _ map[string]any) { set["sealjar_version"] = float64(1 << 53) }, "sealjar_version is not a whole number"},
		"a version that is null refused":  {func(set, _, _ map[string]any) { set["sealjar_version"] = nil }, "sealjar_version is not a whole number"},
		"a taint of both halves allowed":  {func(_, a, b map[string]any) { a["sealjar_tainted"], b["sealjar_tainted"] = true, true }, ""},
		"an explicit lack of one allowed": {func(_, a, _ map[string]any) { a["sealjar_tainted"] = false }, ""},
		"a taint of one half refused": {
			func(_, a, _ map[string]any) { a["sealjar_tainted"] = true }, `sealjar_tainted differs between its signing and its encryption key`,
		},
		"a taint as a text refused":    {func(_, a, _ map[string]any) { a["sealjar_tainted"] = "true" }, "sealjar_tainted is not true or false"},
		"a taint that is null refused": {func(_, a, _ map[string]any) { a["sealjar_tainted"] = nil }, "sealjar_tainted is not true or false"},
	} {
		t.Run(name, func(t *testing.T) {
			ring, err := keys.Parse(edit(test.change), keys.Options{OpenOnly: true})
			if test.says == "" {
				require.NoError(t, err)
				require.NotEmpty(t, ring.Keys())
				return
			}
			require.ErrorContains(t, err, test.says)
			if name[:7] == "a taint" {
				require.ErrorContains(t, err, `key "`+id+`"`, "it names the key")
			}
		})
	}
}

// FuzzOwnMembers : what is read, whatever version and taints it has, is written and read again as the same.
func FuzzOwnMembers(f *testing.F) {
	ring := rotated(f, nil, began)
	f.Add(marshal(f, ring))
	tainted, err := ring.Taint(ring.Keys()[0].ID(), began)
	require.NoError(f, err)
	f.Add(marshal(f, tainted))
	last, err := tainted.WithVersion(keys.MaxVersion)
	require.NoError(f, err)
	f.Add(marshal(f, last))
	f.Fuzz(func(t *testing.T, data []byte) {
		ring, err := keys.Parse(data, keys.Options{OpenOnly: true})
		if err != nil {
			require.Regexp(t, "^keys: ", err.Error())
			return
		}
		text := marshal(t, ring)
		again, err := keys.Parse(text, keys.Options{OpenOnly: true})
		require.NoError(t, err)
		require.Equal(t, ring.Version(), again.Version())
		for i, k := range ring.Keys() {
			require.Equal(t, k.Tainted(), again.Keys()[i].Tainted())
		}
		require.Equal(t, string(text), string(marshal(t, again)))
	})
}
