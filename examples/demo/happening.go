package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/token"
)

// happening is a sealjar.Event as the page needs it, and as the second process sends it.
type happening struct {
	Kind      sealjar.EventKind
	Server    string
	Device    string
	Reason    string // why something was refused, in a word or two
	SessionID string
	Subject   string
	KeyID     string
	Renewal   bool
	Failed    bool
	At        time.Time
}

func happeningOf(e sealjar.Event) happening {
	where := whereOf(e.Context)
	return happening{
		Kind: e.Kind, Server: where.server, Device: where.device, Reason: reason(e.Err), SessionID: e.SessionID,
		Subject: e.Subject, KeyID: e.KeyID, Renewal: e.Renewal, Failed: e.Err != nil, At: time.Now(),
	}
}

// reason groups what a chart is to show side by side.
func reason(err error) string {
	for _, known := range []struct {
		is   error
		text string
	}{
		{token.ErrUnknownKey, "unknown key"},
		{token.ErrKeyExpired, "unknown key"},
		{token.ErrDecryption, "changed"},
		{token.ErrSignature, "changed"},
		{token.ErrMalformed, "malformed"},
		{sealjar.ErrExpired, "expired"},
		{sealjar.ErrRevoked, "revoked"},
		{revocation.ErrRevoked, "revoked"},
		{sealjar.ErrUnavailable, "can't tell"},
	} {
		if errors.Is(err, known.is) {
			return known.text
		}
	}
	if err != nil {
		return "other"
	}
	return ""
}

// where is what a request's context knows of it: who serves, and who asks.
type where struct{ server, device string }

type whereKey struct{}

func whereOf(ctx context.Context) where {
	if ctx == nil {
		return where{}
	}
	w, _ := ctx.Value(whereKey{}).(where)
	return w
}

// at tells the requests of a server where they are, so that events and the log say it too.
func at(server string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		device, ok := strings.CutPrefix(r.UserAgent(), devicePrefix)
		if !ok {
			device = "Browser"
			if strings.HasPrefix(r.UserAgent(), "curl/") {
				device = "curl"
			}
		}
		inner := r.WithContext(context.WithValue(r.Context(), whereKey{}, where{server, short(device)}))
		next.ServeHTTP(w, inner)
		r.MultipartForm = inner.MultipartForm // the server looks at its own request for temporary files to remove
	})
}
