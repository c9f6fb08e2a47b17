// Package spill measures sessions in MariaDB: sealjar's beside the statements that express-mysql-session sends for each
// request. Both go through the same Go driver to the same server, so that what is compared is what each asks of the
// database, and not Go and Node.
package spill

import (
	"context"
	"database/sql"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver of both

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/bench/contender"
	"github.com/sealjar/sealjar/bench/measure"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/spill"
	"github.com/sealjar/sealjar/spill/sqlstore"
)

// sessions is how many there are. They are visited in turn.
const sessions = 200

// Cases returns what is to be compared, in pairs of a request that reads and one that changes: express-mysql-session's
// statements alone, and within what express-session does around them; sealjar with its sessions in the same database,
// and with its sessions in cookies.
func Cases(ctx context.Context, socket string, p contender.Payload) (cases []measure.Case, stop func(), err error) {
	db, err := sql.Open("mysql", "root@unix("+socket+")/test?interpolateParams=true") // one round trip for each statement, as in Node
	if err != nil {
		return nil, nil, err
	}
	stop = func() { _ = db.Close() }
	express, err := newExpress(ctx, db, p)
	if err != nil {
		return nil, stop, err
	}
	options := sqlstore.Options{Dialect: sqlstore.MySQL}
	if err := sqlstore.CreateTable(ctx, db, options); err != nil {
		return nil, stop, err
	}
	store, err := sqlstore.Open(ctx, db, options)
	if err != nil {
		return nil, stop, err
	}
	stored, err := newVisitors(p, spill.Options{Store: store, Always: true})
	if err != nil {
		return nil, stop, err
	}
	cookies, err := newVisitors(p, spill.Options{})
	if err != nil {
		return nil, stop, err
	}
	return []measure.Case{
		{Name: "express-mysql-session's statements, read", Run: express.read},
		{Name: "express-mysql-session's statements, changed", Run: express.change},
		{Name: "the same and express-session's work in Go, read", Run: express.readRequest},
		{Name: "the same and express-session's work in Go, changed", Run: express.changeRequest},
		{Name: "sealjar, in MariaDB, read", Run: stored.read},
		{Name: "sealjar, in MariaDB, changed", Run: stored.change},
		{Name: "sealjar, in a cookie, read", Run: cookies.read},
		{Name: "sealjar, in a cookie, changed", Run: cookies.change},
	}, stop, nil
}

// visitors are browsers with sessions of a jar.
type visitors struct {
	jar      *sealjar.Jar[contender.State]
	requests []*http.Request
	n        int
}

func newVisitors(p contender.Payload, options spill.Options) (*visitors, error) {
	secret, err := keys.Generate(keys.HS256, time.Time{}, time.Time{})
	if err != nil {
		return nil, err
	}
	ring, err := keys.NewRing([]*keys.Key{secret}, keys.Options{})
	if err != nil {
		return nil, err
	}
	v := &visitors{requests: make([]*http.Request, sessions)}
	v.jar, err = sealjar.New[contender.State](sealjar.Options{
		Keys: ring, Spill: options, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return nil, err
	}
	for i := range v.requests {
		v.requests[i] = httptest.NewRequest(http.MethodGet, "/", nil)
		v.visit(i, func(s *sealjar.Session[contender.State]) { s.Data = p.State })
	}
	return v, nil
}

// visit is a request and its response, without a network: from the Cookie header to Set-Cookie.
func (v *visitors) visit(i int, do func(*sealjar.Session[contender.State])) {
	r := v.requests[i]
	s, _ := v.jar.Load(r)
	do(s)
	w := httptest.NewRecorder()
	must(v.jar.Save(w, s))
	for _, c := range w.Result().Cookies() {
		r.Header.Set("Cookie", c.Name+"="+c.Value)
	}
}

func (v *visitors) next() int {
	v.n++
	return v.n % sessions
}

func (v *visitors) read() {
	v.visit(v.next(), func(s *sealjar.Session[contender.State]) { must(s.Err()) })
}

func (v *visitors) change() {
	v.visit(v.next(), func(s *sealjar.Session[contender.State]) {
		must(s.Err())
		s.Data.Views++
	})
}

// must stops a measurement that measures something else.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
