package conformance

import (
	"encoding/json"
	"net/url"

	"github.com/stretchr/testify/require"
)

const (
	onePackage   = "example.com/one"
	otherPackage = "example.com/other"
)

func (b *browser) slot(name, text string) {
	b.ok("/slot?" + query("package", name) + "&" + query("text", text))
}

// slots are the texts that packages keep.
func (b *browser) slots() map[string]string {
	texts := make(map[string]string)
	r := b.ok("/slots?" + url.Values{"package": {onePackage, otherPackage}}.Encode())
	require.NoError(b.p, json.Unmarshal([]byte(r.body), &texts), r.body)
	return texts
}

var slotsNeeded = []string{"slots"}

var slots = []Behaviour{
	{Given: "two packages that know nothing of each other, and keep something in a session", Expect: "each has its own", needs: slotsNeeded, check: func(p *probe) {
		b := p.browser()
		b.slot(onePackage, "1")
		b.slot(otherPackage, "2")
		require.Equal(p, map[string]string{onePackage: "1", otherPackage: "2"}, b.slots())
	}},
	{Given: "a package that keeps something in a session, and the application's values", Expect: "neither sees the other", needs: slotsNeeded, check: func(p *probe) {
		b := p.visitor("alice")
		b.slot(onePackage, "1")
		require.Equal(p, map[string]string{"who": "alice"}, b.read().Values)
		b.ok("/set?" + query(onePackage, "of the application"))
		require.Equal(p, map[string]string{onePackage: "1"}, b.slots())
	}},
	{Given: "a package that changes what it keeps", Expect: "the new text, and the rest as it was", needs: slotsNeeded, check: func(p *probe) {
		b := p.visitor("alice")
		b.slot(onePackage, "1")
		b.slot(otherPackage, "2")
		b.slot(onePackage, "")
		require.Equal(p, map[string]string{onePackage: "", otherPackage: "2"}, b.slots())
		b.has("alice")
	}},
	{Given: "what a package keeps, and a new id or a sign-in", Expect: "it is there afterwards", needs: slotsNeeded, check: func(p *probe) {
		b := p.visitor("alice")
		b.slot(onePackage, "1")
		b.ok("/renew")
		b.ok("/signin?subject=alice")
		require.Equal(p, map[string]string{onePackage: "1"}, b.slots())
	}},
	{Given: "what a package keeps, and a sign-in of somebody else", Expect: "it is gone", needs: slotsNeeded, check: func(p *probe) {
		b := p.user("alice")
		b.slot(onePackage, "1")
		require.Equal(p, map[string]string{onePackage: "1"}, b.slots())
		b.ok("/signin?subject=bob")
		require.Empty(p, b.slots())
	}},
	{Given: "what a package keeps, and a sign-out", Expect: "it is gone", needs: slotsNeeded, check: func(p *probe) {
		b := p.user("alice")
		b.slot(onePackage, "1")
		require.Equal(p, map[string]string{onePackage: "1"}, b.slots())
		b.ok("/signout")
		require.Empty(p, b.slots())
	}},
}
