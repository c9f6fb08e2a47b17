package contender

import (
	"crypto/rand"
	"time"
)

// Contender makes and opens sessions.
type Contender struct {
	// Name is what the table shows.
	Name string
	// Decodes says that the state goes in as a value and comes out as one. Otherwise it goes in and out as JSON text.
	Decodes bool
	// Seal makes a session of a payload.
	Seal func(Payload) (string, error)
	// Open checks a session and gets its state out.
	Open func(token string) (Payload, error)
}

// All returns the contenders, the floor first. Each call makes fresh keys.
func All() []Contender {
	return []Contender{
		newFloor(), newSealjar(), newSealjarDecoded(), newJWX(), newGolangJWT(), newGoJOSE(), newSecurecookie(), newFernet(),
	}
}

// The claims that every JWT contender carries besides the state.
const (
	audience  = "session/__Host-session"
	subject   = "u-01H8XKZ5Q2"
	sessionID = "0123456789abcdefABCDEF"
	tokenID   = "0123456789abcdef"
	lifetime  = 30 * time.Minute
)

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}
