package main_test

import (
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/rogpeppe/go-internal/testscript"
)

// startNATS starts a server in this process, for the time of a script.
func startNATS(ts *testscript.TestScript, _ bool, _ []string) {
	s, err := server.NewServer(&server.Options{
		ServerName: "one", Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: ts.MkAbs("nats"), SyncAlways: true,
		Username: "ops", Password: "hunter2", NoSigs: true, NoLog: true,
	})
	ts.Check(err)
	s.Start()
	ts.Defer(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(time.Minute) {
		ts.Fatalf("NATS does not answer")
	}
	ts.Setenv("NATS", s.Addr().String())
}
