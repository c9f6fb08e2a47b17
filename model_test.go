package sealjar_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/spill"
	"github.com/sealjar/sealjar/token"
)

// held is what a client should hold, said as simply as possible.
type held struct {
	subject  string
	views    int
	letters  int // that fill several cookies
	slot     int
	flashes  []string
	remember bool
	auth     time.Time
	survived time.Time
	end      time.Time
	number   int // of the session id
}

// model is a client and what the server should remember of it.
type model struct {
	cookie *held
	cutoff map[string]time.Time
	ids    int
	status int // of the last response
}

func (h *held) limits() (idle, absolute time.Duration) {
	if h.remember {
		return 7 * day, 30 * day
	}
	return 30 * time.Minute, 12 * time.Hour
}

func (h *held) renewed(now time.Time) time.Time {
	idle, absolute := h.limits()
	if end := h.auth.Add(absolute); end.Before(now.Add(idle)) {
		return end
	}
	return now.Add(idle)
}

// good reports whether the cookie is a session at now.
func (m *model) good(now time.Time) bool {
	h := m.cookie
	return h != nil && now.Before(h.end.Add(token.Leeway)) && (h.subject == "" || h.auth.After(m.cutoff[h.subject]) || h.survived.After(m.cutoff[h.subject]))
}

// endAll moves the cutoff, and in any case after those who signed in since the last time.
func (m *model) endAll(subject string, cutoff time.Time) {
	if !cutoff.After(m.cutoff[subject]) {
		cutoff = m.cutoff[subject].Add(time.Millisecond)
	}
	m.cutoff[subject] = cutoff
}

// step is what one request does to the model. It reports whether a cookie is written.
func (m *model) step(now time.Time, op string, active bool) (wrote bool) {
	loaded, ids := m.good(now), m.ids
	m.status = http.StatusOK
	h := held{auth: now}
	if loaded {
		h = *m.cookie
		h.flashes = slices.Clone(h.flashes)
	}
	var changed, ended bool
	freshID := func() { m.ids++; h.number = m.ids; changed = true }
	signIn := func(subject string) {
		if h.subject != "" && h.subject != subject {
			h = held{}
		}
		h.subject, h.auth, h.survived = subject, now, time.Time{}
		if !now.After(m.cutoff[subject]) {
			h.auth = m.cutoff[subject].Add(time.Millisecond)
		}
		freshID()
	}
	if n, holds := lettersOf(op); holds {
		changed, h.letters = n != h.letters, n
	}
	switch op {
	case "change":
		h.views++
		changed = true
	case "set a slot":
		h.slot++
		changed = true
	case "sign in ada", "sign in grace":
		signIn(op[len("sign in "):])
	case "sign out everywhere, and in again":
		m.endAll("ada", now.Add(token.Leeway))
		signIn("ada")
	case "sign out everywhere":
		m.endAll("ada", now.Add(token.Leeway))
	case "renew":
		if loaded {
			freshID()
		}
	case "end the others":
		if h.subject != "" {
			m.endAll(h.subject, now)
			h.survived = m.cutoff[h.subject].Add(time.Millisecond)
			freshID()
		}
	case "end":
		h, loaded, ended = held{auth: now}, false, true
	case "end, sign in ada":
		h, loaded = held{auth: now}, false
		signIn("ada")
	case "leave a flash":
		h.flashes = append(h.flashes, now.String())
		changed = true
	case "read flashes":
		changed, h.flashes = len(h.flashes) > 0, nil
	case "remember", "forget":
		was := h.remember
		h.remember = op == "remember"
		_, absolute := h.limits()
		if h.remember != was && !now.Before(h.auth.Add(absolute)) {
			h.remember = was // refused
		}
		changed = h.remember != was
	}
	if op == "sign out everywhere" && loaded && h.subject == "ada" {
		return false // it was revoked while it was under way
	}
	idle, _ := h.limits()
	end := h.end
	renewed := h.renewed(now)
	if !loaded || active && (changed || renewed.Sub(end) >= idle/4) || m.cookie != nil && h.number != m.cookie.number {
		end = renewed
	}
	if renewed.Before(end) {
		end = renewed // the lifetime was shortened
	}
	switch {
	case ended:
		wrote = m.cookie != nil
		m.cookie = nil
		return wrote
	case !changed && (!loaded || end.Equal(h.end)), !end.After(now):
		return false
	case h.letters > mostLetters:
		m.ids, m.status = ids, http.StatusInternalServerError
		return false
	}
	if !loaded && h.number == 0 {
		freshID()
	}
	h.end = end
	m.cookie = &h
	return true
}

