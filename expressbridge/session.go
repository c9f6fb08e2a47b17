package expressbridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sealjar/sealjar/takeover"
)

// Old is a session of Express.
type Old struct {
	// Values is the session as Node.js sees it: numbers are float64, and of two members of one name the last counts.
	// The member cookie is among them.
	Values map[string]any

	// Raw is its JSON. To decode it into a struct is to be less exact than Node.js is: encoding/json also takes a
	// member whose name differs in case. Where users choose names of members, use Values.
	Raw []byte

	// MaxAge is cookie.originalMaxAge: how long the session lives after it was last used. 0 means that its cookie ended
	// with the browser.
	MaxAge time.Duration

	// Expires is when it ends if nobody uses it any more.
	Expires time.Time
}

// Session is what becomes of a session of Express.
type Session[T any] struct {
	// Data is what the new session holds.
	Data T

	// Subject is who is signed in, empty if nobody is: 1 to 255 bytes. Methods and Groups are as in [sealjar.Session.SignIn] and
	// [sealjar.Session.SetGroups].
	Subject         string
	Methods, Groups []string

	// AuthTime is when they signed in. Express does not keep that, so it is known only if the application does. The new
	// session's absolute lifetime starts then, and one that is over by that is refused. If it is zero, the absolute
	// lifetime starts when the session is taken over, it never counts as a recent sign-in, and whoever was ever signed
	// out everywhere ([sealjar.Jar.EndAll]) can't be taken over while that is remembered.
	AuthTime time.Time

	// Remember makes the session live by the lifetimes for sessions that are remembered, and in a cookie that outlives
	// the browser. Old.MaxAge says what Express meant.
	Remember bool
}

// ErrSkip is what [Options].Import returns for a session that is of no use here.
var ErrSkip = errors.New("expressbridge: session skipped")

// ErrUnavailable is what [Options].Import returns, perhaps wrapped, if it can't tell who it is, because a database of its own does
// not answer. [Options].OnFailure says what the request becomes then.
var ErrUnavailable = errors.New("expressbridge: what Import needs does not answer")

const maxDepth = 64 // arrays and objects that are open at one time in the JSON of a row

// errJSON says nothing of the text, which is private.
var errJSON = errors.New("expressbridge: the row does not hold an object in JSON, of at most the allowed size and depth")

// parse reads the data of a row.
func parse(raw []byte, maxData int) (Old, error) {
	if len(raw) > maxData || deeper(raw, maxDepth) {
		return Old{}, errJSON
	}
	old := Old{Raw: raw}
	if err := json.Unmarshal(raw, &old.Values); err != nil || old.Values == nil {
		return Old{}, errJSON
	}
	cookie, _ := old.Values["cookie"].(map[string]any)
	if ms, ok := cookie["originalMaxAge"].(float64); ok && ms > 0 {
		old.MaxAge = time.Duration(min(ms, float64(maxLifetime/time.Millisecond))) * time.Millisecond
	}
	return old, nil
}

// deeper reports whether more arrays and objects are open in a text than may be: that can be told before memory is spent on them.
func deeper(raw []byte, most int) bool {
	depth, quoted := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
			if c == '\\' {
				i++
			}
		case c == '{' || c == '[':
			if depth++; depth > most {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// read loads a session of Express and asks the application what it means. Errors match those of package takeover, and
// others say that the database does not answer.
func (b *bridge[T]) read(ctx context.Context, sid string, now time.Time) (Old, Session[T], error) {
	var none Session[T]
	raw, expires, err := b.Rows.Get(ctx, sid, b.MaxData)
	switch {
	case errors.Is(err, ErrNoRow):
		return Old{}, none, fmt.Errorf("%w: it has no row", takeover.ErrEnded)
	case err != nil:
		return Old{}, none, fmt.Errorf("expressbridge: reading a session: %w", err)
	case now.After(expires):
		return Old{}, none, fmt.Errorf("%w: its row has expired", takeover.ErrEnded)
	}
	old, err := parse(raw, b.MaxData)
	if err != nil {
		return Old{}, none, fmt.Errorf("%w: %w", takeover.ErrRefused, err)
	}
	old.Expires = expires
	session, err := b.Import(ctx, old)
	switch {
	case errors.Is(err, ErrSkip):
		return old, none, takeover.ErrNone
	case errors.Is(err, ErrUnavailable) || err != nil && ctx.Err() != nil:
		return old, none, fmt.Errorf("expressbridge: Options.Import: %w", err)
	case err != nil:
		return old, none, fmt.Errorf("%w: Options.Import: %w", takeover.ErrRefused, err)
	}
	return old, session, nil
}

// lives is how long a session of Express lives after it was last used.
func (b *bridge[T]) lives(maxAge time.Duration) time.Duration {
	if maxAge == 0 {
		return b.Expiration
	}
	return max(maxAge, time.Second)
}
