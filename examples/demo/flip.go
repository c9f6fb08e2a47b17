package main

import (
	"net/http"
	"strconv"
	"strings"
)

const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// flip changes one character of a token, in its lowest bit. To do it again puts it back.
func flip(value string, position int) (string, bool) {
	if position < 0 || position >= len(value) {
		return value, false
	}
	old := value[position]
	other := byte('!') // a cookie may have it, and a token never has
	switch i := strings.IndexByte(base64url, old); {
	case i >= 0:
		other = base64url[i^1]
	case old == '!':
		other = '.'
	}
	return value[:position] + string(other) + value[position+1:], true
}

// flipCookie gives the browser its cookie back with one character changed, with the attributes of the jar's own.
func flipCookie(w http.ResponseWriter, r *http.Request) {
	position, err := strconv.Atoi(r.PostFormValue("at"))
	for _, p := range piecesOf(r) {
		if text, ok := flip(p.text, position); ok && err == nil {
			http.SetCookie(w, &http.Cookie{
				Name: p.Name, Value: p.mark + text, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
			})
			w.Header().Set("Cache-Control", "no-store")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		position -= len(p.text)
	}
	fail(w, http.StatusBadRequest, "There is no character at this position.")
}

// failure is what the page reads of an answer that is none.
type failure struct {
	Error string `json:"error"`
}

// fail says what is wrong with what the page asked for.
func fail(w http.ResponseWriter, status int, text string) {
	writeJSON(w, status, failure{text})
}
