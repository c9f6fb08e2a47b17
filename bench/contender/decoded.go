package contender

import "encoding/json"

// NewJWXDecoded is jwx's nested form with the state as a value.
func NewJWXDecoded() Contender {
	raw := newJWX()
	return Contender{
		Name:    "jwx v2, nested, decoded",
		Decodes: true,
		Seal: func(p Payload) (string, error) {
			text, err := json.Marshal(&p.State)
			if err != nil {
				return "", err
			}
			return raw.Seal(Payload{JSON: text})
		},
		Open: func(token string) (Payload, error) {
			got, err := raw.Open(token)
			if err != nil {
				return Payload{}, err
			}
			var p Payload
			err = json.Unmarshal(got.JSON, &p.State)
			return p, err
		},
	}
}
