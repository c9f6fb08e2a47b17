package strictjson_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sealjar/sealjar/internal/strictjson"
)

func TestText(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		`""`: "", `"a"`: "a", `"\""`: `"`, `"\\"`: `\`, `"\/"`: "/", `"\b\f\n\r\t"`: "\b\f\n\r\t", `"\u0000"`: "\x00", `"\u00e9\u00E9"`: "éé",
		`"\uFFFF"`: "\uffff", `"\ud83d\ude00"`: "😀", `"a\ud800\udc00b"`: "a\U00010000b", `"\udbff\udfff"`: "\U0010ffff", `"é😀"`: "é😀", `"\\u0041"`: `\u0041`,
	} {
		text, ok := strictjson.Text([]byte(value))
		require.True(t, ok)
		require.Equal(t, want, string(text), value)
	}
	for _, value := range []string{``, `1`, `null`, `true`, `{}`, `[]`, `["a"]`, `{"a":"b"}`, `-1`} {
		_, ok := strictjson.Text([]byte(value))
		require.False(t, ok, value)
	}
}

func TestTextSharesMemoryIfItCan(t *testing.T) {
	t.Parallel()
	value := []byte(`"abc"`)
	text, _ := strictjson.Text(value)
	value[1] = 'x'
	require.Equal(t, "xbc", string(text))
}

func TestAppendText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": `""`, "abc": `"abc"`, `"\/`: `"\"\\/"`, "\n\x00\x1f": `"\u000a\u0000\u001f"`, "\x7fé😀\u2028": "\"\x7fé😀\u2028\"", "<&>": `"<&>"`,
	} {
		require.Equal(t, "before"+want, string(strictjson.AppendText([]byte("before"), text)))
	}
}

// TestTextsComeBack writes any text and reads it again, by this package and by encoding/json.
func TestTextsComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		value := strictjson.AppendText(nil, text)
		require.NoError(t, strictjson.Check(value))
		back, ok := strictjson.Text(value)
		require.True(t, ok)
		require.Equal(t, text, string(back))
		var other string
		require.NoError(t, json.Unmarshal(value, &other))
		require.Equal(t, text, other)
	})
}
