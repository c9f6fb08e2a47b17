package backchannel_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/backchannel"
	"github.com/sealjar/sealjar/revocation"
)

const (
	issuer = "https://id.example"
	client = "shop"
	kid    = "k1"
)

// start is when the tests begin. Providers write whole seconds.
var start = time.Unix(1_800_000_000, 0)

var (
	rsaKey     = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	otherRSA   = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	p256Key    = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	p384Key    = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) })
	ed25519Key = sync.OnceValue(func() ed25519.PrivateKey { _, key, _ := ed25519.GenerateKey(rand.Reader); return key })
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

type object = map[string]any

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// jwk is a public key as a provider publishes it, with more members or without some (nil).
func jwk(public crypto.PublicKey, more object) object {
	key := object{"kid": kid, "use": "sig"}
	switch public := public.(type) {
	case *rsa.PublicKey:
		key["kty"], key["n"], key["e"] = "RSA", b64(public.N.Bytes()), b64(big.NewInt(int64(public.E)).Bytes())
	case *ecdsa.PublicKey:
		point := must(public.Bytes())
		half := len(point) / 2
		key["kty"], key["crv"], key["x"], key["y"] = "EC", public.Params().Name, b64(point[1:1+half]), b64(point[1+half:])
	case ed25519.PublicKey:
		key["kty"], key["crv"], key["x"] = "OKP", "Ed25519", b64(public)
	}
	return merge(key, more)
}

func merge(base, more object) object {
	all := object{}
	for _, o := range []object{base, more} {
		for name, value := range o {
			if all[name] = value; value == nil {
				delete(all, name)
			}
		}
	}
	return all
}

func jwks(keys ...object) []byte { return must(json.Marshal(object{"keys": keys})) }

// claimsOf are those of a good token that was made at that time, with more of them or without some (nil).
func claimsOf(at time.Time, more object) object {
	return merge(object{
		"iss": issuer, "aud": client, "sub": "ada", "iat": at.Unix(), "exp": at.Add(2 * time.Minute).Unix(), "jti": rand.Text(),
		"events": object{"http://schemas.openid.net/event/backchannel-logout": object{}},
	}, more)
}

func sign(algorithm string, key crypto.PrivateKey, header, payload string) string {
	input := b64([]byte(header)) + "." + b64([]byte(payload))
	return input + "." + b64(must(jwt.GetSigningMethod(algorithm).Sign(input, key)))
}

// logoutToken is a token of the provider's, by RS256.
func logoutToken(claims object) string {
	return sign("RS256", rsaKey(), `{"alg":"RS256","kid":"k1","typ":"logout+jwt"}`, string(must(json.Marshal(claims))))
}

// site is a relying party.
type site struct {
	handler *backchannel.Handler
	list    *list
	now     time.Time
	events  []backchannel.Event
	log     strings.Builder
}

// list can fail.
type list struct {
	revocation.Memory
	entries []revocation.Entry
	err     error
}

func (l *list) Revoke(ctx context.Context, e revocation.Entry) error {
	if l.err != nil {
		return l.err
	}
	l.entries = append(l.entries, e)
	return l.Memory.Revoke(ctx, e)
}

// The site's sessions live for twelve hours.
func (l *list) Lifetime() time.Duration { return 12 * time.Hour }

func newSite(t testing.TB, change func(*backchannel.Options)) *site {
	t.Helper()
	s := &site{list: &list{}, now: start}
	s.list.Now = func() time.Time { return s.now }
	set := must(backchannel.ParseKeySet(jwks(jwk(rsaKey().Public(), nil))))
	o := backchannel.Options{
		Issuer: issuer, ClientID: client, List: s.list, Now: s.list.Now,
		Keys:    func(context.Context, string) (*backchannel.KeySet, error) { return set, nil },
		Observe: func(e backchannel.Event) { s.events = append(s.events, e) },
		Logger:  slog.New(slog.NewTextHandler(&s.log, nil)),
	}
	if change != nil {
		change(&o)
	}
	var err error
	s.handler, err = backchannel.New(o)
	require.NoError(t, err)
	return s
}

func (s *site) post(token string) *httptest.ResponseRecorder {
	return s.send(http.MethodPost, "application/x-www-form-urlencoded", url.Values{"logout_token": {token}}.Encode())
}

func (s *site) send(method, contentType, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/backchannel-logout", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// requireRefused wants the error of the specification, the reason in the event, and nothing revoked.
func (s *site) requireRefused(t *testing.T, w *httptest.ResponseRecorder, why string) {
	t.Helper()
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	var told struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &told))
	require.Equal(t, "invalid_request", told.Error)
	require.Contains(t, told.Description, why)
	last := s.events[len(s.events)-1]
	require.Equal(t, backchannel.EventRefused, last.Kind)
	require.EqualError(t, last.Err, "backchannel: "+told.Description)
	require.Contains(t, s.log.String(), fmt.Sprintf("%q", last.Err.Error()))
	require.Empty(t, s.list.entries)
}

func (s *site) requireEnded(t *testing.T, w *httptest.ResponseRecorder, names ...revocation.Name) {
	t.Helper()
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	require.Empty(t, w.Body.Bytes())
	last := s.events[len(s.events)-1]
	require.Equal(t, backchannel.EventEnded, last.Kind)
	require.NoError(t, last.Err)
	require.Equal(t, names, last.Names)
	for _, name := range names {
		found, err := s.list.Lookup(context.Background(), []revocation.Name{name})
		require.NoError(t, err)
		require.Len(t, found, 1)
	}
}

var (
	ada       = revocation.Name{Kind: revocation.Subject, Name: "ada"}
	adaLaptop = revocation.Name{Kind: revocation.Group, Name: backchannel.Group(issuer, "s1")}
)
