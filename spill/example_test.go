package spill_test

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/spill"
	"github.com/sealjar/sealjar/stdmw"
)

// Draft is what these sessions hold.
type Draft struct{ Text string }

// A session that has grown too large for its cookie goes into a store, and the handlers do not notice.
func Example() {
	ring, err := keys.FromSecrets("849b57219dae48de646d07dbb533566e976686457c1491be3a76dcea6c427189") // from the environment
	if err != nil {
		log.Fatal(err)
	}
	store := &spill.Memory{} // or one of spill/sqlstore and spill/redisstore
	jar, err := sealjar.New[Draft](sealjar.Options{Keys: ring, Spill: spill.Options{Store: store}})
	if err != nil {
		log.Fatal(err)
	}
	handler := stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		session.Data.Text += strings.Repeat("more ", 400)
		fmt.Fprint(w, len(session.Data.Text))
	}))
	cookie := ""
	for range 3 {
		r, w := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()
		r.Header.Set("Cookie", cookie)
		handler.ServeHTTP(w, r)
		cookie, _, _ = strings.Cut(w.Header().Get("Set-Cookie"), ";")
		fmt.Println(w.Body, "bytes; in the store:", store.Len())
	}
	// Output:
	// 2000 bytes; in the store: 1
	// 4000 bytes; in the store: 1
	// 6000 bytes; in the store: 1
}

// An observer tells sessions whose rows were lost from those that strangers made up.
func ExampleErrGone() {
	ring, err := keys.FromSecrets("849b57219dae48de646d07dbb533566e976686457c1491be3a76dcea6c427189") // from the environment
	if err != nil {
		log.Fatal(err)
	}
	lost := 0
	_, err = sealjar.New[Draft](sealjar.Options{
		Keys: ring, Spill: spill.Options{Store: &spill.Memory{}, Always: true, MaxBytes: spill.MaxSize},
		Observe: func(e sealjar.Event) {
			if e.Kind == sealjar.EventRefused && errors.Is(e.Err, spill.ErrGone) {
				lost++
			}
		},
	})
	fmt.Println(err, lost)
	// Output: <nil> 0
}
