package sealjar_test

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

// A new version of a program keeps as a list what was one text before.
func ExampleOptions_migrate() {
	type before struct{ Item string }
	type after struct{ Items []string }
	keys := ring()
	old, err := sealjar.New[before](sealjar.Options{Keys: keys})
	if err != nil {
		log.Fatal(err)
	}
	jar, err := sealjar.New[after](sealjar.Options{Keys: keys, Version: 1, Migrate: func(_ int, data []byte) ([]byte, error) {
		var was before // the only older version so far
		if err := json.Unmarshal(data, &was); err != nil {
			return nil, err
		}
		return json.Marshal(after{Items: []string{was.Item}})
	}})
	if err != nil {
		log.Fatal(err)
	}

	browser := newBrowser(stdmw.New(old, stdmw.Options{})(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		old.From(r.Context()).Data.Item = "tea"
	})))
	browser.Visit("GET /")
	browser.handler = stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		fmt.Fprintln(w, session.Data.Items)
		session.Data.Items = append(session.Data.Items, "milk")
	}))
	browser.Visit("GET /")
	// Output:
	// [tea]
}
