package stdmw_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/stdmw"
)

// Services that verify sessions, and never make them, read the public keys from here.
func ExamplePublicKeys() {
	ring, err := keys.Rotate(nil, keys.Policy{Algorithm: keys.EdDSA}, time.Now())
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /.well-known/jwks.json", stdmw.PublicKeys(ring))

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/.well-known/jwks.json", nil))
	fmt.Println(w.Code, w.Header().Get("Content-Type"))
	// Output: 200 application/jwk-set+json
}
