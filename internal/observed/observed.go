// Package observed says in words from a short, fixed list what a metric tells of an event. None of them names a session, a
// subject or a key: a label that can take any number of values makes a metric useless, and a subject is nobody's business there.
package observed

import (
	"errors"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

// Buckets are upper bounds for the sizes of cookies in bytes. 3276 is 80 % of 4096, which is all that browsers keep;
// beyond it are sessions in two, three and four cookies, with 80 % of each.
var Buckets = []float64{256, 512, 1024, 1536, 2048, 2560, 3276, 3686, 4096, 6553, 8192, 9830, 12288, 13107, 16384}

// reasons are in the order in which they count: an error can match several.
var reasons = []struct {
	err  error
	name string
}{
	{sealjar.ErrUnavailable, "unavailable"},
	{sealjar.ErrRevoked, "revoked"},
	{sealjar.ErrExpired, "expired"},
	{token.ErrUnknownKey, "unknown_key"},
	{token.ErrKeyExpired, "key_expired"},
	{sealjar.ErrInvalid, "invalid"},
	{sealjar.ErrTooLarge, "too_large"},
	{sealjar.ErrHeadersSent, "headers_sent"},
}

// Labels says what happened, which is the kind of the event or "renewed", and why, which is empty if nothing went wrong.
func Labels(e sealjar.Event) (event, reason string) {
	switch {
	case e.Kind == sealjar.EventSealed && e.Renewal:
		return "renewed", ""
	case e.Err == nil, e.Kind == sealjar.EventUncached, e.Kind == sealjar.EventTwins:
		return string(e.Kind), ""
	case e.Kind == sealjar.EventEnded:
		return string(e.Kind), "not_recorded"
	}
	for _, r := range reasons {
		if errors.Is(e.Err, r.err) {
			return string(e.Kind), r.name
		}
	}
	return string(e.Kind), "other"
}

// KeyAge is for how long the key that seals now has sealed, or has existed if it was to seal at once. It is false if there is
// no such key, or nobody knows when it was made, as with keys from a secret.
func KeyAge(source keys.Source, now time.Time) (age time.Duration, known bool) {
	key := source.Ring().Sealing(now)
	if key == nil {
		return 0, false
	}
	since := key.NotBefore()
	if since.IsZero() {
		since = key.Created()
	}
	return now.Sub(since), !since.IsZero()
}
