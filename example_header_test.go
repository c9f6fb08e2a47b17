package sealjar_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/stdmw"
)

// An app signs in, keeps its token by itself, and sends it in a header.
func ExampleJar_Seal() {
	jar, err := sealjar.New[State](sealjar.Options{
		Keys: ring(), Revocation: new(revocation.Memory), Header: "Authorization", RenewedHeader: "Session-Token",
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /signin", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		if err := session.SignIn(r.Context(), "alice"); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		token, err := jar.Seal(session)
		if err != nil {
			http.Error(w, "sorry", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(map[string]any{"token": token, "until": session.AbsoluteExpiry()})
	})
	mux.HandleFunc("POST /views", func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		session.Data.Views++
		fmt.Fprintf(w, "%s: %d\n", session.Subject(), session.Data.Views)
	})
	handler := stdmw.New(jar, stdmw.Options{})(mux)
	call := func(path, token string) *http.Response {
		r := httptest.NewRequest(http.MethodPost, path, nil)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Result()
	}

	response := call("/signin", "")
	var answer struct{ Token string }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		log.Fatal(err)
	}
	fmt.Println("cookies:", len(response.Cookies()))
	token := answer.Token
	for range 2 {
		response = call("/views", token)
		text, _ := io.ReadAll(response.Body)
		fmt.Print(string(text))
		if next := response.Header.Get("Session-Token"); next != "" {
			token = next
		}
	}
	// Output:
	// cookies: 0
	// alice: 1
	// alice: 2
}
