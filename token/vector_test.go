package token_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

// vector is all that is needed to open one token, and what comes of it. A file of testdata is an array of them;
// docs/format.md explains the members to implementations in other languages.
type vector struct {
	Name     string          `json:"name"`
	Comment  string          `json:"comment"`
	Keys     json.RawMessage `json:"keys"`
	Now      string          `json:"now"`
	Issuer   string          `json:"issuer"`
	Audience string          `json:"audience"`
	Token    string          `json:"token"`
	Claims   *vectorClaims   `json:"claims,omitempty"`
	Refusal  string          `json:"refusal,omitempty"`
}

type vectorClaims struct {
	KeyID     string `json:"kid"`
	Subject   string `json:"sub"`
	SessionID string `json:"sid"`
	TokenID   string `json:"jti"`
	IssuedAt  string `json:"iat"`
	Expiry    string `json:"exp"`
	AuthTime  string `json:"auth_time"`
	State     string `json:"state"`
}

const stamp = "2006-01-02T15:04:05.000Z"

// refusals are the stable words for what Open answers.
var refusals = map[string]error{
	"too_long":    token.ErrTooLong,
	"malformed":   token.ErrMalformed,
	"unknown_key": token.ErrUnknownKey,
	"key_expired": token.ErrKeyExpired,
	"decryption":  token.ErrDecryption,
	"signature":   token.ErrSignature,
	"claims":      token.ErrClaims,
	"issuer":      token.ErrIssuer,
	"audience":    token.ErrAudience,
	"not_yet":     token.ErrNotYet,
	"expired":     token.ErrExpired,
}

func (v *vector) now(t testing.TB) time.Time {
	t.Helper()
	now, err := time.Parse(stamp, v.Now)
	require.NoError(t, err)
	return now
}

func (v *vector) ring(t testing.TB) *keys.Ring {
	t.Helper()
	ring, err := keys.Parse(v.Keys, keys.Options{OpenOnly: true})
	require.NoError(t, err)
	return ring
}

func (v *vector) codec(t testing.TB, source keys.Source) *token.Codec {
	t.Helper()
	return codecOf(t, token.Config{Keys: source, Issuer: v.Issuer, Audience: v.Audience, Now: at(v.now(t))})
}

// check opens the token with c and compares the outcome, which for a bad vector is the very sentinel.
func (v *vector) check(t testing.TB, c *token.Codec) token.Claims {
	t.Helper()
	claims, err := c.Open(v.Token)
	if v.Refusal != "" {
		require.Contains(t, refusals, v.Refusal)
		requireExactly(t, refusals[v.Refusal], err)
		require.Zero(t, claims)
		return claims
	}
	require.NoError(t, err)
	require.Equal(t, *v.Claims, claimsText(&claims))
	return claims
}

func claimsText(c *token.Claims) vectorClaims {
	text := func(at time.Time) string { return at.UTC().Format(stamp) }
	return vectorClaims{
		KeyID: c.KeyID, Subject: c.Subject, SessionID: c.SessionID, TokenID: c.TokenID,
		IssuedAt: text(c.IssuedAt), Expiry: text(c.Expiry), AuthTime: text(c.AuthTime), State: string(c.State),
	}
}

func readVectors(t testing.TB) []*vector {
	t.Helper()
	names, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	var list []*vector
	for _, name := range names {
		file, err := os.ReadFile(name)
		require.NoError(t, err)
		var group []*vector
		decoder := json.NewDecoder(bytes.NewReader(file))
		decoder.DisallowUnknownFields()
		require.NoError(t, decoder.Decode(&group), name)
		for _, v := range group {
			require.True(t, (v.Claims == nil) != (v.Refusal == ""), v.Name)
		}
		list = append(list, group...)
	}
	return list
}

// TestVectors runs each vector through every way by which a token comes to be opened.
func TestVectors(t *testing.T) {
	t.Parallel()
	seen := make(map[string]int)
	for _, v := range readVectors(t) {
		seen[v.Refusal]++
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			ring := v.ring(t)
			codec := v.codec(t, ring)
			claims := v.check(t, codec)

			// With a codec that has just worked on other tokens, whose memory it uses again.
			other := usual(keys.HS256)
			source := newSwapped(ringOf(t, other))
			used := v.codec(t, source)
			_, _ = used.Open(other.mint(swap(usualPayload, `{"n":1}`, `"`+strings.Repeat("x", 2000)+`"`)))
			source.ring.Store(ring)
			v.check(t, used)
			v.check(t, used)

			// With the key file written and read again.
			file, err := keys.Marshal(ring)
			require.NoError(t, err)
			again, err := keys.Parse(file, keys.Options{OpenOnly: true})
			require.NoError(t, err)
			v.check(t, v.codec(t, again))

			if v.Refusal == "" {
				requireForeign(t, v)
				requireResealed(t, v, codec, claims)
			}
		})
	}
	for word := range refusals {
		require.NotZero(t, seen[word], "no vector for %s", word)
	}
	require.NotZero(t, seen[""])
}

// requireResealed seals what a good vector says, if its ring can.
func requireResealed(t *testing.T, v *vector, c *token.Codec, claims token.Claims) {
	t.Helper()
	claims.Expiry = v.now(t).Add(time.Minute)
	sealed, err := c.Seal(&claims)
	if errors.Is(err, token.ErrNoSealingKey) {
		require.Nil(t, v.ring(t).Sealing(v.now(t)))
		return
	}
	require.NoError(t, err)
	opened, err := c.Open(sealed)
	require.NoError(t, err)
	require.Equal(t, claimsText(&claims), claimsText(&opened))
}

// TestVectorsAreGenerated fails if testdata is not what the tables of this package make it, and with -update makes it so.
func TestVectorsAreGenerated(t *testing.T) {
	t.Parallel()
	want := map[string]string{"testdata/good.json": vectorFile(t, goodVectors(t))}
	for _, group := range attackGroups {
		want["testdata/bad-"+group.name+".json"] = vectorFile(t, badVectors(group.list()))
	}
	have, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	if *update {
		for _, name := range have {
			require.NoError(t, os.Remove(name))
		}
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		for name, text := range want {
			require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
		}
		return
	}
	require.Len(t, have, len(want))
	for name, text := range want {
		file, err := os.ReadFile(name)
		require.NoError(t, err)
		require.True(t, text == string(file), "%s is not what the tables make: see main_test.go", name)
	}
}

// vectorFile writes one vector a line.
func vectorFile(t testing.TB, list []*vector) string {
	t.Helper()
	names := make(map[string]bool)
	var lines []string
	for _, v := range list {
		require.False(t, names[v.Name], "two vectors are named %s", v.Name)
		names[v.Name] = true
		var line bytes.Buffer
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false)
		require.NoError(t, encoder.Encode(v))
		lines = append(lines, strings.TrimSpace(line.String()))
	}
	return "[\n" + strings.Join(lines, ",\n") + "\n]\n"
}
