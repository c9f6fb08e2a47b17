package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/bench/app"
	"github.com/sealjar/sealjar/bench/contender"
)

func TestMain(m *testing.M) {
	// scs.New starts one, whichever store is used afterwards.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/alexedwards/scs/v2/memstore.(*MemStore).startCleanup"))
}

// TestEachApplicationKeepsItsSession makes sure that what is measured is the same work.
func TestEachApplicationKeepsItsSession(t *testing.T) {
	p := contender.Payloads()[1]
	for _, a := range app.All(p) {
		t.Run(a.Name, func(t *testing.T) {
			cookie, err := a.Begin()
			require.NoError(t, err)
			if strings.HasPrefix(a.Name, "no session") {
				require.Equal(t, http.StatusOK, a.Do(app.Views, cookie).Code)
				return
			}
			require.Equal(t, "42 views\n", a.Do(app.Read, cookie).Body.String())
			for n := range 3 {
				w := a.Do(app.Views, cookie)
				require.Equal(t, fmt.Sprintf("%d views\n", 43+n), w.Body.String())
				pair, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
				cookie = pair
			}
			w := a.Do(app.Page, cookie)
			require.Equal(t, "0 views\n", w.Body.String())
			require.Empty(t, w.Header().Get("Set-Cookie"))
		})
	}
}

func BenchmarkRequest(b *testing.B) {
	for _, path := range []string{app.Page, app.Read, app.Views} {
		for _, a := range app.All(contender.Payloads()[1]) {
			b.Run(path[1:]+"/"+a.Name, func(b *testing.B) {
				cookie, err := a.Begin()
				require.NoError(b, err)
				r := app.NewRequest(path, cookie)
				b.ReportAllocs()
				for b.Loop() {
					a.Handler.ServeHTTP(httptest.NewRecorder(), r)
				}
			})
		}
	}
}
