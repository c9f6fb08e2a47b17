package expressbridge_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/expressbridge"
	"github.com/sealjar/sealjar/takeover"
)

// writer makes rows of JSON that the application gives.
func writer(t testing.TB, rows *table, maxData int) takeover.Source {
	t.Helper()
	source, err := expressbridge.New(expressbridge.Options[json.RawMessage]{
		Rows: rows, Secrets: []string{secret}, Mode: expressbridge.SideBySide, OnFailure: expressbridge.Refuse, MaxData: maxData,
		Import: func(context.Context, expressbridge.Old) (expressbridge.Session[json.RawMessage], error) {
			return expressbridge.Session[json.RawMessage]{Subject: "zoë"}, nil
		},
		Back: func(_ string, d json.RawMessage) (map[string]any, error) { return map[string]any{"given": d}, nil },
	})
	require.NoError(t, err)
	return source
}

// No character set between here and Node.js changes what is written.
func TestRowsAreWrittenInASCII(t *testing.T) {
	for given, want := range map[string]string{
		`"zoë"`:                    `"zo\u00eb"`,
		`"☃ 🍪"`:                    `"\u2603 \ud83c\udf6a"`,
		"\"\u0080\U0010ffff\x7f\"": `"\u0080\udbff\udfff` + "\x7f\"",
		`{"é":["ü",1]}`:            `{"\u00e9":["\u00fc",1]}`,
		`"\\ë\"ë\u00EB"`:           `"\\\u00eb\"\u00eb\u00EB"`,
		"\"a\xffb\"":               `"a\ufffdb"`,
	} {
		rows := &table{rows: map[string]row{}}
		_, err := writer(t, rows, 0).Begin(t.Context(), "zoë", []byte(given), time.Now())
		require.NoError(t, err)
		require.Len(t, rows.rows, 1)
		for _, r := range rows.rows {
			require.Contains(t, r.data, `"given":`+want+`}`)
		}
	}
}

func TestRowThatIsTooLargeInASCIIIsNotWritten(t *testing.T) {
	for given, written := range map[string]int{strings.Repeat("x", 200): 1, strings.Repeat("é", 100): 0} {
		rows := &table{rows: map[string]row{}}
		_, err := writer(t, rows, 400).Begin(t.Context(), "zoë", []byte(`"`+given+`"`), time.Now())
		require.Equal(t, written == 0, err != nil, err)
		require.Len(t, rows.rows, written)
	}
}

func FuzzASCII(f *testing.F) {
	for _, seed := range []string{`"zoë 🍪"`, `{"é":"\\ü\""}`, "\"\xf0\x9f\x8d\"", `"\ud83c"`, "[\"\u2028\"]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, given []byte) {
		var want any
		if json.Unmarshal(given, &want) != nil {
			return
		}
		rows := &table{rows: map[string]row{}}
		if _, err := writer(t, rows, 0).Begin(t.Context(), "zoë", given, time.Now()); err != nil {
			return // too large or too deep
		}
		for _, r := range rows.rows {
			require.Regexp(t, `\A[\x00-\x7f]*\z`, r.data)
			var got struct{ Given any }
			require.NoError(t, json.Unmarshal([]byte(r.data), &got))
			require.Equal(t, want, got.Given)
		}
	})
}
