package interop_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/spill"
)

// claims are those of a token as docs/format.md has them, with the private claim of a cart.
type claims struct {
	Issuer    string  `json:"iss,omitempty"`
	Audience  string  `json:"aud"`
	Subject   string  `json:"sub,omitempty"`
	SessionID string  `json:"sid"`
	TokenID   string  `json:"jti"`
	IssuedAt  float64 `json:"iat"`
	Expiry    float64 `json:"exp"`
	AuthTime  float64 `json:"auth_time"`
	Private   struct {
		Data   cart     `json:"d"`
		Groups []string `json:"g,omitempty"`
	} `json:"sealjar"`
}

// ringOf has one key; with HS256 it is one that derives from a secret, as an environment variable holds it.
func ringOf(t testing.TB, alg keys.Algorithm) *keys.Ring {
	t.Helper()
	if alg == keys.HS256 {
		ring, err := keys.FromSecrets("7d0f9e7c0a9b64e6a5a2a86a2b9f1d4d3f1de8cfb1e0a7725cbb8a4d6e92c135")
		require.NoError(t, err)
		return ring
	}
	key, err := keys.Generate(alg, time.Time{}, time.Time{})
	require.NoError(t, err)
	ring, err := keys.NewRing([]*keys.Key{key}, keys.Options{})
	require.NoError(t, err)
	return ring
}

// exported is what `sealjar keys export --jwks` writes, for who reads and for who also mints.
func exported(t testing.TB, ring *keys.Ring) (reader, minter []byte) {
	t.Helper()
	minter, err := keys.Marshal(ring)
	require.NoError(t, err)
	reader, err = keys.MarshalOpenOnly(ring)
	if ring.Keys()[0].Algorithm() == keys.HS256 {
		require.Error(t, err)
		return minter, minter // who reads can mint
	}
	require.NoError(t, err)
	require.NotContains(t, string(reader), `"d"`)
	return reader, minter
}

// each runs the test for every algorithm, with and without an issuer.
func each(t *testing.T, test func(t *testing.T, s *site)) {
	for _, alg := range []keys.Algorithm{keys.HS256, keys.EdDSA, keys.ES256} {
		for _, issuer := range []string{"", "https://app.example"} {
			t.Run(string(alg)+" "+issuer, func(t *testing.T) { test(t, newSite(t, ringOf(t, alg), issuer)) })
		}
	}
}

// TestNodeOpensWhatGoSeals, with the keys that only open where there are such.
func TestNodeOpensWhatGoSeals(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		reader, _ := exported(t, s.ring)
		_, first := s.request(t, http.MethodPost, "/login/alice", "")
		saw, cookie := s.request(t, http.MethodGet, "/?add=<tea>%26more", first)
		require.Equal(t, "alice", saw.Subject)

		a := s.ask(t, request{Do: "open", Keys: reader, Token: cookie})
		require.Empty(t, a.Error)
		var have claims
		require.NoError(t, json.Unmarshal(a.Claims, &have))
		require.Equal(t, s.issuer, have.Issuer)
		require.Equal(t, "session/__Host-session", have.Audience)
		require.Equal(t, "alice", have.Subject)
		require.Equal(t, saw.SessionID, have.SessionID)
		require.InDelta(t, noon.Unix(), have.AuthTime, 0)
		require.InDelta(t, noon.Add(30*time.Minute).Unix(), have.Expiry, 0)
		require.Equal(t, []string{"<tea>&more"}, have.Private.Data.Items)

		strict := s.ask(t, request{Do: "strict", Keys: reader, Token: cookie, Session: true})
		require.Empty(t, strict.Error+strict.Refusal)
		require.JSONEq(t, `{"items":["<tea>&more"]}`, string(strict.Data))
	})
}

// TestNodeRefuses what is not for it, or not any more.
func TestNodeRefuses(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		reader, _ := exported(t, s.ring)
		_, cookie := s.request(t, http.MethodPost, "/login/alice", "")
		other, _ := exported(t, ringOf(t, keys.EdDSA))
		good := request{Keys: reader, Token: cookie, Now: noon.UnixMilli(), Issuer: s.issuer, Audience: "session/__Host-session"}
		require.Empty(t, ask(t, as(good, "open")).Error)
		for refusal, change := range map[string]func(r *request){
			"audience":    func(r *request) { r.Audience = "session/other" },
			"issuer":      func(r *request) { r.Issuer = "https://other.example" },
			"expired":     func(r *request) { r.Now = noon.Add(30*time.Minute + 30*time.Second).UnixMilli() },
			"not_yet":     func(r *request) { r.Now = noon.Add(-31 * time.Second).UnixMilli() },
			"unknown_key": func(r *request) { r.Keys = other },
			"decryption":  func(r *request) { r.Token = cookie[:len(cookie)-22] + strings.Repeat("A", 22) },
			"malformed":   func(r *request) { r.Token = cookie + "=" },
		} {
			bad := good
			change(&bad)
			require.Equal(t, refusal, ask(t, as(bad, "strict")).Refusal)
			a := ask(t, as(bad, "open"))
			require.NotEmpty(t, a.Error, refusal)
			require.Empty(t, a.Claims, refusal)
		}
	})
}

