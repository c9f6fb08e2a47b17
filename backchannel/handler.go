package backchannel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/sealjar/sealjar/revocation"
)

const (
	// maxBody is the most bytes of a request. A logout token has about a thousand.
	maxBody = 16 << 10

	// leeway is how much the clocks of the provider and of our nodes may differ.
	leeway = 30 * time.Second

	// defaultLifetime is for lists that do not know how long sessions live.
	defaultLifetime = 400 * 24 * time.Hour
)

// Handler takes logout tokens and ends the sessions that they name. It is safe for concurrent use.
type Handler struct {
	o       Options
	replays replays
}

// New checks the options. The error names the one that is wrong.
func New(o Options) (*Handler, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	return &Handler{o: o, replays: replays{keep: o.MaxAge + 2*leeway}}, nil
}

// ServeHTTP answers a back-channel logout request (sections 2.5 to 2.8). It answers
//
//   - 200 if the sessions were ended, durably, or had been by the same token before,
//   - 400 if the request is not a good logout token, with the error in JSON (RFC 6749, section 5.2),
//   - 503 if the keys could not be had, or the revocation was not recorded. Section 2.8 has 400 for that too; but the fault is ours, and
//     a provider that tries again does so after a 5xx.
//
// No answer may be kept by a cache.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		answer(w, http.StatusMethodNotAllowed, "invalid_request", "logout tokens are posted")
		return
	}
	e := Event{Context: r.Context()}
	e.Err = h.obey(w, r, &e)
	var refused refusal
	switch {
	case e.Err == nil:
		w.WriteHeader(http.StatusOK)
	case errors.As(e.Err, &refused):
		e.Kind = EventRefused
		answer(w, http.StatusBadRequest, "invalid_request", string(refused))
	default:
		e.Kind = EventFailed
		answer(w, http.StatusServiceUnavailable, "temporarily_unavailable", "try again")
	}
	h.emit(e)
}

func answer(w http.ResponseWriter, status int, code, description string) {
	body, _ := json.Marshal(struct { // of texts that are constants
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}{code, description})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// obey does what the request says, if it may, and tells e what it was.
func (h *Handler) obey(w http.ResponseWriter, r *http.Request, e *Event) error {
	text, err := readForm(w, r)
	if err != nil {
		return err
	}
	c, err := h.open(r.Context(), text)
	if err != nil {
		return err
	}
	e.Logout = c.Logout
	now := h.o.Now()
	if err := h.check(&c, now); err != nil {
		return err
	}
	if known, same := h.replays.seen(c.TokenID, text); same {
		e.Kind = EventRepeated // its answer was lost, or somebody plays it again: both get what they have
		return nil
	} else if known {
		return refusal("another token had this jti")
	}
	names, err := h.o.Names(r.Context(), c.Logout)
	if err != nil {
		return fmt.Errorf("backchannel: names of the sessions: %w", err)
	}
	for _, name := range names {
		if err := h.o.List.Revoke(r.Context(), h.entry(name, &c.Logout, now)); err != nil {
			return fmt.Errorf("backchannel: %w", err)
		}
	}
	h.replays.add(c.TokenID, text, now)
	e.Kind, e.Names = EventEnded, names
	return nil
}

// readForm returns the token of a request.
func readForm(w http.ResponseWriter, r *http.Request) (string, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return "", refusal("the request is not a form, application/x-www-form-urlencoded")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if r.ParseForm() != nil {
		return "", refusal("the request is not a form, or longer than 16 KiB")
	}
	tokens := r.PostForm["logout_token"] // never of the URL, which is logged
	if len(tokens) != 1 {
		return "", refusal("the form has no logout_token, or several")
	}
	return tokens[0], nil
}

// open returns the claims of a token whose signature is good.
func (h *Handler) open(ctx context.Context, text string) (claims, error) {
	t, err := parseToken(text)
	if err != nil {
		return claims{}, err
	}
	if !slices.Contains(h.o.Algorithms, t.algorithm) {
		return claims{}, refusal("the token's algorithm is not one that was agreed on")
	}
	if err := t.checkType(h.o.AllowUntyped); err != nil {
		return claims{}, err
	}
	keys, err := h.o.Keys(ctx, t.kid)
	if err != nil {
		return claims{}, fmt.Errorf("backchannel: keys of the provider: %w", err)
	}
	if keys == nil {
		return claims{}, errors.New("backchannel: there are no keys of the provider")
	}
	if err := keys.verify(t.kid, t.algorithm, t.input, t.signature); err != nil {
		return claims{}, err
	}
	return readClaims(t.payload)
}

// check compares the claims with what is expected (section 2.6).
func (h *Handler) check(c *claims, now time.Time) error {
	others := slices.DeleteFunc(slices.Clone(c.audience), func(a string) bool { return a == h.o.ClientID })
	switch {
	case c.Issuer != h.o.Issuer:
		return refusal("the token is of another issuer")
	case len(others) == len(c.audience):
		return refusal("the token is for another audience")
	case slices.ContainsFunc(others, func(a string) bool { return !slices.Contains(h.o.OtherAudiences, a) }):
		return refusal("the token is also for an audience that is not trusted")
	case c.IssuedAt.After(now.Add(leeway)):
		return refusal("the token was issued in the future")
	case !now.Before(c.expiry.Add(leeway)), !now.Before(c.IssuedAt.Add(h.o.MaxAge + leeway)):
		return refusal("the token has expired")
	}
	return nil
}

// entry is the revocation of a name. Its cutoff depends on the token and not on when it came. For the provider's own session it
// may lie ahead: that has ended, and who is being signed in by it at this moment is refused too. Whoever else bears the name may
// sign in anew at once.
func (h *Handler) entry(name revocation.Name, l *Logout, now time.Time) revocation.Entry {
	cutoff := l.IssuedAt.Add(leeway)
	if ended := (revocation.Name{Kind: revocation.Group, Name: Group(l.Issuer, l.SessionID)}); name != ended && cutoff.After(now) {
		cutoff = now
	}
	lifetime := defaultLifetime
	if list, ok := h.o.List.(interface{ Lifetime() time.Duration }); ok {
		lifetime = list.Lifetime()
	}
	return revocation.Entry{
		Kind: name.Kind, Name: name.Name, Cutoff: cutoff, Until: now.Add(2*leeway + lifetime), Reason: "signed out by " + h.o.Issuer,
	}
}
