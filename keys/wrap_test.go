package keys_test

import (
	"crypto/fips140"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwe"
	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

const (
	kek      = "849b57219dae48de646d07dbb533566e976686457c1491be3a76dcea6c427189"
	otherKEK = "949b57219dae48de646d07dbb533566e976686457c1491be3a76dcea6c427180"
)

func sealer(t testing.TB, list string) keys.Sealer {
	t.Helper()
	s, err := keys.NewSealer(list)
	require.NoError(t, err)
	return s
}

func TestSealerIsAJWE(t *testing.T) {
	secret, err := hex.DecodeString(kek)
	require.NoError(t, err)
	document := []byte(`{"keys":[]}`)
	text, err := sealer(t, kek).Wrap(t.Context(), document)
	require.NoError(t, err)
	var opened []byte
	fips140.WithoutEnforcement(func() { opened, err = jwe.Decrypt([]byte(text), jwe.WithKey(jwa.A256GCMKW, secret)) }) // jwx chooses its nonces
	require.NoError(t, err, "another implementation opens it")
	require.Equal(t, document, opened)

	var foreign []byte
	fips140.WithoutEnforcement(func() {
		foreign, err = jwe.Encrypt(document, jwe.WithKey(jwa.A256GCMKW, secret), jwe.WithContentEncryption(jwa.A256GCM))
	})
	require.NoError(t, err)
	opened, err = sealer(t, kek).Unwrap(t.Context(), string(foreign))
	require.NoError(t, err, "and makes it")
	require.Equal(t, document, opened)

	again, err := sealer(t, kek).Wrap(t.Context(), document)
	require.NoError(t, err)
	require.NotEqual(t, text, again)
}

func TestSealersAreRotated(t *testing.T) {
	text, err := sealer(t, kek).Wrap(t.Context(), []byte("{}"))
	require.NoError(t, err)
	_, err = sealer(t, otherKEK).Unwrap(t.Context(), text)
	require.ErrorContains(t, err, "was not made with this key-encryption key")
	_, err = sealer(t, otherKEK+","+kek).Unwrap(t.Context(), text)
	require.NoError(t, err)
}

// TestEveryChangeOfASealedTextIsRefused : each character is changed, each is left out, and the text ends early.
func TestEveryChangeOfASealedTextIsRefused(t *testing.T) {
	s := sealer(t, kek)
	text, err := s.Wrap(t.Context(), []byte(`{"keys":[]}`))
	require.NoError(t, err)
	for i := range len(text) {
		for _, c := range []string{"A", "B", "_", ".", "", "\n", "="} {
			changed := text[:i] + c + text[i+1:]
			if changed == text {
				continue
			}
			_, err := s.Unwrap(t.Context(), changed)
			require.Error(t, err, "at %d: %q for %q", i, c, text[i])
		}
		_, err = s.Unwrap(t.Context(), text[:i])
		require.Error(t, err)
	}
}

func TestSealedTextsRefused(t *testing.T) {
	secret, err := hex.DecodeString(kek)
	require.NoError(t, err)
	foreign := func(alg jwa.KeyEncryptionAlgorithm, enc jwa.ContentEncryptionAlgorithm) string {
		var text []byte
		var err error
		fips140.WithoutEnforcement(func() {
			text, err = jwe.Encrypt([]byte("{}"), jwe.WithKey(alg, secret), jwe.WithContentEncryption(enc))
		})
		require.NoError(t, err)
		return string(text)
	}
	good := foreign(jwa.A256GCMKW, jwa.A256GCM)
	parts := strings.Split(good, ".")
	for name, text := range map[string]string{
		"nothing":                    "",
		"another key algorithm":      foreign(jwa.A256KW, jwa.A256GCM),
		"no key algorithm":           foreign(jwa.DIRECT, jwa.A256GCM),
		"another content encryption": foreign(jwa.A256GCMKW, jwa.A128GCM),
		"an empty encrypted key":     parts[0] + ".." + strings.Join(parts[2:], "."),
		"four parts":                 strings.Join(parts[:4], "."),
		"six parts":                  good + ".",
		"1 MiB":                      good + strings.Repeat("A", keys.MaxFileSize),
	} {
		t.Run(name+" refused", func(t *testing.T) {
			_, err := sealer(t, kek).Unwrap(t.Context(), text)
			require.ErrorContains(t, err, "what is sealed")
		})
	}
}

func TestKeyEncryptionKeysRefused(t *testing.T) {
	for name, test := range map[string]struct{ list, says string }{
		"none":     {" ", "is empty"},
		"short":    {kek[:40], "is too short"},
		"constant": {strings.Repeat("00", 32), "is all zero"},
		"a second": {kek + " " + strings.Repeat("00", 32), "key-encryption key 2 of 2"},
	} {
		t.Run(name+" refused", func(t *testing.T) {
			_, err := keys.NewSealer(test.list)
			require.ErrorContains(t, err, test.says)
			require.NotContains(t, err.Error(), kek[:8])
		})
	}
}

func TestASealedKeyFile(t *testing.T) {
	ring := rotated(t, nil, time.Now())
	path := filepath.Join(t.TempDir(), "keys.json")
	vault := keys.Vault{Store: &keys.FileStore{Path: path}, Sealer: sealer(t, kek)}
	require.NoError(t, vault.Swap(t.Context(), nil, ring))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotContains(t, string(text), ring.Keys()[0].ID())
	require.Contains(t, string(text), `{"sealjar_version": 1, "sealjar_sealed": "eyJ`)

	_, err = keys.ReadFile(path, keys.Options{})
	require.ErrorContains(t, err, "is sealed under a key-encryption key, which was not given")
	open := func(path string, s keys.Sealer) (*keys.File, error) {
		return keys.OpenFile(path, keys.FileOptions{Sealer: s, Watch: keys.Watch{Logger: silent}})
	}
	_, err = open(path, sealer(t, otherKEK))
	require.ErrorContains(t, err, "was not made with this key-encryption key")
	file, err := open(path, sealer(t, kek))
	require.NoError(t, err)
	require.Equal(t, kids(ring), kids(file.Ring()))

	next, err := ring.With(generated(t, time.Now().Add(day), time.Time{}), time.Now())
	require.NoError(t, err)
	require.NoError(t, vault.Swap(t.Context(), ring, next))
	require.NoError(t, file.Reload())
	require.Equal(t, kids(next), kids(file.Ring()))

	// What stands outside is not authenticated, and so must be the same inside: an old text does not become a new one.
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), `_version": 1`, `_version": 3`, 1)), 0o600))
	require.ErrorContains(t, file.Reload(), "sealjar_version is 3 outside and 1 inside")

	require.NoError(t, keys.WriteFile(path, next))
	require.ErrorContains(t, file.Reload(), "is not sealed, and a key-encryption key was given")
}

