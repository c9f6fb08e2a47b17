package contender

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwe"
	jwxt "github.com/lestrrat-go/jwx/v2/jwt"
)

// newJWX is jwx's own nested form: its serializer signs, then encrypts; it decrypts, verifies and validates.
func newJWX() Contender {
	signing, encryption := random(32), random(32)
	return Contender{
		Name: "jwx v2, nested",
		Seal: func(p Payload) (string, error) {
			now := time.Now()
			token, err := jwxt.NewBuilder().Audience([]string{audience}).Subject(subject).JwtID(tokenID).IssuedAt(now).
				Expiration(now.Add(lifetime)).Claim("sid", sessionID).Claim("auth_time", now.Unix()).
				Claim("sealjar", json.RawMessage(p.JSON)).Build()
			if err != nil {
				return "", err
			}
			out, err := jwxt.NewSerializer().Sign(jwxt.WithKey(jwa.HS256, signing)).
				Encrypt(jwxt.WithKey(jwa.DIRECT, encryption), jwxt.WithEncryptOption(jwe.WithContentEncryption(jwa.A256GCM))).
				Serialize(token)
			return string(out), err
		},
		Open: func(token string) (Payload, error) {
			plain, err := jwe.Decrypt([]byte(token), jwe.WithKey(jwa.DIRECT, encryption))
			if err != nil {
				return Payload{}, err
			}
			claims, err := jwxt.Parse(plain, jwxt.WithKey(jwa.HS256, signing), jwxt.WithAudience(audience), jwxt.WithSubject(subject))
			if err != nil {
				return Payload{}, err
			}
			state, ok := claims.Get("sealjar")
			if !ok {
				return Payload{}, errors.New("jwx: no state")
			}
			text, err := json.Marshal(state)
			return Payload{JSON: text}, err
		},
	}
}

type golangClaims struct {
	jwt.RegisteredClaims
	SessionID string           `json:"sid"`
	AuthTime  *jwt.NumericDate `json:"auth_time"`
	State     json.RawMessage  `json:"sealjar"`
}

// newGolangJWT signs with golang-jwt and encrypts with jwx.
func newGolangJWT() Contender {
	signing, encryption := random(32), random(32)
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithAudience(audience), jwt.WithExpirationRequired())
	return Contender{
		Name: "golang-jwt + jwx",
		Seal: func(p Payload) (string, error) {
			now := time.Now()
			signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, golangClaims{
				RegisteredClaims: jwt.RegisteredClaims{
					Audience: jwt.ClaimStrings{audience}, Subject: subject, ID: tokenID, IssuedAt: jwt.NewNumericDate(now),
					ExpiresAt: jwt.NewNumericDate(now.Add(lifetime)),
				},
				SessionID: sessionID, AuthTime: jwt.NewNumericDate(now), State: p.JSON,
			}).SignedString(signing)
			if err != nil {
				return "", err
			}
			out, err := jwe.Encrypt([]byte(signed), jwe.WithKey(jwa.DIRECT, encryption), jwe.WithContentEncryption(jwa.A256GCM))
			return string(out), err
		},
		Open: func(token string) (Payload, error) {
			plain, err := jwe.Decrypt([]byte(token), jwe.WithKey(jwa.DIRECT, encryption))
			if err != nil {
				return Payload{}, err
			}
			var claims golangClaims
			_, err = parser.ParseWithClaims(string(plain), &claims, func(*jwt.Token) (any, error) { return signing, nil })
			return Payload{JSON: claims.State}, err
		},
	}
}
