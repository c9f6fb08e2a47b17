// Package site is the small site of package conformance, with sealjar.
package site

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/internal/conformance"
	"github.com/sealjar/sealjar/internal/conformance/control"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/spill"
	"github.com/sealjar/sealjar/stdmw"
)

// Mount puts jars around the routes, with a recoverer outside of them: by means of a framework.
type Mount func(jars []sealjar.AnyJar, routes map[string]http.HandlerFunc) http.Handler

// Std is the mount for net/http.
func Std(jars []sealjar.AnyJar, routes map[string]http.HandlerFunc) http.Handler {
	mux := http.NewServeMux()
	for path, h := range routes {
		mux.HandleFunc(path, h)
	}
	var handler http.Handler = mux
	for _, jar := range jars {
		handler = stdmw.New(jar, stdmw.Options{})(handler)
	}
	return control.Recover(handler)
}

// site is what a reset makes anew.
type site struct {
	options sealjar.Options
	ring    atomic.Pointer[keys.Ring]
	list    *revocation.Memory
	hold    *control.Hold
	handler http.Handler
	jar     *sealjar.Jar[data]
	second  *sealjar.Jar[data]
	reader  *sealjar.Jar[data]
	mu      sync.Mutex
	ahead   time.Duration
	mount   Mount
}

// New returns the site under a framework.
func New(mount Mount) http.Handler { return create(mount, false) }

// NewInStore is New with all sessions in a store.
func NewInStore(mount Mount) http.Handler { return create(mount, true) }

func create(mount Mount, inStore bool) http.Handler {
	return control.New(func(options url.Values) (control.Site, error) {
		s := &site{mount: mount, hold: control.NewHold()}
		s.list = &revocation.Memory{Now: s.now}
		key, err := keys.Generate(keys.HS256, time.Time{}, time.Time{})
		if err != nil {
			return nil, err
		}
		ring, err := keys.NewRing([]*keys.Key{key}, keys.Options{})
		if err != nil {
			return nil, err
		}
		s.ring.Store(ring)
		s.options = sealjar.Options{
			Keys: s, Cookie: cookie(options), Revocation: s.list, Logger: slog.New(slog.DiscardHandler), Now: s.now,
			Header: options.Get("header"), RenewedHeader: options.Get("renewed"), Renewal: renewals[options.Get("renewal")],
		}
		if inStore {
			s.options.Spill = spill.Options{Store: &spill.Memory{Now: s.now}, Always: true}
		}
		return s, s.open()
	})
}

// Ring makes the site a keys.Source.
func (s *site) Ring() *keys.Ring { return s.ring.Load() }

func cookie(options url.Values) sealjar.Cookie {
	on := func(name string) bool { return options.Get(name) == "1" }
	sameSite := map[string]http.SameSite{
		"lax": http.SameSiteLaxMode, "strict": http.SameSiteStrictMode, "none": http.SameSiteNoneMode,
	}
	c := sealjar.Cookie{
		Name: options.Get("name"), Path: options.Get("path"), Domain: options.Get("domain"), SameSite: sameSite[options.Get("samesite")],
		Partitioned: on("partitioned"), Persistent: on("persistent"), InsecureHTTP: on("http"), InsecureScriptAccess: on("script"),
	}
	c.Priority = map[string]string{"low": "Low", "high": "High"}[options.Get("priority")]
	c.MaxChunks, _ = strconv.Atoi(options.Get("chunks"))
	if on("tenants") {
		c.Adjust = func(r *http.Request, own sealjar.Cookie) sealjar.Cookie {
			own.Domain = r.Header.Get("X-Tenant")
			return own
		}
	}
	return c
}

// renewals are the Options.Renewal of a reset.
var renewals = map[string]float64{"always": 1e-9, "never": 1}

const secondCookie = "__Host-second"

// open makes the jars and their handler from the options of now.
func (s *site) open() error {
	var err error
	if s.jar, err = sealjar.New[data](s.options); err != nil {
		return err
	}
	second := s.options
	second.Cookie = sealjar.Cookie{Name: secondCookie}
	if s.second, err = sealjar.New[data](second); err != nil {
		return err
	}
	reader := s.options
	reader.ReadOnly = true
	if s.reader, err = sealjar.New[data](reader); err != nil {
		return err
	}
	s.serve(s.mount([]sealjar.AnyJar{s.jar, s.second, s.reader}, s.routes()))
	return nil
}

func (s *site) serve(handler http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = handler
}

func (s *site) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.ahead)
}

// ServeHTTP, About, Clock, Keys, Configure, Deploy and Hold make it a control.Site.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	handler := s.handler
	s.mu.Unlock()
	handler.ServeHTTP(w, r)
}

// About says what its cookies are called.
func (s *site) About() conformance.About {
	about := conformance.About{Cookie: s.options.Cookie.Name, Second: secondCookie}
	if about.Cookie == "" {
		about.Cookie = "__Host-session"
	}
	if s.options.Spill.Always {
		about.Lacks = map[string]string{
			"bounded": "the session is in a store, which takes 128 KiB of it",
			"chunks":  "the session is in a store, so one cookie is always enough",
			"apart":   "cookie and token refer to one session in a store",
		}
	}
	return about
}

// Clock sets the clock ahead of the real time.
func (s *site) Clock(ahead time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead = ahead
	return nil
}

// Keys adds a key, or takes all but the newest away.
func (s *site) Keys(do string) error {
	all := s.Ring().Keys()
	switch do {
	case "add":
		// One that seals from before now on, and later than those that are there.
		key, err := keys.Generate(keys.HS256, s.now().Add(-time.Second).Add(time.Duration(len(all))*time.Millisecond), time.Time{})
		if err != nil {
			return err
		}
		all = append(all, key)
	case "drop":
		all = all[len(all)-1:]
	default:
		return fmt.Errorf("site: what is %q", do)
	}
	ring, err := keys.NewRing(all, keys.Options{})
	if err != nil {
		return err
	}
	s.ring.Store(ring)
	return nil
}

// Configure changes the idle time.
func (s *site) Configure(idle time.Duration) error {
	s.options.Idle = idle
	return s.open()
}

// Hold is where requests wait.
func (s *site) Hold() *control.Hold { return s.hold }

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
