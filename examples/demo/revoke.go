package main

import "net/http"

// serveSessions is the endpoint behind the buttons of the table of sessions. It stands inside of the jar's middleware.
func (l *lab) serveSessions(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	s := l.jar.From(ctx)
	var err error
	switch sid := r.PostFormValue("sid"); r.PostFormValue("action") {
	case "here":
		err = s.End(ctx)
	case "others":
		err = l.jar.EndOthers(ctx, s)
	case "everywhere":
		if s.Subject() == "" {
			fail(w, http.StatusConflict, "Sign in first.")
			return
		}
		if err = l.jar.EndAll(ctx, s.Subject()); err == nil {
			err = s.End(ctx)
		}
	case "device":
		if s.Subject() == "" {
			fail(w, http.StatusConflict, "Sign in first.")
			return
		}
		err = l.devices.add(ctx, s.Subject())
	case "revoke":
		if err = l.list.RevokeSession(ctx, sid, "by an administrator"); err == nil {
			l.sessions.revoked(sid)
		}
	default:
		err = errAction
	}
	if err != nil {
		fail(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	l.bell.turn()
	w.WriteHeader(http.StatusNoContent)
}

// serveStore takes the store away from the second process, or gives it back.
func (l *lab) serveStore(w http.ResponseWriter, r *http.Request) {
	away := r.PostFormValue("away") == "yes"
	l.store.takeAway(away)
	if away {
		l.journal.note("demo", "store taken away from the second process", "it notices within "+maxStaleness.String())
	} else {
		l.journal.note("demo", "store given back to the second process", "")
	}
	l.bell.turn()
	w.WriteHeader(http.StatusNoContent)
}
