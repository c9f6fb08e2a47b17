package typedjson_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/internal/strictjson"
	"github.com/sealjar/sealjar/internal/typedjson"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type inner struct {
	A int8    `json:"a"`
	B []inner `json:"b,omitempty"`
	C *inner  `json:"c,omitzero"`
}

type embedded struct{ E int }

type outer struct {
	Text    string             `json:"text"`
	Named   namedText          `json:"named"`
	Flag    bool               `json:"flag"`
	Count   int                `json:"count"`
	Small   uint8              `json:"small"`
	Ratio   float32            `json:"ratio"`
	Double  float64            `json:"double"`
	List    []string           `json:"list"`
	Grid    [][]int            `json:"grid"`
	Bytes   []byte             `json:"bytes"`
	Pair    [2]int             `json:"pair"`
	Map     map[string]int     `json:"map"`
	Any     any                `json:"any"`
	Pointer **string           `json:"pointer"`
	Inner   inner              `json:"inner"`
	Time    time.Time          `json:"time"`
	TimeP   *time.Time         `json:"timep"`
	Number  json.Number        `json:"number"`
	Raw     json.RawMessage    `json:"raw"`
	Quoted  int                `json:",string"`
	Mixed   struct{ embedded } `json:"mixed"`
	Dash    int                `json:"-,"` //nolint:staticcheck // a name is meant
	Omitted int                `json:"-"`
	Ähnlich string
	hidden  int //nolint:unused // encoding/json must not see it either
}

type plain struct {
	Text    string   `json:"text"`
	Flag    bool     `json:"flag"`
	Count   int      `json:"count"`
	Small   uint8    `json:"small"`
	Ratio   float32  `json:"ratio"`
	List    []string `json:"list"`
	Inner   *inner   `json:"inner"`
	Ähnlich string
}

type namedText string

var decoders = func() map[reflect.Type]*typedjson.Decoder {
	m := make(map[reflect.Type]*typedjson.Decoder)
	for _, t := range []reflect.Type{
		reflect.TypeFor[outer](), reflect.TypeFor[plain](), reflect.TypeFor[*plain](), reflect.TypeFor[[]inner](),
		reflect.TypeFor[map[string]any](), reflect.TypeFor[exact](), reflect.TypeFor[[]item](), reflect.TypeFor[string](), reflect.TypeFor[int](), reflect.TypeFor[float64](),
	} {
		m[t] = typedjson.NewDecoder(t)
	}
	return m
}()

var texts = []string{
	`{}`, `[]`, `null`, `"x"`, `7`, `-0`, `1.5`, `1e2`, `300`, `true`, `{"text":"a\u00e9\"\ud83d\ude00"}`, ` { "text" : "x" , "flag" : true } `,
	`{"text":"x","flag":false,"count":-42,"small":255,"ratio":1.25,"list":["a","b\n",""],"inner":{"a":1,"b":[{"a":2},{}],"c":{"a":3}}}`,
	`{"TEXT":"folded"}`, `{"text":"x","Text":"y"}`, `{"te\u0078t":"escaped name"}`, `{"unknown":{"text":["}",{"a":"\\"}]},"text":"x"}`,
	`{"text":null,"flag":null,"count":null,"small":null,"ratio":null,"list":null,"inner":null}`, `{"list":[]}`, `{"list":[null]}`,
	`{"text":7}`, `{"flag":"true"}`, `{"count":1.0}`, `{"count":9223372036854775808}`, `{"small":256}`, `{"small":-1}`, `{"ratio":1e39}`,
	`{"list":["a",7]}`, `{"list":{}}`, `{"inner":[]}`, `{"inner":{"b":[{"b":[{"b":[]}]}]}}`,
	`{"bytes":"AAEC","pair":[1,2,3],"map":{"a":1},"any":[1,"x",{"y":null}],"pointer":"p","time":"2026-01-02T03:04:05Z","number":1.50}`,
	`{"raw":{"a":[1,2]},"Quoted":"7","mixed":{"E":3},"-":4,"Omitted":5,"hidden":6,"Ähnlich":"ä","named":"n","double":1e300}`,
	`{"timep":null,"time":null,"raw":null,"any":null,"map":null,"bytes":null,"pointer":null}`, `{"grid":[[1,2],[],null,[3,4,5,6,7,8,9,10]]}`,
	`[{"a":1},{"a":2},{"a":3},{"a":4},{"a":5},{"a":6}]`, `[{"a":128}]`, `{"time":"x"}`, `{"ähnlich":"folded"}`, `{"text":"<\u003c>"}`,
}

func TestTheResultIsThatOfEncodingJSON(t *testing.T) {
	for _, text := range texts {
		require.NoError(t, strictjson.Check([]byte(text)), text)
		compare(t, []byte(text))
	}
}

// TestPlainTextsTakeTheShortWay keeps the decoder from being right because it leaves everything to encoding/json.
func TestPlainTextsTakeTheShortWay(t *testing.T) {
	text := []byte(`{"text":"x","flag":true,"count":-42,"small":255,"ratio":1.25,"list":["a"],"inner":{"a":1,"b":[{"a":2}]},"new":[{}]}`)
	var got plain
	done, exact := decoders[reflect.TypeFor[plain]()].Decode(text, &got)
	require.True(t, done)
	require.False(t, exact, "a number with a point and an unknown name are not looked at closely")
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() {
		var v plain
		_, _ = decoders[reflect.TypeFor[plain]()].Decode(text, &v)
	}), 6.0) // the copy of the text, the target, its slices and its pointers
}

