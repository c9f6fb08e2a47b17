package site

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httputil"
)

// proxy reads its session and passes the request on without it, to an upstream that answers with what it has got.
func (s *site) proxy(w http.ResponseWriter, r *http.Request) {
	s.jar.Touch(r.Context())
	proxy := httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host = "http", "upstream.example"
			s.jar.StripCookies(p.Out)
		},
		Transport: upstream{},
	}
	proxy.ServeHTTP(w, r)
}

type upstream struct{}

func (upstream) RoundTrip(r *http.Request) (*http.Response, error) {
	got, err := json.Marshal(map[string][]string{"cookie": r.Header["Cookie"], "authorization": r.Header["Authorization"]})
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(got)), ContentLength: int64(len(got)), Request: r,
	}, nil
}
