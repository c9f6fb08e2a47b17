package contender

import (
	"encoding/json"
	"errors"

	"github.com/fernet/fernet-go"
	"github.com/gorilla/securecookie"
)

// newSecurecookie is gorilla/sessions' cookie codec with its JSON serializer, signed and encrypted (AES-256-CTR, HMAC-SHA256).
func newSecurecookie() Contender {
	codec := securecookie.New(random(32), random(32)).SetSerializer(securecookie.JSONEncoder{})
	return Contender{
		Name:    "securecookie, JSON, decoded",
		Decodes: true,
		Seal:    func(p Payload) (string, error) { return codec.Encode("session", &p.State) },
		Open: func(token string) (Payload, error) {
			var p Payload
			err := codec.Decode("session", token, &p.State)
			return p, err
		},
	}
}

// newFernet is the Fernet format (AES-128-CBC, HMAC-SHA256) around the state's JSON.
func newFernet() Contender {
	var key fernet.Key
	if err := key.Generate(); err != nil {
		panic(err)
	}
	ring := []*fernet.Key{&key}
	return Contender{
		Name:    "fernet, decoded",
		Decodes: true,
		Seal: func(p Payload) (string, error) {
			text, err := json.Marshal(&p.State)
			if err != nil {
				return "", err
			}
			token, err := fernet.EncryptAndSign(text, &key)
			return string(token), err
		},
		Open: func(token string) (Payload, error) {
			text := fernet.VerifyAndDecrypt([]byte(token), lifetime, ring)
			if text == nil {
				return Payload{}, errors.New("fernet: refused")
			}
			var p Payload
			err := json.Unmarshal(text, &p.State)
			return p, err
		},
	}
}
