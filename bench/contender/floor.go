package contender

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"time"
)

// newFloor is what a nested JWT costs at the least in the standard library: HMAC-SHA256, AES-256-GCM that was set up before with
// a random nonce, base64url, the data as it is, constant headers, fixed claims. It checks what has to be checked to be a
// signed and encrypted token at all, and nothing else: no claim is read.
func newFloor() Contender {
	block, err := aes.NewCipher(random(32))
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	secret := random(32)
	b64 := base64.RawURLEncoding
	outer := b64.EncodeToString([]byte(`{"alg":"dir","enc":"A256GCM","kid":"0123456789","cty":"JWT"}`))
	inner := b64.EncodeToString([]byte(`{"alg":"HS256","kid":"0123456789","typ":"session+jwt"}`)) + "."
	aad := []byte(outer)

	seal := func(p Payload) (string, error) {
		now := time.Now()
		claims := make([]byte, 0, len(p.JSON)+256)
		claims = append(claims, `{"aud":"`+audience+`","sub":"`+subject+`","sid":"`+sessionID+`","jti":"`+tokenID+`","iat":`...)
		claims = strconv.AppendInt(claims, now.Unix(), 10)
		claims = append(claims, `,"exp":`...)
		claims = strconv.AppendInt(claims, now.Add(lifetime).Unix(), 10)
		claims = append(claims, `,"auth_time":`...)
		claims = strconv.AppendInt(claims, now.Unix(), 10)
		claims = append(claims, `,"sealjar":{"d":`...)
		claims = append(append(claims, p.JSON...), "}}"...)

		jws := make([]byte, 0, len(inner)+b64.EncodedLen(len(claims))+44)
		jws = b64.AppendEncode(append(jws, inner...), claims)
		mac := hmac.New(sha256.New, secret)
		mac.Write(jws)
		jws = b64.AppendEncode(append(jws, '.'), mac.Sum(nil))

		sealed := aead.Seal(make([]byte, 0, len(jws)+aead.Overhead()), nil, jws, aad)
		token := make([]byte, 0, len(outer)+b64.EncodedLen(len(sealed))+8)
		token = append(append(token, outer...), ".."...)
		token = append(b64.AppendEncode(token, sealed[:12]), '.')
		token = append(b64.AppendEncode(token, sealed[12:len(sealed)-16]), '.')
		token = b64.AppendEncode(token, sealed[len(sealed)-16:])
		return string(token), nil
	}
	open := func(token string) (Payload, error) {
		bad := errors.New("floor: bad token")
		rest := []byte(token[len(outer)+2:])
		if len(rest) < 40 || token[:len(outer)] != outer {
			return Payload{}, bad
		}
		sealed := make([]byte, 0, len(rest))
		sealed, err1 := b64.AppendDecode(sealed, rest[:16])
		sealed, err2 := b64.AppendDecode(sealed, rest[17:len(rest)-23])
		sealed, err3 := b64.AppendDecode(sealed, rest[len(rest)-22:])
		if err1 != nil || err2 != nil || err3 != nil {
			return Payload{}, bad
		}
		jws, err := aead.Open(make([]byte, 0, len(sealed)), nil, sealed, aad)
		if err != nil || !bytes.HasPrefix(jws, []byte(inner)) {
			return Payload{}, bad
		}
		dot := len(jws) - 44
		mac := hmac.New(sha256.New, secret)
		mac.Write(jws[:dot])
		var signature [33]byte
		n, err := b64.Decode(signature[:], jws[dot+1:])
		if err != nil || !hmac.Equal(mac.Sum(nil), signature[:n]) {
			return Payload{}, bad
		}
		claims, err := b64.AppendDecode(make([]byte, 0, len(jws)), jws[len(inner):dot])
		if err != nil {
			return Payload{}, bad
		}
		data := bytes.Index(claims, []byte(`"sealjar":{"d":`)) + len(`"sealjar":{"d":`)
		return Payload{JSON: claims[data : len(claims)-2]}, nil
	}
	return Contender{Name: "floor (standard library)", Seal: seal, Open: open}
}
