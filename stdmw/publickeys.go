package stdmw

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/sealjar/sealjar/keys"
)

// publicKeysAge is for how long a reader may keep the set: the propagation delay of [keys.Policy], so that it knows a new key
// before anybody signs with it.
const publicKeysAge = 5 * time.Minute

// PublicKeys returns a handler that serves the JWK Set of the verification keys of source (see [keys.Public]), with an ETag, and
// five minutes in caches. It answers GET and HEAD. It panics if source is nil.
func PublicKeys(source keys.Source) http.Handler {
	if source == nil {
		panic("stdmw: source is nil")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		set, err := keys.Public(source.Ring())
		if err != nil {
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		hash := sha256.Sum256(set)
		w.Header().Set("Content-Type", "application/jwk-set+json") // RFC 7517, section 8.5.2
		w.Header().Set("Cache-Control", fmt.Sprintf("public, max-age=%d", int(publicKeysAge.Seconds())))
		w.Header().Set("ETag", `"`+hex.EncodeToString(hash[:8])+`"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(set))
	})
}
