package sealjar_test

import (
	"errors"
	"fmt"
	"log"
	"net/http"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

// What happens to sessions, as numbers for a dashboard.
func ExampleEvent() {
	counts := map[sealjar.EventKind]int{} // in a program that serves: a metric, which is safe for concurrent use
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring(), Observe: func(e sealjar.Event) {
		counts[e.Kind]++
		switch e.Kind {
		case sealjar.EventOpened, sealjar.EventSealed, sealjar.EventEnded: // daily life
		case sealjar.EventRefused:
			fmt.Println("a bad cookie:", e.Err)
		case sealjar.EventTwins:
			fmt.Println("somebody else uses the name", e.Cookie)
		case sealjar.EventUnwritten:
			fmt.Println("lost, because it came too late:", errors.Is(e.Err, sealjar.ErrHeadersSent))
		case sealjar.EventUncached:
			fmt.Println("overruled:", e.Err)
		}
	}})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public")
		jar.From(r.Context()).Data.Views++
	})
	mux.HandleFunc("GET /late", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		jar.From(r.Context()).Data.Views++
	})

	browser := newBrowser(stdmw.New(jar, stdmw.Options{})(mux))
	browser.Visit("GET /")
	browser.Visit("GET /late")
	fmt.Println(counts[sealjar.EventOpened], "opened,", counts[sealjar.EventSealed], "sealed,", counts[sealjar.EventUnwritten], "lost")
	// Output:
	// overruled: sealjar: the handler allowed caches to keep a response that sets a session's cookie
	// lost, because it came too late: true
	// 1 opened, 1 sealed, 1 lost
}
