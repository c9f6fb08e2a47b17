package cli

import (
	"errors"
	"time"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

// opener opens tokens as the application does.
type opener struct {
	ring             *keys.Ring
	issuer, audience string
}

func (o opener) open(text string, at time.Time) (token.Claims, error) {
	codec, err := token.New(token.Config{
		Keys: o.ring, Issuer: o.issuer, Audience: o.audience, MaxLength: 64 << 10,
		Now: func() time.Time { return at },
	})
	if err != nil {
		return token.Claims{}, err
	}
	return codec.Open(text)
}

// verdict is what an application says of the token now, and its claims if it was ever good.
type verdict struct {
	err    error // nil if the token is accepted
	claims *token.Claims
	asOf   time.Time // when the claims were verified
	later  error     // why it was never good either, if it has expired
}

// judge opens the token now. One that is refused because of the time alone is opened at a time at which it was, or will
// be, good. So what is shown of it has passed every check: there is no way, here or in the library, to read a token
// without.
func (o opener) judge(text string, now time.Time) verdict {
	claims, err := o.open(text, now)
	if err == nil {
		return verdict{claims: &claims, asOf: now}
	}
	v := verdict{err: err}
	if tooLate(err) || errors.Is(err, token.ErrNotYet) {
		claims, at, err := o.search(text, now)
		if err != nil {
			v.later = err
		} else {
			v.claims, v.asOf = &claims, at
		}
	}
	return v
}

func tooLate(err error) bool {
	return errors.Is(err, token.ErrExpired) || errors.Is(err, token.ErrKeyExpired)
}

// search halves the time until it meets that in which the token is good, which is at least as long as twice the leeway
// unless its key ends earlier. The error is that of a token which was never good.
func (o opener) search(text string, now time.Time) (token.Claims, time.Time, error) {
	early, late := time.Unix(0, 0), now.Add(100*365*day)
	var err error
	for late.Sub(early) > time.Millisecond {
		at := early.Add(late.Sub(early) / 2)
		var claims token.Claims
		claims, err = o.open(text, at)
		switch {
		case err == nil:
			return claims, at, nil
		case tooLate(err):
			late = at
		case errors.Is(err, token.ErrNotYet):
			early = at
		default:
			return token.Claims{}, time.Time{}, err
		}
	}
	return token.Claims{}, time.Time{}, err
}
