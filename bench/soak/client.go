package soak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
)

// visitor is a client with its cookies, and with some that it had before.
type visitor struct {
	load    *load
	random  *rand.Rand
	number  int
	cookies cookies
	ended   cookies // of a session that it has left
	older   cookies // of an earlier state of its session
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
	{"read", 24, func(ctx context.Context, v *visitor) error { return v.visit(ctx, "/read") }},
	{"write", 16, func(ctx context.Context, v *visitor) error { return v.visit(ctx, "/visit") }},
	{"sign in", 6, func(ctx context.Context, v *visitor) error {
		return v.leave(ctx, fmt.Sprintf("/signin?user-%d-%d", v.number, v.random.IntN(100)))
	}},
	{"sign out", 3, func(ctx context.Context, v *visitor) error { return v.leave(ctx, "/signout") }},
	{"sign out everywhere", 1, func(ctx context.Context, v *visitor) error { return v.leave(ctx, "/everywhere") }},
	{"resize", 6, func(ctx context.Context, v *visitor) error {
		return v.visit(ctx, fmt.Sprintf("/fill?%d", v.random.IntN(7500)))
	}},
	{"too large to seal", 1, func(ctx context.Context, v *visitor) error { return v.visit(ctx, "/fill?20000") }},
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
	v.http = http.Client{Transport: transport}
	defer transport.CloseIdleConnections()
	for ctx.Err() == nil && l.err() == nil {
		k := deck[v.random.IntN(len(deck))]
		l.pause.RLock()
		err := k.do(context.WithoutCancel(ctx), v)
		l.pause.RUnlock()
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

// errNothing says that a visitor has not what such a request would need.
var errNothing = errors.New("nothing to send")

// visit goes to a page with the session's own cookies, and keeps what comes back.
func (v *visitor) visit(ctx context.Context, path string) error {
	_, set, err := v.get(ctx, path, v.cookies.pairs())
	if err == nil {
		before := v.cookies
		v.cookies = v.cookies.with(set)
		if len(set) > 0 && len(before) > 1 {
			v.older = before
		}
	}
	return err
}

// leave is a visit after which the session that was there has ended.
func (v *visitor) leave(ctx context.Context, path string) error {
	before := v.cookies
	err := v.visit(ctx, path)
	if err == nil && len(before) > 0 {
		v.ended, v.older = before, nil
	}
	return err
}

// attack sends cookies that must not be worth anything.
func (v *visitor) attack(ctx context.Context, bad cookies) error {
	if len(bad) == 0 {
		return errNothing
	}
	body, _, err := v.get(ctx, "/read", bad.pairs())
	if err == nil && !strings.HasPrefix(body, " ") {
		v.load.accepted(bad)
	}
	return err
}

func (v *visitor) get(ctx context.Context, path, pairs string) (body string, set []*http.Cookie, err error) {
	v.calls++
	address := v.load.addresses[v.calls%len(v.load.addresses)]
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return "", nil, err
	}
	if pairs != "" {
		r.Header["Cookie"] = []string{pairs}
	}
	response, err := v.http.Do(r)
	if err != nil {
		return "", nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	v.load.answered(response.StatusCode)
	if response.StatusCode != http.StatusOK {
		return " ", nil, err
	}
	return string(text), response.Cookies(), err
}
