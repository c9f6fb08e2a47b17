package soak

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"
)

// visitor is a client with its cookies, and with some that it had before.
type visitor struct {
	load    *load
	random  *rand.Rand
	number  int
	cookies cookies
	ended   cookies // of a session that it has left
	older   cookies // of an earlier state of its session
	left    time.Time
	http    http.Client
	calls   int
}

// kind is a sort of request.
type kind struct {
	name   string
	weight int
	do     func(context.Context, *visitor) error
}

var kinds = []kind{
	{"read", 24, func(ctx context.Context, v *visitor) error { return v.visit(ctx, "account", "") }},
	{"write", 16, func(ctx context.Context, v *visitor) error { return v.visit(ctx, "", "") }},
	{"sign in", 6, func(ctx context.Context, v *visitor) error {
		remember := strings.Repeat("y", v.random.IntN(2))
		return v.leave(ctx, "signin", fmt.Sprintf("name=user-%d-%d&remember=%s", v.number, v.random.IntN(10), remember))
	}},
	{"sign out", 3, func(ctx context.Context, v *visitor) error { return v.leave(ctx, "signout", "now=") }},
	{"sign out everywhere", 1, func(ctx context.Context, v *visitor) error {
		return v.leave(ctx, "demo/sessions", "action=everywhere")
	}},
	{"resize", 6, func(ctx context.Context, v *visitor) error {
		return v.visit(ctx, "fill", fmt.Sprintf("bytes=%d", v.random.IntN(7500)))
	}},
	{"too large to seal", 1, func(ctx context.Context, v *visitor) error { return v.visit(ctx, "fill", "bytes=20000") }},
	{"ended session", 6, func(ctx context.Context, v *visitor) error { return v.attack(ctx, v.ended) }},
	{"tampered", 12, func(ctx context.Context, v *visitor) error { return v.attack(ctx, v.cookies.tampered(v.random)) }},
	{"pieces of two states", 3, func(ctx context.Context, v *visitor) error { return v.attack(ctx, v.cookies.mixed(v.older)) }},
	{"made-up pieces", 4, func(ctx context.Context, v *visitor) error { return v.attack(ctx, madeUp(v.random)) }},
	{"garbage", 12, func(ctx context.Context, v *visitor) error { return v.attack(ctx, garbage(v.random)) }},
	{"many of the name", 3, func(ctx context.Context, v *visitor) error { return v.attack(ctx, many(v.random)) }},
	{"oversized", 3, func(ctx context.Context, v *visitor) error { return v.attack(ctx, oversized(v.random)) }},
}

// deck has each kind as often as its weight says.
var deck = func() (deck []kind) {
	for _, k := range kinds {
		deck = append(deck, slices.Repeat([]kind{k}, k.weight)...)
	}
	return deck
}()

// client makes requests until the context ends.
func (l *load) client(ctx context.Context, number int) {
	v := &visitor{load: l, number: number, random: rand.New(rand.NewPCG(1, uint64(number)))} // the same each time, for each client
	transport := &http.Transport{DisableCompression: true}
	v.http = http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	defer transport.CloseIdleConnections()
	for ctx.Err() == nil && l.err() == nil {
		k := deck[v.random.IntN(len(deck))]
		l.still.RLock()
		err := k.do(context.WithoutCancel(ctx), v)
		l.still.RUnlock()
		if errors.Is(err, errNothing) {
			continue
		}
		if err != nil {
			l.fail(fmt.Errorf("soak: %s: %w", k.name, err))
			return
		}
		l.note(k.name)
	}
}

// errNothing says that a visitor has not what such a request would need, or should not make it yet.
var errNothing = errors.New("nothing to send")

// visit goes to a page with the session's own cookies, and keeps what comes back.
func (v *visitor) visit(ctx context.Context, path, form string) error {
	a, err := v.send(ctx, path, form, v.cookies.pairs())
	if err == nil {
		v.keep(a)
	}
	return err
}

func (v *visitor) keep(a answer) {
	before := v.cookies
	v.cookies = v.cookies.with(a.set)
	if len(a.set) > 0 && len(before) > 1 {
		v.older = before
	}
}

// leave is a visit after which the session that was there has ended.
func (v *visitor) leave(ctx context.Context, path, form string) error {
	if time.Since(v.left) < v.load.pause {
		return errNothing
	}
	before := v.cookies
	a, err := v.send(ctx, path, form, before.pairs())
	if err != nil {
		return err
	}
	v.keep(a)
	if a.status < http.StatusBadRequest && len(before) > 0 {
		v.ended, v.older, v.left = before, nil, time.Now()
	}
	return nil
}

// attack sends cookies that must not be worth anything, to be told who one is or to make something of the session.
func (v *visitor) attack(ctx context.Context, bad cookies) error {
	if len(bad) == 0 {
		return errNothing
	}
	path := []string{"whoami", ""}[v.random.IntN(2)]
	a, err := v.send(ctx, path, "", bad.pairs())
	if err != nil || a.status >= http.StatusInternalServerError {
		return err
	}
	var who struct{ Known bool }
	stranger := a.body == "Welcome to this page for the first time!\n"
	if path == "whoami" {
		stranger = json.Unmarshal([]byte(a.body), &who) == nil && !who.Known
	}
	if !stranger {
		v.load.accepted(bad)
	}
	return nil
}

type answer struct {
	status int
	body   string
	set    []*http.Cookie
}

// send makes a request: a POST if there is a form.
func (v *visitor) send(ctx context.Context, path, form, pairs string) (a answer, err error) {
	v.calls++
	urls := v.load.server.URLs
	method := http.MethodGet
	if form != "" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, urls[v.calls%len(urls)]+path, strings.NewReader(form))
	if err != nil {
		return a, err
	}
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if pairs != "" {
		r.Header["Cookie"] = []string{pairs}
	}
	response, err := v.http.Do(r)
	if err != nil {
		return a, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	v.load.answered(response.StatusCode)
	return answer{response.StatusCode, string(text), response.Cookies()}, err
}
