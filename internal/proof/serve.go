package proof

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/stdmw"
)

// Answer is what a node says of a session.
type Answer struct {
	N   int
	Err string
}

type state struct{ N int }

// Commands gives the lines that the test sends to this node. The process ends when the test does.
func Commands() <-chan string {
	lines := make(chan string)
	go func() {
		in := bufio.NewScanner(os.Stdin)
		for in.Scan() {
			lines <- in.Text()
		}
		os.Exit(0)
	}()
	return lines
}

// Source is what a node has its keys from: a [keys.File] or a [keys.Rotator].
type Source interface {
	keys.Source
	Status() keys.Status
	Run(context.Context) error
}

// Serve is a node: an ordinary program with sessions. It tells the test its address and only then runs the source, so that
// what the source has to say comes after it. It returns only if it fails.
func Serve(source Source, now func() time.Time) error {
	jar, err := sealjar.New[state](sealjar.Options{
		Keys: source, Logger: slog.New(slog.DiscardHandler), Now: now, Absolute: Session, RememberAbsolute: Session,
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", listener.Addr())
	go func() { _ = source.Run(context.Background()) }()
	return http.Serve(listener, stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		a := Answer{}
		if err := session.Err(); err != nil {
			a.Err = err.Error()
		}
		// A session ends five minutes after it was signed in, and the test takes longer.
		if session.Subject() == "" || now().Sub(session.AuthTime()) > time.Minute {
			if err := session.SignIn(r.Context(), "user"); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		}
		session.Data.N++
		a.N = session.Data.N
		_ = json.NewEncoder(w).Encode(a)
	})))
}
