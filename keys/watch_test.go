package keys_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/keys"
)

var silent = slog.New(slog.NewTextHandler(io.Discard, nil))

// witness keeps the events of a source.
type witness struct {
	mu     sync.Mutex
	events []keys.Event
}

func (w *witness) observe(e keys.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

// take returns what happened since it was called last.
func (w *witness) take() []keys.EventKind {
	w.mu.Lock()
	defer w.mu.Unlock()
	var kinds []keys.EventKind
	for _, e := range w.events {
		kinds = append(kinds, e.Kind)
	}
	w.events = nil
	return kinds
}

func (w *witness) last() keys.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.events[len(w.events)-1]
}

// watched is a key file with a fleet-wide ring in it, and a File that follows it.
type watched struct {
	*testing.T
	witness
	path string
	file *keys.File
}

func watch(t *testing.T, ring *keys.Ring, change func(*keys.FileOptions)) *watched {
	t.Helper()
	w := &watched{T: t, path: filepath.Join(t.TempDir(), "keys.json")}
	require.NoError(t, keys.WriteFile(w.path, ring))
	options := keys.FileOptions{Policy: plan, Watch: keys.Watch{Logger: silent, Observe: w.observe}}
	if change != nil {
		change(&options)
	}
	var err error
	w.file, err = keys.OpenFile(w.path, options)
	require.NoError(t, err)
	w.take()
	return w
}

func (w *watched) write(ring *keys.Ring) {
	w.Helper()
	require.NoError(w, keys.WriteFile(w.path, ring))
}

// put writes what is no key file, at once as an editor does: who looks at a file while it is written sees half of it.
func (w *watched) put(text []byte) {
	w.Helper()
	draft := filepath.Join(w.TempDir(), "draft")
	require.NoError(w, os.WriteFile(draft, text, 0o600))
	require.NoError(w, os.Rename(draft, w.path))
}

// run follows the file for as long as the rest of the bubble takes.
func (w *watched) run() (stop func()) {
	ctx, cancel := context.WithCancel(w.Context())
	done := make(chan error)
	go func() { done <- w.file.Run(ctx) }()
	synctest.Wait()
	return func() {
		cancel()
		require.ErrorIs(w, <-done, context.Canceled)
	}
}

// soon is when a change has been noticed.
func soon() { time.Sleep(1100 * time.Millisecond) }

func kids(r *keys.Ring) []string {
	var ids []string
	for _, k := range r.Keys() {
		ids = append(ids, k.ID())
	}
	return ids
}

func marshal(t testing.TB, r *keys.Ring) []byte {
	t.Helper()
	data, err := keys.Marshal(r)
	require.NoError(t, err)
	return data
}

// twoRings are a ring and the one that follows it, by the clock of the bubble or of the machine.
func twoRings(t *testing.T) (first, second *keys.Ring) {
	t.Helper()
	first = rotated(t, nil, time.Now())
	second, err := first.With(generated(t, time.Now().Add(5*day), time.Time{}), time.Now())
	require.NoError(t, err)
	return first, second
}

// TestAChangeIsNoticed : however a file changes, it is followed within about a second.
func TestAChangeIsNoticed(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, path string, next *keys.Ring){
		"renamed into place": func(t *testing.T, path string, next *keys.Ring) {
			require.NoError(t, keys.WriteFile(path, next))
		},
		"written in place": func(t *testing.T, path string, next *keys.Ring) {
			require.NoError(t, os.WriteFile(path, marshal(t, next), 0o600))
		},
		"with size and time as they were": func(t *testing.T, path string, next *keys.Ring) {
			before, err := os.Stat(path)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, marshal(t, next), 0o600))
			require.NoError(t, os.Chtimes(path, before.ModTime(), before.ModTime()))
		},
		"removed and made again": func(t *testing.T, path string, next *keys.Ring) {
			require.NoError(t, os.Remove(path))
			soon()
			require.NoError(t, keys.WriteFile(path, next))
		},
		"half written, then whole": func(t *testing.T, path string, next *keys.Ring) {
			data := marshal(t, next)
			require.NoError(t, os.WriteFile(path, data[:len(data)/2], 0o600))
			soon()
			require.NoError(t, os.WriteFile(path, data, 0o600))
		},
		"emptied, then whole": func(t *testing.T, path string, next *keys.Ring) {
			require.NoError(t, os.Truncate(path, 0))
			soon()
			require.NoError(t, os.WriteFile(path, marshal(t, next), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				first, second := twoRings(t)
				w := watch(t, first, nil)
				defer w.run()()
				change(t, w.path, second)
				require.Equal(t, kids(first), kids(w.file.Ring()), "the last good ring stays")
				soon()
				require.Equal(t, kids(second), kids(w.file.Ring()))
				require.NoError(t, w.file.Status().Err)
			})
		})
	}
}

