package contender

import (
	"encoding/json"
	"errors"
	"reflect"
	"time"

	"github.com/sealjar/sealjar/internal/typedjson"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

func newCodec() *token.Codec {
	key, err := keys.Generate(keys.HS256, time.Time{}, time.Time{})
	if err != nil {
		panic(err)
	}
	ring, err := keys.NewRing([]*keys.Key{key}, keys.Options{})
	if err != nil {
		panic(err)
	}
	codec, err := token.New(token.Config{Keys: ring, Audience: audience})
	if err != nil {
		panic(err)
	}
	return codec
}

func claimsOf(state []byte) token.Claims {
	now := time.Now()
	return token.Claims{Subject: subject, SessionID: sessionID, AuthTime: now, Expiry: now.Add(lifetime), State: state}
}

// newSealjar seals and opens with every claim checked and the state as JSON text.
func newSealjar() Contender {
	codec := newCodec()
	return Contender{
		Name: "sealjar",
		Seal: func(p Payload) (string, error) {
			state := make([]byte, 0, len(p.JSON)+8)
			claims := claimsOf(append(append(append(state, `{"d":`...), p.JSON...), '}'))
			return codec.Seal(&claims)
		},
		Open: func(token string) (Payload, error) {
			claims, err := codec.Open(token)
			if err != nil {
				return Payload{}, err
			}
			return Payload{JSON: claims.State[5 : len(claims.State)-1]}, nil
		},
	}
}

// newSealjarDecoded does the same with the state as a value, which it writes and reads as a Jar does.
func newSealjarDecoded() Contender {
	codec := newCodec()
	reader := typedjson.NewDecoder(reflect.TypeFor[State]())
	return Contender{
		Name:    "sealjar, decoded",
		Decodes: true,
		Seal: func(p Payload) (string, error) {
			state, err := json.Marshal(&p.State)
			if err != nil {
				return "", err
			}
			claims := claimsOf(state)
			return codec.Seal(&claims)
		},
		Open: func(token string) (Payload, error) {
			claims, err := codec.Open(token)
			if err != nil {
				return Payload{}, err
			}
			var p Payload
			if done, _ := reader.Decode(claims.State, &p.State); !done {
				return Payload{}, errors.New("sealjar: bad state")
			}
			return p, nil
		},
	}
}
