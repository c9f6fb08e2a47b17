package keys_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

// Things that hold keys in the ways in which Go programs hold things. What is unexported is what fmt shows
// without asking any method.
type (
	exported struct {
		Name  string
		Value any
	}
	unexported struct {
		name    string
		value   any
		key     keys.Key
		pointer *keys.Key
		ring    keys.Ring
		rings   []*keys.Ring
		list    []keys.Key
		byName  map[string]keys.Key
		array   [1]*keys.Key
		source  keys.Source
	}
	embedding struct {
		*keys.Ring
		note string
	}
	nested struct{ inner unexported }
)

// shapes has v by itself and in everything that may hold it as an exported part.
func shapes[T any](v T) map[string]any {
	return map[string]any{
		"value":               v,
		"pointer":             &v,
		"slice":               []T{v},
		"pointers":            []*T{&v},
		"array":               [2]T{v, v},
		"map":                 map[string]T{"k": v},
		"interface":           []any{v, &v},
		"struct":              exported{"n", v},
		"pointer in a struct": &exported{"n", &v},
		"two deep":            []exported{{"n", exported{"m", []any{map[int]*T{1: &v}}}}},
	}
}

// printed gives things to print, by their names.
func printed(t *testing.T) map[string]any {
	t.Helper()
	things := map[string]any{}
	for name, signing := range signingKeys(t) {
		m := keys.Material{ID: strings.ReplaceAll(name, " ", "-"), Signing: signing, Encryption: secret("e"), Created: now}
		key := newKey(t, m)
		for shape, thing := range shapes(m) {
			things["Material "+name+" "+shape] = thing
		}
		for shape, thing := range shapes(*key) {
			things["Key "+name+" "+shape] = thing
		}
		ring := newRing(t, key)
		for shape, thing := range shapes(*ring) {
			things["Ring of "+name+" "+shape] = thing
		}
		hidden := unexported{
			"n", *key, *key, key, *ring, []*keys.Ring{ring}, []keys.Key{*key}, map[string]keys.Key{"k": *key}, [1]*keys.Key{key}, ring,
		}
		things["hidden "+name], things["hidden pointer "+name] = hidden, &hidden
		things["hidden twice "+name], things["hidden in a slice "+name] = nested{hidden}, []nested{{hidden}}
		things["embedded "+name] = embedding{ring, "n"}
	}
	return things
}

func TestNothingPrintsASecret(t *testing.T) {
	point, err := p256Key(t, "signing").PublicKey.Bytes()
	require.NoError(t, err)
	// Public parts are no secret, but a key has no reason to print them either.
	secrets := [][]byte{secret("e"), secret("signing"), ed25519Key("signing")[32:], point[1:33], point[33:]}
	for name, thing := range printed(t) {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			verbs := "vsqxXdbotTcUeEfFgGZpw"
			if strings.HasPrefix(name, "Material") {
				verbs = strings.TrimRight(verbs, "pw") // asks no method, as Material.Format says
			}
			for _, verb := range verbs {
				for _, flags := range []string{"", "+", "#", " ", "+#", "# ", "-90.70"} {
					fmt.Fprintf(&out, "%"+flags+string(verb)+"\n", thing)
				}
			}
			fmt.Fprint(&out, thing)
			fmt.Fprintln(&out, thing)
			log.New(&out, "", 0).Print(thing)
			fmt.Fprintln(&out, fmt.Errorf("wrapped: %v", thing), errors.Join(fmt.Errorf("%+v", thing)))
			for _, logger := range []*slog.Logger{slog.New(slog.NewTextHandler(&out, nil)), slog.New(slog.NewJSONHandler(&out, nil))} {
				logger.Info("m", "thing", thing, slog.Group("g", "thing", thing), "values", []any{thing})
				logger.With("thing", thing).WithGroup("g").Error("m", slog.Any("again", thing))
			}
			if text, err := json.Marshal(thing); err == nil {
				out.Write(text)
			}
			if text, err := json.MarshalIndent(map[string]any{"k": thing}, "", " "); err == nil {
				out.Write(text)
			}
			if text, err := xml.Marshal(thing); err == nil {
				out.Write(text)
			}
			requireNoSecret(t, out.String(), secrets...)
		})
	}
}

func TestSecretsPrintAsSecret(t *testing.T) {
	m := keys.Material{ID: "a", Signing: secret("signing"), Encryption: secret("e")}
	key := newKey(t, m)
	ring := newRing(t, key)
	for _, row := range []struct {
		things []any
		want   string
	}{
		{[]any{m, &m}, "key material [secret]"},
		{[]any{*key, key}, "key a [secret]"},
		{[]any{*ring, ring}, "ring of 1 keys [secret]"},
	} {
		for _, thing := range row.things {
			name := reflect.TypeOf(thing).String()
			t.Run(name, func(t *testing.T) {
				require.Equal(t, row.want, fmt.Sprint(thing))
				for _, verb := range "vsqxXdbotcUeEfFgG" {
					for _, flags := range []string{"", "+", "#", "-", " ", "0", "30", ".2"} {
						require.Equal(t, row.want, fmt.Sprintf("%"+flags+string(verb), thing), "%%%s%c", flags, verb)
					}
				}
				require.Equal(t, name, fmt.Sprintf("%T", thing), "a type is no secret")
				text, err := json.Marshal(map[string]any{"thing": thing})
				require.NoError(t, err)
				require.JSONEq(t, `{"thing": "`+row.want+`"}`, string(text))
				require.Equal(t, slog.StringValue(row.want), slog.AnyValue(thing).Resolve(), "any handler of slog gets plain text")
				var out bytes.Buffer
				slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "thing", thing)
				require.Contains(t, out.String(), `"thing":"`+row.want+`"`)
				out.Reset()
				slog.New(slog.NewTextHandler(&out, nil)).Info("m", "thing", thing)
				require.Contains(t, out.String(), `thing="`+row.want+`"`)
				require.Equal(t, row.want, thing.(fmt.Stringer).String())
			})
		}
	}
}

// What prints as "[secret]" can't be read back, so that nobody keeps keys in that way for a while and loses them.
func TestPrintedKeysAreNotRead(t *testing.T) {
	for _, into := range []any{&keys.Key{}, &keys.Ring{}, &keys.Material{}} {
		require.Error(t, json.Unmarshal([]byte(`"key a [secret]"`), into))
	}
}

func TestNilPrints(t *testing.T) {
	require.NotPanics(t, func() {
		_ = fmt.Sprintf("%v %+v %s", (*keys.Key)(nil), (*keys.Ring)(nil), (*keys.Material)(nil))
	})
	require.Equal(t, "ring of 0 keys [secret]", fmt.Sprint(keys.Ring{}))
}