// TestKubernetesSecret : a mounted secret is a symbolic link to a file behind the link ..data, which is swapped for another
// folder.
func TestKubernetesSecret(t *testing.T) {
	bubble(t, func(t *testing.T) {
		first, second := twoRings(t)
		mount := t.TempDir()
		put := func(folder string, ring *keys.Ring) {
			require.NoError(t, os.Mkdir(filepath.Join(mount, folder), 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(mount, folder, "keys.json"), marshal(t, ring), 0o600))
			require.NoError(t, os.Symlink(folder, filepath.Join(mount, "..data_tmp")))
			require.NoError(t, os.Rename(filepath.Join(mount, "..data_tmp"), filepath.Join(mount, "..data")))
		}
		put("..2026_11_01", first)
		require.NoError(t, os.Symlink(filepath.Join("..data", "keys.json"), filepath.Join(mount, "keys.json")))
		w := &watched{T: t, path: filepath.Join(mount, "keys.json")}
		var err error
		w.file, err = keys.OpenFile(w.path, keys.FileOptions{Policy: plan, Watch: keys.Watch{Logger: silent}})
		require.NoError(t, err)
		defer w.run()()
		put("..2026_11_02", second)
		require.NoError(t, os.RemoveAll(filepath.Join(mount, "..2026_11_01")))
		soon()
		require.Equal(t, kids(second), kids(w.file.Ring()))
	})
}

func TestAnErrorIsToldOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		first, second := twoRings(t)
		w := watch(t, first, nil)
		defer w.run()()
		w.put([]byte("{"))
		time.Sleep(time.Minute + 100*time.Millisecond) // between two looks
		require.ErrorContains(t, w.last().Err, "member name expected")
		require.Equal(t, []keys.EventKind{keys.EventRefused}, w.take(), "60 looks, one event")
		require.ErrorContains(t, w.file.Status().Err, "at byte 1 (file "+w.path+")")
		require.GreaterOrEqual(t, w.file.Status().Age(time.Now()), 59*time.Second)
		require.Less(t, w.file.Status().Age(time.Now()), 62*time.Second)

		w.put([]byte("[]"))
		time.Sleep(time.Minute + 100*time.Millisecond) // between two looks
		require.Equal(t, []keys.EventKind{keys.EventRefused}, w.take(), "another error, another event")

		w.write(first)
		soon()
		require.Equal(t, []keys.EventKind{keys.EventLoaded}, w.take(), "all is well again")
		require.NoError(t, w.file.Status().Err)

		w.put([]byte("{"))
		soon()
		require.Equal(t, []keys.EventKind{keys.EventRefused}, w.take(), "the same error after a time without it is told again")
		w.write(second)
		soon()
		require.Equal(t, []keys.EventKind{keys.EventLoaded}, w.take())
	})
}

// TestTheLogHasWhatTheObserverHas : once, in words, with the source and without a secret.
func TestTheLogHasWhatTheObserverHas(t *testing.T) {
	first, second := twoRings(t)
	var text bytes.Buffer
	w := watch(t, first, func(o *keys.FileOptions) { o.Logger = slog.New(slog.NewTextHandler(&text, nil)) })
	text.Reset()
	require.NoError(t, os.WriteFile(w.path, []byte("{"), 0o600))
	for range 10 {
		require.Error(t, w.file.Reload())
	}
	w.write(second)
	require.NoError(t, w.file.Reload())
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	require.Len(t, lines, 2, text.String())
	require.Len(t, w.take(), 2)
	require.Contains(t, lines[0], `level=ERROR msg="keys refused" source=`+w.path)
	require.Contains(t, lines[0], "version=1")
	require.Contains(t, lines[1], `level=INFO msg="keys loaded" source=`+w.path+" version=2")
}

func TestWhatDoesNotChangeKeepsItsPointer(t *testing.T) {
	first, second := twoRings(t)
	w := watch(t, first, nil)
	ring := w.file.Ring()
	require.NoError(t, w.file.Reload())
	require.Same(t, ring, w.file.Ring())
	require.NoError(t, os.WriteFile(w.path, append(marshal(t, first), '\n'), 0o600))
	require.NoError(t, w.file.Reload())
	require.Same(t, ring, w.file.Ring(), "other text, the same keys")
	require.Empty(t, w.take())
	w.write(second)
	require.NoError(t, w.file.Reload())
	require.NotSame(t, ring, w.file.Ring())
}

