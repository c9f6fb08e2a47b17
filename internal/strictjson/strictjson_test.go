package strictjson_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/strictjson"
)

// accepted are documents of which there is one reading.
var accepted = []string{
	`{}`, `[]`, `""`, `0`, `null`, `true`, `false`, " \t\r\n{}\n ", `{ "a" : [ 1 , 2 ] }`,
	`-0`, `-1`, `10`, `0.0`, `0.10`, `1e5`, `1E+05`, `1e-0`, `-1.5e400`, `123456789012345678901234567890`,
	`"a"`, `"\"\\\/\b\f\n\r\t"`, `"\u0000\u001F\u00e9\uFFFF"`, `"\ud83d\ude00"`, `"\uD800\uDC00"`, `"\udbff\udfff"`,
	"\"\u007f\u0080\u2028\ufeff\U0010ffff\"", `"😀"`, `"/"`,
	`{"":1}`, `{"a":1,"A":2}`, `{"a":{"a":{"a":1}},"b":{"a":1}}`, `[{"a":1},{"a":1}]`, `{"é":1,"e\u0301":2}`,
	`{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10}`,
	strings.Repeat("[", 32) + strings.Repeat("]", 32),
	strings.Repeat(`{"a":`, 31) + `{}` + strings.Repeat("}", 31),
	strings.Repeat(`[{"a":`, 16) + `1` + strings.Repeat("}]", 16),
}

