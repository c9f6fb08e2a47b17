package revocation

import (
	"crypto/sha256"
	"encoding/base64"
)

// OriginOf returns the name by which what a session is renewed into can be refused: see [Claims].Origin. It is made of the
// first id that the session has.
//
// That id itself would not do. Who renews a session revokes the id that it leaves, and the session has to live on; who ends it
// means all that has come of it. So there are two names, and the second can be told from the first, by a node that does not
// know whether another one renews the session at this moment. It has the form of a session id, so that an index keeps it in as little room.
func OriginOf(sid string) string {
	sum := sha256.Sum256([]byte("sealjar origin " + sid))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// ended reports whether there is an entry for a session of that name. Present says in which tables to look.
func (x *index) ended(present uint32, name string) bool {
	if present&(hasSessionIDs|hasSessionNames) == 0 || name == "" {
		return false
	}
	if k, ours := parseSessionID(name); ours {
		return x.ids[sessionIDs].contains(k)
	}
	return x.names[sessionNames].find(name) != nil
}
