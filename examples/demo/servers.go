package main

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// opinion is what a server says about the browser that asks.
type opinion struct {
	Name   string   `json:"name"`
	URL    string   `json:"url"`
	Status int      `json:"status"` // 0: it did not answer
	Who    identity `json:"who"`
}

// serveServers asks each server who the browser is, with the cookie of the request: over HTTP, as the browser itself would.
func (l *lab) serveServers(w http.ResponseWriter, r *http.Request) {
	node, _ := l.node.get()
	opinions := []opinion{
		{Name: "net/http", URL: l.stdURL},
		{Name: "Echo", URL: l.echoURL},
		{Name: "node, refuse", URL: node + "refuse/"},
		{Name: "node, allow", URL: node + "allow/"},
	}
	var all sync.WaitGroup
	for i := range opinions {
		all.Go(func() { opinions[i].ask(r.Context(), l.client, r.Header.Get("Cookie"), r.UserAgent()) })
	}
	all.Wait()
	writeJSON(w, http.StatusOK, opinions)
}

func (o *opinion) ask(ctx context.Context, client *http.Client, cookie, agent string) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, o.URL+"whoami", nil)
	if err != nil {
		return
	}
	r.Header.Set("User-Agent", agent)
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	response, err := client.Do(r)
	if err != nil {
		return
	}
	defer response.Body.Close()
	if err := json.NewDecoder(http.MaxBytesReader(nil, response.Body, maxMessage)).Decode(&o.Who); err == nil {
		o.Status = response.StatusCode
	}
}
