package conformance

import (
	"net/http"
	"strconv"

	"github.com/stretchr/testify/require"
)

// browserLimit is how many bytes of name and value browsers keep (draft-ietf-httpbis-rfc6265bis, section 5.6).
const browserLimit = 4096

func large(n int) string { return "/large?bytes=" + strconv.Itoa(n) }

// refusedAsTooLarge requires a clean error.
func (b *browser) refusedAsTooLarge(r *reply) {
	require.Equal(b.p, http.StatusInternalServerError, r.StatusCode)
	b.none(r)
	require.NotContains(b.p, r.body, "ok", "nothing of what the handler said")
}

var bounded = []string{"bounded"}

var size = []Behaviour{
	{Given: "a value of 1,500 bytes", Expect: "it comes back whole, and the cookie is one that browsers keep", check: func(p *probe) {
		b := p.browser()
		c := b.session(b.ok(large(1500)))
		require.LessOrEqual(p, len(c.Name)+len(c.Value), browserLimit)
		require.Len(p, b.read().Values["large"], 1500)
	}},
	{Given: "a value that grows in steps up to 5,000 bytes", Expect: "each time a cookie that browsers keep, or a clean 500", check: func(p *probe) {
		b := p.browser()
		kept := 0
		for n := 200; n <= 5000; n += 200 {
			r := b.get(large(n))
			for _, c := range r.cookies(p.about.Cookie) {
				require.LessOrEqual(p, len(c.Name)+len(c.Value), browserLimit)
			}
			if r.StatusCode != http.StatusOK {
				b.refusedAsTooLarge(r)
			} else {
				kept = n
			}
			require.Len(p, b.read().Values["large"], kept)
		}
		require.Greater(p, kept, 1500)
	}},
	{Given: "the largest value that fits, and one byte more", Expect: "a cookie of at most 4,096 bytes, and then a clean 500", needs: bounded, check: func(p *probe) {
		fits, not := 1000, 5000
		for not-fits > 1 {
			n := (fits + not) / 2
			b := p.browser()
			switch r := b.get(large(n)); r.StatusCode {
			case http.StatusOK:
				fits = n
				c := b.session(r)
				require.LessOrEqual(p, len(c.Name)+len(c.Value), browserLimit)
				require.Len(p, b.read().Values["large"], n)
			default:
				not = n
				b.refusedAsTooLarge(r)
			}
		}
		require.Greater(p, fits, 1800)
	}},
	{Given: "a value of 5,000 bytes", Expect: "a clean 500 without a word of the handler's and without a cookie", needs: bounded, check: func(p *probe) {
		b := p.browser()
		b.refusedAsTooLarge(b.get(large(5000)))
	}},
	{Given: "a value of 5,000 bytes, and HEAD", Expect: "500 without a cookie", needs: bounded, check: func(p *probe) {
		b := p.browser()
		b.refusedAsTooLarge(b.ask(http.MethodHead, large(5000)))
	}},
	{Given: "a value of 1 MiB", Expect: "a clean 500", needs: bounded, check: func(p *probe) {
		b := p.browser()
		b.refusedAsTooLarge(b.get(large(1 << 20)))
	}},
	{Given: "a session that was too large once", Expect: "it is as it was before", needs: bounded, check: func(p *probe) {
		b := p.visitor("alice")
		b.refusedAsTooLarge(b.get(large(5000)))
		require.Equal(p, map[string]string{"who": "alice"}, b.read().Values)
		b.ok("/set?a=1")
		b.has("alice")
	}},
	{Given: "a session that shrinks", Expect: "what is left", check: func(p *probe) {
		b := p.visitor("alice")
		b.ok(large(1500))
		b.ok("/delete?key=large")
		require.Equal(p, map[string]string{"who": "alice"}, b.read().Values)
	}},
}
