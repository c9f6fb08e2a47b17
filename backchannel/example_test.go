package backchannel_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/backchannel"
	"github.com/sealjar/sealjar/keys"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/stdmw"
)

// A user signs in through the provider, and is signed out there.
func Example() {
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { // its jwks_uri
		_, _ = w.Write(jwks(jwk(rsaKey().Public(), nil)))
	}))
	defer provider.Close()
	key, err := keys.Generate(keys.HS256, time.Time{}, time.Time{})
	if err != nil {
		log.Fatal(err)
	}
	ring, err := keys.NewRing([]*keys.Key{key}, keys.Options{})
	if err != nil {
		log.Fatal(err)
	}

	list := new(revocation.Memory) // in production a revocation.List
	jar, err := sealjar.New[struct{}](sealjar.Options{Keys: ring, Revocation: list})
	if err != nil {
		log.Fatal(err)
	}
	logout, err := backchannel.New(backchannel.Options{
		Issuer: "https://id.example", ClientID: "shop", List: list,
		Keys: func(ctx context.Context, _ string) (*backchannel.KeySet, error) { // in production cached
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, provider.URL, nil)
			if err != nil {
				return nil, err
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				return nil, err
			}
			defer response.Body.Close()
			text, err := io.ReadAll(io.LimitReader(response.Body, backchannel.MaxKeySet+1))
			if err != nil {
				return nil, err
			}
			return backchannel.ParseKeySet(text)
		},
		Observe: func(e backchannel.Event) {
			switch e.Kind {
			case backchannel.EventEnded:
				fmt.Println("the provider signs out", e.Logout.Subject)
			case backchannel.EventRepeated, backchannel.EventRefused, backchannel.EventFailed:
				fmt.Println(e.Kind, e.Err)
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	pages := http.NewServeMux()
	pages.HandleFunc("GET /callback", func(_ http.ResponseWriter, r *http.Request) {
		session := jar.From(r.Context()) // iss, sub and sid are of the ID token, which was verified
		if err := session.SignIn(r.Context(), "ada"); err != nil {
			log.Fatal(err)
		}
		if err := session.SetGroups(backchannel.Group("https://id.example", "s1")); err != nil {
			log.Fatal(err)
		}
	})
	pages.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, jar.From(r.Context()).Subject())
	})
	site := http.NewServeMux()
	site.Handle("/backchannel-logout", logout)
	site.Handle("/", stdmw.New(jar, stdmw.Options{})(pages))

	cookie := ""
	visit := func(path string) {
		r, w := httptest.NewRequest(http.MethodGet, path, nil), httptest.NewRecorder()
		r.Header.Set("Cookie", cookie)
		site.ServeHTTP(w, r)
		for _, c := range w.Result().Cookies() {
			cookie = c.Name + "=" + c.Value
		}
		fmt.Printf("GET %s signed in as %q\n", path, w.Body)
	}
	visit("/callback")
	visit("/")

	token := logoutToken(claimsOf(time.Now(), object{"sid": "s1"})) // in the provider
	form := url.Values{"logout_token": {token}}.Encode()
	for range 2 {
		fmt.Println("POST /backchannel-logout", postForm(site, form))
	}
	visit("/")
	// Output:
	// GET /callback signed in as ""
	// GET / signed in as "ada"
	// the provider signs out ada
	// POST /backchannel-logout 200
	// repeated <nil>
	// POST /backchannel-logout 200
	// GET / signed in as ""
}

// Subjects that are called otherwise here, or belong to one of several providers.
func ExampleOptions() {
	ours := map[string]string{"https://id.example ada": "user-7"} // in production a table
	var list backchannel.Revoker = new(revocation.Memory)
	set, err := backchannel.ParseKeySet(jwks(jwk(p256Key().Public(), nil)))
	if err != nil {
		log.Fatal(err)
	}
	counts := map[backchannel.EventKind]int{}
	var logout *backchannel.Handler
	logout, err = backchannel.New(backchannel.Options{
		Issuer: "https://id.example", ClientID: "shop", List: list, Algorithms: []string{"ES256"},
		Keys: func(context.Context, string) (*backchannel.KeySet, error) { return set, nil },
		Names: func(ctx context.Context, l backchannel.Logout) ([]revocation.Name, error) {
			if l.SessionID != "" {
				return backchannel.Names(ctx, l)
			}
			subject, known := ours[l.Issuer+" "+l.Subject]
			if !known {
				return nil, nil // who was never here needs no signing out
			}
			return []revocation.Name{{Kind: revocation.Subject, Name: subject}}, nil
		},
		Observe: func(e backchannel.Event) { counts[e.Kind]++; fmt.Println(e.Kind, e.Names) },
	})
	if err != nil {
		log.Fatal(err)
	}
	claims, err := json.Marshal(claimsOf(time.Now(), nil))
	if err != nil {
		log.Fatal(err)
	}
	token := sign("ES256", p256Key(), `{"alg":"ES256","kid":"k1","typ":"logout+jwt"}`, string(claims))
	postForm(logout, url.Values{"logout_token": {token}}.Encode())
	fmt.Println(counts)
	// Output:
	// ended [{subject user-7}]
	// map[ended:1]
}

func postForm(handler http.Handler, form string) int {
	r, w := httptest.NewRequest(http.MethodPost, "/backchannel-logout", nil), httptest.NewRecorder()
	r.Body, r.Header = io.NopCloser(strings.NewReader(form)), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	handler.ServeHTTP(w, r)
	return w.Code
}
