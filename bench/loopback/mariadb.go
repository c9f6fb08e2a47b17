package loopback

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"syscall"
	"time"
)

// database is a MariaDB server with its default settings in a temporary folder, which only a socket there leads to. It may use
// every core.
type database struct {
	folder string
	socket string
	cmd    *exec.Cmd
}

func startMariaDB() (*database, error) {
	program, err1 := exec.LookPath("mariadbd")
	install, err2 := exec.LookPath("mariadb-install-db")
	if err1 != nil || err2 != nil {
		return nil, errors.New("there is no mariadbd")
	}
	me, err := user.Current()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "sealjar-bench-")
	if err != nil {
		return nil, err
	}
	db := &database{folder: folder, socket: filepath.Join(folder, "socket")}
	data := filepath.Join(folder, "data")
	out, err := exec.Command(install, "--no-defaults", "--user="+me.Username, "--datadir="+data,
		"--tmpdir="+folder, "--auth-root-authentication-method=normal", "--skip-test-db").CombinedOutput()
	if err == nil {
		err = os.Mkdir(filepath.Join(data, "test"), 0o700) // a database is a folder
	}
	if err != nil {
		db.stop()
		return nil, fmt.Errorf("mariadb-install-db: %w: %.200s", err, out)
	}
	db.cmd = exec.Command(program, "--no-defaults", "--user="+me.Username, "--datadir="+data, "--skip-networking",
		"--socket="+db.socket, "--tmpdir="+folder, "--pid-file="+filepath.Join(folder, "pid"))
	if err := db.cmd.Start(); err != nil {
		db.cmd = nil
		db.stop()
		return nil, err
	}
	for range 900 {
		if conn, err := net.Dial("unix", db.socket); err == nil {
			_ = conn.Close()
			return db, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	db.stop()
	return nil, errors.New("mariadbd does not start")
}

func (db *database) stop() {
	if db.cmd != nil {
		_ = db.cmd.Process.Signal(syscall.SIGTERM)
		force := time.AfterFunc(10*time.Second, func() { _ = db.cmd.Process.Kill() })
		_ = db.cmd.Wait()
		force.Stop()
	}
	_ = os.RemoveAll(db.folder)
}

// MariaDB starts a server for others to measure with, and returns the socket that leads to its database "test".
func MariaDB() (socket string, stop func(), err error) {
	db, err := startMariaDB()
	if err != nil {
		return "", nil, err
	}
	return db.socket, db.stop, nil
}
