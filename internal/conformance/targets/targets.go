// Package targets runs the suite of package conformance against sealjar in each of its forms and against two of its peers,
// and keeps on record who passes what. docs/conformance.md is made of the records:
//
//	cd internal/conformance/targets && go run ./write
package targets

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/sealjar/sealjar/internal/conformance"
	"github.com/sealjar/sealjar/internal/conformance/site"
)

// Form is something to examine.
type Form struct {
	Key   string // the name of its record
	Title string
	Peer  bool // not ours
	// Start starts it; stop ends it.
	Start func() (target conformance.Target, stop func(), err error)
}

// Forms returns all, ours first.
func Forms() []Form {
	return []Form{
		{Key: "stdmw", Title: "stdmw, HTTP/1.1", Start: serve(func() http.Handler { return site.New(site.Std) }, false)},
		{Key: "stdmw-http2", Title: "stdmw, HTTP/2", Start: serve(func() http.Handler { return site.New(site.Std) }, true)},
		{Key: "stdmw-spill", Title: "stdmw, in a store", Start: serve(func() http.Handler { return site.NewInStore(site.Std) }, false)},
		{Key: "echo4", Title: "echomw, Echo v4", Start: serve(func() http.Handler { return site.New(mountEcho4) }, false)},
		{Key: "echo5", Title: "echomw, Echo v5", Start: serve(func() http.Handler { return site.New(mountEcho5) }, false)},
		{Key: "express-session", Title: "express-session 1.19", Peer: true, Start: startExpress},
		{Key: "scs", Title: "scs 2.9", Peer: true, Start: serve(SCS, false)},
	}
}

func serve(handler func() http.Handler, http2 bool) func() (conformance.Target, func(), error) {
	return func() (conformance.Target, func(), error) {
		server := httptest.NewUnstartedServer(handler())
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.EnableHTTP2 = http2
		if http2 {
			server.StartTLS()
		} else {
			server.Start()
		}
		return conformance.Target{URL: server.URL, Client: server.Client(), HTTP2: http2}, server.Close, nil
	}
}
