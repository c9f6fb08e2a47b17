package strictjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/strictjson"
)

// FuzzCheck compares with encoding/json. What is accepted, it must accept, and read as the value that this package
// shows. What it accepts and this package refuses must have one of the faults that it lets pass.
func FuzzCheck(f *testing.F) {
	for _, doc := range accepted {
		f.Add([]byte(doc))
	}
	for _, docs := range refused {
		for _, doc := range docs {
			if len(doc) < 1000 {
				f.Add([]byte(doc))
			}
		}
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		before := bytes.Clone(doc)
		err := strictjson.Check(doc)
		require.Equal(t, before, doc, "input is not changed")
		if err == nil {
			require.True(t, json.Valid(doc))
			requireSameMembers(t, doc)
			return
		}
		var at *strictjson.Error
		require.ErrorAs(t, err, &at)
		require.True(t, 0 <= at.Offset && at.Offset <= len(doc))
		require.Error(t, strictjson.Object(doc, func(_, _ []byte) error { return nil }))
		if !json.Valid(doc) {
			return
		}
		switch at.Reason {
		case "not valid UTF-8":
			require.False(t, utf8.Valid(doc))
		case "lone surrogate":
			require.Contains(t, string(doc), `\u`)
		case "nested too deep":
			require.Greater(t, depth(doc), strictjson.MaxDepth)
		case "member name given twice":
			require.True(t, repeats(t, doc))
		default:
			require.Fail(t, "refused for no reason", "%s: %q", at.Reason, doc)
		}
	})
}

// requireSameMembers compares objects, member by member and at every depth, with the map that encoding/json makes.
func requireSameMembers(t *testing.T, doc []byte) {
	t.Helper()
	require.LessOrEqual(t, depth(doc), strictjson.MaxDepth)
	require.False(t, repeats(t, doc))
	var members map[string]json.RawMessage
	err := json.Unmarshal(doc, &members)
	seen := 0
	own := strictjson.Object(doc, func(name, value []byte) error {
		seen++
		require.Equal(t, string(members[string(name)]), string(value))
		text, isText := strictjson.Text(value)
		var other string
		require.Equal(t, isText, value[0] == '"' && json.Unmarshal(value, &other) == nil)
		require.Equal(t, other, string(text))
		if value[0] == '{' {
			requireSameMembers(t, value)
		}
		return nil
	})
	if err != nil || members == nil {
		require.EqualError(t, own, "strictjson: not an object")
		return
	}
	require.NoError(t, own)
	require.Len(t, members, seen)
}

// depth is how many arrays and objects are open at one time.
func depth(doc []byte) int {
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	most, now := 0, 0
	for {
		part, err := d.Token()
		if err != nil {
			return most
		}
		switch part {
		case json.Delim('{'), json.Delim('['):
			now++
			most = max(most, now)
		case json.Delim('}'), json.Delim(']'):
			now--
		}
	}
}

// repeats reports whether one object has a name twice. Only for documents without lone surrogates, which encoding/json
// makes the same character.
func repeats(t *testing.T, doc []byte) bool {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	type level struct {
		names  map[string]bool // nil in an array
		isName bool
	}
	var levels []*level
	for {
		part, err := d.Token()
		if errors.Is(err, io.EOF) {
			return false
		}
		require.NoError(t, err)
		var top *level
		if len(levels) > 0 {
			top = levels[len(levels)-1]
		}
		if name, isText := part.(string); isText && top != nil && top.isName {
			if top.names[name] {
				return true
			}
			top.names[name], top.isName = true, false
			continue
		}
		switch part {
		case json.Delim('{'):
			levels = append(levels, &level{names: make(map[string]bool), isName: true})
			continue
		case json.Delim('['):
			levels = append(levels, &level{})
			continue
		case json.Delim('}'), json.Delim(']'):
			levels = levels[:len(levels)-1]
			if len(levels) == 0 {
				continue
			}
			top = levels[len(levels)-1]
		}
		if top != nil {
			top.isName = top.names != nil
		}
	}
}
