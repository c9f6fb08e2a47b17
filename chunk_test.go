package sealjar_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/sealjartest"
)

func chunkJar(t testing.TB, most int, change ...func(*sealjar.Options)) *sealjar.Jar[webState] {
	t.Helper()
	options := sealjar.Options{Cookie: sealjar.Cookie{MaxChunks: most}}
	for _, c := range change {
		c(&options)
	}
	return webJar(t, options)
}

// chunkFill makes a session of so many letters, which nobody can make smaller, and counts a view.
func chunkFill(n int) webSession {
	return func(_ http.ResponseWriter, s *sealjar.Session[webState]) {
		s.Data = webState{Views: s.Data.Views + 1, Text: strings.Repeat("x", n)}
	}
}

// chunkVisit is a request of a client that keeps its cookies in v.
func chunkVisit(v visitor, jar *sealjar.Jar[webState], do webSession) *http.Response {
	return v.serve(jar, func(w http.ResponseWriter, r *http.Request) { do(w, jar.From(r.Context())) })
}

func chunkNames(v visitor) (names []string) {
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func TestChunksGrowAndShrinkWithTheSession(t *testing.T) {
	jar, v := chunkJar(t, 4), visitor{}
	all := []string{"__Host-session", "__Host-session_1", "__Host-session_2", "__Host-session_3"}
	for i, step := range []struct{ letters, cookies int }{
		{10, 1}, {3000, 2}, {8000, 4}, {8000, 4}, {5000, 3}, {8000, 4}, {2500, 2}, {10, 1}, {8000, 4}, {0, 1},
	} {
		response := chunkVisit(v, jar, chunkFill(step.letters))
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.Equal(t, all[:step.cookies], chunkNames(v), "step %d", i)
		for _, line := range response.Header["Set-Cookie"] {
			pair, attributes, _ := strings.Cut(line, ";")
			require.LessOrEqual(t, len(pair)-len("="), 4096)
			require.True(t, strings.HasSuffix(attributes, " Path=/; HttpOnly; Secure; SameSite=Lax"), line)
		}
		require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
		response = chunkVisit(v, jar, func(_ http.ResponseWriter, s *sealjar.Session[webState]) {
			require.NoError(t, s.Err())
			require.Equal(t, webState{Views: i + 1, Text: strings.Repeat("x", step.letters)}, s.Data)
		})
		require.False(t, wrote(response), "reading")
	}
	chunkVisit(v, jar, chunkFill(8000))
	require.Len(t, v, 4)
	chunkVisit(v, jar, func(_ http.ResponseWriter, s *sealjar.Session[webState]) { require.NoError(t, s.End(t.Context())) })
	require.Empty(t, v, "the end takes all pieces with it")
}

// A piece without its first is nothing, and goes with the next cookie or the end.
func TestChunksThatAreStaleAreRemoved(t *testing.T) {
	jar := chunkJar(t, 2)
	v := visitor{"__Host-session_3": "old"}
	require.False(t, wrote(chunkVisit(v, jar, webRead)))
	chunkVisit(v, jar, chunkFill(1))
	require.Equal(t, []string{"__Host-session"}, chunkNames(v))
	v = visitor{"__Host-session_1": "old"}
	chunkVisit(v, jar, func(_ http.ResponseWriter, s *sealjar.Session[webState]) { require.NoError(t, s.End(t.Context())) })
	require.Empty(t, v)
}

// Only the jar that says so has pieces: of any other, cookies of such a name are somebody else's.
func TestChunksAreOptIn(t *testing.T) {
	ring := sealjartest.Ring(t)
	with := chunkJar(t, 4, func(o *sealjar.Options) { o.Keys = ring })
	without := chunkJar(t, 0, func(o *sealjar.Options) { o.Keys = ring })
	v := visitor{}
	chunkVisit(v, with, chunkFill(5000))
	_, err := without.Load(v.request())
	require.ErrorIs(t, err, sealjar.ErrInvalid)

	v = visitor{"__Host-session_1": "of another application"}
	require.Equal(t, http.StatusInternalServerError, chunkVisit(v, without, chunkFill(5000)).StatusCode)
	chunkVisit(v, without, chunkFill(5))
	require.Equal(t, "of another application", v["__Host-session_1"])
}

func TestChunksRefused(t *testing.T) {
	jar, v, other := chunkJar(t, 3), visitor{}, visitor{}
	const zero, one, two = "__Host-session", "__Host-session_1", "__Host-session_2"
	chunkVisit(v, jar, chunkFill(5500))
	older := v.copy()
	chunkVisit(v, jar, chunkFill(5500))
	chunkVisit(other, jar, chunkFill(5500))
	require.Len(t, v, 3)
	room := 4096 - len(zero) - 2
	for name, change := range map[string]func(v visitor){
		"the last piece missing":               func(v visitor) { delete(v, two) },
		"a piece in between missing":           func(v visitor) { delete(v, one) },
		"the first piece missing":              func(v visitor) { delete(v, zero) },
		"the first piece of an older state":    func(v visitor) { v[zero] = older[zero] },
		"a later piece of an older state":      func(v visitor) { v[one] = older[one] },
		"the last piece of an older state":     func(v visitor) { v[two] = older[two] },
		"all but the first of an older state":  func(v visitor) { v[one], v[two] = older[one], older[two] },
		"a piece of another session":           func(v visitor) { v[one] = other[one] },
		"pieces exchanged":                     func(v visitor) { v[zero], v[one] = "3~"+v[one], v[zero][2:] },
		"a smaller count":                      func(v visitor) { v[zero] = "2" + v[zero][1:] },
		"a larger count":                       func(v visitor) { v[zero] = "4" + v[zero][1:]; v["__Host-session_3"] = "x" },
		"a count of one":                       func(v visitor) { v[zero] = "1" + v[zero][1:] },
		"a count of none":                      func(v visitor) { v[zero] = "0" + v[zero][1:] },
		"a count that is no number":            func(v visitor) { v[zero] = "x" + v[zero][1:] },
		"a count of two digits":                func(v visitor) { v[zero] = "0" + v[zero] },
		"no count":                             func(v visitor) { v[zero] = v[zero][2:] },
		"a byte more":                          func(v visitor) { v[two] += "A" },
		"a byte less":                          func(v visitor) { v[two] = v[two][:len(v[two])-1] },
		"an empty last piece":                  func(v visitor) { v[two] = "" },
		"cut at another place":                 func(v visitor) { v[zero], v[one] = v[zero]+v[one][:1], v[one][1:]+v[two][:1]; v[two] = v[two][1:] },
		"the whole token in one cookie":        func(v visitor) { v[zero] = v[zero][2:] + v[one] + v[two]; delete(v, one); delete(v, two) },
		"a byte changed":                       func(v visitor) { v[one] = v[one][:100] + "!" + v[one][101:] },
		"a count before a piece that has none": func(v visitor) { v[one] = "3~" + v[one] },
		"pieces for what one cookie would hold": func(v visitor) {
			alone := visitor{}
			chunkVisit(alone, jar, chunkFill(100))
			v[zero], v[one] = "2~"+alone[zero][:300], alone[zero][300:]
			delete(v, two)
		},
		"the exact room, and nothing that is a token": func(v visitor) {
			v[zero], v[one], v[two] = "3~"+strings.Repeat("A", room), strings.Repeat("A", room), "A"
		},
	} {
		t.Run(name, func(t *testing.T) {
			forged := v.copy()
			change(forged)
			s, err := jar.Load(forged.request())
			if forged[zero] == "" {
				require.ErrorIs(t, err, sealjar.ErrNone)
			} else {
				require.ErrorIs(t, err, sealjar.ErrInvalid)
			}
			require.Zero(t, s.Data)
		})
	}
	_, err := jar.Load(v.request())
	require.NoError(t, err, "the true ones")
	_, err = jar.Load(older.request())
	require.NoError(t, err, "and the older state as a whole, like any older cookie")
}

// Between the two sizes at which one cookie becomes two, and at each further one, nothing is lost.
func TestChunksAtTheirEdges(t *testing.T) {
	jar := chunkJar(t, 4)
	seen := map[int]bool{}
	for n := 1880; n < 9000; n++ {
		if (n-1880)%1500 == 150 {
			n += 1200
		}
		v := visitor{}
		response := chunkVisit(v, jar, chunkFill(n))
		if response.StatusCode != http.StatusOK {
			break
		}
		s, err := jar.Load(v.request())
		require.NoError(t, err, "%d letters", n)
		require.Len(t, s.Data.Text, n)
		seen[len(v)] = true
	}
	require.Len(t, seen, 4)
}

// Each twin of a piece may be the true one. Two of each are tried in all ways, so that the newest is found.
func TestChunksWithTwins(t *testing.T) {
	now := time.Now()
	jar, v := chunkJar(t, 4, func(o *sealjar.Options) { o.Now = func() time.Time { return now } }), visitor{}
	chunkVisit(v, jar, chunkFill(8500))
	older := v.copy()
	now = now.Add(time.Second)
	chunkVisit(v, jar, chunkFill(8500))
	var pairs []string
	for _, each := range []visitor{older, v} {
		for name, value := range each {
			pairs = append(pairs, name+"="+value)
		}
	}
	for range 20 {
		rand.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
		s, err := jar.Load(newWebRequest(strings.Join(pairs, "; ")))
		require.NoError(t, err)
		require.Equal(t, 2, s.Data.Views)
	}
}

// A browser sends whole sets of cookies, one for each domain and path that has set them, and not the newest one first.
func TestChunksOfSeveralDomainsAndPaths(t *testing.T) {
	now := time.Now()
	jar := chunkJar(t, 4, func(o *sealjar.Options) { o.Now = func() time.Time { return now } })
	small := visitor{}
	chunkVisit(small, jar, chunkFill(10))
	for pieces, letters := range map[int]int{1: 100, 2: 3000, 3: 5500, 4: 8500} {
		var good, bad [4][]string
		v := visitor{}
		for i := range good {
			now = now.Add(time.Second)
			chunkVisit(v, jar, chunkFill(letters))
			require.Len(t, v, pieces)
			for _, name := range chunkNames(v) {
				good[i] = append(good[i], name+"="+v[name])
				bad[i] = append(bad[i], name+"="+v[name][:100]+strings.Repeat(string(rune('A'+i)), len(v[name])-100))
			}
		}
		for name, sets := range map[string][][]string{
			"four good ones, the newest last":     {good[0], good[1], good[2], good[3]},
			"four good ones, the newest first":    {good[3], good[2], good[1], good[0]},
			"three bad ones before":               {bad[0], bad[1], bad[2], good[3]},
			"three bad ones around":               {bad[0], good[3], bad[1], bad[2]},
			"three bad ones without first pieces": {bad[0][1:], bad[1][1:], bad[2][1:], good[3]},
			"bad ones without last pieces":        {bad[0][:pieces-1], bad[1][:pieces-1], good[3]},
			"a small one before":                  {{"__Host-session=" + small["__Host-session"]}, good[2], good[3]},
		} {
			t.Run(fmt.Sprint(pieces, " pieces, ", name), func(t *testing.T) {
				views, err := webViews(jar, strings.Join(slices.Concat(sets...), "; "))
				require.NoError(t, err)
				require.Equal(t, 4, views)
			})
		}
	}
}

// A twin of a piece alone is told of, and deleted with the next cookies, as one of the first piece is.
func TestChunksTwinsOfAPieceAlone(t *testing.T) {
	events := new(webEvents)
	jar := chunkJar(t, 4, func(o *sealjar.Options) {
		o.Observe, o.Cookie.Domain, o.Cookie.Name = events.Observe, "example.com", "__Secure-shop"
	})
	v := visitor{}
	chunkVisit(v, jar, chunkFill(3000))
	require.Equal(t, []string{"__Secure-shop", "__Secure-shop_1"}, chunkNames(v))
	garbage := "__Secure-shop_1=" + strings.Repeat("A", len(v["__Secure-shop_1"]))
	ours := "__Secure-shop=" + v["__Secure-shop"] + "; __Secure-shop_1=" + v["__Secure-shop_1"]
	events.Take()

	views, err := webViews(jar, garbage+"; "+ours)
	require.NoError(t, err)
	require.Equal(t, 1, views)
	require.Equal(t, []sealjar.EventKind{sealjar.EventTwins, sealjar.EventOpened}, events.Kinds())

	_, err = webViews(jar, strings.Repeat(garbage+"; ", 4)+ours)
	require.ErrorIs(t, err, sealjar.ErrInvalid)
	require.Equal(t, []sealjar.EventKind{sealjar.EventRefused, sealjar.EventTwins}, events.Kinds())

	lines := webServe(jar, webCount, garbage+"; "+ours).Header["Set-Cookie"]
	require.Contains(t, lines, "__Secure-shop_1=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; Secure; SameSite=Lax",
		"the one of this host alone")
}

func TestChunksTooLarge(t *testing.T) {
	for most := 2; most <= 4; most++ {
		events := new(webEvents)
		jar := chunkJar(t, most, func(o *sealjar.Options) { o.Observe = events.Observe })
		v := visitor{}
		require.Equal(t, http.StatusInternalServerError, chunkVisit(v, jar, chunkFill(most*2800)).StatusCode)
		require.Empty(t, v)
		told := events.Take()
		require.Len(t, told, 1)
		require.ErrorIs(t, told[0].Err, sealjar.ErrTooLarge)
		require.ErrorContains(t, told[0].Err, strconv.Itoa(most*4096))
	}
}

// The size counts the names and values of all cookies.
func TestSealedSize(t *testing.T) {
	for _, c := range []struct{ most, letters, limit int }{{0, 100, 4096}, {1, 1900, 4096}, {4, 100, 16384}, {4, 7900, 16384}} {
		events := new(webEvents)
		jar := chunkJar(t, c.most, func(o *sealjar.Options) { o.Observe = events.Observe })
		v := visitor{}
		chunkVisit(v, jar, chunkFill(c.letters))
		size := 0
		for name, value := range v {
			size += len(name) + len(value)
		}
		sealed := events.Take()[0]
		require.Equal(t, sealjar.EventSealed, sealed.Kind)
		require.Equal(t, size, sealed.Size)
		require.Equal(t, c.limit, sealed.Limit)
	}
}

// Who fills a session sees it in the log before it is too late.
func TestSealedFrom80PercentOnWarns(t *testing.T) {
	for letters, level := range map[int]slog.Level{1000: slog.LevelDebug, 1400: slog.LevelDebug, 1600: slog.LevelWarn, 1900: slog.LevelWarn} {
		var log bytes.Buffer
		events := new(webEvents)
		jar := chunkJar(t, 1, func(o *sealjar.Options) {
			o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			o.Observe = events.Observe
		})
		chunkVisit(visitor{}, jar, chunkFill(letters))
		told := events.Take()
		require.Len(t, told, 1, "one for each sealing")
		require.Equal(t, level == slog.LevelWarn, told[0].Size >= 3277, "%d letters: %d bytes", letters, told[0].Size)
		require.Contains(t, log.String(), "level="+level.String())
	}
}

func TestChunksOptionRefused(t *testing.T) {
	for _, most := range []int{-1, 5, math.MaxInt} {
		_, err := sealjar.New[webState](sealjar.Options{Keys: sealjartest.Ring(t), Cookie: sealjar.Cookie{MaxChunks: most}})
		require.ErrorContains(t, err, "Options.Cookie.MaxChunks")
	}
}

// A count that is made up is not believed before the pieces are there.
func TestChunksForgedCountAllocatesNothing(t *testing.T) {
	jar := chunkJar(t, 4)
	room := 4096 - len("__Host-session") - 2
	cost := func(line string) float64 {
		r := newWebRequest(line)
		return testing.AllocsPerRun(100, func() { _, _ = jar.Load(r) })
	}
	none := cost("__Host-session=x")
	for _, line := range []string{
		"__Host-session=4~", "__Host-session=9~x", "__Host-session=4~" + strings.Repeat("A", room),
		fmt.Sprintf("__Host-session=4~%s; __Host-session_1=%[1]s; __Host-session_2=%[1]s", strings.Repeat("A", room)),
		fmt.Sprintf("__Host-session=3~%s; __Host-session_1=x; __Host-session_2=x", strings.Repeat("A", room)),
	} {
		require.LessOrEqual(t, cost(line), none, "%.20s", line)
	}
}

// Four twins of each of four pieces can be put together in 256 ways, of which 16 are tried.
func TestChunksFewWaysAreTried(t *testing.T) {
	jar := chunkJar(t, 4)
	var pairs []string
	for _, twin := range []string{"A", "B", "C", "D"} {
		piece := strings.Repeat(twin, 4096-len("__Host-session")-2)
		pairs = append(pairs, "__Host-session=4~"+piece, "__Host-session_1="+piece, "__Host-session_2="+piece, "__Host-session_3="+piece)
	}
	r := newWebRequest(strings.Join(pairs, "; "))
	require.Less(t, testing.AllocsPerRun(10, func() { _, _ = jar.Load(r) }), 100.0, "2 for each, and some")
}

// FuzzChunks sends anything under the names of pieces: never a panic, and never a session that nobody has sealed.
func FuzzChunks(f *testing.F) {
	jar := chunkJar(f, 4)
	v := visitor{}
	chunkVisit(v, jar, chunkFill(5500))
	zero, one, two := v["__Host-session"], v["__Host-session_1"], v["__Host-session_2"]
	for _, line := range []string{
		"__Host-session=ZERO; __Host-session_1=ONE; __Host-session_2=TWO", "__Host-session=ZERO; __Host-session_1=TWO; __Host-session_2=ONE",
		"__Host-session=4~ZERO; __Host-session_1=ONE; __Host-session_2=TWO; __Host-session_3=", "__Host-session=2~; __Host-session_1=",
		"__Host-session=~; __Host-session_0=x; __Host-session_9=x", "__Host-session=3~ONE; __Host-session_1=ONE; __Host-session_2=TWO",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		line = strings.NewReplacer("ZERO", zero, "ONE", one, "TWO", two).Replace(line)
		s, err := jar.Load(newWebRequest(line))
		if err != nil {
			require.Zero(t, s.Data)
			return
		}
		require.Equal(t, 1, s.Data.Views)
		require.Contains(t, line, two)
	})
}
