package main_test

import (
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// pair is the cookie of a Set-Cookie line, without its attributes.
func pair(ts *testscript.TestScript, file string) (name, value string) {
	line := strings.TrimPrefix(ts.ReadFile(file), "Set-Cookie: ")
	line, _, _ = strings.Cut(line, ";")
	name, value, _ = strings.Cut(strings.TrimSpace(line), "=")
	return name, value
}

// bare FROM TO writes a token alone.
func bare(ts *testscript.TestScript, _ bool, args []string) {
	_, token := pair(ts, args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(token+"\n"), 0o600))
}

// headers FROM FROM TO writes a request with two sessions and other cookies.
func headers(ts *testscript.TestScript, _ bool, args []string) {
	name, token := pair(ts, args[0])
	other, second := pair(ts, args[1])
	text := "GET / HTTP/1.1\r\nHost: app.example\r\nCookie: theme=dark; " + name + "=\"" + token + "\"; " + other + "=" + second + "\r\n"
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(text), 0o600))
}

// curljar FROM FROM TO writes what curl does with -c: a comment, another cookie, and two sessions. A line that begins with #
// is a comment unless it goes on with HttpOnly_.
func curljar(ts *testscript.TestScript, _ bool, args []string) {
	name, token := pair(ts, args[0])
	other, second := pair(ts, args[1])
	text := "# Netscape HTTP Cookie File\n# https://curl.se/docs/http-cookies.html\n\n" +
		"app.example\tFALSE\t/\tFALSE\t0\ttheme\tdark\n" +
		"#app.example\tFALSE\t/\tFALSE\t0\told\t" + token + "\n" +
		"#HttpOnly_app.example\tFALSE\t/\tTRUE\t0\t" + name + "\t" + token + "\n" +
		"[::1]\tFALSE\t/\tTRUE\t1795527723\t" + other + "\t" + second + "\n"
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(text), 0o600))
}

// megabyte FROM TO writes a cookie at the end of a megabyte of others.
func megabyte(ts *testscript.TestScript, _ bool, args []string) {
	text := strings.Repeat("a=b\n", 1<<18) + ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

// argument FROM COMMAND runs the command with the cookie as one argument more.
func argument(ts *testscript.TestScript, _ bool, args []string) {
	name, token := pair(ts, args[0])
	ts.Check(ts.Exec(args[1], append(args[2:], name+"="+token)...))
}

// tamper FROM TO changes one character of the ciphertext.
func tamper(ts *testscript.TestScript, _ bool, args []string) {
	name, token := pair(ts, args[0])
	at := len(token) - 30
	changed := "A"
	if token[at] == 'A' {
		changed = "B"
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(name+"="+token[:at]+changed+token[at+1:]), 0o600))
}
