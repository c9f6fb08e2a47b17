package token_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

// secret is for these examples. Make your own with `openssl rand -hex 32`, and keep it out of the program.
const secret = "2e1be7e38f00282a26534bb47c5c502e33cb7154853941bae1b4e2b2c2afb477"

// exampleCodec has a clock that stands still, so that the examples print the same at any time.
func exampleCodec() *token.Codec {
	ring, err := keys.FromSecrets(secret)
	must(err)
	codec, err := token.New(token.Config{
		Keys:     ring,
		Audience: "session/__Host-session",
		Now:      func() time.Time { return time.Date(2027, 1, 15, 8, 0, 0, 0, time.UTC) },
	})
	must(err)
	return codec
}

func Example() {
	codec := exampleCodec()
	signedIn := time.Date(2027, 1, 15, 8, 0, 0, 0, time.UTC)
	text, err := codec.Seal(&token.Claims{
		Subject:   "alice",
		SessionID: "dGVzdC1zZXNzaW9u",
		AuthTime:  signedIn,
		Expiry:    signedIn.Add(30 * time.Minute),
		State:     []byte(`{"d":{"views":1}}`),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(strings.Count(text, "."), "dots")

	claims, err := codec.Open(text)
	if err != nil {
		panic(err)
	}
	fmt.Println(claims.Subject, string(claims.State))
	// Output:
	// 4 dots
	// alice {"d":{"views":1}}
}

func ExampleNew() {
	ring, err := keys.FromSecrets(secret)
	if err != nil {
		panic(err)
	}
	_, err = token.New(token.Config{Keys: ring})
	fmt.Println(err)

	_, err = token.New(token.Config{Keys: ring, Audience: "download-link", Issuer: "https://shop.example", MaxLength: 2048})
	fmt.Println(err)
	// Output:
	// token: Config.Audience is missing
	// <nil>
}

func ExampleCodec_Seal() {
	codec := exampleCodec()
	claims := &token.Claims{
		SessionID: "dGVzdC1zZXNzaW9u",
		AuthTime:  time.Date(2027, 1, 15, 8, 0, 0, 0, time.UTC),
		Expiry:    time.Date(2027, 1, 15, 8, 30, 0, 0, time.UTC),
		State:     []byte(`{}`),
	}
	_, err := codec.Seal(claims)
	fmt.Println(err)
	fmt.Println(claims.IssuedAt, len(claims.TokenID), claims.KeyID)

	claims.SessionID = "has spaces"
	_, err = codec.Seal(claims)
	fmt.Println(errors.Is(err, token.ErrClaims))

	claims.State = []byte(`{"d":"` + strings.Repeat("x", token.DefaultMaxLength) + `"}`)
	_, err = codec.Seal(claims)
	fmt.Println(errors.Is(err, token.ErrTooLong))
	// Output:
	// <nil>
	// 2027-01-15 08:00:00 +0000 UTC 16 ZjSLqv44
	// true
	// true
}

// What is not a token of this codec is refused, with an error that holds no part of it.
func ExampleCodec_Open() {
	codec := exampleCodec()
	for _, text := range []string{
		"",
		strings.Repeat("x", token.DefaultMaxLength+1),
		"eyJhbGciOiJub25lIn0.e30.",
		"eyJhbGciOiJkaXIifQ..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA",
	} {
		_, err := codec.Open(text)
		fmt.Println(err)
	}
	// Output:
	// token: malformed
	// token: too long
	// token: malformed
	// token: unknown key
}

// The reasons for which a token is refused are for logs and counters. The client learns that it has no session, and no more.
func ExampleCodec_Open_refusals() {
	count := func(err error) string {
		switch {
		case errors.Is(err, token.ErrExpired), errors.Is(err, token.ErrKeyExpired):
			return "over" // the session is told so
		case errors.Is(err, token.ErrUnknownKey), errors.Is(err, token.ErrNotYet):
			return "check the keys and the clocks of the nodes"
		case errors.Is(err, token.ErrIssuer), errors.Is(err, token.ErrAudience):
			return "made for something else"
		case errors.Is(err, token.ErrTooLong), errors.Is(err, token.ErrMalformed), errors.Is(err, token.ErrDecryption):
			return "damaged, or not ours"
		case errors.Is(err, token.ErrSignature), errors.Is(err, token.ErrClaims):
			return "somebody else holds the encryption key"
		}
		return "fine"
	}
	_, err := exampleCodec().Open("not a token")
	fmt.Println(count(err))
	// Output: damaged, or not ours
}

// A ring of which no key seals now still opens.
func ExampleCodec_Seal_noSealingKey() {
	key, err := keys.Generate(keys.EdDSA, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), time.Time{})
	must(err)
	ring, err := keys.NewRing([]*keys.Key{key}, keys.Options{OpenOnly: true})
	must(err)
	codec, err := token.New(token.Config{Keys: ring, Audience: "session", Now: func() time.Time {
		return time.Date(2027, 1, 15, 8, 0, 0, 0, time.UTC)
	}})
	must(err)
	_, err = codec.Seal(&token.Claims{})
	fmt.Println(errors.Is(err, token.ErrNoSealingKey))
	// Output: true
}

// Clocks of nodes may differ: a token is good for the leeway after it has ended.
func ExampleLeeway() {
	fmt.Println(token.Leeway, token.DefaultMaxLength)
	// Output: 30s 8192
}
