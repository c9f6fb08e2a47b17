package sealjartest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/sealjartest"
	"github.com/sealjar/sealjar/stdmw"
)

// shop is an application: it is given its keys, so that a test can give it others.
func shop(options sealjar.Options) (http.Handler, *sealjar.Jar[basket], error) {
	jar, err := sealjar.New[basket](options)
	if err != nil {
		return nil, nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /signin", func(w http.ResponseWriter, r *http.Request) {
		if err := jar.From(r.Context()).SignIn(r.Context(), r.FormValue("name")); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("POST /basket", func(_ http.ResponseWriter, r *http.Request) { jar.From(r.Context()).Data.Items++ })
	mux.HandleFunc("GET /basket", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		fmt.Fprintf(w, "%s has %d", session.Subject(), session.Data.Items)
	})
	return stdmw.New(jar, stdmw.Options{})(mux), jar, nil
}

type basket struct {
	Items int `json:"items"`
}

// What a page shows to somebody who has a session already.
func testPage(t *testing.T) {
	handler, jar, err := shop(sealjar.Options{Keys: sealjartest.Ring(t)})
	if err != nil {
		t.Fatal(err)
	}
	r := sealjartest.WithSession(t, jar, httptest.NewRequest(http.MethodGet, "/basket", nil), func(s *sealjar.Session[basket]) {
		if err := s.SignIn(t.Context(), "alice"); err != nil {
			t.Fatal(err)
		}
		s.Data.Items = 3
	})
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if got := w.Body.String(); got != "alice has 3" {
		t.Error(got)
	}
}

// What a request leaves in the session.
func testSignIn(t *testing.T) {
	handler, jar, err := shop(sealjar.Options{Keys: sealjartest.Ring(t)})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/signin?name=alice", nil))
	if got := sealjartest.SessionOf(t, jar, w.Result()).Subject(); got != "alice" {
		t.Error(got)
	}
}

// A walk through several pages, as with a browser.
func testWalk(t *testing.T) {
	handler, _, err := shop(sealjar.Options{Keys: sealjartest.Ring(t)})
	if err != nil {
		t.Fatal(err)
	}
	client, address := sealjartest.Client(t, handler)
	for range 2 {
		response, err := client.Post(address+"/basket", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}
	response, err := client.Get(address + "/basket")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var items int
	if _, err := fmt.Fscanf(response.Body, " has %d", &items); err != nil || items != 2 {
		t.Error(items, err)
	}
}

// Three tests of an application. Their names would begin with Test, which an example can't show.
func Example() {
	tests := []func(*testing.T){testPage, testSignIn, testWalk}
	fmt.Println(len(tests), "tests")
	// Output: 3 tests
}
