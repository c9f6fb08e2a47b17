package contender

import (
	"encoding/json"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

type joseClaims struct {
	jwt.Claims
	SessionID string          `json:"sid"`
	AuthTime  int64           `json:"auth_time"`
	State     json.RawMessage `json:"sealjar"`
}

// newGoJOSE is go-jose's nested form.
func newGoJOSE() Contender {
	signing, encryption := random(32), random(32)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: signing}, nil)
	if err != nil {
		panic(err)
	}
	encrypter, err := jose.NewEncrypter(jose.A256GCM, jose.Recipient{Algorithm: jose.DIRECT, Key: encryption},
		(&jose.EncrypterOptions{}).WithType("JWT").WithContentType("JWT"))
	if err != nil {
		panic(err)
	}
	return Contender{
		Name: "go-jose v4",
		Seal: func(p Payload) (string, error) {
			now := time.Now()
			return jwt.SignedAndEncrypted(signer, encrypter).Claims(joseClaims{
				Claims: jwt.Claims{
					Audience: jwt.Audience{audience}, Subject: subject, ID: tokenID, IssuedAt: jwt.NewNumericDate(now),
					Expiry: jwt.NewNumericDate(now.Add(lifetime)),
				},
				SessionID: sessionID, AuthTime: now.Unix(), State: p.JSON,
			}).Serialize()
		},
		Open: func(token string) (Payload, error) {
			nested, err := jwt.ParseSignedAndEncrypted(token, []jose.KeyAlgorithm{jose.DIRECT},
				[]jose.ContentEncryption{jose.A256GCM}, []jose.SignatureAlgorithm{jose.HS256})
			if err != nil {
				return Payload{}, err
			}
			signed, err := nested.Decrypt(encryption)
			if err != nil {
				return Payload{}, err
			}
			var claims joseClaims
			if err := signed.Claims(signing, &claims); err != nil {
				return Payload{}, err
			}
			err = claims.Validate(jwt.Expected{AnyAudience: jwt.Audience{audience}, Time: time.Now()})
			return Payload{JSON: claims.State}, err
		},
	}
}
