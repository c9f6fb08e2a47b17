package token_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

func TestConfigurationsThatAreAllowed(t *testing.T) {
	t.Parallel()
	ring := ringOf(t, usual(keys.HS256))
	for name, config := range map[string]token.Config{
		"least":            {Keys: ring, Audience: "a"},
		"longest audience": {Keys: ring, Audience: strings.Repeat("é", 127) + "a"},
		"longest issuer":   {Keys: ring, Audience: "a", Issuer: strings.Repeat("é", 127) + "a"},
		"smallest limit":   {Keys: ring, Audience: "a", MaxLength: 512},
		"largest limit":    {Keys: ring, Audience: "a", MaxLength: 1 << 20},
		"marks":            {Keys: ring, Audience: "\"\\\n", Issuer: "\x00<>"},
		"another source":   {Keys: newSwapped(ring), Audience: "a"},
		"another clock":    {Keys: ring, Audience: "a", Now: at(noon)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := token.New(config)
			require.NoError(t, err)
			claims := newClaims()
			// In time by the machine's clock as well as by the tests' own.
			claims.AuthTime, claims.Expiry = time.UnixMilli(1), noon.Add(100*365*24*time.Hour)
			if config.MaxLength == 512 {
				return // a real token with this kid does not fit
			}
			text, err := c.Seal(claims)
			require.NoError(t, err)
			opened, err := c.Open(text)
			require.NoError(t, err)
			require.Equal(t, claimsText(claims), claimsText(&opened))
		})
	}
}

func TestConfigurationsThatAreRefused(t *testing.T) {
	t.Parallel()
	ring := ringOf(t, usual(keys.HS256))
	for name, row := range map[string]struct {
		config token.Config
		field  string
	}{
		"nothing":             {token.Config{}, "Keys"},
		"no keys":             {token.Config{Audience: "a"}, "Keys"},
		"no ring":             {token.Config{Keys: new(swapped), Audience: "a"}, "Keys"},
		"no audience":         {token.Config{Keys: ring}, "Audience"},
		"long audience":       {token.Config{Keys: ring, Audience: strings.Repeat("a", 256)}, "Audience"},
		"audience not UTF-8":  {token.Config{Keys: ring, Audience: "\xff"}, "Audience"},
		"long issuer":         {token.Config{Keys: ring, Audience: "a", Issuer: strings.Repeat("é", 128)}, "Issuer"},
		"issuer not UTF-8":    {token.Config{Keys: ring, Audience: "a", Issuer: "a\xc3"}, "Issuer"},
		"limit too small":     {token.Config{Keys: ring, Audience: "a", MaxLength: 511}, "MaxLength"},
		"limit too large":     {token.Config{Keys: ring, Audience: "a", MaxLength: 1<<20 + 1}, "MaxLength"},
		"limit below nothing": {token.Config{Keys: ring, Audience: "a", MaxLength: -1}, "MaxLength"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := token.New(row.config)
			require.Nil(t, c)
			require.ErrorContains(t, err, "token: Config."+row.field+" ")
		})
	}
}

// TestLimitIsCounted opens tokens just at and just over the limit.
func TestLimitIsCounted(t *testing.T) {
	t.Parallel()
	k := usual(keys.HS256)
	text := k.mint(usualPayload)
	for limit, want := range map[int]error{len(text): nil, len(text) + 1: nil, len(text) - 1: token.ErrTooLong} {
		_, err := codecOf(t, token.Config{Keys: ringOf(t, k), MaxLength: limit}).Open(text)
		requireExactly(t, want, err)
	}
}
