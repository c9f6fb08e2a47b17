package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/examples/frameworks/internal/visitor"
	"github.com/sealjar/sealjar/sealjartest"
)

func TestTour(t *testing.T) { visitor.Tour(t, site(newJar(t))) }

func newJar(t *testing.T) *sealjar.Jar[State] {
	jar, err := sealjar.New[State](sealjar.Options{Keys: sealjartest.Ring(t)})
	require.NoError(t, err)
	return jar
}
