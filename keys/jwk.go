package keys

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

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
// A key_ops may be there if it fits (RFC 7517, section 4.3). Members of another type of key are refused.
//
// Two members are sealjar's own: "sealjar_version" of the set, a whole number that rises with each change (see
// [Ring.Version]), and "sealjar_tainted" of both keys of a kid, true if it is out of use (see [Material]). Members that
// nobody here knows are ignored, as RFC 7517, sections 4 and 5, ask.
//
// The text must be strict JSON, no member twice, nothing after the set, and the bytes in it strict base64url without
// padding (RFC 7515, section 2). The error names the key and the reason.
func Parse(data []byte, opts Options) (*Ring, error) {
	if len(data) > MaxFileSize {
		return nil, fmt.Errorf("keys: key file: larger than %d bytes", MaxFileSize)
	}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("-----BEGIN")) {
		return nil, errors.New("keys: key file: is a PEM file: want a JWK Set")
	}
	if err := strictjson.Check(data); err != nil {
		return nil, badJSON(err)
	}
	var file members
	var entries []json.RawMessage
	if err := json.Unmarshal(data, &file); err != nil || json.Unmarshal(file["keys"], &entries) != nil || entries == nil {
		if file[sealedMember] != nil {
			return nil, errors.New("keys: key file: is sealed under a key-encryption key, which was not given")
		}
		return nil, errors.New(`keys: key file: is not a JWK Set: want an object with an array "keys"`)
	}
	version, err := versionOf(file[versionMember])
	if err != nil {
		return nil, err
	}
	opts.Version = version
	if len(entries) > 2*MaxKeys {
		return nil, fmt.Errorf("keys: key file: %d keys are too many: at most %d ids with two keys each", len(entries), MaxKeys)
	}
	var pairs []*jwkPair
	for i, text := range entries {
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

// The members of the key file that are sealjar's own (RFC 7517, sections 4 and 5, leave room for them).
const (
	versionMember = "sealjar_version"
	taintedMember = "sealjar_tainted"
	sealedMember  = "sealjar_sealed"
)

func badJSON(err error) error {
	var at *strictjson.Error
	errors.As(err, &at)
	return fmt.Errorf("keys: key file: %s at byte %d", at.Reason, at.Offset)
}

func versionOf(value []byte) (int64, error) {
	if value == nil {
		return 0, nil
	}
	var version int64
	if err := json.Unmarshal(value, &version); err != nil || string(value) == "null" || version < 0 || version > MaxVersion {
		return 0, errors.New("keys: key file: " + versionMember + " is not a whole number from 0 to 2^53-1")
	}
	return version, nil
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
	var m members
	if err := json.Unmarshal(text, &m); err != nil || m == nil {
		return nil, errors.New("is not a JWK: want an object")
	}
	id, err := m.text("kid")
	if err != nil {
		return nil, err
	}
	if err := checkID(id); err != nil {
		return nil, err
	}
	if pairs, err = addMembers(pairs, id, m, text); err != nil {
		return nil, fmt.Errorf("key %q: %w", id, err)
	}
	return pairs, nil
}

func addMembers(pairs []*jwkPair, id string, m members, text []byte) ([]*jwkPair, error) {
	if err := m.checkType(); err != nil {
		return nil, err
	}
	if err := m.checkOperations(); err != nil {
		return nil, err
	}
	dates, err := m.dates()
	if err != nil {
		return nil, err
	}
	var p *jwkPair
	for _, have := range pairs {
		if have.material.ID == id {
			p = have
		}
	}
	if p == nil {
		p = &jwkPair{material: Material{
			ID: id, Created: dates.created, NotBefore: dates.notBefore, Expiry: dates.expiry, Tainted: dates.tainted,
		}}
		pairs = append(pairs, p)
	} else if !dates.created.Equal(p.material.Created) || !dates.notBefore.Equal(p.material.NotBefore) || !dates.expiry.Equal(p.material.Expiry) {
		return nil, errors.New("iat, nbf and exp differ between its signing and its encryption key")
	} else if dates.tainted != p.material.Tainted {
		return nil, errors.New(taintedMember + " differs between its signing and its encryption key")
	}
	use, err := m.text("use")
	if err != nil {
		return nil, fmt.Errorf(`%w: want "sig" or "enc"`, err)
	}
	switch {
	case use == "sig" && p.sig, use == "enc" && p.enc:
		return nil, fmt.Errorf(`is there twice with "use":%q`, use)
	case use == "sig":
		p.sig = true
		p.material.Signing, err = signingKey(m, text)
	case use == "enc":
		p.enc = true
		p.material.Encryption, err = encryptionKey(m, text)
	default:
		return nil, errors.New(`has an unknown "use": want "sig" or "enc"`)
	}
	if err != nil {
		return nil, err
	}
	return pairs, nil
}

func signingKey(m members, text []byte) (any, error) {
	kty, err := m.text("kty")
	if err != nil {
		return nil, err
	}
	want := map[string]Algorithm{"oct": HS256, "OKP": EdDSA, "EC": ES256}[kty]
	if alg, err := m.text("alg"); err != nil || alg != string(want) {
		return nil, fmt.Errorf(`signing key has not "alg":%q, the one for "kty":%q`, want, kty)
	}
	return rawKey(text)
}

func encryptionKey(m members, text []byte) ([]byte, error) {
	if kty, err := m.text("kty"); err != nil || kty != "oct" {
		return nil, errors.New(`encryption key has not "kty":"oct"`)
	}
	if alg, err := m.text("alg"); err != nil || alg != "A256GCM" {
		return nil, errors.New(`encryption key has not "alg":"A256GCM"`)
	}
	raw, err := rawKey(text)
	if err != nil {
		return nil, err
	}
	return raw.([]byte), nil // an "oct" key is nothing else
}

// rawKey is a JWK in the type of its crypto package. The errors of jwx may quote the key, so they end here.
func rawKey(text []byte) (any, error) {
	key, err := jwk.ParseKey(text)
	if err != nil {
		return nil, errors.New("is not a valid JWK")
	}
	var raw any
	if err := key.Raw(&raw); err != nil {
		return nil, errors.New("is not a valid JWK: its public part does not belong to its private part")
	}
	return raw, nil
}

// Marshal writes r as a key file, secrets and all, in the form that [Parse] reads. Together with [MarshalOpenOnly] it is the one
// door through which secrets leave this package: keep what it returns as you keep a password.
func Marshal(r *Ring) ([]byte, error) {
	return marshalFile(r, func(k *Key) any { return k.secrets().signer.raw() })
}

// MarshalOpenOnly writes what opens the tokens of r and can make none, as a key file for [Parse] with OpenOnly and for
// readers in other languages: the public signing keys of EdDSA and ES256, the encryption keys, and the dates. With
// HS256 who verifies can sign, so such a key is left out, and a ring that has no other is an error.
//
// The encryption keys are secrets, and keep all sessions secret: keep what it returns as you keep a password.
func MarshalOpenOnly(r *Ring) ([]byte, error) {
	public := func(k *Key) any {
		if signer, ok := k.secrets().signer.(*asymmetric); ok {
			return signer.verifyKey
		}
		return nil
	}
	if !slices.ContainsFunc(r.keys, func(k *Key) bool { return public(k) != nil }) {
		return nil, errors.New("keys: every key signs with HS256, with which who verifies can sign: want EdDSA or ES256")
	}
	return marshalFile(r, public)
}

// marshalFile writes the keys for which signing returns a signing key.
func marshalFile(r *Ring, signing func(*Key) any) ([]byte, error) {
	set := jwk.NewSet()
	if r.version != 0 {
		if err := set.Set(versionMember, r.version); err != nil {
			return nil, fmt.Errorf("keys: writing the key file: %s: %w", versionMember, err)
		}
	}
	for _, k := range r.keys {
		sig := signing(k)
		if sig == nil {
			continue
		}
		members := map[string]any{}
		for name, at := range map[string]time.Time{"iat": k.created, "nbf": k.notBefore, "exp": k.expiry} {
			if !at.IsZero() {
				members[name] = at.Unix()
			}
		}
		if k.tainted {
			members[taintedMember] = true
		}
		if err := addToSet(set, k.id, "sig", string(k.Algorithm()), sig, members); err != nil {
			return nil, err
		}
		if err := addToSet(set, k.id, "enc", "A256GCM", k.secrets().encryption[:], members); err != nil {
			return nil, err
		}
	}
	return marshalSet(set)
}

// Public writes the keys that verify what r signs as a JWK Set (RFC 7517, section 5) for anybody to read: the public parts of
// the keys with EdDSA and ES256, also of those that do not sign yet, so that a reader which caches the set knows them in
// time. A key with HS256 has no public part and is left out, as are all encryption keys and dates. The set may be empty.
//
// With these keys alone nobody can open a token: they verify what an opener has decrypted.
func Public(r *Ring) ([]byte, error) {
	set := jwk.NewSet()
	for _, k := range r.keys {
		signer, ok := k.secrets().signer.(*asymmetric)
		if !ok {
			continue
		}
		if err := addToSet(set, k.id, "sig", string(k.Algorithm()), signer.verifyKey, nil); err != nil {
			return nil, err
		}
	}
	return marshalSet(set)
}

func addToSet(set jwk.Set, id, use, alg string, raw any, members map[string]any) error {
	key, err := jwk.FromRaw(raw)
	if err != nil {
		return fmt.Errorf("keys: key %q: can't be written as a JWK", id)
	}
	for _, m := range []map[string]any{{jwk.KeyIDKey: id, jwk.KeyUsageKey: use, jwk.AlgorithmKey: alg}, members} {
		for name, value := range m {
			if err := key.Set(name, value); err != nil {
				return fmt.Errorf("keys: key %q: can't be written as a JWK: member %s", id, name)
			}
		}
	}
	if err := set.AddKey(key); err != nil {
		return fmt.Errorf("keys: key %q: can't be written as a JWK", id)
	}
	return nil
}

func marshalSet(set jwk.Set) ([]byte, error) {
	text, err := json.MarshalIndent(set, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("keys: writing the key file: %w", err)
	}
	return append(text, '\n'), nil
}
