// An application that moves from gorilla/sessions: before on port 8080, and after on 8081. Sign in at the first, and the second knows you.
// The same with Echo and echo-contrib/session is on 8082 and 8083.
//
//	SEALJAR_SECRET=$(openssl rand -hex 32) go run ./examples/migrating/gorilla
package main

import (
	"log"
	"net/http"
	"os"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
)

func main() {
	hash, block := securecookie.GenerateRandomKey(32), securecookie.GenerateRandomKey(32) // yours are in the environment
	store := sessions.NewCookieStore(hash, block)
	go serve("localhost:8080", before(store))
	go serve("localhost:8082", beforeEcho(store))

	ring, err := keys.FromSecrets(os.Getenv("SEALJAR_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	list := &revocation.Memory{} // for more than one process, or one that starts again, see docs/revocation.md
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring, Revocation: list})
	if err != nil {
		log.Fatal(err)
	}
	old := securecookie.CodecsFromPairs(hash, block) // the keys of the old store, read only
	go serve("localhost:8083", afterEcho(jar, list, old))
	serve("localhost:8081", after(jar, list, old))
}

func serve(address string, handler http.Handler) { log.Fatal(http.ListenAndServe(address, handler)) }