func TestAnOlderRingIsRefused(t *testing.T) {
	first, second := twoRings(t)
	leaked := second.Spare(time.Now()).ID()
	third, err := second.Without(leaked, time.Now())
	require.NoError(t, err)
	w := watch(t, second, nil)
	w.write(third)
	require.NoError(t, w.file.Reload())
	w.take()

	w.write(second)
	require.ErrorIs(t, w.file.Reload(), keys.ErrRollback, "a backup must not bring a removed key back")
	require.Equal(t, []keys.EventKind{keys.EventRefused}, w.take())
	require.Nil(t, w.file.Ring().Key(leaked))

	restored, err := second.WithVersion(third.Version() + 1)
	require.NoError(t, err)
	w.write(restored)
	require.NoError(t, w.file.Reload(), "unless an operator says so in the file")
	require.NotNil(t, w.file.Ring().Key(leaked))
	w.take()

	w.write(first)
	require.ErrorIs(t, w.file.Reload(), keys.ErrRollback)
	w.take()
	require.NoError(t, w.file.AcceptRollback(), "or to the process")
	require.Equal(t, []keys.EventKind{keys.EventRolledBack}, w.take())
	require.Equal(t, first.Version(), w.file.Status().Version)
	w.write(second)
	require.NoError(t, w.file.Reload())
	w.write(first)
	require.ErrorIs(t, w.file.Reload(), keys.ErrRollback, "but only once")
}

func TestVersions(t *testing.T) {
	_, second := twoRings(t)
	third, err := second.Without(second.Spare(time.Now()).ID(), time.Now())
	require.NoError(t, err)
	at := func(r *keys.Ring, version int64) *keys.Ring {
		r, err := r.WithVersion(version)
		require.NoError(t, err)
		return r
	}
	for name, test := range map[string]struct {
		before, after *keys.Ring
		is            error
	}{
		"a higher version allowed":                 {second, third, nil},
		"a gap in the versions allowed":            {at(second, 3), at(third, 1000), nil},
		"the same version and content allowed":     {second, second, nil},
		"a version for the same content allowed":   {at(second, 0), at(second, 7), nil},
		"other content without a version allowed":  {at(second, 0), at(third, 0), nil},
		"other content in the same version":        {at(second, 3), at(third, 3), keys.ErrVersionReused},
		"the version lost refused":                 {at(second, 3), at(third, 0), keys.ErrRollback},
		"the same content, older version, refused": {at(second, 3), at(second, 2), keys.ErrRollback},
	} {
		t.Run(name, func(t *testing.T) {
			w := watch(t, test.before, nil)
			w.write(test.after)
			err := w.file.Reload()
			require.ErrorIs(t, err, test.is)
			if test.is == nil {
				require.NoError(t, err)
				require.Equal(t, test.after.Version(), w.file.Ring().Version())
			}
		})
	}
}

func TestAKeyIDUsedAgainIsRefused(t *testing.T) {
	now := time.Now()
	other := func(id string) *keys.Key {
		return mustKey(t, keys.Material{ID: id, Signing: keyBytes(), Encryption: keyBytes()})
	}
	a, b := other("a"), other("b")
	w := watch(t, ringAt(t, 1, now, a, b), nil)
	w.write(ringAt(t, 2, now, other("a"), b))
	require.ErrorIs(t, w.file.Reload(), keys.ErrKeyReused)
	require.ErrorContains(t, w.file.Reload(), `"a"`)
	w.write(ringAt(t, 3, now, b))
	require.NoError(t, w.file.Reload())
	w.write(ringAt(t, 4, now, other("a"), b))
	require.ErrorIs(t, w.file.Reload(), keys.ErrKeyReused, "also after it was gone")
	w.write(ringAt(t, 5, now, a, b))
	require.NoError(t, w.file.Reload())
}

