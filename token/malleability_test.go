package token_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

// substitutes are all characters of a token, and bytes that decoders skip, fold or stumble over.
const substitutes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_." + "+/=%\"; \t\r\n\x00\x7f\x80\xff"

// neighbours calls try with every text that is one step away from text: a character replaced, put in, taken out, or
// changed with the next.
func neighbours(text, substitutes string, try func(changed string)) {
	for i := range len(text) + 1 {
		for _, c := range []byte(substitutes) {
			try(text[:i] + string([]byte{c}) + text[i:])
			if i < len(text) && c != text[i] {
				try(text[:i] + string([]byte{c}) + text[i+1:])
			}
		}
		if i < len(text) {
			try(text[:i] + text[i+1:])
		}
		if i+1 < len(text) && text[i] != text[i+1] {
			try(text[:i] + string([]byte{text[i+1], text[i]}) + text[i+2:])
		}
	}
}

func TestEveryNeighbourOfATokenIsRefused(t *testing.T) {
	t.Parallel()
	for _, alg := range algorithms {
		t.Run(string(alg), func(t *testing.T) {
			t.Parallel()
			c := codecOf(t, token.Config{Keys: ringOf(t, usual(alg))})
			text, err := c.Seal(newClaims())
			require.NoError(t, err)
			n := 0
			neighbours(text, substitutes, func(changed string) {
				n++
				claims, err := c.Open(changed)
				if err == nil || claims.SessionID != "" || claims.State != nil {
					require.Fail(t, "opened", "%q", changed)
				}
			})
			require.Greater(t, n, 2*len(text)*(len(substitutes)-1))
			_, err = c.Open(text)
			require.NoError(t, err)
		})
	}
}

// TestEveryNeighbourOfTheInnerTokenIsRefused does the same inside, with the true encryption: the signature stands alone,
// and must have one spelling as well.
func TestEveryNeighbourOfTheInnerTokenIsRefused(t *testing.T) {
	t.Parallel()
	for _, alg := range algorithms {
		t.Run(string(alg), func(t *testing.T) {
			t.Parallel()
			k := usual(alg)
			c := codecOf(t, token.Config{Keys: ringOf(t, k)})
			p := k.parts()
			jws := p.jws()
			p.sign = func(string) []byte { return nil } // made already
			marks := "Aw_.+=\n"
			if alg == keys.ES256 {
				marks = "A\n" // each costs a verification that is slow
			}
			neighbours(jws, marks, func(changed string) {
				p.plain = func(string) string { return changed }
				if _, err := c.Open(p.token()); err == nil {
					require.Fail(t, "opened", "%q", changed)
				}
			})
			p.plain = func(string) string { return jws }
			_, err := c.Open(p.token())
			require.NoError(t, err)
		})
	}
}

func TestEveryPartOfATokenIsRefused(t *testing.T) {
	t.Parallel()
	for _, alg := range algorithms {
		k := usual(alg)
		c := codecOf(t, token.Config{Keys: ringOf(t, k)})
		text, err := c.Seal(newClaims())
		require.NoError(t, err)
		for n := range len(text) {
			_, err := c.Open(text[:n])
			require.Error(t, err, "the first %d", n)
			_, err = c.Open(text[n+1:])
			require.Error(t, err, "all but the first %d", n+1)
		}
		p := k.parts()
		jws := p.jws()
		for n := range len(jws) {
			p.plain = func(string) string { return jws[:n] }
			_, err := c.Open(p.token())
			require.Error(t, err)
		}
		for n := range len(usualPayload) {
			_, err := c.Open(k.mint(usualPayload[:n]))
			require.ErrorIs(t, err, token.ErrClaims)
		}
	}
}

// TestSegmentsCannotBeMixed takes each segment of one token and the others of a second, both good and of one key.
func TestSegmentsCannotBeMixed(t *testing.T) {
	t.Parallel()
	c := codecOf(t, token.Config{Keys: ringOf(t, usual(keys.HS256))})
	first, err := c.Seal(newClaims())
	require.NoError(t, err)
	second, err := c.Seal(newClaims())
	require.NoError(t, err)
	a, b := strings.Split(first, "."), strings.Split(second, ".")
	for mask := 1; mask < 7; mask++ {
		mixed := strings.Split(first, ".")
		for i, segment := range []int{2, 3, 4} {
			if mask&(1<<i) != 0 {
				mixed[segment] = b[segment]
			}
		}
		_, err := c.Open(strings.Join(mixed, "."))
		require.ErrorIs(t, err, token.ErrDecryption)
	}
	require.Equal(t, a[0], b[0])
}

// TestCodecsOfOtherPurposesRefuse seals with each of several codecs over one ring and opens with all of them.
func TestCodecsOfOtherPurposesRefuse(t *testing.T) {
	t.Parallel()
	ring := ringOf(t, usual(keys.HS256))
	configs := []token.Config{
		{Audience: "session/a"},
		{Audience: "session/b"},
		{Audience: "session/a", Issuer: issuer},
		{Audience: "session/a", Issuer: issuer + "/"},
		{Audience: "session/b", Issuer: issuer},
	}
	var codecs []*token.Codec
	for _, config := range configs {
		config.Keys = ring
		codecs = append(codecs, codecOf(t, config))
	}
	for i, sealer := range codecs {
		text, err := sealer.Seal(newClaims())
		require.NoError(t, err)
		for j, opener := range codecs {
			_, err := opener.Open(text)
			switch {
			case i == j:
				require.NoError(t, err)
			case configs[i].Issuer != configs[j].Issuer:
				require.ErrorIs(t, err, token.ErrIssuer)
			default:
				require.ErrorIs(t, err, token.ErrAudience)
			}
		}
	}
}
