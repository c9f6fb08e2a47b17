package token_test

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

var labelled = regexp.MustCompile("(?s)```(text [a-z-]+|json)\n(.*?)\n```")

// page reads docs/format.md and the blocks of its worked example.
func page(t testing.TB) (text string, block map[string]string) {
	t.Helper()
	file, err := os.ReadFile("../docs/format.md")
	require.NoError(t, err)
	block = make(map[string]string)
	for _, match := range labelled.FindAllStringSubmatch(string(file), -1) {
		label := strings.TrimPrefix(match[1], "text ")
		require.NotContains(t, block, label)
		block[label] = match[2]
	}
	return string(file), block
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	require.NoError(t, err)
	return b
}

// TestWorkedExample goes down the layers of docs/format.md, each made from what the page shows of the one before.
func TestWorkedExample(t *testing.T) {
	t.Parallel()
	text, block := page(t)
	k := &testKey{
		id: b64(unhex(t, block["id"])), alg: keys.HS256,
		signing: unhex(t, block["signing-key"]), encryption: unhex(t, block["encryption-key"]),
	}
	p := k.parts()
	p.payload = block["claims"]
	p.nonce = unhex(t, block["nonce"])
	require.Equal(t, p.inner, block["jws-header"])
	require.Equal(t, p.outer, block["jwe-header"])
	require.Equal(t, b64([]byte(p.outer)), block["jwe-header-segment"])
	require.Equal(t, b64([]byte(p.inner))+"."+b64([]byte(p.payload)), block["signing-input"])
	require.Equal(t, hex.EncodeToString(mac(unhex(t, block["signing-key"]), block["signing-input"])), block["signature"])
	require.Equal(t, p.jws(), block["jws"])
	require.Contains(t, text, " "+strconv.Itoa(len(block["jws"]))+" characters here")
	require.Equal(t, p.token(), block["token"])
	require.Equal(t, "__Host-session="+block["token"]+"; Path=/; HttpOnly; Secure; SameSite=Lax", block["cookie"])

	raw := unhex(t, block["secret"])
	for label, want := range map[string]string{
		"sealjar v1 signing HS256": block["signing-key"], "sealjar v1 encryption A256GCM": block["encryption-key"], "sealjar v1 kid": block["id"],
	} {
		derived, err := hkdf.Key(sha256.New, raw, nil, label, len(want)/2)
		require.NoError(t, err)
		require.Equal(t, want, hex.EncodeToString(derived), label)
	}
	require.JSONEq(t, string(jwks(k)), block["json"])
	outer, inner, payload := foreignOpen(t, []byte(block["json"]), block["token"])
	require.Equal(t, []string{p.outer, p.inner, p.payload}, []string{outer, inner, payload})
}

// Everybody has the keys of the page, so no ring takes them.
func TestWorkedExampleRefused(t *testing.T) {
	t.Parallel()
	_, block := page(t)
	_, err := keys.FromSecrets(block["secret"])
	require.ErrorContains(t, err, "is a published sample")
	_, err = keys.Parse([]byte(block["json"]), keys.Options{})
	require.ErrorContains(t, err, "is a published sample")
}

// TestWorkedExampleIsWhatTheCodecWrites does with keys of its own what the page does with keys that no ring takes.
func TestWorkedExampleIsWhatTheCodecWrites(t *testing.T) {
	t.Parallel()
	_, block := page(t)
	ring, err := keys.FromSecrets(secret)
	require.NoError(t, err)
	file, err := keys.Marshal(ring)
	require.NoError(t, err)
	k := &testKey{id: ring.Keys()[0].ID(), alg: keys.HS256}
	var jwk struct{ Keys []struct{ Use, K string } }
	require.NoError(t, json.Unmarshal(file, &jwk))
	for _, half := range jwk.Keys {
		bytes, err := base64.RawURLEncoding.DecodeString(half.K)
		require.NoError(t, err)
		if half.Use == "sig" {
			k.signing = bytes
		} else {
			k.encryption = bytes
		}
	}
	p := k.parts()
	p.payload, p.nonce = block["claims"], unhex(t, block["nonce"])

	c := codecOf(t, token.Config{Keys: ring, Audience: "session/__Host-session"})
	claims, err := c.Open(p.token())
	require.NoError(t, err)
	require.Equal(t, "alice", claims.Subject)
	require.True(t, claims.AuthTime.Equal(noon) && claims.IssuedAt.Equal(noon) && claims.Expiry.Equal(noon.Add(30*time.Minute)))
	require.Equal(t, `{"d":{"views":1}}`, string(claims.State))

	// And this is what Seal writes, but for what is fresh in each token and the id of the key.
	again := claims
	sealed, err := c.Seal(&again)
	require.NoError(t, err)
	outer, inner, payload := foreignOpen(t, file, sealed)
	ours := strings.NewReplacer("m0Cvms9G", k.id)
	require.Equal(t, ours.Replace(block["jwe-header"]), outer)
	require.Equal(t, ours.Replace(block["jws-header"]), inner)
	require.Equal(t, block["claims"], strings.Replace(payload, again.TokenID, claims.TokenID, 1))
}

// TestPageKnowsEachWord compares the tables of docs/format.md with the words of the vectors, in both directions.
func TestPageKnowsEachWord(t *testing.T) {
	t.Parallel()
	text, _ := page(t)
	seen := make(map[string]bool)
	for _, row := range regexp.MustCompile("(?m)^\\| \\d+ \\|.*\\| `([a-z_]+)` \\|$").FindAllStringSubmatch(text, -1) {
		require.Contains(t, refusals, row[1])
		seen[row[1]] = true
	}
	require.Len(t, seen, len(refusals))

	files, err := filepath.Glob("testdata/bad-*.json")
	require.NoError(t, err)
	for _, name := range regexp.MustCompile("`bad-[a-z]+\\.json`").FindAllString(text, -1) {
		require.Contains(t, files, "testdata/"+strings.Trim(name, "`"))
	}
	for _, name := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| (?:required|if|not|only)").FindAllStringSubmatch(text, -1) {
		seen[name[1]] = true
	}
	for name := range usualMembers {
		require.True(t, seen[name], "the page has no line for the claim %s", name)
	}
	require.Contains(t, text, strconv.Itoa(token.DefaultMaxLength)+" characters unless configured")
	require.Contains(t, text, strconv.Itoa(int(token.Leeway.Seconds()))+" seconds are the leeway")
}
