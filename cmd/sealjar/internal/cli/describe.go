package cli

import (
	"time"

	"github.com/sealjar/sealjar/keys"
)

// What is shown where a key has no such date.
const (
	since   = "the beginning"
	never   = "further notice"
	unknown = "unknown"
)

// What a key does at a time.
const (
	stateSeals   = "seals"    // new tokens, and opens
	stateSpare   = "spare"    // takes over next
	stateWaits   = "waits"    // takes over later
	stateOpens   = "opens"    // what it has sealed
	stateTainted = "tainted"  // opens, and what it opens is sealed again under another key
	statePublic  = "verifies" // opens, and has no private part to seal with
	stateExpired = "expired"  // does nothing
)

func stateOf(r *keys.Ring, k *keys.Key, now time.Time) string {
	switch {
	case k.Expired(now):
		return stateExpired
	case k.Tainted():
		return stateTainted
	case !k.CanSign():
		return statePublic
	case r.Sealing(now) == k:
		return stateSeals
	case r.Spare(now) == k:
		return stateSpare
	case k.NotBefore().After(now):
		return stateWaits
	}
	return stateOpens
}

type jsonKey struct {
	KeyID      string     `json:"kid"`
	Algorithm  string     `json:"alg"`
	State      string     `json:"state,omitempty"`
	Created    *time.Time `json:"created,omitempty"`
	SealsFrom  *time.Time `json:"seals_from,omitempty"`
	OpensUntil *time.Time `json:"opens_until,omitempty"`
	Tainted    bool       `json:"tainted,omitempty"`
}

// dates is a key without its state.
func dates(k *keys.Key) jsonKey {
	return jsonKey{
		KeyID: k.ID(), Algorithm: string(k.Algorithm()), Tainted: k.Tainted(),
		Created: jsonTime(k.Created()), SealsFrom: jsonTime(k.NotBefore()), OpensUntil: jsonTime(k.Expiry()),
	}
}

func jsonKeys(r *keys.Ring, now time.Time) []jsonKey {
	list := []jsonKey{}
	for _, k := range r.Keys() {
		one := dates(k)
		one.State = stateOf(r, k, now)
		list = append(list, one)
	}
	return list
}

// keyTable shows a ring for people.
func keyTable(r *keys.Ring, now time.Time) [][]string {
	rows := [][]string{{"KID", "ALG", "STATE", "MADE", "SEALS FROM", "OPENS UNTIL"}}
	for _, k := range r.Keys() {
		rows = append(rows, []string{
			k.ID(), string(k.Algorithm()), stateOf(r, k, now),
			showTime(k.Created(), unknown), showBoth(k.NotBefore(), now, since), showBoth(k.Expiry(), now, never),
		})
	}
	return rows
}
