package keys_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sealjar/sealjar/keys"
)

// exampleSecret stands for 32 random bytes that a program keeps somewhere safe.
func exampleSecret(name string) []byte {
	sum := sha256.Sum256([]byte("example " + name))
	return sum[:]
}

func exampleKey(id string, notBefore, expiry time.Time) *keys.Key {
	key, err := keys.NewKey(keys.Material{
		ID: id, Signing: exampleSecret(id + " signing"), Encryption: exampleSecret(id + " encryption"), NotBefore: notBefore, Expiry: expiry,
	})
	if err != nil {
		log.Fatal(err)
	}
	return key
}

// A small application keeps its secrets in one environment variable. The first seals, all open.
func ExampleFromSecrets() {
	os.Setenv("SEALJAR_SECRET", "0f741cee07012718543e88cf20288fea47f1f0fbf975855481745b64805ac471,"+
		"oWMLqSYx2GLKk9SNDMNvLhHTa2mzn8ebFcXhJHvWRx8")
	ring, err := keys.FromSecrets(os.Getenv("SEALJAR_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ring)
	fmt.Println("seals:", ring.Sealing(time.Now()).ID())

	_, err = keys.FromSecrets("changeme")
	fmt.Println(err)
	// Output:
	// ring of 2 keys [secret]
	// seals: jm8a5lxA
	// keys: secret 1 of 1 is too short: want 32 random bytes (make them with `openssl rand -hex 32`)
}

// The key file is made on the first start and read on all others.
func ExampleReadFile() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "keys.json")

	ring, err := keys.ReadFile(path, keys.Options{})
	if errors.Is(err, os.ErrNotExist) {
		key, err := keys.Generate(keys.HS256, time.Time{}, time.Time{})
		if err != nil {
			log.Fatal(err)
		}
		if ring, err = keys.NewRing([]*keys.Key{key}, keys.Options{}); err != nil {
			log.Fatal(err)
		}
		if err := keys.WriteFile(path, ring); err != nil {
			log.Fatal(err)
		}
	}
	again, err := keys.ReadFile(path, keys.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(again, again.Keys()[0].ID() == ring.Keys()[0].ID())
	// Output: ring of 1 keys [secret] true
}

func ExampleWriteFile() {
	path := filepath.Join(os.TempDir(), "example-keys.json")
	defer os.Remove(path)
	ring, err := keys.NewRing([]*keys.Key{exampleKey("2026-11", time.Time{}, time.Time{})}, keys.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if err := keys.WriteFile(path, ring); err != nil {
		log.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(info.Mode())
	// Output: -rw-------
}

// The text of a key file can come from anywhere, such as a secret manager. What goes in comes out again.
func ExampleParse() {
	text := []byte(`{"keys": [
	  {"kid": "2026-11", "use": "sig", "kty": "oct", "alg": "HS256",   "k": "oWMLqSYx2GLKk9SNDMNvLhHTa2mzn8ebFcXhJHvWRx8"},
	  {"kid": "2026-11", "use": "enc", "kty": "oct", "alg": "A256GCM", "k": "D3Qc7gcBJxhUPojPICiP6kfx8Pv5dYVUgXRbZIBaxHE"}
	]}`)
	ring, err := keys.Parse(text, keys.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ring.Key("2026-11"))

	_, err = keys.Parse(bytes.Replace(text, []byte(`"A256GCM"`), []byte(`"A128GCM"`), 1), keys.Options{})
	fmt.Println(err)
	_, err = keys.Parse(bytes.Repeat([]byte(" "), keys.MaxFileSize+1), keys.Options{})
	fmt.Println(err)
	// Output:
	// key 2026-11 [secret]
	// keys: key file: entry 2: key "2026-11": encryption key has not "alg":"A256GCM"
	// keys: key file: larger than 1048576 bytes
}

func ExampleMarshal() {
	ring, err := keys.NewRing([]*keys.Key{exampleKey("2026-11", time.Time{}, time.Time{})}, keys.Options{})
	if err != nil {
		log.Fatal(err)
	}
	text, err := keys.Marshal(ring) // keep this as you keep a password
	if err != nil {
		log.Fatal(err)
	}
	again, err := keys.Parse(text, keys.Options{})
	fmt.Println(again, err)
	// Output: ring of 1 keys [secret] <nil>
}

// A program that only reads sessions needs no key that makes them.
func ExampleMarshalOpenOnly() {
	key, err := keys.Generate(keys.EdDSA, time.Time{}, time.Time{})
	if err != nil {
		log.Fatal(err)
	}
	ring, err := keys.NewRing([]*keys.Key{key}, keys.Options{})
	if err != nil {
		log.Fatal(err)
	}
	text, err := keys.MarshalOpenOnly(ring) // still a secret: it opens every session
	if err != nil {
		log.Fatal(err)
	}
	reader, err := keys.Parse(text, keys.Options{OpenOnly: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(reader, reader.Key(key.ID()).CanSign())
	// Output: ring of 1 keys [secret] false
}

// Any kind of key in the types of the standard library will do. What is no good is refused.
func ExampleNewKey() {
	m := keys.Material{
		ID:         "2026-11",
		Signing:    ed25519.NewKeyFromSeed(exampleSecret("seed")),
		Encryption: exampleSecret("encryption"),
		Created:    time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC),
		NotBefore:  time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		Expiry:     time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC),
	}
	key, err := keys.NewKey(m)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key, key.ID(), key.Algorithm(), key.CanSign(), key.SignatureSize())
	fmt.Println(key.Created().Format(time.DateOnly), key.NotBefore().Format(time.DateOnly), key.Expiry().Format(time.DateOnly))
	fmt.Println(key.Expired(time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)))

	m.Encryption = []byte("Correct horse battery staple, 7!")
	_, err = keys.NewKey(m)
	fmt.Println(err)
	m.ID = strings.Repeat("x", keys.MaxIDLength+1)
	_, err = keys.NewKey(m)
	fmt.Println(err)
	// Output:
	// key 2026-11 [secret] 2026-11 EdDSA true 64
	// 2026-10-25 2026-11-01 2027-02-01
	// true
	// keys: key "2026-11": encryption key is printable text, which has too little entropy for a key: want 32 random bytes
	// keys: key id "xxxxxxxx"… is longer than 64 characters
}

func ExampleGenerate() {
	for _, alg := range []keys.Algorithm{keys.HS256, keys.EdDSA, keys.ES256} {
		key, err := keys.Generate(alg, time.Now(), time.Now().AddDate(0, 3, 0))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(key.Algorithm(), len(key.ID()))
	}
	// Output:
	// HS256 10
	// EdDSA 10
	// ES256 10
}

// Dates alone decide which key seals, so every replica with the same file comes to the same answer.
func ExampleRing_Sealing() {
	november, december := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	ring, err := keys.NewRing([]*keys.Key{
		exampleKey("2026-11", november, december.AddDate(0, 1, 0)),
		exampleKey("2026-12", december, december.AddDate(0, 2, 0)),
	}, keys.Options{Now: func() time.Time { return november }})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ring.Sealing(november.Add(-time.Second)))
	fmt.Println(ring.Sealing(december.Add(-time.Second)))
	fmt.Println(ring.Sealing(december))
	// Output:
	// <nil>
	// key 2026-11 [secret]
	// key 2026-12 [secret]
}

