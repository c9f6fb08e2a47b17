package fleet

import (
	"fmt"
	"io"
	"net/http"

	"github.com/sealjar/sealjar/stdmw"
)

// handler is the application, and what tests ask for.
func (n *node) handler() http.Handler {
	app := http.NewServeMux()
	app.HandleFunc("POST /signin", n.signIn)
	app.HandleFunc("POST /signout", n.signOut)
	app.HandleFunc("POST /everywhere", n.signOutEverywhere)
	app.HandleFunc("POST /view", n.view)
	gate := stdmw.Gate(n.jar, stdmw.GateOptions{})
	app.Handle("GET /account", gate(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, n.jar.From(r.Context()).Subject())
	})))
	all := http.NewServeMux()
	all.Handle("/", stdmw.New(n.jar, stdmw.Options{})(app))
	all.Handle("/test/", n.forTests())
	return all
}

func (n *node) signIn(w http.ResponseWriter, r *http.Request) {
	if err := n.jar.From(r.Context()).SignIn(r.Context(), r.FormValue("name")); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprint(w, n.jar.From(r.Context()).ID())
}

// signOut ends the session when it has read the request's body, so that a client can hang up before.
func (n *node) signOut(w http.ResponseWriter, r *http.Request) {
	session := n.jar.From(r.Context())
	_, _ = io.Copy(io.Discard, r.Body)
	answer(w, session.End(r.Context()))
}

// signOutEverywhere ends all sessions of who is signed in, and signs in here again.
func (n *node) signOutEverywhere(w http.ResponseWriter, r *http.Request) {
	session := n.jar.From(r.Context())
	name := session.Subject()
	if err := n.jar.EndAll(r.Context(), name); err != nil {
		answer(w, err)
		return
	}
	answer(w, session.SignIn(r.Context(), name))
}

// view changes the session when it has read the request's body. A client that sends it late has a slow request.
func (n *node) view(w http.ResponseWriter, r *http.Request) {
	session := n.jar.From(r.Context())
	_ = session.ID()
	_, _ = io.Copy(io.Discard, r.Body)
	session.Data.Views++
	fmt.Fprintf(w, "%d %q %v", session.Data.Views, session.Subject(), session.Err())
}

func answer(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
