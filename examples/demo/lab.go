package main

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/stdmw"
)

// lab is what the page is drawn from and what its buttons act on. It stands beside the application, which knows nothing of it.
type lab struct {
	ctx      context.Context
	running  *sync.WaitGroup // what must have ended before the demo has
	bell     *bell
	journal  *journal
	meter    *meter
	sessions *sessionTable
	keys     *keys.File
	rotation *rotation
	store    *sharedStore
	list     *revocation.List
	loaded   chan struct{} // closed when the list has been read
	jar      *sealjar.Jar[State]
	quiet    *sealjar.Jar[State]
	devices  *devices
	load     *load
	node     *nodeState
	client   *http.Client
	secret   string // of the backstage
	name     string // of this run

	stdURL, echoURL string
}

// newLab makes the keys, the list and the jar. Nothing runs yet.
func newLab(ctx context.Context, running *sync.WaitGroup, keyFile string) (*lab, error) {
	b := newBell()
	l := &lab{
		ctx: ctx, running: running, bell: b, journal: &journal{bell: b}, meter: newMeter(b), sessions: &sessionTable{}, store: newSharedStore(b),
		loaded: make(chan struct{}), load: newLoad(b), node: &nodeState{}, client: newClient(), secret: rand.Text(), name: rand.Text(),
		devices: &devices{client: newClient(), cookie: map[string]string{}},
	}
	logger := newLogger("demo", l.journal.add)
	var err error
	l.keys, err = openKeys(keyFile, keyFileOptions(keys.Watch{Logger: logger, Observe: func(keys.Event) { b.turn() }}))
	if err != nil {
		return nil, err
	}
	l.rotation = &rotation{file: l.keys, path: keyFile}
	l.list, err = revocation.NewList(l.store, revocation.ListOptions{
		OnStale: revocation.Refuse, Logger: logger, Observe: func(e revocation.Event) {
			if e.Kind == revocation.EventLoaded {
				close(l.loaded)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	l.jar, err = newJar(l.keys, l.list, logger, func(e sealjar.Event) {
		h := happeningOf(e)
		l.meter.count(h)
		l.sessions.saw(h)
		b.ring()
	})
	if err != nil {
		return nil, err
	}
	l.quiet, err = newQuietJar(l.keys, l.list)
	return l, err
}

// apps are the two servers of the application, and the one for the second process.
func (l *lab) apps(std, echo, private []net.Listener) []app {
	l.stdURL, l.echoURL = address(std), address(echo)
	l.devices.urls = []string{l.stdURL, l.echoURL}
	site := func(server, otherURL string, application http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("/", at(server, l.meter.timed(server, application)))
		mux.Handle("/demo/", at(server, l.handler()))
		mux.Handle("GET /assets/", assetHandler())
		return guard(otherURL, l.bell.handler(mux))
	}
	csrf := trusting(l.stdURL, l.echoURL)
	return []app{
		{site("net/http", l.echoURL, stdApp(l.jar, page{Server: "net/http", URL: l.stdURL, Other: "Echo", OtherURL: l.echoURL}, csrf)), std},
		{site("Echo", l.stdURL, echoApp(l.jar, page{Server: "Echo", URL: l.echoURL, Other: "net/http", OtherURL: l.stdURL}, csrf)), echo},
		{backstage(l, l.secret), private},
	}
}

// trusting lets each of the two servers have a form that posts to the other. All other sites are kept out.
func trusting(urls ...string) *http.CrossOriginProtection {
	csrf := http.NewCrossOriginProtection()
	for _, url := range urls {
		if err := csrf.AddTrustedOrigin(strings.TrimSuffix(url, "/")); err != nil {
			panic(err) // our own address
		}
	}
	return csrf
}

// handler serves what the page asks for beside the application. What changes something is for the page itself alone.
func (l *lab) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /demo/live", l.serveLive)
	mux.HandleFunc("GET /demo/servers", l.serveServers)
	mux.HandleFunc("GET /demo/cookie", func(w http.ResponseWriter, r *http.Request) {
		ring := l.keys.Ring()
		a := takeApart(r, l.quiet, ring)
		if key := ring.Sealing(time.Now()); key != nil {
			a.Sealing = key.ID()
		}
		writeJSON(w, http.StatusOK, a)
	})
	mux.HandleFunc("GET /demo/process", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, l.figures())
	})
	mux.HandleFunc("POST /demo/process", l.serveCollect)
	mux.HandleFunc("POST /demo/flip", flipCookie)
	mux.HandleFunc("POST /demo/keys", l.rotation.serve)
	mux.Handle("POST /demo/sessions", stdmw.New(l.jar, stdmw.Options{})(http.HandlerFunc(l.serveSessions)))
	mux.HandleFunc("POST /demo/store", l.serveStore)
	mux.HandleFunc("POST /demo/load", l.serveLoad)
	plain, sealed := loadTargets(l.quiet)
	mux.Handle("GET /demo/load/plain", plain)
	mux.Handle("GET /demo/load/sealed", sealed)
	return http.NewCrossOriginProtection().Handler(mux)
}

// watch tells of the end of the second process, which comes before that of the first only if somebody else ends it.
func (l *lab) watch(c *child) {
	<-c.ended
	l.node.gone()
	l.journal.note("demo", "the second process has ended", c.cmd.ProcessState.String())
	l.bell.turn()
}

func (l *lab) setupOfNode(backstage, keyFile string) nodeSetup {
	return nodeSetup{Backstage: backstage, Secret: l.secret, KeyFile: keyFile, Session: absolute}
}
