package keys

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"

	"github.com/sealjar/sealjar/internal/strictjson"
)

// MaxFileSize is the most bytes that a key file may have: 1 MiB.
const MaxFileSize = 1 << 20

// Parse reads a key file: a JWK Set (RFC 7517, section 5) with two keys for each kid, one for signing and
// one for encryption.
//
//	{"keys": [
//	  {"kid": "2026-11", "use": "sig", "kty": "oct", "alg": "HS256",   "k": "…", "iat": 1793000000, "nbf": 1793000000, "exp": 1796000000},
//	  {"kid": "2026-11", "use": "enc", "kty": "oct", "alg": "A256GCM", "k": "…", "iat": 1793000000, "nbf": 1793000000, "exp": 1796000000}
//	]}
//
// A signing key is "oct" with alg HS256, "OKP" on Ed25519 with alg EdDSA, or "EC" on P-256 with alg ES256; without its
// private member ("d") it only verifies. The encryption key is "oct" with alg A256GCM. The members iat (made),
// nbf (seals from) and exp (opens until) are whole seconds since 1970, may be missing, and are the same in both keys of a kid.
// Other members are ignored, as RFC 7517, section 4, asks.
//
// The text must be strict JSON: no member twice, nothing after the set. The error names the key and the reason.
func Parse(data []byte, opts Options) (*Ring, error) {
	if len(data) > MaxFileSize {
		return nil, fmt.Errorf("keys: key file: larger than %d bytes", MaxFileSize)
	}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("-----BEGIN")) {
		return nil, errors.New("keys: key file: is a PEM file: want a JWK Set")
	}
	if err := strictjson.Check(data); err != nil {
		var at *strictjson.Error
		errors.As(err, &at)
		return nil, fmt.Errorf("keys: key file: %s at byte %d", at.Reason, at.Offset)
	}
	var file struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(data, &file); err != nil || file.Keys == nil {
		return nil, errors.New(`keys: key file: is not a JWK Set: want an object with an array "keys"`)
	}
	if len(file.Keys) > 2*MaxKeys {
		return nil, fmt.Errorf("keys: key file: %d keys are too many: at most %d ids with two keys each", len(file.Keys), MaxKeys)
	}
	var pairs []*jwkPair
	for i, text := range file.Keys {
		var err error
		if pairs, err = addJWK(pairs, text); err != nil {
			return nil, fmt.Errorf("keys: key file: entry %d: %w", i+1, err)
		}
	}
	ring := make([]*Key, 0, len(pairs))
	for _, p := range pairs {
		key, err := p.key()
		if err != nil {
			return nil, err
		}
		ring = append(ring, key)
	}
	return NewRing(ring, opts)
}

// jwkPair is what the file says of one kid.
type jwkPair struct {
	material Material
	sig, enc bool // which entries were seen
}

func (p *jwkPair) key() (*Key, error) {
	switch {
	case !p.sig:
		return nil, fmt.Errorf(`keys: key %q: has no signing key ("use":"sig")`, p.material.ID)
	case !p.enc:
		return nil, fmt.Errorf(`keys: key %q: has no encryption key ("use":"enc")`, p.material.ID)
	}
	return NewKey(p.material)
}

// addJWK reads one entry of the file into the pair that it belongs to.
func addJWK(pairs []*jwkPair, text []byte) ([]*jwkPair, error) {
	if err := checkTypes(text); err != nil {
		return nil, err
	}
	// The error of jwx may quote the key.
	key, err := jwk.ParseKey(text)
	if err != nil {
		return nil, errors.New("is not a valid JWK")
	}
	id := key.KeyID()
	if err := checkID(id); err != nil {
		return nil, err
	}
	dates, err := datesOf(text)
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", id, err)
	}
	var p *jwkPair
	for _, have := range pairs {
		if have.material.ID == id {
			p = have
		}
	}
	if p == nil {
		p = &jwkPair{material: Material{ID: id, Created: dates.created, NotBefore: dates.notBefore, Expiry: dates.expiry}}
		pairs = append(pairs, p)
	} else if !dates.created.Equal(p.material.Created) || !dates.notBefore.Equal(p.material.NotBefore) || !dates.expiry.Equal(p.material.Expiry) {
		return nil, fmt.Errorf("key %q: iat, nbf and exp differ between its signing and its encryption key", id)
	}
	switch key.KeyUsage() {
	case "sig":
		if p.sig {
			return nil, fmt.Errorf(`key %q: is there twice with "use":"sig"`, id)
		}
		p.sig = true
		p.material.Signing, err = signingKey(key)
	case "enc":
		if p.enc {
			return nil, fmt.Errorf(`key %q: is there twice with "use":"enc"`, id)
		}
		p.enc = true
		p.material.Encryption, err = encryptionKey(key)
	default:
		return nil, fmt.Errorf(`key %q: has no "use": want "sig" or "enc"`, id)
	}
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", id, err)
	}
	return pairs, nil
}

