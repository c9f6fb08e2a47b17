package sealjar_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/sealjartest"
)

// dataState is data of a plain type, and dataMap the same in one that is left to encoding/json.
type (
	dataState struct {
		Name  string   `json:"name"`
		Count int      `json:"count"`
		List  []string `json:"list,omitempty"`
	}
	dataMap struct {
		Name  string         `json:"name"`
		Count int            `json:"count"`
		List  []string       `json:"list,omitempty"`
		Map   map[string]int `json:"map,omitempty"`
	}
)

// dataReopen seals text as another version or implementation may have written it, opens it as a T, lets change have the
// data, and returns the session and the cookie that goes out.
func dataReopen[T any](t *testing.T, text string, change func(*T)) (s *sealjar.Session[T], cookie string) {
	t.Helper()
	options := sealjar.Options{Keys: sealjartest.Ring(t), Now: newWebClock().Now}
	writer, err := sealjar.New[json.RawMessage](options)
	require.NoError(t, err)
	reader, err := sealjar.New[T](options)
	require.NoError(t, err)

	written, _ := writer.Load(newWebRequest())
	written.Data = json.RawMessage(text)
	w := httptest.NewRecorder()
	require.NoError(t, writer.Save(w, written))

	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Cookie", w.Result().Cookies()[0].Name+"="+w.Result().Cookies()[0].Value)
	s, _ = reader.Load(r)
	change(&s.Data)
	w = httptest.NewRecorder()
	require.NoError(t, reader.Save(w, s))
	return s, w.Header().Get("Set-Cookie")
}

func TestAnotherSpellingIsNoChange(t *testing.T) {
	for _, row := range []struct{ name, text string }{
		{"as it would be written", `{"name":"x","count":1,"list":["a"]}`},
		{"another order", `{"count":1,"name":"x","list":["a"]}`},
		{"an escape", `{"name":"\u0078","count":1,"list":["a"]}`},
		{"a member of a newer version", `{"name":"x","count":1,"list":["a"],"new":{"a":1}}`},
		{"an empty list", `{"name":"x","count":1,"list":[]}`},
		{"a member in another case", `{"NAME":"x","count":1}`},
		{"a member that is missing", `{"name":"x"}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, cookie := dataReopen(t, row.text, func(*dataState) {})
			require.NoError(t, s.Err())
			require.Equal(t, "x", s.Data.Name)
			require.Empty(t, cookie, "reading it as it is")

			_, cookie = dataReopen(t, row.text, func(d *dataState) { d.Count++ })
			require.NotEmpty(t, cookie, "a change")

			_, cookie = dataReopen(t, row.text, func(*dataMap) {})
			require.Empty(t, cookie, "reading it into a type with a map")
			_, cookie = dataReopen(t, row.text, func(d *dataMap) { d.Count++ })
			require.NotEmpty(t, cookie, "a change of that")
		})
	}
}

func TestDataThatDoesNotFitIsNotHalfThere(t *testing.T) {
	for _, text := range []string{`{"name":"somebody","count":"x"}`, `{"name":"somebody","map":7}`, `{"NAME":"somebody","count":1.5}`} {
		s, cookie := dataReopen(t, text, func(*dataMap) {})
		require.ErrorIs(t, s.Err(), sealjar.ErrInvalid)
		require.Zero(t, s.Data)
		require.Empty(t, cookie)
	}
}

// dataUpper writes and reads itself by methods of its pointer.
type dataUpper struct{ Text string }

func (d *dataUpper) MarshalJSON() ([]byte, error) { return json.Marshal("upper:" + d.Text) }

func (d *dataUpper) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil || len(s) < len("upper:") {
		return err
	}
	d.Text = s[len("upper:"):]
	return nil
}

func TestMethodsOfThePointerCountBothWays(t *testing.T) {
	s, cookie := dataReopen(t, `"upper:x"`, func(*dataUpper) {})
	require.NoError(t, s.Err())
	require.Equal(t, "x", s.Data.Text)
	require.Empty(t, cookie)
}
