package backchannel

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/sealjar/sealjar/revocation"
)

// Options says whose logout tokens are good, and what they end. Issuer, ClientID, Keys and List are required.
type Options struct {
	// Issuer is the provider, exactly as the claim iss of its ID tokens has it. At most 200 bytes.
	Issuer string

	// ClientID is what the application is called at the provider: the audience of its tokens.
	ClientID string

	// OtherAudiences are more audiences that a token may name beside ClientID. One that names any other is refused (OpenID
	// Connect Core, section 3.1.3.7).
	OtherAudiences []string

	// Algorithms are those by which the provider may sign: RS256, PS256, ES256, each also with 384 and 512, and EdDSA. Nil means
	// RS256, the default of OpenID Connect for id_token_signed_response_alg. A key serves only algorithms of its own type, and
	// only the one that its alg names.
	Algorithms []string

	// Keys returns the provider's keys, from its jwks_uri by [ParseKeySet]. It is asked for each token, so it caches
	// them; kid is the one that is looked for, empty if the token has none. Anybody can make up a kid: if it is
	// unknown, fetch the keys anew, but not more often than once in a minute or so. With an error the provider is asked
	// to try again later.
	Keys func(ctx context.Context, kid string) (*KeySet, error)

	// List is where sessions are revoked: the list of the jar.
	List Revoker

	// Names says which sessions a logout token ends, by names that our sessions bear. It may be none. With an error the
	// provider is asked to try again later. Nil means [Names].
	Names func(context.Context, Logout) ([]revocation.Name, error)

	// AllowUntyped accepts a token whose header has the typ JWT or none, where "logout+jwt" is wanted. The
	// specification leaves that open for the sake of older providers (section 2.4). The claim events is required all
	// the same, and nonce forbidden, so that no ID token passes.
	AllowUntyped bool

	// MaxAge is how long after its iat a token is good, if it does not expire before; 0 means 5 minutes. At most an hour.
	MaxAge time.Duration

	// Logger gets what Observe gets, in words. Nil means [slog.Default] at the time of [New].
	Logger *slog.Logger

	// Observe, if not nil, is called for every event. It must be quick and safe for concurrent use.
	Observe func(Event)

	// Now tells the time; nil means [time.Now].
	Now func() time.Time
}

// Revoker records revocations: *[revocation.List], *[revocation.Direct] or *[revocation.Memory]. Nil means that the
// entry is durable.
//
// If it has a method Lifetime() time.Duration, that is how long entries are kept; otherwise 400 days, the longest that browsers
// keep a cookie.
type Revoker interface {
	Revoke(context.Context, revocation.Entry) error
}

// Names is what a logout token ends by default: the [Group] of its sid, or, if it has none, all sessions of its subject.
func Names(_ context.Context, l Logout) ([]revocation.Name, error) {
	if l.SessionID != "" {
		return []revocation.Name{{Kind: revocation.Group, Name: Group(l.Issuer, l.SessionID)}}, nil
	}
	return []revocation.Name{{Kind: revocation.Subject, Name: l.Subject}}, nil
}

// check completes the options.
func (o *Options) check() error {
	for _, f := range []struct {
		name    string
		missing bool
	}{{"Issuer", o.Issuer == ""}, {"ClientID", o.ClientID == ""}, {"Keys", o.Keys == nil}, {"List", o.List == nil}} {
		if f.missing {
			return errors.New("backchannel: Options." + f.name + " is missing")
		}
	}
	if len(o.Issuer) > 200 {
		return errors.New("backchannel: Options.Issuer is longer than 200 bytes")
	}
	if o.Algorithms == nil {
		o.Algorithms = []string{"RS256"}
	}
	if len(o.Algorithms) == 0 {
		return errors.New("backchannel: Options.Algorithms is empty: no token would be good")
	}
	for _, name := range o.Algorithms {
		if methods[name] == nil {
			return fmt.Errorf("backchannel: Options.Algorithms has %q: want RS256, PS256, ES256, their 384 and 512, or EdDSA", name)
		}
	}
	if o.MaxAge == 0 {
		o.MaxAge = 5 * time.Minute
	}
	if o.MaxAge < time.Second || o.MaxAge > time.Hour {
		return fmt.Errorf("backchannel: Options.MaxAge is %v: want 1s to 1h", o.MaxAge)
	}
	o.Algorithms, o.OtherAudiences = slices.Clone(o.Algorithms), slices.Clone(o.OtherAudiences)
	if o.Names == nil {
		o.Names = Names
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return nil
}
