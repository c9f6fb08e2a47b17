package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// devicePrefix begins the User-Agent of the devices that the page adds. Their name follows.
const devicePrefix = "sealjar-demo/"

var deviceNames = []string{"Phone", "Tablet", "Work laptop", "Watch", "Television", "Car"}

// devices are other browsers of a user: real clients with cookies of their own, which come back every second or so, to one
// server and to the other, until they are not let in any more.
type devices struct {
	client *http.Client
	urls   []string // of the servers

	mu     sync.Mutex
	cookie map[string]string // by the name of the device
	turn   int
}

var errNoRoom = errors.New("there are as many devices as the demo has names for")

// newClient follows no redirects, so that the cookies of each answer are seen.
func newClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 8},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       10 * time.Second,
	}
}

// add signs a subject in on one more device.
func (d *devices) add(ctx context.Context, subject string) error {
	name, server := d.free()
	if name == "" {
		return errNoRoom
	}
	form := url.Values{"name": {subject}}.Encode()
	status, cookie, err := d.send(ctx, name, http.MethodPost, server+"signin", form, "")
	if err != nil || status != http.StatusSeeOther || cookie == "" {
		return errors.Join(errors.New("the device was not signed in"), err)
	}
	d.mu.Lock()
	d.cookie[name] = cookie
	d.mu.Unlock()
	return nil
}

// free returns a name that no device has, and the server whose turn it is.
func (d *devices) free() (name, server string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.turn++
	for _, name := range deviceNames {
		if _, taken := d.cookie[name]; !taken {
			return name, d.urls[d.turn%len(d.urls)]
		}
	}
	return "", ""
}

// run has each device come back now and then.
func (d *devices) run(ctx context.Context) {
	defer d.client.CloseIdleConnections()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for round := 0; ; round++ {
		select {
		case <-ticker.C:
			d.visit(ctx, round)
		case <-ctx.Done():
			return
		}
	}
}

func (d *devices) visit(ctx context.Context, round int) {
	for i, name := range deviceNames {
		d.mu.Lock()
		cookie, there := d.cookie[name]
		d.mu.Unlock()
		if !there {
			continue
		}
		status, next, err := d.send(ctx, name, http.MethodGet, d.urls[(round+i)%len(d.urls)]+"account", "", cookie)
		d.mu.Lock()
		switch {
		case err != nil || d.cookie[name] != cookie:
		case status == http.StatusUnauthorized:
			delete(d.cookie, name)
		case next != "":
			d.cookie[name] = next
		}
		d.mu.Unlock()
	}
}

// send makes one request of a device, and returns the cookie that it gets, if any.
func (d *devices) send(ctx context.Context, name, method, address, form, cookie string) (status int, next string, err error) {
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("User-Agent", devicePrefix+name)
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookieName+"="+cookie)
	}
	response, err := d.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxMessage))
	for _, c := range response.Cookies() {
		if c.Name == cookieName && c.MaxAge >= 0 {
			next = c.Value
		}
	}
	return response.StatusCode, next, nil
}
