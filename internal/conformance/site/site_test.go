package site_test

import (
	"io"
	"log"
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/internal/conformance"
	"github.com/sealjar/sealjar/internal/conformance/site"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStdmw(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		name := map[bool]string{false: "HTTP 1.1", true: "HTTP 2"}[http2]
		t.Run(name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(site.New(site.Std))
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.EnableHTTP2 = http2
			if http2 {
				server.StartTLS()
			} else {
				server.Start()
			}
			defer server.Close()
			conformance.Test(t, conformance.Target{URL: server.URL, Client: server.Client(), HTTP2: http2})
		})
	}
}
