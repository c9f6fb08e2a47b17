package expressbridge_test

import (
	"database/sql"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/expressbridge"
)

type options = expressbridge.Options[data]

func TestOptionsThatAreRefused(t *testing.T) {
	for field, change := range map[string]func(*options){
		"Options.Rows is missing":             func(o *options) { o.Rows = nil },
		"Options.Rows is missing ":            func(o *options) { o.Rows = (*table)(nil) },
		"Options.Secrets":                     func(o *options) { o.Secrets = nil },
		"Options.Secrets has an empty one":    func(o *options) { o.Secrets = []string{"a", ""} },
		"Options.Secrets has 17":              func(o *options) { o.Secrets = make([]string, 17) },
		"Options.Import is missing":           func(o *options) { o.Import = nil },
		"Options.Mode is missing":             func(o *options) { o.Mode = 0 },
		"Options.Mode is missing ":            func(o *options) { o.Mode = 4 },
		"Options.OnFailure is missing":        func(o *options) { o.OnFailure = 0 },
		"Options.Back needs Mode SideBySide":  func(o *options) { o.Back = back },
		"Options.Grace needs Mode AfterGrace": func(o *options) { o.Mode, o.Grace = expressbridge.AtOnce, time.Second },
		"Options.Grace is":                    func(o *options) { o.Grace = 2 * time.Hour },
		"Options.Expiration is":               func(o *options) { o.Expiration = -1 },
		"Options.Timeout is":                  func(o *options) { o.Timeout = time.Hour },
		"Options.MaxData is":                  func(o *options) { o.MaxData = -1 },
		"Options.Cookie.Name":                 func(o *options) { o.Cookie.Name = "a b" },
		"Options.Cookie.Path":                 func(o *options) { o.Cookie.Path = "shop" },
		"Options.Cookie.Path ":                func(o *options) { o.Cookie.Path = "/;" },
		"Options.Cookie.Domain":               func(o *options) { o.Cookie.Domain = "a b" },
		"Options.Cookie.MaxAge":               func(o *options) { o.Cookie.MaxAge = time.Millisecond },
		"Options.Cookie.SameSite":             func(o *options) { o.Cookie.SameSite = http.SameSiteNoneMode + 1 },
		"Options.Cookie.Partitioned":          func(o *options) { o.Cookie.Partitioned, o.Cookie.InsecureHTTP = true, true },
	} {
		t.Run(field, func(t *testing.T) {
			o := options{
				Rows: &table{}, Secrets: []string{secret}, Import: importAda, Mode: expressbridge.AfterGrace, OnFailure: expressbridge.Refuse,
			}
			_, err := expressbridge.New(o)
			require.NoError(t, err)
			change(&o)
			_, err = expressbridge.New(o)
			require.ErrorContains(t, err, strings.TrimSpace(field))
			require.NotContains(t, err.Error(), secret)
		})
	}
}

func TestTablesThatAreRefused(t *testing.T) {
	db := new(sql.DB)
	for name, of := range map[string]func(*sql.DB, expressbridge.Table) (expressbridge.Rows, error){
		"MySQL": expressbridge.MySQL, "PostgreSQL": expressbridge.PostgreSQL,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := of(db, expressbridge.Table{})
			require.NoError(t, err)
			_, err = of(db, expressbridge.Table{Name: "shop.sessions", ID: "sid", Expires: "ex$", Data: "D_1"})
			require.NoError(t, err)
			_, err = of(nil, expressbridge.Table{})
			require.ErrorContains(t, err, "database")
			for _, bad := range []string{"a`b", `a"b`, "a b", "a.b.c", ".", "a.", "ä", "a;--", string(make([]byte, 65))} {
				_, err = of(db, expressbridge.Table{Name: bad})
				require.ErrorContains(t, err, "Table.Name", bad)
				_, err = of(db, expressbridge.Table{ID: bad})
				require.ErrorContains(t, err, "Table.ID", bad)
				_, err = of(db, expressbridge.Table{Expires: bad})
				require.ErrorContains(t, err, "Table.Expires", bad)
				_, err = of(db, expressbridge.Table{Data: bad})
				require.ErrorContains(t, err, "Table.Data", bad)
			}
			_, err = of(db, expressbridge.Table{ID: "a.b"})
			require.Error(t, err, "a column has no schema")
		})
	}
}

func TestJarRefusesATakeoverThatItCannotWrite(t *testing.T) {
	w := newWorld(t)
	source, err := expressbridge.New(options{
		Rows: w.table, Secrets: []string{secret}, Import: importAda, Mode: expressbridge.AfterGrace, OnFailure: expressbridge.Refuse,
	})
	require.NoError(t, err)
	_, err = sealjar.New[data](sealjar.Options{Keys: w.ring, Takeover: source, ReadOnly: true})
	require.ErrorContains(t, err, "Options.Takeover")
}
