package main

import (
	"io"
	"log/slog"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
)

const (
	renewal   = 0.25 // the library's own
	maxChunks = 4
)

// maxStaleness is for how long the second process goes by what it knows. It is short, so that nobody waits long to see it end.
var maxStaleness = 2 * time.Second

// absolute is how long a session lives at most, and the other times are parts of it. They are short, so that there is
// something to see. The zero values are what an application wants.
var absolute = 20 * time.Minute

func idle(remembered bool) time.Duration {
	if remembered {
		return absolute / 2
	}
	return absolute / 4
}

// policy says when keys may be used that the page makes, and for how long they open after they were retired.
func policy() keys.Policy {
	return keys.Policy{Period: time.Hour, Propagation: time.Second, Session: absolute}
}

func jarOptions(ring keys.Source, list sealjar.Revocation) sealjar.Options {
	return sealjar.Options{
		Keys: ring, Revocation: list, Cookie: sealjar.Cookie{MaxChunks: maxChunks},
		Idle: idle(false), Absolute: absolute, RememberIdle: idle(true), RememberAbsolute: absolute,
	}
}

// newJar makes the jar that both servers share, or one of the second process.
func newJar(ring keys.Source, list sealjar.Revocation, logger *slog.Logger, observe func(sealjar.Event)) (*sealjar.Jar[State], error) {
	o := jarOptions(ring, list)
	o.Logger, o.Observe = logger, observe
	return sealjar.New[State](o)
}

// newQuietJar makes one that reads sessions and tells nobody, so that to look at a cookie is not among the events that
// one looks at.
func newQuietJar(ring keys.Source, list sealjar.Revocation) (*sealjar.Jar[State], error) {
	o := jarOptions(ring, list)
	o.ReadOnly, o.Logger = true, silence
	return sealjar.New[State](o)
}

var silence = slog.New(slog.NewTextHandler(io.Discard, nil))
