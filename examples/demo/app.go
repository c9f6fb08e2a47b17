package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sealjar/sealjar"
)

// State is what the demo keeps in a session.
type State struct {
	Visits int    `json:"visits"`
	Fill   string `json:"fill,omitempty"` // of no meaning, but of a size
}

// page is what a server shows. The application fills in what it knows of the session.
type page struct {
	Server, URL     string
	Other, OtherURL string

	Headline  string
	Subject   string
	Messages  []sealjar.Flash
	SessionID string
	Since     time.Time
	Idle, End time.Time
}

var pageTemplate = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"clock": func(t time.Time) string { return t.Format("15:04:05") },
	"card":  page.card,
	"host":  func(url string) string { return strings.Trim(strings.TrimPrefix(url, "http://"), "/") },
}).ParseFS(assets, "assets/page.html"))

// card is what the page shows of one of the two servers.
type card struct {
	Name, URL, ID, Subject string
	Form                   string // where its forms go: whatever name the browser has for the server that it asks
	Here                   bool
}

func (p page) card(std bool) card {
	here := std == (p.Server == "net/http")
	c := card{Name: p.Other, URL: p.OtherURL, Form: p.OtherURL, ID: "echo", Subject: p.Subject, Here: here}
	if here {
		c.Name, c.URL, c.Form = p.Server, p.URL, "/"
	}
	if std {
		c.ID = "std"
	}
	return c
}

// visit counts a visit and says what the page shows.
func (p page) visit(s *sealjar.Session[State]) page {
	s.Data.Visits++
	p.Headline = "Welcome to this page for the first time!"
	if s.Data.Visits > 1 {
		p.Headline = fmt.Sprintf("Views %d", s.Data.Visits-1)
	}
	p.Subject, p.Messages, p.SessionID = s.Subject(), s.Flashes(), s.ID()
	p.Since, p.Idle, p.End = s.AuthTime(), s.IdleExpiry(), s.AbsoluteExpiry()
	return p
}

func (p page) html() (string, error) {
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, p)
	return b.String(), err
}

// text is the page for curl.
func (p page) text() string {
	lines := make([]string, 0, 4)
	for _, m := range p.Messages {
		lines = append(lines, "("+m.Text+")")
	}
	lines = append(lines, p.Headline)
	if p.Subject != "" {
		lines = append(lines, "Signed in as "+p.Subject)
	}
	return strings.Join(lines, "\n") + "\n"
}

// wantsHTML reports whether the client is a browser.
func wantsHTML(accept string) bool { return strings.Contains(accept, "text/html") }

// signIn takes anybody at their word: it is a demo. A real application checks a password or a passkey here.
func signIn(ctx context.Context, s *sealjar.Session[State], name string, remember bool) error {
	name = strings.TrimSpace(name)
	if name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > 40 {
		return s.AddFlash("error", "A name has 1 to 40 characters.")
	}
	if err := s.SignIn(ctx, name); err != nil {
		return err
	}
	if err := s.Remember(remember); err != nil {
		return err
	}
	return s.AddFlash("info", "Hello, "+name+".")
}

// signOut ends the session for good: a copy of its cookie is refused from now on.
func signOut(ctx context.Context, s *sealjar.Session[State]) error {
	if err := s.End(ctx); err != nil {
		return err
	}
	return s.AddFlash("info", "Signed out. Copies of the old cookie are refused now.")
}

// identity is what a server tells about who asks: whom it knows, and never why it does not.
type identity struct {
	Server  string `json:"server"`
	Subject string `json:"subject"`
	Views   int    `json:"views"`
	Known   bool   `json:"known"`
}

// whoAmI does not keep the session alive: the page asks often.
func whoAmI(ctx context.Context, jar *sealjar.Jar[State], server string) (int, identity) {
	s := jar.Peek(ctx)
	if errors.Is(s.Err(), sealjar.ErrUnavailable) {
		return http.StatusServiceUnavailable, identity{Server: server}
	}
	return http.StatusOK, identity{Server: server, Subject: s.Subject(), Views: max(0, s.Data.Visits-1), Known: s.Err() == nil}
}
