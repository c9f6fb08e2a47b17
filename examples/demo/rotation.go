package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/sealjar/sealjar/keys"
)

// rotation edits the key file, as an operator would with the command sealjar, and keeps what became of keys that are
// not in it any more.
type rotation struct {
	file *keys.File
	path string

	mu   sync.Mutex
	seen []keyView // in the order in which they came
}

// keyView is a key without its secrets. Times are Unix milliseconds, 0 where there is none.
type keyView struct {
	KeyID     string         `json:"kid"`
	Algorithm keys.Algorithm `json:"alg"`
	Created   int64          `json:"created"`
	NotBefore int64          `json:"from"`
	Expiry    int64          `json:"until"`
	Phase     string         `json:"phase"` // pending, sealing, opening or gone
	Gone      int64          `json:"gone,omitempty"`
}

const keptGone = 4

// change does what a button says. Every process that follows the file takes over what it comes to, so what it would refuse
// is not written.
func (k *rotation) change(ctx context.Context, action, kid string, alg keys.Algorithm) error {
	vault := keys.Vault{Store: &keys.FileStore{Path: k.path}}
	_, _, err := vault.Update(ctx, func(ring *keys.Ring) (*keys.Ring, error) {
		if ring == nil {
			return nil, errNoFile
		}
		now := time.Now()
		next, err := changed(ring, action, kid, alg, now)
		if err != nil {
			return nil, err
		}
		return next, next.Require(absolute, now)
	})
	if err != nil {
		return err
	}
	return k.file.Reload()
}

func changed(ring *keys.Ring, action, kid string, alg keys.Algorithm, now time.Time) (*keys.Ring, error) {
	switch action {
	case "add":
		// Every node must know a key before one seals with it.
		start := now.Add(policy().Propagation + keys.Leeway).Truncate(time.Second).Add(time.Second)
		key, err := keys.Generate(alg, start, time.Time{})
		if err != nil {
			return nil, err
		}
		return ring.With(key, now)
	case "promote":
		return ring.Promote(kid, now)
	case "retire":
		return ring.Retire(kid, policy(), now)
	case "remove":
		return ring.Without(kid, now)
	}
	return nil, errAction
}

var (
	errAction = errors.New("there is no such action")
	errNoFile = errors.New("the key file is gone")
)

// view lists the keys with their phases at a time, also some that are gone.
func (k *rotation) view(now time.Time) []keyView {
	k.mu.Lock()
	defer k.mu.Unlock()
	ring := k.file.Ring()
	sealing := ring.Sealing(now)
	for _, key := range ring.Keys() {
		v := keyView{
			KeyID: key.ID(), Algorithm: key.Algorithm(), Created: millis(key.Created()), NotBefore: millis(key.NotBefore()),
			Expiry: millis(key.Expiry()), Phase: "opening",
		}
		switch {
		case key == sealing:
			v.Phase = "sealing"
		case key.Expired(now):
			v.Phase, v.Gone = "gone", v.Expiry
		case key.NotBefore().After(now):
			v.Phase = "pending"
		}
		if i := k.find(key.ID()); i >= 0 {
			k.seen[i] = v
		} else {
			k.seen = append(k.seen, v)
		}
	}
	gone := 0
	for i := len(k.seen) - 1; i >= 0; i-- {
		v := &k.seen[i]
		if ring.Key(v.KeyID) != nil { // one that has expired stays as long as the file has it
			continue
		}
		if v.Phase != "gone" {
			v.Phase, v.Gone = "gone", now.UnixMilli()
		}
		if gone++; gone > keptGone {
			k.seen = slices.Delete(k.seen, i, i+1)
		}
	}
	return slices.Clone(k.seen)
}

func (k *rotation) find(kid string) int {
	return slices.IndexFunc(k.seen, func(v keyView) bool { return v.KeyID == kid })
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// serve is the endpoint behind the buttons.
func (k *rotation) serve(w http.ResponseWriter, r *http.Request) {
	alg := keys.Algorithm(r.PostFormValue("alg"))
	if alg == "" {
		alg = keys.HS256
	}
	if err := k.change(r.Context(), r.PostFormValue("action"), r.PostFormValue("kid"), alg); err != nil {
		fail(w, http.StatusUnprocessableEntity, err.Error()) // an operator's, and without a byte of a key
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
