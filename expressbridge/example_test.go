package expressbridge_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/expressbridge"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/stdmw"
)

// Data is what the application keeps in a session.
type Data struct{ Views int }

// Imported says what a session of Express means here. There it is {"user": {"name": "alice"}, "views": 3, "signedInAt":
// 1773500966000}.
func Imported(_ context.Context, old expressbridge.Old) (expressbridge.Session[Data], error) {
	user, ok := old.Values["user"].(map[string]any)
	if !ok {
		return expressbridge.Session[Data]{}, expressbridge.ErrSkip // nobody is signed in
	}
	var session expressbridge.Session[Data]
	session.Subject, _ = user["name"].(string)
	views, _ := old.Values["views"].(float64)
	session.Data.Views = int(views)
	if at, ok := old.Values["signedInAt"].(float64); ok {
		session.AuthTime = time.UnixMilli(int64(at))
	}
	session.Remember = old.MaxAge > 24*time.Hour
	return session, nil
}

// A user who has signed in at Express opens a page of the new application.
func Example() {
	now := time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)
	rows := &collection{now: func() time.Time { return now }, documents: map[string]document{"KmzE8tVwqkeq4h": {
		`{"cookie":{"originalMaxAge":1800000},"user":{"name":"alice"},"views":3,"signedInAt":1773500000000}`, now.Add(20 * time.Minute),
	}}}
	source, err := expressbridge.New(expressbridge.Options[Data]{
		Rows:      rows,
		Secrets:   []string{"keyboard cat"},
		Import:    Imported,
		Mode:      expressbridge.AtOnce,
		OnFailure: expressbridge.Refuse,
	})
	if err != nil {
		log.Fatal(err)
	}
	key, err := keys.Generate(keys.HS256, time.Time{}, time.Time{})
	if err != nil {
		log.Fatal(err)
	}
	ring, err := keys.NewRing([]*keys.Key{key}, keys.Options{})
	if err != nil {
		log.Fatal(err)
	}
	jar, err := sealjar.New[Data](sealjar.Options{Keys: ring, Takeover: source, Now: rows.now})
	if err != nil {
		log.Fatal(err)
	}
	page := stdmw.New(jar, stdmw.Options{})(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context())
		session.Data.Views++
		fmt.Println(session.Subject(), session.Data.Views, session.AuthTime().UTC().Format(time.TimeOnly))
	}))

	request := httptest.NewRequest(http.MethodGet, "https://example.com/", nil)
	mac := hmac.New(sha256.New, []byte("keyboard cat"))
	mac.Write([]byte("KmzE8tVwqkeq4h"))
	request.AddCookie(&http.Cookie{Name: "connect.sid", Value: "s:KmzE8tVwqkeq4h." + base64.RawStdEncoding.EncodeToString(mac.Sum(nil))})
	response := httptest.NewRecorder()
	page.ServeHTTP(response, request)
	for _, cookie := range response.Result().Cookies() {
		fmt.Println(cookie.Name, cookie.MaxAge)
	}
	fmt.Println(len(rows.documents), "rows")
	// Output:
	// alice 4 14:53:20
	// __Host-session 0
	// connect.sid -1
	// 0 rows
}

// While Express and Go serve the same users; and the row of who signs in here is written so that all of it can be undone.
func ExampleOptions() {
	rows, err := expressbridge.MySQL(new(sql.DB), expressbridge.Table{Name: "shop.sessions"}) // of sql.Open("mysql", …)
	if err != nil {
		log.Fatal(err)
	}
	_, err = expressbridge.New(expressbridge.Options[Data]{
		Rows:    rows,
		Secrets: []string{"this year's", "last year's"},
		Import: func(_ context.Context, old expressbridge.Old) (expressbridge.Session[Data], error) {
			user, ok := old.Values["user"].(map[string]any)
			if !ok {
				return expressbridge.Session[Data]{}, expressbridge.ErrSkip
			}
			name, _ := user["name"].(string)
			return expressbridge.Session[Data]{Subject: name, Remember: old.MaxAge > 24*time.Hour}, nil
		},
		Mode:       expressbridge.SideBySide,
		OnFailure:  expressbridge.Anonymous,
		Expiration: 12 * time.Hour,
		Cookie:     expressbridge.Cookie{Name: "shop.sid", Domain: "example.com", MaxAge: 2 * time.Hour},
		Back: func(subject string, data Data) (map[string]any, error) {
			return map[string]any{"user": map[string]any{"name": subject}, "views": data.Views}, nil
		},
	})
	fmt.Println(err)
	// Output: <nil>
}

// The table of connect-pg-simple. What is not said is an error.
func ExamplePostgreSQL() {
	rows, err := expressbridge.PostgreSQL(new(sql.DB), expressbridge.Table{Name: "session"})
	if err != nil {
		log.Fatal(err)
	}
	options := expressbridge.Options[Data]{Rows: rows, Secrets: []string{"keyboard cat"}, Import: Imported, OnFailure: expressbridge.Refuse}
	for _, mode := range []expressbridge.Mode{expressbridge.AfterGrace, 0} {
		options.Mode = mode
		_, err = expressbridge.New(options)
		fmt.Println(err)
	}
	var onFailure expressbridge.Failure
	options.Mode, options.OnFailure = expressbridge.AfterGrace, onFailure
	_, err = expressbridge.New(options)
	fmt.Println(err)
	// Output:
	// <nil>
	// expressbridge: Options.Mode is missing: say SideBySide, AfterGrace or AtOnce
	// expressbridge: Options.OnFailure is missing: say Refuse or Anonymous
}

// Where the session has but an id of the user, Import may ask a database for the rest. That it does not answer says nothing of
// the session.
func ExampleErrUnavailable() {
	users, err := sql.Open("mysql", "app:secret@/shop")
	if err != nil {
		log.Fatal(err)
	}
	options := expressbridge.Options[Data]{
		Import: func(ctx context.Context, old expressbridge.Old) (session expressbridge.Session[Data], err error) {
			err = users.QueryRowContext(ctx, "SELECT name FROM users WHERE id = ?", old.Values["userId"]).Scan(&session.Subject)
			switch {
			case errors.Is(err, sql.ErrNoRows):
				return session, expressbridge.ErrSkip
			case err != nil:
				return session, fmt.Errorf("%w: %w", expressbridge.ErrUnavailable, err)
			}
			return session, nil
		},
		OnFailure: expressbridge.Refuse, // and what becomes of the request then
	}
	_ = options // as in the other examples
}
