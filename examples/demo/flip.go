package main

import (
	"net/http"
	"slices"
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

// flipCookie gives the browser its cookie back with a character changed, or several, with the attributes of the jar's own.
func flipCookie(w http.ResponseWriter, r *http.Request) {
	pieces := piecesOf(r)
	had := slices.Clone(pieces)
	none := r.PostFormValue("at") == ""
	for _, at := range r.PostForm["at"] {
		position, err := strconv.Atoi(at)
		if err != nil || !flipOne(pieces, position) {
			none = true
		}
	}
	if none {
		fail(w, http.StatusBadRequest, "There is no character at this position.")
		return
	}
	for i, p := range pieces {
		if p != had[i] {
			http.SetCookie(w, &http.Cookie{
				Name: p.Name, Value: p.mark + p.text, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
			})
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
}

// flipOne changes a character of the token that is in several pieces.
func flipOne(pieces []piece, position int) (ok bool) {
	for i := range pieces {
		p := &pieces[i]
		if p.text, ok = flip(p.text, position); ok {
			return true
		}
		position -= len(p.text)
	}
	return false
}

// failure is what the page reads of an answer that is none.
type failure struct {
	Error string `json:"error"`
}

// fail says what is wrong with what the page asked for.
func fail(w http.ResponseWriter, status int, text string) {
	writeJSON(w, status, failure{text})
}