// checkTypes refuses what jwx would read, or stumble over, in its own way.
func checkTypes(text []byte) error {
	var head struct {
		Type  *string `json:"kty"`
		Curve string  `json:"crv"`
	}
	if err := json.Unmarshal(text, &head); err != nil || head.Type == nil {
		return errors.New(`is not a JWK: want an object with "kty"`)
	}
	switch {
	case *head.Type == "RSA":
		return errors.New("is an RSA key: want HS256 (oct), EdDSA (OKP) or ES256 (EC)")
	case *head.Type == "OKP" && head.Curve != "Ed25519":
		return errors.New("is on another curve than Ed25519, the only one for EdDSA")
	case *head.Type == "EC" && head.Curve != "P-256":
		return errors.New("is on another curve than P-256, the only one for ES256")
	case *head.Type != "oct" && *head.Type != "OKP" && *head.Type != "EC":
		return errors.New(`has an unknown "kty": want oct, OKP or EC`)
	}
	return nil
}

func signingKey(key jwk.Key) (any, error) {
	want := map[jwa.KeyType]Algorithm{jwa.OctetSeq: HS256, jwa.OKP: EdDSA, jwa.EC: ES256}[key.KeyType()]
	if alg := key.Algorithm().String(); alg != string(want) {
		return nil, fmt.Errorf(`signing key has "alg" %.20q: want %q for "kty":%q`, alg, want, key.KeyType())
	}
	var raw any
	if err := key.Raw(&raw); err != nil {
		return nil, errors.New("signing key does not hold what its kty says, or its public part is not a point on the curve")
	}
	switch raw := raw.(type) {
	case []byte, ed25519.PrivateKey, ed25519.PublicKey, *ecdsa.PrivateKey, *ecdsa.PublicKey:
		return raw, nil
	}
	return nil, errors.New("signing key is of an unknown kind")
}

func encryptionKey(key jwk.Key) ([]byte, error) {
	if key.KeyType() != jwa.OctetSeq {
		return nil, fmt.Errorf(`encryption key has "kty" %q: want "oct"`, key.KeyType())
	}
	if alg := key.Algorithm().String(); alg != "A256GCM" {
		return nil, fmt.Errorf(`encryption key has "alg" %.20q: want "A256GCM"`, alg)
	}
	var raw []byte
	if err := key.Raw(&raw); err != nil {
		return nil, errors.New(`encryption key has no "k"`)
	}
	return raw, nil
}

type dates struct{ created, notBefore, expiry time.Time }

// maxDate is the last second of the year 9999, beyond which RFC 3339 has no form for a time.
const maxDate = 253402300799

func datesOf(text []byte) (dates, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return dates{}, errors.New("is not an object")
	}
	var d dates
	for name, to := range map[string]*time.Time{"iat": &d.created, "nbf": &d.notBefore, "exp": &d.expiry} {
		value, there := members[name]
		if !there {
			continue
		}
		var seconds int64
		if err := json.Unmarshal(value, &seconds); err != nil || bytes.Equal(value, []byte("null")) || seconds < 0 || seconds > maxDate {
			return dates{}, fmt.Errorf("%s is not a number of whole seconds since 1970", name)
		}
		*to = time.Unix(seconds, 0).UTC()
	}
	return d, nil
}

// Marshal writes r as a key file, secrets and all, in the form that [Parse] reads. It is the one door through which
// secrets leave this package: keep what it returns as you keep a password.
func Marshal(r *Ring) ([]byte, error) {
	set := jwk.NewSet()
	for _, k := range r.keys {
		for _, half := range []struct {
			use, alg string
			raw      any
		}{{"sig", string(k.Algorithm()), k.signer.raw()}, {"enc", "A256GCM", k.encryption[:]}} {
			key, err := jwk.FromRaw(half.raw)
			if err != nil {
				return nil, fmt.Errorf("keys: key %q: can't be written as a JWK", k.id)
			}
			members := map[string]any{jwk.KeyIDKey: k.id, jwk.KeyUsageKey: half.use, jwk.AlgorithmKey: half.alg}
			for name, at := range map[string]time.Time{"iat": k.created, "nbf": k.notBefore, "exp": k.expiry} {
				if !at.IsZero() {
					members[name] = at.Unix()
				}
			}
			for name, value := range members {
				if err := key.Set(name, value); err != nil {
					return nil, fmt.Errorf("keys: key %q: can't be written as a JWK: member %s", k.id, name)
				}
			}
			if err := set.AddKey(key); err != nil {
				return nil, fmt.Errorf("keys: key %q: can't be written as a JWK", k.id)
			}
		}
	}
	text, err := json.MarshalIndent(set, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("keys: writing the key file: %w", err)
	}
	return append(text, '\n'), nil
}
