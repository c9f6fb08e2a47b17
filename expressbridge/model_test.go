package expressbridge_test

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/expressbridge"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/spill"
)

// plug is a store in whose place another may be put.
type plug struct{ spill.Store }

// dead is a store that does not read either.
type dead struct{ full }

func (dead) Get(context.Context, string) (spill.Row, error) { return spill.Row{}, errDown }

// home is where a user's session is kept, and the user's browser.
type home struct {
	*world
	name   string
	b      browser
	memory *spill.Memory
	store  *plug
}

// sid is the id that the browser has for Node, empty if it has none.
func (h *home) sid() string {
	value, _ := url.PathUnescape(h.b["connect.sid"])
	id, _, _ := strings.Cut(strings.TrimPrefix(value, "s:"), ".")
	return id
}

// atNode has Node use the session, and change what it holds unless the text is empty.
func (h *home) atNode(text string) string {
	r, found := h.table.rows[h.sid()]
	if text != "" {
		r.data, found = text, h.sid() != ""
	}
	if found {
		h.table.rows[h.sid()] = row{r.data, h.Now().Add(24 * time.Hour)}
	}
	return fmt.Sprint(found)
}

func seen(s *session) string {
	return fmt.Sprint(s.Subject(), " ", s.Data.Views, len(s.Data.Pad), s.Groups(), s.Remembered())
}

var (
	changes = []string{
		"read", "read", "change", "change", "outgrow a cookie", "shrink", "leave a flash", "read flashes", "remember", "forget",
		"live shorter", "join a group",
	}
	endings = []string{"renew", "sign in ada", "sign in bob", "end", "end the others"} // of what copies of the session hold
)

// do uses the session in a request, and tells what the application and the user notice.
func (h *home) do(op string, n int) (noticed string) {
	response := h.visit(h.b, func(ctx context.Context, s *session) {
		before := []any{seen(s), s.Err() != nil, s.Methods(), s.AuthTime().UnixMilli(), s.AbsoluteExpiry().UnixMilli()}
		var err error
		switch op {
		case "change":
			s.Data.Views = n
		case "outgrow a cookie":
			s.Data = data{Views: n, Pad: strings.Repeat("p", 5000)}
		case "shrink":
			s.Data.Pad = ""
		case "renew":
			err = s.Renew(ctx)
		case "sign in ada", "sign in bob":
			err = s.SignIn(ctx, op[len("sign in "):], "pwd")
		case "end":
			err = s.End(ctx)
		case "end the others":
			err = h.jar.EndOthers(ctx, s)
		case "leave a flash":
			err = s.AddFlash("info", fmt.Sprint(n))
		case "read flashes":
			before = append(before, s.Flashes())
		case "remember", "forget":
			err = s.Remember(op == "remember")
		case "live shorter":
			err = s.SetLifetime(time.Duration(1+n) * time.Minute)
		case "join a group":
			err = s.SetGroups(fmt.Sprint("group ", n%3))
		}
		noticed = fmt.Sprint(before, err != nil)
	})
	return fmt.Sprint(response.StatusCode, noticed, h.unwritten())
}

func (h *home) unwritten() string {
	return fmt.Sprint(" unwritten: ", len(h.told(sealjar.EventUnwritten)))
}

// Whatever a user does here and at Node in whatever order, nobody notices where the session is kept.
func TestLifeInCookiesAndInAStore(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) { liveEverywhere(t, r) })
}