// refused are documents that a generous reader takes, or that two readers may take in two ways, by what is wrong.
var refused = map[string][]string{
	"unexpected end": {
		``, ` `, `[`, `[1,`, `{"a":`, `"`, `"a`, `"\`, `{"a`,
	},
	"unexpected character": {
		`x`, `tru`, `trux`, `True`, `nul`, `NULL`, `undefined`, `NaN`, `Infinity`, `+1`, `.5`, `'a'`, "\ufeff{}", "\f{}", "\u00a0{}",
		`/**/{}`, `[,1]`, `[1,]`, `{"a":}`, `{"a":,}`, `]`, `}`, "\x00",
	},
	"text after the value": {
		`{}x`, `{}{}`, `{} {}`, `1 2`, `01`, `-01`, `00`, `0x1`, `1_000`, `nullx`, `truex`, `""""`, `{}]`, `{},`, "{}\x00", `1.5.5`, `1-`, "{}\u00a0", "{}\ufeff",
	},
	"bad number": {
		`-`, `--1`, `-x`, `1.`, `1.e5`, `-.5`, `1e`, `1e+`, `1E-`, `1ex`, `-Infinity`,
	},
	"member name expected": {
		`{`, `{1:2}`, `{a:1}`, `{,}`, `{"a":1,}`, `{"a":1,,"b":2}`, `{null:1}`, `{'a':1}`, `{{}:1}`,
	},
	"colon expected":                    {`{"a"}`, `{"a" 1}`, `{"a",1}`, `{"a"=1}`, `{"a"`},
	"comma or closing brace expected":   {`{"a":1`, `{"a":1 "b":2}`, `{"a":1]`, `{"a":1:2}`, `{"a":01}`},
	"comma or closing bracket expected": {`[1`, `[1 2]`, `[1}`, `[01]`, `["a":1]`},
	"control character in a string":     {"\"\n\"", "\"\x00\"", "\"\x1f\"", "{\"a\n\":1}"},
	"bad escape":                        {`"\x"`, `"\u"`, `"\u00"`, `"\u00g0"`, `"\U0041"`, `"\'"`, `"\0"`, `"\u{41}"`, `"\u+041"`, `"\u004`, "\"\\\n\""},
	"lone surrogate":                    {`"\ud800"`, `"\udbff "`, `"\udc00"`, `"\udfff\ud800"`, `"\udc00\udc00"`, `"\ud800\ud800"`, `"\ud800\u0041"`, `"\ud800\n"`, `"\ud800\u00"`, `{"\ud800":1}`, `"\uD83D\u{DE00}"`},
	"not valid UTF-8":                   {"\"\xff\"", "\"\xc3\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "{\"\xfe\":1}", "{}\xff"},
	"member name given twice": {
		`{"a":1,"a":1}`, `{"a":1,"\u0061":1}`, `{"\/":1,"/":1}`, `{"":1,"":1}`, `[{"a":1,"b":{},"a":2}]`, `{"x":{"y":{"a":1,"a":2}}}`,
		`{"😀":1,"\ud83d\ude00":2}`, `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"h":9}`,
		`{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"i":10}`, `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"a":10}`,
	},
	"nested too deep": {
		strings.Repeat("[", 33) + strings.Repeat("]", 33), strings.Repeat("[", 1<<20), strings.Repeat(`{"a":`, 33), strings.Repeat(`[{"a":`, 17),
	},
}

func TestOneReadingIsAccepted(t *testing.T) {
	t.Parallel()
	for _, doc := range accepted {
		require.NoError(t, strictjson.Check([]byte(doc)), doc)
	}
}

func TestTwoReadingsAreRefused(t *testing.T) {
	t.Parallel()
	for reason, docs := range refused {
		for _, doc := range docs {
			err := strictjson.Check([]byte(doc))
			var at *strictjson.Error
			require.True(t, errors.As(err, &at), "%.100q", doc)
			require.Equal(t, reason, at.Reason, "%.100q", doc)
			require.Equal(t, "strictjson: "+reason, err.Error())
			require.True(t, 0 <= at.Offset && at.Offset <= len(doc), "%.100q", doc)
		}
	}
}

func TestOffsets(t *testing.T) {
	t.Parallel()
	for doc, offset := range map[string]int{`{"a":x}`: 5, `{} x`: 3, `["a",]`: 5, `{"a":1`: 6, "[\"\n\"]": 2} {
		var at *strictjson.Error
		require.ErrorAs(t, strictjson.Check([]byte(doc)), &at)
		require.Equal(t, offset, at.Offset, doc)
	}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	var seen []string
	collect := func(name, value []byte) error {
		seen = append(seen, string(name)+"="+string(value))
		return nil
	}
	doc := " { \"a\" : 1 ,\n\"\\u0062\\n\":{ \"x\": [1, 2] }, \"\":\"\\u0041\" , \"c\":null} "
	require.NoError(t, strictjson.Object([]byte(doc), collect))
	require.Equal(t, []string{"a=1", "b\n={ \"x\": [1, 2] }", `="\u0041"`, "c=null"}, seen)

	seen = nil
	require.NoError(t, strictjson.Object([]byte(`{}`), collect))
	require.Empty(t, seen)
}

func TestWhatIsNoObjectIsRefused(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{``, `null`, `1`, `"{}"`, `[{}]`, `true`, "\ufeff{}", `x`} {
		err := strictjson.Object([]byte(doc), func(_, _ []byte) error { panic("called") })
		require.EqualError(t, err, "strictjson: not an object", doc)
	}
	require.EqualError(t, strictjson.Object([]byte("\xff"), nil), "strictjson: not valid UTF-8")
}

// TestObjectAgreesWithCheck gives each document of the tables to Object as the value of a member, at one level more.
func TestObjectAgreesWithCheck(t *testing.T) {
	t.Parallel()
	visit := func(_, _ []byte) error { return nil }
	for _, doc := range accepted {
		if strings.HasPrefix(strings.TrimSpace(doc), "{") {
			require.NoError(t, strictjson.Object([]byte(doc), visit), doc)
		}
	}
	for reason, docs := range refused {
		for _, doc := range docs {
			if strings.HasPrefix(doc, "{") {
				require.EqualError(t, strictjson.Object([]byte(doc), visit), "strictjson: "+reason, "%.100q", doc)
			}
		}
	}
}

func TestMembersCanStop(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	calls := 0
	err := strictjson.Object([]byte(`{"a":1,"b":2}`), func(_, _ []byte) error {
		calls++
		return stop
	})
	require.ErrorIs(t, err, stop)
	require.Equal(t, 1, calls)
}

// TestManyNamesAreQuick would take minutes if each name were compared with all others.
func TestManyNamesAreQuick(t *testing.T) {
	t.Parallel()
	var doc strings.Builder
	doc.WriteByte('{')
	for i := range 200_000 {
		doc.WriteString(`"` + strconv.Itoa(i) + `":0,`)
	}
	require.NoError(t, strictjson.Check([]byte(doc.String()+`"x":0}`)))
	require.EqualError(t, strictjson.Check([]byte(doc.String()+`"199999":0}`)), "strictjson: member name given twice")
}

func TestErrorsRepeatNoByte(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{`{"SECRET":SECRET}`, `{"SECRET":1,"SECRET":1}`, `"SECRET` + "\n", `SECRET`, `{}SECRET`} {
		require.NotContains(t, strictjson.Check([]byte(doc)).Error(), "SECRET")
	}
}
