package keys

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sealjar/sealjar/internal/strictjson"
)

// members are the members of one JWK by their exact names. encoding/json, handed a struct, folds their case and would
// read "KTY" where jwx reads "kty": two readers, two keys. What jwx reads in a way of its own is checked here first.
type members map[string]json.RawMessage

// text is the string under name. The error doesn't repeat it: it may be a secret in the wrong place.
func (m members) text(name string) (string, error) {
	value, there := m[name]
	if !there {
		return "", fmt.Errorf("has no %q", name)
	}
	text, ok := strictjson.Text(value)
	if !ok {
		return "", fmt.Errorf("has a %q that is not a string", name)
	}
	return string(text), nil
}

// keyMembers are the members that make up a key (RFC 7518, section 6, and RFC 8037, section 2).
var keyMembers = []string{"k", "x", "y", "d"}

// checkType refuses kinds of keys that have no place here, and members that don't make up the kind which is declared.
func (m members) checkType() error {
	kty, err := m.text("kty")
	if err != nil {
		return err
	}
	curve, public := "", []string(nil)
	switch kty {
	case "oct":
		return m.checkKeyMembers([]string{"k"}, nil)
	case "OKP":
		curve, public = "Ed25519", []string{"x"}
	case "EC":
		curve, public = "P-256", []string{"x", "y"}
	case "RSA":
		return errors.New("is an RSA key: want HS256 (oct), EdDSA (OKP) or ES256 (EC)")
	default:
		return errors.New(`has an unknown "kty": want oct, OKP or EC`)
	}
	if crv, err := m.text("crv"); err != nil {
		return err
	} else if crv != curve {
		return fmt.Errorf(`is on another curve than %s, the only one for "kty":%q`, curve, kty)
	}
	return m.checkKeyMembers(public, []string{"d"})
}

func (m members) checkKeyMembers(required, optional []string) error {
	for _, name := range keyMembers {
		_, there := m[name]
		switch {
		case there && !slices.Contains(required, name) && !slices.Contains(optional, name):
			return fmt.Errorf(`has a member %q, which its "kty" knows nothing of`, name)
		case !there && !slices.Contains(required, name):
			continue
		}
		text, err := m.text(name)
		if err != nil {
			return err
		}
		// jwx guesses among four spellings of base64, and encoding/base64 skips line ends.
		octets, err := base64.RawURLEncoding.Strict().DecodeString(text)
		if err != nil || base64.RawURLEncoding.EncodedLen(len(octets)) != len(text) {
			return fmt.Errorf("has a %q that is not base64url without padding", name)
		}
		if name != "k" && len(octets) != secretSize {
			return fmt.Errorf("has a %q of the wrong length: want 32 bytes", name)
		}
	}
	return nil
}

// checkOperations refuses a "key_ops" that contradicts "use" (RFC 7517, section 4.3), above all a private key
// that was meant as a public one.
func (m members) checkOperations() error {
	value, there := m["key_ops"]
	if !there {
		return nil
	}
	var operations []string
	if err := json.Unmarshal(value, &operations); err != nil {
		return errors.New(`has a "key_ops" that is not an array of strings`)
	}
	use, err := m.text("use")
	if err != nil {
		return err
	}
	fit := map[string][]string{"sig": {"sign", "verify"}, "enc": {"encrypt", "decrypt"}}[use]
	for _, operation := range operations {
		if !slices.Contains(fit, operation) {
			return errors.New(`has a "key_ops" that contradicts its "use"`)
		}
	}
	_, symmetric := m["k"]
	_, private := m["d"]
	if use == "sig" && slices.Contains(operations, "sign") != (symmetric || private) {
		return errors.New(`has a "key_ops" that contradicts whether it is a private key`)
	}
	return nil
}

type dates struct {
	created, notBefore, expiry time.Time
	tainted                    bool
}

// maxDate is the last second of the year 9999, beyond which RFC 3339 has no form for a time.
const maxDate = 253402300799

func (m members) dates() (dates, error) {
	var d dates
	for _, member := range []struct {
		name string
		to   *time.Time
	}{{"iat", &d.created}, {"nbf", &d.notBefore}, {"exp", &d.expiry}} {
		value, there := m[member.name]
		if !there {
			continue
		}
		var seconds int64
		if err := json.Unmarshal(value, &seconds); err != nil || string(value) == "null" || seconds < 0 || seconds > maxDate {
			return dates{}, fmt.Errorf("%s is not a number of whole seconds since 1970", member.name)
		}
		*member.to = time.Unix(seconds, 0).UTC()
	}
	if value, there := m[taintedMember]; there {
		if err := json.Unmarshal(value, &d.tainted); err != nil || string(value) == "null" {
			return dates{}, errors.New(taintedMember + " is not true or false")
		}
	}
	return d, nil
}
