//go:build unix

package testserver

import (
	"os"
	"os/exec"
	"os/user"
	"testing"
)

// MariaDB starts a MariaDB server with an empty database "test" and a user root without a password, and returns it with the
// data source name for github.com/go-sql-driver/mysql. The arguments are options of mariadbd.
func MariaDB(tb testing.TB, arguments ...string) (s *Server, dsn string) {
	tb.Helper()
	program := find(tb, "mariadbd", "mariadb-server")
	install := find(tb, "mariadb-install-db", "mariadb-server")
	dir := folder(tb)
	addr, port := freePort(tb)
	me, err := user.Current()
	if err != nil {
		tb.Fatal(err)
	}
	// Temporary files stay in its own folder: what servers that start at the same time make in a common one may clash.
	data, tmp := dir+"/data", dir+"/tmp"
	if err := os.Mkdir(tmp, 0o700); err != nil {
		tb.Fatal(err)
	}
	out, err := exec.Command(install, "--no-defaults", "--user="+me.Username, "--datadir="+data, "--tmpdir="+tmp,
		"--auth-root-authentication-method=normal", "--skip-test-db").CombinedOutput()
	if err != nil {
		tb.Fatalf("testserver: mariadb-install-db: %v\n%s", err, out)
	}
	if err := os.Mkdir(data+"/test", 0o700); err != nil { // a database is a folder
		tb.Fatal(err)
	}
	s = start(tb, &Server{
		Addr: addr, Dir: dir,
		command: func() *exec.Cmd {
			return exec.Command(program, append([]string{
				"--no-defaults", "--user=" + me.Username, "--datadir=" + data, "--tmpdir=" + tmp, "--bind-address=127.0.0.1", "--port=" + port,
				"--socket=" + dir + "/socket", "--pid-file=" + dir + "/pid", "--skip-name-resolve",
			}, arguments...)...)
		},
		ready: func(addr string) error {
			// The server speaks first: length, sequence number 0, protocol version 10.
			answer, err := greeting(addr, "", 5)
			if err == nil && answer[4] != 10 {
				err = errNotReady
			}
			return err
		},
	})
	return s, "root@tcp(" + addr + ")/test"
}
