package app

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/gorilla/securecookie"

	"github.com/sealjar/sealjar/bench/contender"
)

// cookieName is the same for all, so that all send as many bytes.
const cookieName = "__Host-session"

var never time.Time

func setCookie(w http.ResponseWriter, value string) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: value, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// newSecurecookie keeps the state in gorilla/securecookie's own form, with nothing around it.
func newSecurecookie(p contender.Payload) App {
	codec := securecookie.New(securecookie.GenerateRandomKey(32), securecookie.GenerateRandomKey(32)).
		SetSerializer(securecookie.JSONEncoder{})
	return App{Name: "securecookie, JSON", Handler: pages(
		p,
		func(r *http.Request) (state contender.State) {
			if cookie, err := r.Cookie(cookieName); err == nil {
				_ = codec.Decode(cookieName, cookie.Value, &state)
			}
			return state
		},
		func(w http.ResponseWriter, _ *http.Request, state contender.State) {
			if value, err := codec.Encode(cookieName, &state); err == nil {
				setCookie(w, value)
			}
		},
	)}
}

// newFloor keeps it in the floor's token, which checks next to nothing, with encoding/json: about what a signed and encrypted JWT
// in a cookie can come to at the best.
func newFloor(p contender.Payload) App {
	floor := contender.All()[0]
	return App{Name: "the floor's token, JSON", Handler: pages(
		p,
		func(r *http.Request) (state contender.State) {
			if cookie, err := r.Cookie(cookieName); err == nil {
				if got, err := floor.Open(cookie.Value); err == nil {
					_ = json.Unmarshal(got.JSON, &state)
				}
			}
			return state
		},
		func(w http.ResponseWriter, _ *http.Request, state contender.State) {
			text, err := json.Marshal(&state)
			if err != nil {
				return
			}
			if value, err := floor.Seal(contender.Payload{JSON: text}); err == nil {
				setCookie(w, value)
			}
		},
	)}
}

// newJWX keeps it in a nested JWT of jwx v2, as its documentation shows.
func newJWX(p contender.Payload) App {
	jwx := contender.NewJWXDecoded()
	return App{Name: "jwx v2, nested", Handler: pages(
		p,
		func(r *http.Request) contender.State {
			cookie, err := r.Cookie(cookieName)
			if err != nil {
				return contender.State{}
			}
			got, err := jwx.Open(cookie.Value)
			if err != nil {
				return contender.State{}
			}
			return got.State
		},
		func(w http.ResponseWriter, _ *http.Request, state contender.State) {
			if value, err := jwx.Seal(contender.Payload{State: state}); err == nil {
				setCookie(w, value)
			}
		},
	)}
}
