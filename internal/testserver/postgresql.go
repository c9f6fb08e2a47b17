//go:build unix

package testserver

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// PostgreSQL starts a PostgreSQL server with the empty database "postgres" and a user of the same name without a password, and
// returns it with its URL. The arguments are settings, such as "fsync=off".
func PostgreSQL(tb testing.TB, settings ...string) (s *Server, url string) {
	tb.Helper()
	const places = "/usr/lib/postgresql/*/bin/"
	program := find(tb, "postgres", "postgresql", places+"postgres")
	initdb := find(tb, "initdb", "postgresql", places+"initdb")
	isReady := find(tb, "pg_isready", "postgresql", places+"pg_isready")
	dir := folder(tb)
	addr, port := freePort(tb)
	as := unprivileged(tb, dir)
	data := filepath.Join(dir, "data")

	cmd := exec.Command(initdb, "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")
	cmd.SysProcAttr = as()
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("testserver: initdb: %v\n%s", err, out)
	}
	s = start(tb, &Server{
		Addr: addr, Dir: dir,
		command: func() *exec.Cmd {
			// A server that was killed leaves this file, and its number may be another process's by now.
			_ = os.Remove(filepath.Join(data, "postmaster.pid"))
			arguments := []string{"-D", data, "-h", "127.0.0.1", "-p", port, "-k", dir}
			for _, setting := range settings {
				arguments = append(arguments, "-c", setting)
			}
			cmd := exec.Command(program, arguments...)
			cmd.SysProcAttr = as()
			return cmd
		},
		ready: func(string) error { return exec.Command(isReady, "-q", "-h", "127.0.0.1", "-p", port).Run() },
	})
	return s, "postgres://postgres@" + addr + "/postgres?sslmode=disable"
}

// unprivileged gives the folder to the user postgres if the test runs as root, which PostgreSQL refuses to do.
func unprivileged(tb testing.TB, dir string) func() *syscall.SysProcAttr {
	tb.Helper()
	none := func() *syscall.SysProcAttr { return nil }
	if os.Getuid() != 0 {
		return none
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		tb.Fatalf("testserver: PostgreSQL does not run as root: %v", err)
	}
	uid, err1 := strconv.Atoi(account.Uid)
	gid, err2 := strconv.Atoi(account.Gid)
	if err1 != nil || err2 != nil {
		tb.Fatal("testserver: the ids of the user postgres are not numbers")
	}
	if err := os.Chown(dir, uid, gid); err != nil {
		tb.Fatal(err)
	}
	return func() *syscall.SysProcAttr {
		return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
}
