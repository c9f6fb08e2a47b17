package mwtest

import (
	"net/http"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/stdmw"
)

// Failure answers when a session can't be written.
type Failure func(http.ResponseWriter, *http.Request, error)

// Stack is one way to put sessions under handlers.
type Stack struct {
	Name  string
	HTTP2 bool
	Echo  bool
	// HintsAreFinal : a writer below ours takes a 103 for the final status.
	HintsAreFinal bool
	Mount         func(jar sealjar.AnyJar, fail Failure, h http.Handler) http.Handler
}

// MountStd is the middleware for net/http.
func MountStd(jar sealjar.AnyJar, fail Failure, h http.Handler) http.Handler {
	return stdmw.New(jar, stdmw.Options{ErrorHandler: fail})(h)
}