func TestWhatAJarRequiresIsRequiredOfLaterFiles(t *testing.T) {
	now := time.Now()
	w := watch(t, ringAt(t, 1, now, generated(t, now.Add(-time.Hour), time.Time{})), nil)
	require.NoError(t, w.file.Require(7*day, now))
	short := ringAt(t, 2, now, generated(t, now.Add(-time.Hour), now.Add(3*day)))
	w.write(short)
	require.ErrorContains(t, w.file.Reload(), "the longest session of 168h0m0s")

	w = watch(t, short, nil)
	require.Error(t, w.file.Require(7*day, now))
	w.write(ringAt(t, 3, now, generated(t, now.Add(-time.Hour), now.Add(4*day))))
	require.NoError(t, w.file.Reload(), "what was refused is not required: the jar was not made")
}

func TestFileModeRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing here")
	}
	first, _ := twoRings(t)
	path := filepath.Join(t.TempDir(), "keys.json")
	require.NoError(t, keys.WriteFile(path, first))
	for _, mode := range []os.FileMode{0o644, 0o640, 0o660, 0o602, 0o777} {
		require.NoError(t, os.Chmod(path, mode))
		_, err := keys.OpenFile(path, keys.FileOptions{})
		require.ErrorContains(t, err, "want 0600, or set FileOptions.InsecureFileMode")
		_, err = keys.OpenFile(path, keys.FileOptions{InsecureFileMode: true, Watch: keys.Watch{Logger: silent}})
		require.NoError(t, err)
	}
	for _, mode := range []os.FileMode{0o600, 0o400} {
		require.NoError(t, os.Chmod(path, mode))
		_, err := keys.OpenFile(path, keys.FileOptions{Watch: keys.Watch{Logger: silent}})
		require.NoError(t, err)
	}
}

func TestOpenFileRefused(t *testing.T) {
	first, _ := twoRings(t)
	folder := t.TempDir()
	good := filepath.Join(folder, "keys.json")
	require.NoError(t, keys.WriteFile(good, first))
	empty := filepath.Join(folder, "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	large := filepath.Join(folder, "large")
	require.NoError(t, os.WriteFile(large, []byte(strings.Repeat(" ", keys.MaxFileSize+1)), 0o600))
	for name, test := range map[string]struct {
		path    string
		options keys.FileOptions
		says    string
	}{
		"no file":             {filepath.Join(folder, "none"), keys.FileOptions{}, "no such file"},
		"an empty file":       {empty, keys.FileOptions{}, "is empty"},
		"a file of 1 MiB":     {large, keys.FileOptions{}, "larger than 1048576 bytes"},
		"a folder":            {folder, keys.FileOptions{InsecureFileMode: true}, "directory"},
		"a negative interval": {good, keys.FileOptions{Interval: -1}, "FileOptions.Interval"},
		"a bad policy":        {good, keys.FileOptions{Policy: keys.Policy{Session: -1}}, "Policy.Session"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := keys.OpenFile(test.path, test.options)
			require.ErrorContains(t, err, test.says)
		})
	}
}

// Who starts an application for the first time hears how to make the file. One that is lost later must not be made anew: that
// would sign everybody out.
func TestAMissingKeyFileSaysHowToMakeOne(t *testing.T) {
	const says = "keys.json: no such file or directory (`sealjar keys init keys.json` makes one)"
	t.Chdir(t.TempDir())
	_, err := keys.OpenFile("keys.json", keys.FileOptions{})
	require.ErrorContains(t, err, says)
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = keys.ReadFile("keys.json", keys.Options{})
	require.ErrorContains(t, err, says)
	require.ErrorIs(t, err, fs.ErrNotExist)

	now := time.Now()
	require.NoError(t, keys.WriteFile("keys.json", ringAt(t, 1, now, generated(t, now.Add(-day), now.Add(90*day)))))
	file, err := keys.OpenFile("keys.json", keys.FileOptions{Watch: keys.Watch{Logger: silent}})
	require.NoError(t, err)
	require.NoError(t, os.Remove("keys.json"))
	err = file.Reload()
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NotContains(t, err.Error(), "keys init")
}