// TestNodeRefusesWhatIsInAStore, of which it can't know whether it has ended.
func TestNodeRefusesWhatIsInAStore(t *testing.T) {
	ring := ringOf(t, keys.EdDSA)
	s := newSite(t, ring, "", func(o *sealjar.Options) { o.Spill = spill.Options{Store: &spill.Memory{Now: o.Now}, Always: true} })
	reader, _ := exported(t, ring)
	_, cookie := s.request(t, http.MethodPost, "/login/alice", "")
	require.Contains(t, s.ask(t, request{Do: "open", Keys: reader, Token: cookie}).Error, "no session")
	require.Equal(t, "claims", s.ask(t, request{Do: "strict", Keys: reader, Token: cookie, Session: true}).Refusal)
	token := s.ask(t, request{Do: "strict", Keys: reader, Token: cookie})
	require.Contains(t, string(token.Claims), "alice", "as a token it is good")
}

func as(r request, do string) request { r.Do = do; return r }

// TestGoOpensWhatNodeMints, changes the session, renews it, and Node opens it again.
func TestGoOpensWhatNodeMints(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		reader, minter := exported(t, s.ring)
		cookie := mint(t, s, minter, s.ring.Keys()[0].ID())

		saw, set := s.request(t, http.MethodGet, "/", cookie)
		require.Equal(t, seen{
			Subject: "zoë", SessionID: "bWludGVkLWluLW5vZGU", AuthTime: "2027-01-15T11:58:20.5Z", Items: []string{"tea"}, Groups: []string{"tenant:7"},
		}, saw)
		require.Empty(t, set, "nothing has changed")
		_, changed := s.request(t, http.MethodGet, "/?add=milk", cookie)
		s.now.Store(noon.Add(15 * time.Minute).UnixMilli())
		_, renewed := s.request(t, http.MethodGet, "/", changed)

		a := s.ask(t, request{Do: "open", Keys: reader, Token: renewed})
		require.Empty(t, a.Error)
		var have claims
		require.NoError(t, json.Unmarshal(a.Claims, &have))
		require.Equal(t, "zoë", have.Subject)
		require.Equal(t, "bWludGVkLWluLW5vZGU", have.SessionID)
		require.InDelta(t, float64(noon.UnixMilli())/1000-99.5, have.AuthTime, 0)
		require.InDelta(t, noon.Add(45*time.Minute).Unix(), have.Expiry, 0)
		require.Equal(t, []string{"tea", "milk"}, have.Private.Data.Items)
		require.Equal(t, []string{"tenant:7"}, have.Private.Groups)
	})
}

// mint lets Node make a session of zoë.
func mint(t *testing.T, s *site, jwks []byte, kid string) string {
	t.Helper()
	c := claims{
		Issuer: s.issuer, Audience: "session/__Host-session", Subject: "zoë", SessionID: "bWludGVkLWluLW5vZGU", TokenID: "bWludGVk",
		IssuedAt: float64(noon.Unix()), Expiry: float64(noon.Unix() + 1800), AuthTime: float64(noon.Unix()) - 99.5,
	}
	c.Private.Data.Items, c.Private.Groups = []string{"tea"}, []string{"tenant:7"}
	a := s.ask(t, request{Do: "mint", Keys: jwks, KeyID: kid, Claims: encode(t, c)})
	require.Empty(t, a.Error)
	require.NotEmpty(t, a.Token)
	return a.Token
}

// TestReaderCannotMint : what opens makes no session, not even with a signing key of the reader's own beside the encryption key.
func TestReaderCannotMint(t *testing.T) {
	for _, alg := range []keys.Algorithm{keys.EdDSA, keys.ES256} {
		s := newSite(t, ringOf(t, alg), "")
		kid := s.ring.Keys()[0].ID()
		reader, minter := exported(t, s.ring)
		require.NotEmpty(t, s.ask(t, request{Do: "mint", Keys: reader, KeyID: kid, Claims: json.RawMessage(`{}`)}).Error)

		own := withSigningKey(t, reader, ringOf(t, alg))
		saw, _ := s.request(t, http.MethodGet, "/", mint(t, s, own, kid))
		require.Empty(t, saw.Subject)
		saw, _ = s.request(t, http.MethodGet, "/", mint(t, s, minter, kid))
		require.Equal(t, "zoë", saw.Subject)
	}
}

// withSigningKey puts the signing key of another ring, under the id that is wanted, in the place of the one in jwks.
func withSigningKey(t *testing.T, jwks []byte, from *keys.Ring) []byte {
	t.Helper()
	var set, other struct {
		Keys []map[string]any `json:"keys"`
	}
	_, all := exported(t, from)
	require.NoError(t, json.Unmarshal(jwks, &set))
	require.NoError(t, json.Unmarshal(all, &other))
	sig := other.Keys[0]
	require.Equal(t, "sig", sig["use"])
	d, err := base64.RawURLEncoding.DecodeString(sig["d"].(string))
	require.NoError(t, err)
	require.Len(t, d, ed25519.SeedSize)
	sig["kid"], set.Keys[0] = set.Keys[0]["kid"], sig
	return encode(t, set)
}
