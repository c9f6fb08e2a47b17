package app

import (
	"encoding/gob"
	"net/http"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"

	"github.com/sealjar/sealjar/bench/contender"
)

// newSCS keeps the state in the server's memory, under an id in the cookie: alexedwards/scs with its default store and codec.
func newSCS(p contender.Payload) App {
	gob.Register(contender.State{})
	manager := scs.New()
	manager.Store = memstore.NewWithCleanupInterval(0) // no goroutine that would outlive a test
	manager.Cookie.Name, manager.Cookie.Secure = cookieName, true
	const key = "state"
	handler := pages(
		p,
		func(r *http.Request) contender.State {
			state, _ := manager.Get(r.Context(), key).(contender.State)
			return state
		},
		func(_ http.ResponseWriter, r *http.Request, state contender.State) {
			manager.Put(r.Context(), key, state)
		},
	)
	return App{Name: "scs, in memory", Handler: manager.LoadAndSave(handler)}
}
