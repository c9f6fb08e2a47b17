package main

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/sealjar/sealjar/revocation"
)

// What the two processes say to each other, as JSON in the bodies of POST.
type (
	storeRequest struct {
		Names   []revocation.Name  `json:"names,omitempty"`
		Entries []revocation.Entry `json:"entries,omitempty"`
		Cursor  revocation.Cursor  `json:"cursor,omitempty"`
	}
	storeAnswer struct {
		Entries []revocation.Entry `json:"entries,omitempty"`
		Cursor  revocation.Cursor  `json:"cursor,omitempty"`
	}
	report struct {
		Lines   []line    `json:"lines,omitempty"`
		Learned []learned `json:"learned,omitempty"`
		Stale   *bool     `json:"stale,omitempty"`
		Keys    bool      `json:"keys,omitempty"` // others are in use
	}
	learned struct {
		Name revocation.Name `json:"name"`
		At   time.Time       `json:"at"`
	}
)

// maxMessage bounds a message. It has room for revocation.MaxBatch entries.
const maxMessage = 8 << 20

// backstage is how the second process gets at the store, and tells what it sees. Other users of the machine can reach
// it, so it asks for a secret that only the two know.
func backstage(l *lab, secret string) http.Handler {
	store := func(do func(context.Context, storeRequest) (storeAnswer, error)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			var asked storeRequest
			if !readMessage(w, r, &asked) {
				return
			}
			cut, away := l.store.connection()
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			go func() {
				select {
				case <-cut:
					cancel()
				case <-l.ctx.Done():
					cancel()
				case <-ctx.Done():
				}
			}()
			var answer storeAnswer
			err := context.Canceled
			if !away {
				answer, err = do(ctx, asked)
			}
			switch {
			case errors.Is(err, revocation.ErrCursor):
				http.Error(w, "cursor", http.StatusGone)
			case err != nil:
				http.Error(w, "the store is away", http.StatusServiceUnavailable)
			default:
				writeJSON(w, http.StatusOK, answer)
			}
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /store/add", store(func(ctx context.Context, r storeRequest) (storeAnswer, error) {
		return storeAnswer{}, l.store.Add(ctx, r.Entries...)
	}))
	mux.HandleFunc("POST /store/lookup", store(func(ctx context.Context, r storeRequest) (a storeAnswer, err error) {
		a.Entries, err = l.store.Lookup(ctx, r.Names)
		return a, err
	}))
	mux.HandleFunc("POST /store/read", store(func(ctx context.Context, r storeRequest) (a storeAnswer, err error) {
		a.Cursor, err = l.store.Read(ctx, r.Cursor, func(batch []revocation.Entry) error {
			a.Entries = append(a.Entries, batch...)
			return nil
		})
		return a, err
	}))
	mux.HandleFunc("POST /store/wait", store(func(ctx context.Context, r storeRequest) (storeAnswer, error) {
		return storeAnswer{}, l.store.Wait(ctx, r.Cursor)
	}))
	mux.HandleFunc("POST /report", func(w http.ResponseWriter, r *http.Request) {
		var told report
		if readMessage(w, r, &told) {
			l.hear(told)
			w.WriteHeader(http.StatusNoContent)
		}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+secret)) != 1 {
			http.Error(w, http.StatusText(http.StatusUnauthorized), http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func readMessage(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxMessage)).Decode(into); err != nil {
		http.Error(w, http.StatusText(http.StatusBadRequest), http.StatusBadRequest)
		return false
	}
	return true
}

// hear takes in what the second process tells.
func (l *lab) hear(told report) {
	for _, line := range told.Lines {
		l.journal.add(line)
	}
	for _, news := range told.Learned {
		l.store.learned(news.Name.Kind, news.Name.Name, news.At)
	}
	if told.Stale != nil {
		l.node.setStale(*told.Stale)
	}
	if told.Stale != nil || told.Keys {
		l.bell.turn()
	}
}