func TestWarningsComeAheadOfTime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		now := time.Now()
		k := generated(t, now.Add(-day), now.Add(20*day))
		w := watch(t, ringAt(t, 1, now, k), nil)
		require.Empty(t, w.take(), "not yet")
		time.Sleep(13 * day)
		require.NoError(t, w.file.Reload())
		require.Equal(t, []keys.EventKind{keys.EventWarning, keys.EventWarning}, w.take()) // the gap, and short sessions before it
		require.NoError(t, w.file.Reload())
		require.Empty(t, w.take(), "once")
	})
	t.Run("for the longest session that a jar requires", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			now := time.Now()
			w := watch(t, ringAt(t, 1, now, generated(t, now.Add(-day), now.Add(20*day))), nil)
			require.NoError(t, w.file.Require(10*day, now))
			time.Sleep(4 * day)
			require.NoError(t, w.file.Reload())
			short := w.last().Warning
			require.Equal(t, []keys.EventKind{keys.EventWarning}, w.take())
			require.Equal(t, keys.ReasonShort, short.Reason)
			require.True(t, short.At.Equal(now.Add(10*day)), short.At)
		})
	})
	t.Run("as far ahead as asked", func(t *testing.T) {
		now := time.Now()
		w := watch(t, ringAt(t, 1, now, generated(t, now.Add(-day), now.Add(20*day))), nil)
		options := keys.FileOptions{Policy: plan, Watch: keys.Watch{Logger: silent, Observe: w.observe, Horizon: 21 * day}}
		_, err := keys.OpenFile(w.path, options)
		require.NoError(t, err)
		require.Equal(t, []keys.EventKind{keys.EventLoaded, keys.EventWarning, keys.EventWarning}, w.take())
	})
}

func TestANewKeyThatStartsAtOnceIsWarnedOf(t *testing.T) {
	first, _ := twoRings(t)
	w := watch(t, first, nil)
	late, err := first.With(generated(t, time.Now().Add(time.Minute), time.Time{}), time.Now())
	require.NoError(t, err)
	w.write(late)
	require.NoError(t, w.file.Reload(), "it is accepted: to refuse it would make it worse")
	require.Equal(t, keys.ReasonLate, w.last().Warning.Reason)
}

func TestSealsAreCounted(t *testing.T) {
	first, second := twoRings(t)
	w := watch(t, first, func(o *keys.FileOptions) { o.SealLimit = 3 })
	seal := func() {
		k := w.file.Ring().Sealing(time.Now())
		k.AEAD().Seal(nil, nil, []byte("text"), nil)
	}
	seal()
	seal()
	require.NoError(t, w.file.Reload())
	require.Empty(t, w.take())
	w.write(second)
	require.NoError(t, w.file.Reload())
	require.Equal(t, []keys.EventKind{keys.EventLoaded}, w.take())
	seal()
	id := w.file.Status().Sealing
	require.EqualValues(t, 3, w.file.Status().Seals[id], "a reload does not start anew")
	require.NoError(t, w.file.Reload())
	require.Equal(t, keys.ReasonSeals, w.last().Warning.Reason)
	require.Equal(t, id, w.last().Warning.KeyID)
	w.take()
	seal()
	require.NoError(t, w.file.Reload())
	require.Empty(t, w.take(), "once")
}

func TestStatus(t *testing.T) {
	first, _ := twoRings(t)
	w := watch(t, first, nil)
	s := w.file.Status()
	require.Equal(t, kids(first), s.KeyIDs)
	require.Equal(t, first.Keys()[0].ID(), s.Sealing)
	require.EqualValues(t, 1, s.Version)
	require.NoError(t, s.Err)
	require.False(t, s.Changed.IsZero())
	require.Equal(t, s.Changed, s.Checked)
}

// TestAnObserverMayAskForTheStatus : what hears of a change is what shows the status.
func TestAnObserverMayAskForTheStatus(t *testing.T) {
	first, second := twoRings(t)
	var file *keys.File
	var seen int64
	w := watch(t, first, func(o *keys.FileOptions) {
		o.Observe = func(keys.Event) {
			if file != nil {
				seen = file.Status().Version
			}
		}
	})
	file = w.file
	w.write(second)
	require.NoError(t, w.file.Reload())
	require.Equal(t, second.Version(), seen)
}

func TestReadingTheRingAllocatesNothing(t *testing.T) {
	first, _ := twoRings(t)
	var source keys.Source = watch(t, first, nil).file
	require.Zero(t, testing.AllocsPerRun(1000, func() { source.Ring() }))
}

func BenchmarkFileRing(b *testing.B) {
	path := filepath.Join(b.TempDir(), "keys.json")
	ring, err := keys.Rotate(nil, keys.Policy{}, time.Now())
	require.NoError(b, err)
	require.NoError(b, keys.WriteFile(path, ring))
	file, err := keys.OpenFile(path, keys.FileOptions{Watch: keys.Watch{Logger: silent}})
	require.NoError(b, err)
	var source keys.Source = file
	b.ReportAllocs()
	for b.Loop() {
		source.Ring()
	}
}
