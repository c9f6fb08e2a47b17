package token_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/token"
)

// attack is one way to make a token that must be refused, and the reason for which it is. Each starts from a token that
// opens, and makes one thing wrong.
type attack struct {
	name, refusal, comment string
	only                   []keys.Algorithm      // for which it means something; nil: all
	parts                  func(p *parts)        // tampers with the pieces, under the true keys
	text                   func(string) string   // tampers with the finished token
	whole                  func(p *parts) string // makes something else of the pieces than a token
	given                  func(v *vector)       // changes what the opener expects, or his clock
	ring                   func(k *testKey) []*testKey
}

// attackGroups is every attack, by the layer that it is aimed at. Each group is a file of testdata.
var attackGroups = []struct {
	name string
	list func() []attack
}{
	{"text", textAttacks},
	{"outer", outerAttacks},
	{"seal", sealAttacks},
	{"inner", innerAttacks},
	{"signature", signatureAttacks},
	{"payload", payloadAttacks},
	{"claims", claimAttacks},
	{"time", timeAttacks},
	{"context", contextAttacks},
}

func attacks() []attack {
	var list []attack
	for _, group := range attackGroups {
		list = append(list, group.list()...)
	}
	return list
}

func (a *attack) aimedAt(alg keys.Algorithm) bool {
	return a.only == nil || slices.Contains(a.only, alg)
}

// vector forges the token of the attack with the usual key of alg.
func (a *attack) vector(alg keys.Algorithm) *vector {
	k := usual(alg)
	ring := []*testKey{k}
	if a.ring != nil {
		ring = a.ring(k)
	}
	p := k.parts()
	if a.parts != nil {
		a.parts(p)
	}
	v := &vector{
		Name: a.name, Comment: a.comment, Refusal: a.refusal, Keys: jwks(ring...), Now: noon.Format(stamp), Audience: audience,
	}
	if a.whole != nil {
		v.Token = a.whole(p)
	} else {
		v.Token = p.token()
	}
	if a.text != nil {
		v.Token = a.text(v.Token)
	}
	if a.given != nil {
		a.given(v)
	}
	return v
}

// badVectors writes each attack of a group down once, except for those with bytes that JSON can't hold. Tables that are
// maps have no order, so the vectors are put into that of their names.
func badVectors(attacks []attack) []*vector {
	var list []*vector
	for _, a := range attacks {
		for _, alg := range algorithms {
			if !a.aimedAt(alg) {
				continue
			}
			v := a.vector(alg)
			if len(a.only) > 1 {
				v.Name += "-" + strings.ToLower(string(alg))
			}
			if utf8.ValidString(v.Token) {
				list = append(list, v)
			}
			if a.only == nil {
				break
			}
		}
	}
	slices.SortFunc(list, func(a, b *vector) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func TestAttacksAreRefused(t *testing.T) {
	t.Parallel()
	for _, alg := range algorithms {
		base := attack{name: "none"}
		v := base.vector(alg)
		_, err := v.codec(t, v.ring(t)).Open(v.Token)
		require.NoError(t, err, "the token that attacks begin with must open")

		for _, a := range attacks() {
			if !a.aimedAt(alg) {
				continue
			}
			t.Run(string(alg)+"/"+a.name, func(t *testing.T) {
				t.Parallel()
				v := a.vector(alg)
				v.check(t, v.codec(t, v.ring(t)))
			})
		}
	}
}

// TestRefusalsAreDistinct makes sure that one reason can't be taken for another.
func TestRefusalsAreDistinct(t *testing.T) {
	t.Parallel()
	for word, err := range refusals {
		for other, sentinel := range refusals {
			if word != other {
				require.NotErrorIs(t, err, sentinel)
				require.NotEqual(t, err.Error(), sentinel.Error())
			}
		}
		require.True(t, strings.HasPrefix(err.Error(), "token: "))
		require.NotErrorIs(t, err, token.ErrNoSealingKey)
	}
}
