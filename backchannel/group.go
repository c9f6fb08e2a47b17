package backchannel

import (
	"crypto/sha256"

	"github.com/sealjar/sealjar/internal/base64url"
)

// Group names the sessions that belong to one session at a provider, by the claims iss and sid of the ID token. Give it to
// the session's SetGroups at sign-in, beside the application's own groups. It is 27 bytes long, whatever they are.
func Group(issuer, sid string) string {
	inner := sha256.Sum256([]byte(sid)) // so that no issuer ends in the beginning of a sid
	hash := sha256.Sum256(append(inner[:], issuer...))
	return string(base64url.AppendEncode([]byte("oidc:"), hash[:16]))
}
