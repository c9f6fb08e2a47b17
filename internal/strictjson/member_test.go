package strictjson_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/internal/strictjson"
)

func TestAnObjectMayBeAMember(t *testing.T) {
	for _, row := range []struct{ name, text string }{
		{"empty", `{}`},
		{"with members", `{"a":{"b":[1]},"c":null}`},
		{"space inside", `{ "a" : 1 }`},
		{"as deep as it may be", strings.Repeat(`{"a":`, 30) + `{}` + strings.Repeat("}", 30)},
	} {
		t.Run(row.name+" allowed", func(t *testing.T) { require.NoError(t, strictjson.Member([]byte(row.text))) })
	}
	for _, row := range []struct{ name, text string }{
		{"nothing", ``},
		{"an array", `[]`},
		{"null", `null`},
		{"two objects", `{}{}`},
		{"more members of the outer object", `{},"sub":{}`},
		{"space before", ` {}`},
		{"space after", `{} `},
		{"the end of the outer object", `{}}`},
		{"a name given twice", `{"a":1,"a":2}`},
		{"not UTF-8", "{\"a\":\"\xff\"}"},
		{"one level too deep", strings.Repeat(`{"a":`, 31) + `{}` + strings.Repeat("}", 31)},
	} {
		t.Run(row.name+" refused", func(t *testing.T) { require.Error(t, strictjson.Member([]byte(row.text))) })
	}
}

// FuzzMember puts the value where it is to stand, and looks at it from there.
func FuzzMember(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":[{}]}`, `{},"b":{}`, `{}}`, `{`, strings.Repeat(`{"a":`, 31) + `{}` + strings.Repeat("}", 31)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		whole := false
		err := strictjson.Object([]byte(`{"m":`+string(value)+`}`), func(name, found []byte) error {
			whole = string(name) == "m" && string(found) == string(value)
			return nil
		})
		good := err == nil && whole && len(value) > 0 && value[0] == '{'
		require.Equal(t, good, strictjson.Member(value) == nil, "%q", value)
	})
}

// TestNamesInLargeObjects has objects of so many members that their names are kept in more than one way, with
// names that begin and end alike.
func TestNamesInLargeObjects(t *testing.T) {
	for _, form := range []string{"n%02d", "%02d", "a%02dz", "%d%[1]d"} {
		for n := 1; n <= 40; n++ {
			members := make([]string, n)
			for i := range members {
				members[i] = fmt.Sprintf(`"`+form+`":0`, 40+i)
			}
			doc := "{" + strings.Join(members, ",") + "}"
			require.NoError(t, strictjson.Check([]byte(doc)), doc)
			for i := range members {
				twice := "{" + strings.Join(members, ",") + "," + members[i] + "}"
				require.Error(t, strictjson.Check([]byte(twice)), twice)
			}
		}
	}
}
