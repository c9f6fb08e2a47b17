// An application that moves from alexedwards/scs: before on port 8080, and after on 8081. Sign in at the first, and the second knows you:
//
//	SEALJAR_SECRET=$(openssl rand -hex 32) go run ./examples/migrating/scs
package main

import (
	"log"
	"net/http"
	"os"

	"github.com/alexedwards/scs/v2"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
)

func main() {
	manager := scs.New() // yours has a store in a database
	manager.Cookie.Persist = false
	go func() { log.Fatal(http.ListenAndServe("localhost:8080", before(manager))) }()

	ring, err := keys.FromSecrets(os.Getenv("SEALJAR_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	list := &revocation.Memory{} // for more than one process, or one that starts again, see docs/revocation.md
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring, Revocation: list})
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("localhost:8081", after(jar, list, manager)))
}
