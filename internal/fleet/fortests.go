package fleet

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/sealjar/sealjar/revocation"
)

// Revoked is what POST /test/revoke answers: when the revocation was asked for, and when it was durable.
type Revoked struct{ Asked, Durable time.Time }

// Verdicts is what POST /test/check answers, by the number of session ids.
type Verdicts struct{ Accepted, Refused, Unknown int }

// Status is what GET /test/status answers.
type Status struct {
	Entries int64
	Current bool
	Resyncs int
	Err     string
}

func (n *node) forTests() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /test/revoke", n.revoke)
	mux.HandleFunc("POST /test/proof", n.proof)
	mux.HandleFunc("POST /test/check", n.check)
	mux.HandleFunc("GET /test/status", n.status)
	mux.HandleFunc("POST /test/watch", n.startWatch)
	mux.HandleFunc("GET /test/watch", n.endWatch)
	return mux
}

// revoke revokes the session named sid, or all of the subject named sub; with kill=1 the process dies of it.
func (n *node) revoke(w http.ResponseWriter, r *http.Request) {
	sid, subject := r.FormValue("sid"), r.FormValue("sub")
	if r.FormValue("kill") != "" {
		n.store.kill.Store(true)
	}
	var err error
	answer := Revoked{Asked: time.Now()}
	if sid != "" {
		err = n.list.RevokeSession(r.Context(), sid, "fleet")
	} else {
		err = n.list.RevokeSubject(r.Context(), subject, n.now(), "fleet")
	}
	answer.Durable = time.Now()
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	reply(w, answer)
}

// proof answers when it is proven that no node accepts what was revoked before.
func (n *node) proof(w http.ResponseWriter, r *http.Request) {
	answer(w, n.list.Everywhere(r.Context()))
}

// check judges the session ids in the body, one a line.
func (n *node) check(w http.ResponseWriter, r *http.Request) {
	var v Verdicts
	for _, sid := range sids(r) {
		switch err := n.list.Check(r.Context(), claims(sid)); {
		case err == nil:
			v.Accepted++
		case errors.Is(err, revocation.ErrRevoked):
			v.Refused++
		default:
			v.Unknown++
		}
	}
	reply(w, v)
}

func (n *node) status(w http.ResponseWriter, _ *http.Request) {
	s := n.list.Status()
	text := ""
	if s.Err != nil {
		text = s.Err.Error()
	}
	reply(w, Status{Entries: s.Entries, Current: s.Current, Resyncs: s.Resyncs, Err: text})
}

func sids(r *http.Request) []string {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil
	}
	return strings.Fields(string(body))
}

func claims(sid string) revocation.Claims {
	return revocation.Claims{SessionID: sid, KeyID: "k", Subject: "s", AuthTime: time.Now()}
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
