package token

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/sealjar/sealjar/keys"
)

const (
	// DefaultMaxLength is the most characters of a token unless [Config.MaxLength] says otherwise: 8 KiB.
	DefaultMaxLength = 8 << 10

	// Leeway is by how much the clocks of two nodes may differ (RFC 7519, section 4.1.4): 30 seconds.
	Leeway = 30 * time.Second

	// authLeeway is by how much auth_time may lie ahead. Who signs in again after all sessions were ended has one just
	// after the cutoff, which lies a leeway ahead of a clock that may be ahead of ours by another one, and of the slowest
	// node's by no more than that.
	authLeeway = 3 * Leeway

	minMaxLength, maxMaxLength = 512, 1 << 20
)

// Config says what a codec seals and accepts. Keys and Audience are required.
type Config struct {
	// Keys gives the keys. It is asked for every token, so new keys take effect at once. If it has a method Hint(), that is
	// called for each token of an unknown key, and must return at once: [keys.File] and [keys.Rotator] have one.
	Keys keys.Source

	// Issuer, if not empty, is put into each token as iss, and no other is accepted. If empty, tokens have no iss, and
	// one that has is refused. At most 255 bytes.
	Issuer string

	// Audience is put into each token as aud, and no other is accepted: it binds a token to its purpose. At most 255 bytes.
	Audience string

	// MaxLength is the most characters of a token, from 512 to 1,048,576; 0 means [DefaultMaxLength].
	MaxLength int

	// Now tells the time; nil means [time.Now].
	Now func() time.Time
}

// Codec seals and opens tokens. It is safe for concurrent use and takes no lock.
type Codec struct {
	source           keys.Source
	hint             func() // nil if the source takes none
	issuer, audience string
	maxLength        int
	now              func() time.Time
	table            atomic.Pointer[table]
	scratch          sync.Pool // of *scratch
}

// New checks config and makes a codec. The error names the field.
func New(config Config) (*Codec, error) {
	c := &Codec{
		source: config.Keys, issuer: config.Issuer, audience: config.Audience,
		maxLength: config.MaxLength, now: config.Now,
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.maxLength == 0 {
		c.maxLength = DefaultMaxLength
	}
	switch {
	case config.Keys == nil:
		return nil, errors.New("token: Config.Keys is missing")
	case config.Keys.Ring() == nil:
		return nil, errors.New("token: Config.Keys gives no ring")
	case config.Audience == "":
		return nil, errors.New("token: Config.Audience is missing")
	case len(config.Audience) > maxText || !utf8.ValidString(config.Audience):
		return nil, fmt.Errorf("token: Config.Audience is longer than %d bytes or not UTF-8", maxText)
	case len(config.Issuer) > maxText || !utf8.ValidString(config.Issuer):
		return nil, fmt.Errorf("token: Config.Issuer is longer than %d bytes or not UTF-8", maxText)
	case c.maxLength < minMaxLength || c.maxLength > maxMaxLength:
		return nil, fmt.Errorf("token: Config.MaxLength is %d: want %d to %d", config.MaxLength, minMaxLength, maxMaxLength)
	}
	if source, ok := config.Keys.(interface{ Hint() }); ok {
		c.hint = source.Hint
	}
	c.scratch.New = func() any { return new(scratch) }
	c.current()
	return c, nil
}

// table is what the codec has worked out for one ring. It is never changed.
type table struct {
	ring     *keys.Ring
	byHeader map[string]*profile // by the first segment of the token
	byKey    map[*keys.Key]*profile
}

// current returns the table for the ring of the moment. When the ring has changed, several goroutines may each build the
// next table; they build the same one, and one of them stays.
func (c *Codec) current() *table {
	ring := c.source.Ring()
	if t := c.table.Load(); t != nil && t.ring == ring {
		return t
	}
	t := &table{ring: ring, byHeader: make(map[string]*profile), byKey: make(map[*keys.Key]*profile)}
	for _, key := range ring.Keys() {
		p := newProfile(key)
		t.byHeader[p.outer], t.byKey[key] = p, p
	}
	c.table.Store(t)
	return t
}

// scratch is the memory in which one token is worked on.
type scratch struct {
	sealed, plain, signature, token []byte
}

func (c *Codec) borrow() *scratch { return c.scratch.Get().(*scratch) }

// giveBack wipes the plaintext, so that a session does not stay in memory longer than its request.
func (c *Codec) giveBack(s *scratch) {
	clear(s.plain)
	c.scratch.Put(s)
}
