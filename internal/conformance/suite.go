package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// Behaviour is one thing to expect.
type Behaviour struct {
	ID     string // stable: its chapter, and its place there
	Given  string
	Expect string

	chapter string
	needs   []string // what an implementation may lack: see [About]
	check   func(p *probe)
}

// Name is the behaviour as one sentence.
func (b *Behaviour) Name() string { return "given " + b.Given + ", expect " + b.Expect }

// Chapter is a group of behaviours.
type Chapter struct {
	Key, Title string
	Behaviours []Behaviour
}

// Chapters returns the whole suite.
func Chapters() []Chapter {
	chapters := []Chapter{
		{"issue", "Issue and read", issue},
		{"refuse", "Refused input", slices.Concat(refused, foreign, twins, headers, furtherTwins)},
		{"attribute", "Cookie attributes", slices.Concat(attributes, deletion, tenants, priorities)},
		{"life", "Lifetime", slices.Concat(lifetime, remembering, renewal)},
		{"rotate", "Key rotation", slices.Concat(rotation, furtherRotation)},
		{"end", "Signing in and out", slices.Concat(signingIn, signingOut, fresh, others, recent)},
		{"respond", "Response mechanics", slices.Concat(statuses, mechanics)},
		{"size", "Size", slices.Concat(size, chunks, badChunks)},
		{"cache", "Caching", caching},
		{"parallel", "Concurrency", parallel},
		{"token", "Tokens in a header", slices.Concat(bearer, badBearer)},
		{"beside", "Beside other packages and programs", slices.Concat(slots, crossOrigin, proxied, reader, forms)},
	}
	for c := range chapters {
		chapter := &chapters[c]
		chapter.Behaviours = slices.Clone(chapter.Behaviours)
		for i := range chapter.Behaviours {
			b := &chapter.Behaviours[i]
			b.chapter = chapter.Key
			b.ID = fmt.Sprintf("%s-%02d", chapter.Key, i+1)
		}
	}
	return chapters
}

// Target is what is examined.
type Target struct {
	URL    string
	Client *http.Client // its transport is used; nil means the default
	HTTP2  bool         // every request must go out as HTTP/2
}

// About is what a site says of itself.
type About struct {
	// Cookie and Second are the names of its cookies.
	Cookie string `json:"cookie"`
	Second string `json:"second"`
	// Header is sent with each request: what a proxy in front of it would add.
	Header map[string]string `json:"header"`
	// Lacks says why the suite can't ask for something:
	//   clock       its clock can be set
	//   absolute    a lifetime in all, besides the idle one
	//   own         a session can have a shorter absolute lifetime
	//   session     a cookie that ends with the browser
	//   passive     reading without keeping the session alive
	//   leeway      servers whose clocks differ a little
	//   keys        keys that can be rotated
	//   sealed      the cookie is a token of five parts that holds the session
	//   apart       a token that was handed out and the cookie that it came from each hold a session of their own
	//   bounded     the session is in the cookie, so its size has a limit
	//   chunks      a session may be in several cookies
	//   twins       cookies of the same name that another path or domain has set are deleted
	//   tenants     attributes of the cookie that depend on the request
	//   priority    the attribute Priority
	//   always      each response may renew the session
	//   never       reading may leave the session's end where it is
	//   countdown   the time that is left until the session ends by being idle
	//   others      the other sessions of a subject can be ended
	//   recent      it is known when and how somebody signed in
	//   bearer      a token in a header can take the place of the cookie
	//   slots       packages that know nothing of each other can keep something in a session
	//   csrf        protection against requests that other sites make
	//   proxy       the session can be taken out of a request that goes on to somewhere else
	//   reader      another program can read the sessions and not write them
	//   forms       what sessions hold has a type, which the next version of a program may change
	Lacks map[string]string `json:"lacks"`
}

// Verdict is what became of a behaviour.
type Verdict string

const (
	Pass Verdict = "✓"
	Fail Verdict = "✗"
	NA   Verdict = "n/a"
)

// Result is the verdict for one behaviour, and why if it is not Pass.
type Result struct {
	ID      string
	Verdict Verdict
	Why     string
}

// Test runs the suite, in which everything that applies must pass.
func Test(t *testing.T, target Target) {
	each(target, func(b *Behaviour, run func() Result) {
		t.Run(b.ID+" "+b.Name(), func(t *testing.T) {
			switch r := run(); r.Verdict {
			case Fail:
				t.Error(r.Why)
			case NA:
				t.Skip(r.Why)
			}
		})
	})
}

// Examine runs the suite and returns what it found.
func Examine(target Target) []Result {
	var results []Result
	each(target, func(_ *Behaviour, run func() Result) { results = append(results, run()) })
	return results
}

func each(target Target, do func(b *Behaviour, run func() Result)) {
	for _, chapter := range Chapters() {
		for i := range chapter.Behaviours {
			b := &chapter.Behaviours[i]
			do(b, func() Result { return examine(target, b) })
		}
	}
}

// examine runs one behaviour on a goroutine of its own, which a failed requirement ends.
func examine(target Target, b *Behaviour) Result {
	p := &probe{target: target}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer p.cleanup()
		defer func() {
			if v := recover(); v != nil {
				buf := make([]byte, 4096)
				p.Errorf("panic: %v\n%s", v, buf[:runtime.Stack(buf, false)])
			}
		}()
		p.reset("")
		for _, need := range b.needs {
			if why, ok := p.lacks(need); ok {
				p.missing = why
				return
			}
		}
		b.check(p)
	}()
	<-done
	switch {
	case p.missing != "":
		return Result{b.ID, NA, p.missing}
	case len(p.failures) > 0:
		return Result{b.ID, Fail, strings.Join(p.failures, "\n")}
	}
	return Result{b.ID, Pass, ""}
}

// lacks reports whether the target, or the way to it, can't do something, and why.
func (p *probe) lacks(need string) (string, bool) {
	if need == "bytes" {
		return "a client that speaks HTTP/2 can't send it", p.target.HTTP2
	}
	why, ok := p.about.Lacks[need]
	return why, ok
}

// reset begins anew, with the options of a query.
func (p *probe) reset(options string) {
	p.control("reset?" + options)
	p.about, p.ahead, p.prefix = About{}, 0, ""
	if strings.Contains(options, "path=/in") {
		p.prefix = "/in"
	}
	if err := json.Unmarshal([]byte(p.control("about")), &p.about); err != nil {
		p.Errorf("about: %v", err)
		p.FailNow()
	}
}
