package takeover_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/takeover"
)

// State is what the application keeps in a session.
type State struct{ Cart []string }

// old is the session system of before, whose ids are long and random. A session goes with the first response that has the new one.
type old struct{ sessions map[string]session }

type session struct {
	user    string
	cart    []string
	expires time.Time
}

func (o *old) Find(_ context.Context, r *http.Request, now time.Time) (takeover.Session, error) {
	cookie, err := r.Cookie("OLDSESSION")
	if err != nil {
		return takeover.Session{}, takeover.ErrNone
	}
	s, ok := o.sessions[cookie.Value] // a database whose failure is any other error
	if !ok || !now.Before(s.expires) {
		return takeover.Session{}, takeover.ErrEnded
	}
	data, err := json.Marshal(State{Cart: s.cart})
	return takeover.Session{ID: cookie.Value, Subject: s.user, Data: data, Expiry: s.expires}, err
}

func (o *old) Sealed(_ context.Context, h http.Header, s takeover.Sealed) error {
	if s.Taken {
		o.Clear(h, s.Request)
		return o.End(context.Background(), s.Request, s.Link)
	}
	return nil
}

func (o *old) End(_ context.Context, r *http.Request, _ string) error {
	if cookie, err := r.Cookie("OLDSESSION"); err == nil {
		delete(o.sessions, cookie.Value)
	}
	return nil
}

func (o *old) Clear(h http.Header, r *http.Request) {
	if _, err := r.Cookie("OLDSESSION"); err == nil {
		h.Add("Set-Cookie", (&http.Cookie{Name: "OLDSESSION", Path: "/", MaxAge: -1}).String())
	}
}

// Without links there is nothing to ask about, and no way back.
func (o *old) Alive(context.Context, string, string, time.Time) (string, error) { return "", nil }

func (o *old) Begin(context.Context, string, []byte, time.Time) (string, error) { return "", nil }

// Users of a session system of one's own go on without signing in again.
func Example() {
	sessions := &old{map[string]session{"qHGZt5BJXnWjD0": {"alice", []string{"book"}, time.Now().Add(time.Hour)}}}
	ring, err := keys.FromSecrets("849b57219dae48de646d07dbb533566e976686457c1491be3a76dcea6c427189") // from the environment
	if err != nil {
		log.Fatal(err)
	}
	jar, err := sealjar.New[State](sealjar.Options{Keys: ring, Takeover: sessions})
	if err != nil {
		log.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: "OLDSESSION", Value: "qHGZt5BJXnWjD0"})
	s, err := jar.Load(r)
	fmt.Println(s.Subject(), s.Data.Cart, err)

	w := httptest.NewRecorder()
	err = jar.Save(w, s)
	fmt.Println(len(w.Header()["Set-Cookie"]), len(sessions.sessions), err)
	// Output:
	// alice [book] <nil>
	// 2 0 <nil>
}