func TestWhatEncodingJSONWritesIsExact(t *testing.T) {
	decoder := typedjson.NewDecoder(reflect.TypeFor[exact]())
	for _, row := range []struct {
		name  string
		text  string
		exact bool
	}{
		{"all fields", `{"name":"Zoë","flag":true,"count":-7,"list":["a"],"more":[{"a":1}],"last":3}`, true},
		{"empty ones left out", `{"name":"","flag":false,"count":0,"list":[]}`, true},
		{"one left out in the middle", `{"name":"x","flag":false,"count":0,"list":[],"last":3}`, true},
		{"space", `{"name":"x","flag":false,"count":0, "list":[]}`, false},
		{"space at the end", `{"name":"x","flag":false,"count":0,"list":[]} `, false},
		{"another order", `{"flag":false,"name":"x","count":0,"list":[]}`, false},
		{"one missing", `{"name":"x","flag":false,"list":[]}`, false},
		{"the last one missing", `{"name":"x","flag":false,"count":0}`, false},
		{"an empty one that is left out", `{"name":"x","flag":false,"count":0,"list":[],"more":[]}`, false},
		{"a zero that is left out", `{"name":"x","flag":false,"count":0,"list":[],"last":0}`, false},
		{"an unknown one", `{"name":"x","flag":false,"count":0,"list":[],"new":1}`, false},
		{"an escape", `{"name":"\u0078","flag":false,"count":0,"list":[]}`, false},
		{"a character that is escaped", `{"name":"<","flag":false,"count":0,"list":[]}`, false},
		{"a line separator", "{\"name\":\"\u2028\",\"flag\":false,\"count\":0,\"list\":[]}", false},
		{"minus zero", `{"name":"x","flag":false,"count":-0,"list":[]}`, false},
		{"null for a list", `{"name":"x","flag":false,"count":0,"list":null}`, true},
		{"null for a list that is left out", `{"name":"x","flag":false,"count":0,"list":[],"more":null}`, false},
		{"null for text", `{"name":null,"flag":false,"count":0,"list":[]}`, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			var got exact
			done, same := decoder.Decode([]byte(row.text), &got)
			require.True(t, done)
			require.Equal(t, row.exact, same)
			written, err := json.Marshal(&got)
			require.NoError(t, err)
			require.Equal(t, row.exact, string(written) == row.text)
		})
	}
}

func TestAZeroThatIsLeftOutIsNotLookedAtClosely(t *testing.T) {
	for _, text := range []string{`{"a":0}`, `{"a":1}`, `{}`} {
		var got struct {
			A int `json:"a,omitzero"`
		}
		done, exact := typedjson.NewDecoder(reflect.TypeOf(got)).Decode([]byte(text), &got)
		require.True(t, done)
		require.False(t, exact)
	}
}

type exact struct {
	Name  string   `json:"name"`
	Flag  bool     `json:"flag"`
	Count int      `json:"count"`
	List  []string `json:"list"`
	More  []item   `json:"more,omitempty"`
	Last  int      `json:"last,omitempty"`
}

type item struct {
	A int `json:"a"`
}

func TestNothingIsLeftToEncodingJSON(t *testing.T) {
	for _, decoder := range decoders {
		done, exact := decoder.Decode(nil, new(plain))
		require.False(t, done)
		require.False(t, exact)
	}
}

func TestATopLevelPointerKeepsItsTarget(t *testing.T) {
	target := new(plain)
	p := target
	done, exact := decoders[reflect.TypeFor[*plain]()].Decode([]byte(`{"count":3}`), &p)
	require.True(t, done)
	require.False(t, exact, "it would be written with all fields")
	require.Same(t, target, p)
	require.Equal(t, 3, target.Count)
}

func FuzzDecode(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if strictjson.Check(text) != nil {
			t.Skip()
		}
		compare(t, text)
	})
}

// compare reads text into every type here. Where the decoder takes the short way, encoding/json must say the same.
func compare(t *testing.T, text []byte) {
	t.Helper()
	for typ, decoder := range decoders {
		want, got := reflect.New(typ), reflect.New(typ)
		err := json.Unmarshal(text, want.Interface())
		done, exact := decoder.Decode(text, got.Interface())
		if !done {
			require.False(t, exact)
			continue
		}
		require.NoError(t, err, "%s into %s", text, typ)
		require.Equal(t, want.Interface(), got.Interface(), "%s into %s", text, typ)
		if exact {
			written, err := json.Marshal(got.Interface())
			require.NoError(t, err)
			require.Equal(t, string(written), string(text), "%s", typ)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	text := []byte(`{"text":"x","flag":true,"count":-42,"small":255,"ratio":1.25,"list":["a"],"inner":{"a":1,"b":[{"a":2}]}}`)
	b.Run("sealjar", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var v plain
			_, _ = decoders[reflect.TypeFor[plain]()].Decode(text, &v)
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var v plain
			_ = json.Unmarshal(text, &v)
		}
	})
}
