package main_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sealjar/sealjar/cmd/sealjar/internal/cli"
	"github.com/sealjar/sealjar/keys"
)

// clockVariable holds the time of a script; the command itself has no such variable.
const clockVariable = "NOW"

func TestMain(m *testing.M) {
	testscript.Main(leakChecked{m}, map[string]func(){"sealjar": func() {
		now := func() time.Time {
			at, err := time.Parse(time.RFC3339, os.Getenv(clockVariable))
			if err != nil {
				panic(err)
			}
			return at
		}
		os.Exit(cli.Run(context.Background(), os.Args[1:], cli.Env{
			In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv, Now: now,
		}))
	}})
}

// leakChecked is tests that must leave no goroutine behind.
type leakChecked struct{ *testing.M }

func (m leakChecked) Run() int {
	code := m.M.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// TestScripts runs the stories of testdata/script. They begin at noon on 24 November 2026, and have besides what
// testscript knows:
//
//	code N sealjar …         the command exits with N
//	later DURATION           moves the clock
//	ids FILE                 sets $SEALS, $SPARE, $OPENS and $VERSION from a key file
//	login FILE COOKIES SUB   an application with that key file signs a user in, and the browser keeps the cookie
//	visit FILE COOKIES SUB   the user is still signed in ("nobody" if not), and the browser keeps what cookie it gets
//	mode FILE OCTAL          the file has that mode
//	nats                     starts a NATS server; $NATS is its address, its users are ops with the password hunter2
//
// $READER is a reader of cookies in Node. In the place of FILE, login and visit take secret:HEX. $COOKIE, $ISSUER and
// $REMEMBER are options of the application.
func TestScripts(t *testing.T) {
	reader, err := filepath.Abs("../../internal/interop/node/read.mjs")
	require.NoError(t, err)
	if os.Getenv("CI") == "true" { // where no script may skip
		_, err := exec.LookPath("node")
		require.NoError(t, err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv(clockVariable, "2026-11-24T12:00:00Z")
			env.Setenv("READER", reader)
			for _, secret := range []string{"kek", "new", "both", "empty"} { // a key-encryption key is its owner's own
				if err := os.Chmod(filepath.Join(env.WorkDir, secret), 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return err
				}
			}
			env.Setenv("NEWLINE", "\n")
			env.Setenv("GORACE", "atexit_sleep_ms=0") // otherwise each command takes a second more under the race detector
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code": code, "later": later, "ids": ids, "login": login, "visit": visit, "mode": mode,
			"bare": bare, "headers": headers, "argument": argument, "tamper": tamper, "nats": startNATS,
			"curljar": curljar, "megabyte": megabyte,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

func code(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if err != nil {
		_, text, found := strings.Cut(err.Error(), "exit status ")
		if !found {
			ts.Fatalf("%v", err)
		}
		got, err = strconv.Atoi(text)
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func clock(ts *testscript.TestScript) time.Time {
	at, err := time.Parse(time.RFC3339, ts.Getenv(clockVariable))
	ts.Check(err)
	return at
}

func later(ts *testscript.TestScript, _ bool, args []string) {
	days, isDays := strings.CutSuffix(args[0], "d")
	d, err := time.ParseDuration(args[0])
	if isDays {
		var n int
		n, err = strconv.Atoi(days)
		d = time.Duration(n) * 24 * time.Hour
	}
	ts.Check(err)
	ts.Setenv(clockVariable, clock(ts).Add(d).Format(time.RFC3339))
}

func ring(ts *testscript.TestScript, name string) *keys.Ring {
	now := clock(ts)
	if secret, found := strings.CutPrefix(name, "secret:"); found {
		r, err := keys.FromSecrets(secret)
		ts.Check(err)
		return r
	}
	r, err := keys.ReadFile(ts.MkAbs(name), keys.Options{Now: func() time.Time { return now }})
	ts.Check(err)
	return r
}

func ids(ts *testscript.TestScript, _ bool, args []string) {
	now, r := clock(ts), ring(ts, args[0])
	opens := ""
	for _, k := range r.Keys() {
		if k != r.Sealing(now) && !k.NotBefore().After(now) && !k.Expired(now) {
			opens = k.ID()
		}
	}
	ts.Setenv("OPENS", opens)
	ts.Setenv("SEALS", r.Sealing(now).ID())
	ts.Setenv("VERSION", strconv.FormatInt(r.Version(), 10))
	ts.Setenv("SPARE", "")
	if spare := r.Spare(now); spare != nil {
		ts.Setenv("SPARE", spare.ID())
	}
}

func login(ts *testscript.TestScript, _ bool, args []string) { serve(ts, args[0], args[1], args[2]) }

func visit(ts *testscript.TestScript, _ bool, args []string) {
	if got := serve(ts, args[0], args[1], ""); got != args[2] {
		ts.Fatalf("signed in is %s, want %s", got, args[2])
	}
}

// serve makes one request with the browser's cookie and keeps the one that comes back.
func serve(ts *testscript.TestScript, file, cookies, signIn string) string {
	app := application{
		ring: ring(ts, file), now: clock(ts),
		cookie: ts.Getenv("COOKIE"), issuer: ts.Getenv("ISSUER"), remember: ts.Getenv("REMEMBER") != "",
	}
	have, err := os.ReadFile(ts.MkAbs(cookies))
	if !errors.Is(err, fs.ErrNotExist) {
		ts.Check(err)
	}
	subject, line, err := app.serve(string(have), signIn)
	ts.Check(err)
	if line != "" {
		ts.Check(os.WriteFile(ts.MkAbs(cookies), []byte(line), 0o600))
	}
	return subject
}

func mode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	want, err := strconv.ParseUint(args[1], 8, 32)
	ts.Check(err)
	if info.Mode().Perm() != fs.FileMode(want) {
		ts.Fatalf("%s has mode %o, want %o", args[0], info.Mode().Perm(), want)
	}
}

// TestEveryFlagHasAStory fails for a flag that no script uses.
func TestEveryFlagHasAStory(t *testing.T) {
	var scripts strings.Builder
	files, err := fs.Glob(os.DirFS("testdata/script"), "*.txtar")
	require.NoError(t, err)
	for _, name := range files {
		text, err := os.ReadFile("testdata/script/" + name)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			scripts.WriteString(strings.TrimSpace(line) + " \n")
		}
	}
	for command, flags := range cli.Flags() {
		require.True(t, strings.Contains(scripts.String(), command+" "), "no script runs %s", command)
		for _, flag := range flags {
			used := false
			for line := range strings.Lines(scripts.String()) {
				used = used || strings.Contains(line, command+" ") && strings.Contains(line, " --"+flag+" ")
			}
			require.True(t, used, "no script uses %s --%s", command, flag)
		}
	}
}