func liveEverywhere(t *testing.T, r *rapid.T) {
	maybe := func(label string) bool { return rapid.Bool().Draw(r, label) }
	const beside = expressbridge.SideBySide
	m := rapid.SampledFrom([]expressbridge.Mode{beside, beside, expressbridge.AfterGrace, expressbridge.AtOnce}).Draw(r, "mode")
	list, dated, written := maybe("list"), maybe("sign-ins at Node have a date"), m == beside && maybe("written back")
	ring, homes := ringFrom(r, nil, time.Time{}), []*home{{name: "cookies"}, {name: "store if large"}, {name: "store"}}
	open := func(h *home) string {
		h.ring = ring
		h.open(mode(m), func(e *expressbridge.Options[data], o *sealjar.Options) {
			if written {
				e.Back = back
			}
			if !list {
				o.Revocation = nil
			}
			o.Idle, o.RememberIdle, o.RememberAbsolute = 12*time.Hour, 48*time.Hour, 48*time.Hour
			if o.Cookie.MaxChunks = 4; h.name != "cookies" {
				o.Cookie.MaxChunks, o.Spill = 0, spill.Options{Store: h.store, Always: h.name == "store"}
			}
		})
		return ""
	}
	everywhere := func(what string, do func(h *home) string) {
		want := do(homes[0])
		for _, h := range homes[1:] {
			require.Equal(r, want, do(h), "%s, in the home %q", what, h.name)
		}
	}
	pass := func(d time.Duration) { everywhere("pass", func(h *home) string { h.pass(d); return "" }) }
	for _, h := range homes {
		h.world, h.b = newWorld(t), fromNode()
		h.memory = &spill.Memory{Now: h.Now}
		h.store = &plug{h.memory}
		open(h)
		h.atNode(adaInNode)
	}
	for range rapid.IntRange(10, 40).Draw(r, "steps") {
		op, n := rapid.SampledFrom(slices.Concat(changes, endings)).Draw(r, "op"), rapid.IntRange(0, 999).Draw(r, "n")
		if op == "end the others" && !list {
			op = "read"
		}
		use := func(h *home) string { return h.do(op, n) }
		switch step := rapid.IntRange(0, 15).Draw(r, "step"); {
		case step <= 1: // never to within token.Leeway after an absolute end, when nothing is written any more
			times := []time.Duration{time.Second, time.Minute, 8 * time.Minute, 50 * time.Minute, 13 * time.Hour}
			pass(rapid.SampledFrom(times).Draw(r, "time"))
			everywhere("used at Node", func(h *home) string { return h.atNode("") })
			everywhere(op, use) // alone: where a row is over, requests at the same time have sessions of their own
		case step <= 4 && m == beside: // signed out at Node, and in again with the same id
			everywhere("signed out at Node", func(h *home) string { return h.atNode(nobody) })
			pass(8 * time.Minute)
			if maybe("seen here") {
				everywhere(op, use)
			}
			if maybe("signed in again") {
				text := adaInNode
				if dated {
					text = homes[0].signedInNow()
				}
				everywhere("signed in at Node", func(h *home) string {
					if h.sid() == "" {
						h.b["connect.sid"] = fromNode()["connect.sid"]
					}
					return h.atNode(text)
				})
			}
		case step == 5 && m == beside:
			everywhere("row deleted at Node", func(h *home) string { delete(h.table.rows, h.sid()); return "" })
			pass(8 * time.Minute)
		case step == 6:
			ring = ringFrom(r, nil, time.Time{})
			everywhere("key dropped", open)
			everywhere(op, use) // as above
		case step == 7:
			ring = ringFrom(r, ring.Keys(), homes[0].Now())
			everywhere("key rotated", open)
		case step == 8 && list:
			everywhere("EndAll", func(h *home) string { return fmt.Sprint(h.jar.EndAll(t.Context(), "ada")) })
			pass(time.Minute)
		case step == 9 && slices.Contains(changes, op): // while the store does not write; then everything is as it was
			for _, h := range homes[1:] {
				b, rows := h.b.copy(), maps.Clone(h.table.rows)
				if h.store.Store = (full{h.memory}); maybe("nor does it read") {
					h.store.Store = dead{}
				}
				failed := strings.HasPrefix(h.do(op, n), "500")
				require.False(r, failed && op == "read", "a page that changes nothing is served")
				require.False(r, failed && len(h.table.rows) > len(rows), "a row at Node without a session")
				h.store.Store, h.b, h.table.rows = h.memory, b, rows
			}
		case step == 10 && (list || slices.Contains(changes, op)):
			everywhere(op+" during a request", func(h *home) (noticed string) {
				h.visit(h.b.copy(), func(context.Context, *session) {
					noticed = h.do(op, n)
					h.pass(time.Second)
				})
				return fmt.Sprint(noticed, ", and then ", h.unwritten())
			})
		default:
			everywhere(op, use)
		}
	}
}

// ringFrom is a ring of these keys and of new ones, which seal from these times on.
func ringFrom(r *rapid.T, all []*keys.Key, notBefore ...time.Time) *keys.Ring {
	for _, from := range notBefore {
		key, err := keys.Generate(keys.HS256, from, time.Time{})
		require.NoError(r, err)
		all = append(all, key)
	}
	ring, err := keys.NewRing(all, keys.Options{OpenOnly: true}) // its clock is not the world's
	require.NoError(r, err)
	return ring
}