func ExampleNewRing() {
	var many []*keys.Key
	for i := range keys.MaxKeys + 1 {
		many = append(many, exampleKey(fmt.Sprint(i), time.Time{}, time.Time{}))
	}
	_, err := keys.NewRing(many, keys.Options{})
	fmt.Println(err)
	ring, err := keys.NewRing(many[:2], keys.Options{})
	fmt.Println(ring.Keys(), ring.Key("1"), ring.Key("2"), err)
	// Output:
	// keys: 33 keys are too many for one ring: at most 32
	// [key 0 [secret] key 1 [secret]] key 1 [secret] <nil> <nil>
}

// A node that only opens tokens gets a file with public keys in it.
func ExampleOptions() {
	private := ed25519.NewKeyFromSeed(exampleSecret("seed"))
	key, err := keys.NewKey(keys.Material{ID: "2026-11", Signing: private.Public(), Encryption: exampleSecret("encryption")})
	if err != nil {
		log.Fatal(err)
	}
	_, err = keys.NewRing([]*keys.Key{key}, keys.Options{})
	fmt.Println(err)
	ring, err := keys.NewRing([]*keys.Key{key}, keys.Options{OpenOnly: true})
	fmt.Println(ring, err)
	// Output:
	// keys: no key can seal now; key "2026-11" has only a public signing key
	// ring of 1 keys [secret] <nil>
}

// What needs keys takes a Source and asks it each time. A ring that never changes is one.
func ExampleSource() {
	ring, err := keys.NewRing([]*keys.Key{exampleKey("2026-11", time.Time{}, time.Time{})}, keys.Options{})
	if err != nil {
		log.Fatal(err)
	}
	var source keys.Source = ring
	fmt.Println(source.Ring().Sealing(time.Now()))
	// Output: key 2026-11 [secret]
}

func ExampleKey_Sign() {
	key := exampleKey("2026-11", time.Time{}, time.Time{})
	signature, err := key.Sign(nil, []byte("header.payload"))
	fmt.Println(len(signature), err)
	fmt.Println(key.Verify([]byte("header.payload"), signature))
	fmt.Println(key.Verify([]byte("header.other"), signature))
	// Output:
	// 32 <nil>
	// <nil>
	// keys: signature does not match
}

func ExampleKey_AEAD() {
	aead := exampleKey("2026-11", time.Time{}, time.Time{}).AEAD()
	sealed := aead.Seal(nil, nil, []byte("text"), []byte("header"))
	text, err := aead.Open(nil, nil, sealed, []byte("header"))
	fmt.Printf("%s %v %d\n", text, err, len(sealed)-len(text))
	// Output: text <nil> 28
}

// No log line ever shows a secret, however the key gets into it.
func ExampleKey_Format() {
	m := keys.Material{ID: "2026-11", Signing: exampleSecret("signing"), Encryption: exampleSecret("encryption")}
	key, err := keys.NewKey(m)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%+v\n%#v\n%x\n", m, []any{key}, map[string]keys.Key{"key": *key})
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	logger.Info("started", "key", key)
	// Output:
	// key material [secret]
	// []interface {}{key 2026-11 [secret]}
	// map[6b6579:key 2026-11 [secret]]
	// level=INFO msg=started key="key 2026-11 [secret]"
}
