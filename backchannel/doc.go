// Package backchannel lets an OpenID Connect provider end our sessions: it is the relying party's side of OpenID Connect
// Back-Channel Logout 1.0.
//
// # Use
//
// At sign-in, give the session the group that the provider's session has here, if the ID token has a sid:
//
//	err = session.SignIn(ctx, idToken.Subject)
//	err = session.SetGroups(backchannel.Group(idToken.Issuer, idToken.SessionID))
//
// and mount the [Handler] where the provider has been told to post logout tokens (backchannel_logout_uri), outside of the
// jar's middleware and of protection against cross-site requests: no browser comes here. The requests are authenticated by the
// provider's signature alone.
//
// # What a logout token ends
//
// A token with a sid ends the sessions that bear [Group] of it; a token with a sub and no sid ends all sessions of the subject
// (section 2.4). [Options].Names changes that, and must be set if several providers, whose subjects may be
// the same, serve one revocation list.
//
// The cutoff is taken from the token's iat and not from the time of its arrival. So a token that is delivered late, or
// twice, or to another node, ends no session that was signed in later than 30 seconds after the provider made it; and a
// provider's clock may be as much behind.
//
// # Limits
//
// Encrypted logout tokens are refused, and so are algorithms with a shared secret. The provider's keys are fetched by
// the application. A provider whose sessions end by expiry alone sends no token: keep [sealjar.Options].Absolute as
// short as that needs.
//
// [sealjar.Options]: https://pkg.go.dev/github.com/sealjar/sealjar#Options
package backchannel
