// A views counter in a sealed cookie, under net/http. Run it with a secret of your own:
//
//	SEALJAR_SECRET=$(openssl rand -hex 32) go run ./examples/quickstart-stdmw
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/stdmw"
)

type State struct {
	Views int `json:"views"`
}

func main() {
	ring, err := keys.FromSecrets(os.Getenv("SEALJAR_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		session.Data.Views++
		fmt.Fprintln(w, "Views", session.Data.Views)
	})
	log.Fatal(http.ListenAndServe("localhost:8080", stdmw.New(jar, stdmw.Options{})(mux)))
}