func do(ctx context.Context, op string, now time.Time, jar *sealjar.Jar[basket], s *sealjar.Session[basket]) error {
	if n, holds := lettersOf(op); holds {
		s.Data.Items = nil
		if n > 0 {
			s.Data.Items = []string{strings.Repeat("x", n)}
		}
	}
	switch op {
	case "change":
		s.Data.Views++
	case "change, and revert":
		s.Data.Views++
		s.Data.Views--
	case "set a slot":
		n, _ := slotVisits.Get(s)
		return slotVisits.Set(s, n+1)
	case "sign in ada", "sign in grace":
		return s.SignIn(ctx, op[len("sign in "):])
	case "sign out everywhere, and in again":
		if err := jar.EndAll(ctx, "ada"); err != nil {
			return err
		}
		return s.SignIn(ctx, "ada")
	case "sign out everywhere":
		return jar.EndAll(ctx, "ada")
	case "renew":
		return s.Renew(ctx)
	case "end the others":
		if err := jar.EndOthers(ctx, s); s.Subject() != "" {
			return err
		}
	case "end":
		return s.End(ctx)
	case "end, sign in ada":
		if err := s.End(ctx); err != nil {
			return err
		}
		return s.SignIn(ctx, "ada")
	case "leave a flash":
		return s.AddFlash("", now.String())
	case "read flashes":
		s.Flashes()
	case "remember", "forget":
		_ = s.Remember(op == "remember")
	}
	return nil
}

var modelOps = []string{
	"view", "change", "change, and revert", "set a slot", "sign in ada", "sign in grace", "sign out everywhere", "sign out everywhere, and in again",
	"renew", "end the others", "end", "end, sign in ada", "leave a flash", "read flashes", "remember", "forget",
}

var modelTimes = []time.Duration{
	2 * time.Millisecond, time.Minute, 450*time.Second - time.Millisecond, 450 * time.Second, 20 * time.Minute,
	30*time.Minute + token.Leeway - time.Millisecond, 30*time.Minute + token.Leeway, 6 * time.Hour, 3 * day, 8 * day,
}

// Whatever a user does in whatever order, the client holds what the model says, and nothing that was left opens again.
func TestLifeAgainstAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { live(t, rapid.SampledFrom(modelOps)) })
}

// Nobody notices where a session is, but for one thing: there is no way back to what it was before.
func TestLifeInAStoreAgainstAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		live(t, rapid.SampledFrom(modelOps), func(o *sealjar.Options) {
			o.Spill = spill.Options{Store: &spill.Memory{Now: o.Now}, Always: true}
		})
	})
}

// live compares a client with the model, request by request.
func live(t *rapid.T, ops *rapid.Generator[string], change ...func(*sealjar.Options)) {
	shop := newShop(t)
	shop.now = shop.now.Truncate(time.Millisecond)
	jar, v, inStore := jarOf[basket](t, shop, change...), visitor{}, shop.options(change...).Spill.Always
	m := &model{cutoff: map[string]time.Time{}}
	tokens := map[int][]visitor{} // all that the client ever held, by session
	ids := map[string]int{}
	for range rapid.IntRange(1, 30).Draw(t, "requests") {
		shop.pass(rapid.SampledFrom(modelTimes).Draw(t, "time"))
		op := ops.Draw(t, "op")
		now := shop.Now()

		before := m.cookie
		left := before != nil && m.good(now)
		from := jar.From
		passive := rapid.Bool().Draw(t, "passive")
		if passive {
			from = jar.Peek
		}
		want := m.step(now, op, !passive)
		response := v.serve(jar, func(_ http.ResponseWriter, r *http.Request) {
			require.NoError(t, do(r.Context(), op, now, jar, from(r.Context())))
		})
		require.Equal(t, m.status, response.StatusCode)
		require.Equal(t, want, wrote(response))
		require.Equal(t, m.cookie != nil, len(v) > 0)
		require.Len(t, v, piecesOf(v), "nothing is left over")

		s, err := jar.Load(v.request())
		require.Equal(t, m.good(now), err == nil, "%v", err)
		if err == nil {
			h := m.cookie
			require.Equal(t, h.subject, s.Subject())
			require.Equal(t, h.views, s.Data.Views)
			require.Len(t, strings.Join(s.Data.Items, ""), h.letters)
			slot, _ := slotVisits.Get(s)
			require.Equal(t, h.slot, slot)
			require.Equal(t, h.remember, s.Remembered())
			require.Equal(t, h.auth, s.AuthTime().UTC())
			require.Equal(t, h.end, s.IdleExpiry().UTC())
			var flashes []string
			for _, f := range s.Flashes() {
				flashes = append(flashes, f.Text)
			}
			require.ElementsMatch(t, h.flashes, flashes)
			if number, known := ids[s.ID()]; known {
				require.Equal(t, number, h.number)
			}
			ids[s.ID()] = h.number
			if all := tokens[h.number]; len(all) > 0 {
				mixed(t, jar, v, rapid.SampledFrom(all).Draw(t, "older"))
			}
			tokens[h.number] = append(tokens[h.number], v.copy())
			for _, copied := range tokens[h.number] {
				if s, err := jar.Load(copied.request()); inStore && err == nil {
					require.Equal(t, h.views, s.Data.Views, "by an older cookie")
				}
			}
			require.Len(t, ids, h.number, "one id for each session")
		}
		if left && (m.cookie == nil || m.cookie.number != before.number) {
			for _, copied := range tokens[before.number] {
				_, err := subjectOf(copied, jar)
				require.Error(t, err, "a copy of what was left by %q", op)
			}
		}
	}
}
