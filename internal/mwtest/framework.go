package mwtest

import (
	"io"
	"net/http"

	"github.com/sealjar/sealjar"
)

// Echo is what a version of Echo, whose types differ, lends to the rows for handlers of its own kind.
type Echo struct {
	Mount    func(EchoApp) http.Handler
	Response func(EchoContext) EchoResponse
	Status   func(EchoContext) EchoStatus
	// Swap puts a writer directly below Echo's response, and returns the one that was there.
	Swap  func(EchoContext, http.ResponseWriter) http.ResponseWriter
	Error func(code int, message string) error

	BodyDump, ContextTimeout, Gzip, Recover EchoMiddleware
}

// EchoApp is an application that answers GET / and nothing else.
type EchoApp struct {
	Jar            sealjar.AnyJar
	Around, Inside []EchoMiddleware // of the jar's
	Handler        EchoHandler
	Fail           func(c EchoContext, err error) error // nil: no ErrorHandler in the config
	Errors         func(c EchoContext, err error)       // nil: Echo's own
}

// EchoHandler is a handler of Echo.
type EchoHandler func(EchoContext) error

// EchoMiddleware is middleware of Echo.
type EchoMiddleware func(EchoHandler) EchoHandler

// EchoContext is what the contexts of all versions of Echo have in common, as far as the rows use it.
type EchoContext interface {
	Request() *http.Request
	String(code int, text string) error
	JSON(code int, value any) error
	Redirect(code int, url string) error
	NoContent(code int) error
	Stream(code int, contentType string, r io.Reader) error
	File(name string) error
}

// EchoResponse is echo.Response.
type EchoResponse interface {
	http.ResponseWriter
	Flush()
	Before(func())
	After(func())
	Unwrap() http.ResponseWriter
}

// EchoStatus is what an access log reads in an echo.Response.
type EchoStatus struct {
	Committed bool
	Status    int
	Size      int64
}