// FuzzUnwrap : whatever is not made by Wrap is an error, and no panic.
func FuzzUnwrap(f *testing.F) {
	s := sealer(f, kek)
	text, err := s.Wrap(f.Context(), []byte(`{"keys":[]}`))
	require.NoError(f, err)
	f.Add(text)
	f.Add("....")
	f.Add(strings.Replace(text, ".", "..", 1))
	f.Fuzz(func(t *testing.T, other string) {
		document, err := s.Unwrap(t.Context(), other)
		if err == nil { // made by Wrap, perhaps in another process of this test
			require.Equal(t, `{"keys":[]}`, string(document))
			return
		}
		require.Nil(t, document)
	})
}

// FuzzSealedFile : the frame of a sealed file, read by a vault.
func FuzzSealedFile(f *testing.F) {
	for _, text := range []string{
		`{"sealjar_version": 1, "sealjar_sealed": "eyJ"}`, `{"sealjar_version": 1e3, "sealjar_sealed": 1}`, `{"sealjar_sealed": ""}`,
		`{"sealjar_version": 9007199254740992}`, `{"sealjar_version": null}`, `[]`, `{"sealjar_version": -1, "keys": []}`,
	} {
		f.Add([]byte(text))
	}
	s := sealer(f, kek)
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "keys.json")
		require.NoError(t, os.WriteFile(path, data, 0o600))
		ring, err := keys.Vault{Store: &keys.FileStore{Path: path}, Sealer: s}.Load(t.Context())
		require.Nil(t, ring)
		require.True(t, err != nil && strings.HasPrefix(err.Error(), "keys: ") || errors.Is(err, nil) && len(data) == 0, "%v", err)
	})
}
