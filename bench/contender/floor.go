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
// a random nonce, base64url, the data as it is, constant headers, fixed claims, and all memory but what it returns used
// again. It checks what has to be checked to be a signed and encrypted token at all, and nothing else: no claim is read. It is
// not for concurrent use.
func newFloor() Contender {
	block, err := aes.NewCipher(random(32))
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	mac := hmac.New(sha256.New, random(32))
	b64 := base64.RawURLEncoding
	outer := b64.EncodeToString([]byte(`{"alg":"dir","enc":"A256GCM","kid":"0123456789","cty":"JWT"}`))
	inner := b64.EncodeToString([]byte(`{"alg":"HS256","kid":"0123456789","typ":"session+jwt"}`)) + "."
	aad := []byte(outer)
	claims, jws, sealed, token, sum := buffer(), buffer(), buffer(), buffer(), make([]byte, 0, 64)

	seal := func(p Payload) (string, error) {
		now := time.Now()
		claims = append(claims[:0], `{"aud":"`+audience+`","sub":"`+subject+`","sid":"`+sessionID+`","jti":"`+tokenID+`","iat":`...)
		claims = strconv.AppendInt(claims, now.Unix(), 10)
		claims = append(claims, `,"exp":`...)
		claims = strconv.AppendInt(claims, now.Add(lifetime).Unix(), 10)
		claims = append(claims, `,"auth_time":`...)
		claims = strconv.AppendInt(claims, now.Unix(), 10)
		claims = append(claims, `,"sealjar":{"d":`...)
		claims = append(append(claims, p.JSON...), "}}"...)

		jws = b64.AppendEncode(append(jws[:0], inner...), claims)
		mac.Reset()
		mac.Write(jws)
		jws = b64.AppendEncode(append(jws, '.'), mac.Sum(sum))

		sealed = aead.Seal(sealed[:0], nil, jws, aad)
		token = append(append(token[:0], outer...), ".."...)
		token = append(b64.AppendEncode(token, sealed[:12]), '.')
		token = append(b64.AppendEncode(token, sealed[12:len(sealed)-16]), '.')
		token = b64.AppendEncode(token, sealed[len(sealed)-16:])
		return string(token), nil
	}
	bad := errors.New("floor: bad token")
	signature := make([]byte, 33)
	open := func(text string) (Payload, error) {
		token = append(token[:0], text...)
		if len(token) < len(outer)+42 || !bytes.HasPrefix(token, aad) {
			return Payload{}, bad
		}
		rest := token[len(outer)+2:]
		sealed, err1 := b64.AppendDecode(sealed[:0], rest[:16])
		sealed, err2 := b64.AppendDecode(sealed, rest[17:len(rest)-23])
		sealed, err3 := b64.AppendDecode(sealed, rest[len(rest)-22:])
		if err1 != nil || err2 != nil || err3 != nil {
			return Payload{}, bad
		}
		jws, err := aead.Open(jws[:0], nil, sealed, aad)
		if err != nil || !bytes.HasPrefix(jws, []byte(inner)) {
			return Payload{}, bad
		}
		dot := len(jws) - 44
		mac.Reset()
		mac.Write(jws[:dot])
		n, err := b64.Decode(signature, jws[dot+1:])
		if err != nil || !hmac.Equal(mac.Sum(sum), signature[:n]) {
			return Payload{}, bad
		}
		claims, err := b64.AppendDecode(nil, jws[len(inner):dot])
		if err != nil {
			return Payload{}, bad
		}
		data := bytes.Index(claims, []byte(`"sealjar":{"d":`)) + len(`"sealjar":{"d":`)
		return Payload{JSON: claims[data : len(claims)-2]}, nil
	}
	return Contender{Name: "floor (standard library)", Seal: seal, Open: open}
}

// buffer is room for the largest payload, so that nothing grows while it is measured.
func buffer() []byte { return make([]byte, 0, 8<<10) }
