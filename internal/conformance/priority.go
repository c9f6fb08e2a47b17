package conformance

import (
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"
)

// priorityOf is the attribute Priority (draft-west-cookie-priority-00, section 4.1), which net/http does not parse.
func priorityOf(c *http.Cookie) string {
	for _, attribute := range c.Unparsed {
		if name, value, _ := strings.Cut(attribute, "="); strings.EqualFold(name, "Priority") {
			return value
		}
	}
	return ""
}

var priorities = []Behaviour{
	attribute("no priority", "", "no Priority, which browsers take for medium", func(p *probe, c *http.Cookie) {
		require.Empty(p, priorityOf(c))
		require.Equal(p, "High", priorityOf(p.given("priority=high")))
	}, "priority"),
	attribute("a high priority", "priority=high", "Priority=High", func(p *probe, c *http.Cookie) { require.Equal(p, "High", priorityOf(c)) }, "priority"),
	attribute("a low priority", "priority=low", "Priority=Low", func(p *probe, c *http.Cookie) { require.Equal(p, "Low", priorityOf(c)) }, "priority"),
	{Given: "a sign-out and a priority", Expect: "the deletion repeats Priority", needs: []string{"priority"}, check: func(p *probe) {
		b := p.with(p.about.Cookie, p.given("priority=high").Value)
		require.Equal(p, "High", priorityOf(b.session(b.ok("/signout"))))
		b.anonymous()
	}},
}
