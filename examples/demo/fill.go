package main

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/sealjar/sealjar"
)

// maxFill is more than a session holds, so that one can see what becomes of one that is too large.
const maxFill = 20_000

const badFill = "A session can be filled with 0 to 20,000 bytes."

// fill gives the session as much to carry as somebody wants to see in its cookies.
func fill(s *sealjar.Session[State], bytes string) bool {
	n, err := strconv.Atoi(bytes)
	if err != nil || n < 0 || n > maxFill {
		return false
	}
	s.Data.Fill = strings.Repeat("x", n)
	return true
}

// unsealed is what the response says in place of the handler's if the session can't be written. The cookies stay as they
// are.
func unsealed(err error) (status int, text string) {
	if errors.Is(err, sealjar.ErrTooLarge) {
		return http.StatusRequestEntityTooLarge, "Four cookies do not hold that. Your session is as it was."
	}
	return http.StatusInternalServerError, http.StatusText(http.StatusInternalServerError)
}
