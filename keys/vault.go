package keys

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/sealjar/sealjar/internal/strictjson"
)

// Sealer protects a ring where it is stored, by a key-encryption key that is kept elsewhere: [NewSealer] makes one from a
// secret, and a cloud's key management service fits as well. Both methods are safe for concurrent use.
type Sealer interface {
	// Wrap encrypts and authenticates a document. The result is printable ASCII without a quotation mark or a backslash.
	Wrap(ctx context.Context, document []byte) (string, error)
	// Unwrap returns the document, or an error if the text was not made by Wrap under a key that is known.
	Unwrap(ctx context.Context, text string) ([]byte, error)
}

// Vault is a ring in a [Store], sealed or in plain text. It is safe for concurrent use.
type Vault struct {
	// Store keeps the ring. Required.
	Store Store
	// Sealer seals it; nil means that it is stored as plain text, which is right for a file that only its owner can read.
	Sealer Sealer
}

// Load returns the ring, and nil without an error if there is none yet. A ring of which no key can seal now is returned as it is.
func (v Vault) Load(ctx context.Context) (*Ring, error) {
	doc, err := v.Store.Load(ctx)
	if err != nil || doc.Data == nil {
		return nil, err
	}
	ring, err := decode(ctx, doc.Data, v.Sealer, Options{OpenOnly: true})
	if err == nil {
		err = doc.holds(ring)
	}
	if err != nil {
		return nil, err
	}
	return ring, nil
}

// holds checks the version that the store says.
func (d Document) holds(ring *Ring) error {
	if ring.version != d.Version {
		return fmt.Errorf("keys: the store says version %d of a ring with version %d", d.Version, ring.version)
	}
	return nil
}

// Swap puts next in the place of old, which is nil if there was no ring. It returns an error that matches [ErrConflict]
// if the store holds another version than that of old. The version of next must be higher.
func (v Vault) Swap(ctx context.Context, old, next *Ring) error {
	have := int64(0)
	if old != nil {
		have = old.version
	}
	if next.version <= have {
		return fmt.Errorf("keys: the version of the next ring is %d: want more than %d", next.version, have)
	}
	data, err := encode(ctx, next, v.Sealer)
	if err != nil {
		return err
	}
	return v.Store.Swap(ctx, have, Document{Version: next.version, Data: data})
}

// Update changes the ring: it loads it, calls change with it, or with nil if there is none, and stores what change
// returns; and all of that again as long as somebody else is quicker. If change returns its argument, nothing is
// stored. It returns the ring before and after.
func (v Vault) Update(ctx context.Context, change func(*Ring) (*Ring, error)) (before, after *Ring, err error) {
	for {
		before, err = v.Load(ctx)
		if err != nil {
			return nil, nil, err
		}
		after, err = change(before)
		if err != nil || after == before {
			return before, before, err
		}
		err = v.Swap(ctx, before, after)
		if err == nil {
			return before, after, nil
		}
		if !errors.Is(err, ErrConflict) {
			return before, before, err
		}
	}
}

// envelope is what can be seen of a key file from outside.
type envelope struct {
	version int64
	sealed  []byte // nil in a plain one
}

func readEnvelope(data []byte) (e envelope, err error) {
	if len(data) > MaxFileSize {
		return e, fmt.Errorf("keys: key file: larger than %d bytes", MaxFileSize)
	}
	bad := ""
	jsonErr := strictjson.Object(data, func(name, value []byte) error {
		switch string(name) {
		case versionMember:
			if e.version, err = versionOf(value); err != nil {
				bad = versionMember
			}
		case sealedMember:
			text, ok := strictjson.Text(value)
			if !ok || len(text) == 0 {
				bad = sealedMember
			}
			e.sealed = text
		}
		return nil
	})
	switch {
	case jsonErr != nil:
		return envelope{}, badJSON(jsonErr)
	case bad == sealedMember:
		return envelope{}, errors.New("keys: key file: " + sealedMember + " is not a text")
	case bad != "":
		return envelope{}, err
	}
	return e, nil
}

// decode reads a key file, sealed or not.
func decode(ctx context.Context, data []byte, sealer Sealer, options Options) (*Ring, error) {
	if sealer == nil {
		return Parse(data, options)
	}
	outside, err := readEnvelope(data)
	if err != nil {
		return nil, err
	}
	if outside.sealed == nil {
		return nil, errors.New("keys: key file: is not sealed, and a key-encryption key was given")
	}
	document, err := sealer.Unwrap(ctx, string(outside.sealed))
	if err != nil {
		return nil, fmt.Errorf("keys: key file: %w", err)
	}
	ring, err := Parse(document, options)
	clear(document)
	if err != nil {
		return nil, err
	}
	// The version outside is not authenticated; the one inside is.
	if ring.version != outside.version {
		return nil, fmt.Errorf("keys: key file: %s is %d outside and %d inside", versionMember, outside.version, ring.version)
	}
	return ring, nil
}

// encode writes a key file, sealed or not.
func encode(ctx context.Context, r *Ring, sealer Sealer) ([]byte, error) {
	document, err := Marshal(r)
	if err != nil || sealer == nil {
		return document, err
	}
	text, err := sealer.Wrap(ctx, document)
	clear(document)
	if err != nil {
		return nil, fmt.Errorf("keys: sealing the key file: %w", err)
	}
	out := strconv.AppendInt([]byte(`{"`+versionMember+`": `), r.version, 10)
	out = strictjson.AppendText(append(out, `, "`+sealedMember+`": `...), text)
	return append(out, "}\n"...), nil
}
