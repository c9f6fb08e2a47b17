package express

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"net/http"
)

// CookieSession reads what the package cookie-session of npm has left in a request into data, and reports whether it was there and
// signed with one of the keys. Nothing in it says how old it is: decide when you stop to read it.
func CookieSession(r *http.Request, name string, keys []string, data any) bool {
	value, err := r.Cookie(name)
	signature, missing := r.Cookie(name + ".sig")
	if err != nil || missing != nil || len(value.Value) > 4096 {
		return false
	}
	for _, key := range keys {
		mac := hmac.New(sha1.New, []byte(key)) // what keygrip does unless told otherwise
		mac.Write([]byte(name + "=" + value.Value))
		if hmac.Equal([]byte(signature.Value), []byte(base64.RawURLEncoding.EncodeToString(mac.Sum(nil)))) {
			text, err := base64.StdEncoding.DecodeString(value.Value)
			return err == nil && json.Unmarshal(text, data) == nil
		}
	}
	return false
}
