package expressbridge_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/expressbridge"
	"github.com/sealjar/sealjar/spill"
)

// held is what a session holds by the last change that was acknowledged.
type held struct {
	views, pad int
	group      string
	remember   bool
}

func (h held) String() string {
	return fmt.Sprint("ada ", h.views, h.pad, strings.Fields(h.group), h.remember)
}

// holder has a session by cookies, or by a token that was handed out.
type holder struct {
	b     browser
	token string
}

// crowd is all who hold one session: by copies of cookies, which get old, by the cookie of Node alone, and by tokens.
type crowd struct {
	*world
	r       *rapid.T
	held    held
	holders []*holder
	end     time.Time // when it might be over for who has not used it
}

// A stored session has many holders, who come while requests of others are under way. Each sees the last change that was
// acknowledged, takes nothing back of it without a change of their own, and is served.
func TestHoldersOfOneStoredSession(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) { liveInACrowd(t, r) })
}

func liveInACrowd(t *testing.T, r *rapid.T) {
	m := rapid.SampledFrom([]expressbridge.Mode{expressbridge.SideBySide, expressbridge.AfterGrace}).Draw(r, "mode")
	always, store := rapid.Bool().Draw(r, "always"), new(spill.Memory)
	c := &crowd{world: newWorld(t), r: r, held: held{views: 3}, holders: []*holder{{b: fromNode()}}}
	c.end = c.now.Add(50 * time.Minute)
	c.ring = ringFrom(r, nil, c.now, c.now.Add(15*time.Minute), c.now.Add(30*time.Minute))
	c.open(mode(m), stored(store), func(e *expressbridge.Options[data], o *sealjar.Options) {
		if m == expressbridge.AfterGrace {
			e.Grace = time.Hour
		}
		o.Idle, o.RememberIdle, o.Spill.Always = time.Hour, time.Hour, always
		o.Header, o.RenewedHeader = "Authorization", "Renewed"
	})
	text := adaInNode
	if rapid.Bool().Draw(r, "the sign-in has a date") {
		text = c.signedInNow()
	}
	text = strings.Replace(text, "1800000", "7200000", 1) // or a passive request would take it over for a shorter time than c.end
	c.keep(text)
	if !always { // so it goes there first: from the cookie of Node it would be taken over for each of them
		c.visit(c.holders[0].b, func(_ context.Context, s *session) { s.Data.Pad = strings.Repeat("p", 5000) })
		c.held.pad = 5000
	}
	for range rapid.IntRange(1, 25).Draw(r, "steps") {
		switch step := rapid.IntRange(0, 7).Draw(r, "step"); {
		case step == 1:
			c.wait(8 * time.Minute)
			if m == expressbridge.SideBySide {
				c.keep(text)
			}
		case step == 2:
			one := rapid.SampledFrom(c.holders).Draw(r, "copied")
			c.holders = append(c.holders, &holder{one.b.copy(), one.token})
		case step == 3 && m == expressbridge.SideBySide:
			c.holders = append(c.holders, &holder{b: fromNode()})
		default:
			c.request(2)
		}
		require.LessOrEqual(r, store.Len(), 1)
	}
}

func (c *crowd) wait(most time.Duration) {
	times := []time.Duration{0, time.Microsecond, time.Second, time.Minute, 8 * time.Minute}
	if d := min(most, rapid.SampledFrom(times).Draw(c.r, "time")); c.Now().Add(d).Before(c.end) {
		c.pass(d)
	}
}

// request is one of a holder's, during which others may come, to so many levels.
func (c *crowd) request(levels int) {
	by := rapid.SampledFrom(c.holders).Draw(c.r, "holder")
	if len(by.b) == 0 && by.token == "" {
		return // the token that it has handed out took the place of its cookie
	}
	op := rapid.SampledFrom([]string{"read", "change", "join a group", "remember", "grow or shrink"}).Draw(c.r, "op")
	n := rapid.IntRange(0, 999).Draw(c.r, "n")
	within := rapid.IntRange(0, levels).Draw(c.r, "requests within")
	seal := rapid.SampledFrom([]string{"", "", "", "before", "after"}).Draw(c.r, "a token is handed out")
	from := c.jar.From
	if rapid.Bool().Draw(c.r, "passive") {
		from = c.jar.Peek
	}
	handOut := func(s *session, when string) {
		if seal == when {
			token, err := c.jar.Seal(s)
			require.NoError(c.r, err)
			c.holders = append(c.holders, &holder{token: token})
		}
	}
	rq, b := httptest.NewRequest(http.MethodGet, "https://example.com/", nil), by.b
	if by.token != "" {
		rq.Header.Set("Authorization", "Bearer "+by.token)
		b = browser{}
	}
	for name, value := range b {
		rq.Header.Add("Cookie", name+"="+value)
	}
	response := c.serve(b, rq, func(w http.ResponseWriter, rq *http.Request) {
		s, before := from(rq.Context()), c.held
		require.Equal(c.r, before.String(), seen(s), "%v", s.Err())
		for range within {
			c.wait(time.Minute)
			c.request(levels - 1)
		}
		c.wait(time.Second)
		handOut(s, "before")
		next := before
		switch op {
		case "change":
			next.views, s.Data.Views = n, n
		case "join a group":
			next.group = fmt.Sprint("group", n%3)
			require.NoError(c.r, s.SetGroups(next.group))
		case "remember":
			next.remember = n%2 == 0
			require.NoError(c.r, s.Remember(next.remember))
		case "grow or shrink":
			next.pad = 5000 * (n % 2)
			s.Data.Pad = strings.Repeat("p", next.pad)
		}
		if next != before {
			c.held = next
		}
		handOut(s, "after")
		if rapid.Bool().Draw(c.r, "the header leaves early") {
			_, _ = w.Write([]byte("x"))
		}
	})
	require.Equal(c.r, http.StatusOK, response.StatusCode)
	require.Empty(c.r, c.told(sealjar.EventUnwritten))
	if renewed := response.Header.Get("Renewed"); renewed != "" {
		by.token = renewed
	}
}
