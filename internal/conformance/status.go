package conformance

import (
	"fmt"
	"net/http"

	"github.com/stretchr/testify/require"
)

// statuses : the cookie goes out with every kind of answer.
var statuses = func() (all []Behaviour) {
	for _, code := range []int{200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 400, 401, 403, 404, 409, 418, 422, 429, 500, 503} {
		all = append(all, Behaviour{
			Given:  fmt.Sprintf("a change and the answer %d %s", code, http.StatusText(code)),
			Expect: "that status with the cookie, and the change kept",
			check: func(p *probe) {
				b := p.browser()
				r := b.get(fmt.Sprintf("/respond/status?code=%d&set=who=alice", code))
				require.Equal(p, code, r.StatusCode)
				b.session(r)
				b.has("alice")
			},
		})
	}
	return all
}()
