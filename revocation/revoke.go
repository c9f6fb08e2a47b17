package revocation

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// revoker records entries in a store. It is what [List] and [Direct] have in common.
//
// Its methods return nil when the entry is durable, and this process refuses by it. An error means that nobody knows, and that
// this process has not changed its mind: an outage must not cut off a user whose session could not be renewed for it. Try
// again; doing so twice is the same as once. The end of ctx does not stop them, because a client that hangs up after
// pressing "sign out" is signed out; 10 seconds do.
//
// A reason is for people, at most [MaxReason] bytes of UTF-8.
type revoker struct {
	observer
	store    Store
	now      func() time.Time
	lifetime time.Duration // as configured
	longest  atomic.Int64  // of the jars that use the list
	applied  func(Entry)
}

const (
	revokeTimeout = 10 * time.Second

	// defaultLifetime is the longest that browsers keep a cookie (draft-ietf-httpbis-rfc6265bis, section 5.5).
	defaultLifetime = 400 * 24 * time.Hour
)

// Revoke records an entry as it is. Nil means that it is durable, and that this process refuses by it from now on; other
// nodes follow in milliseconds, and at the latest when they would be stale.
//
// An error means that nobody knows whether it was recorded, and that this process goes on as before: an outage must not cut
// off a user whose session could not be renewed for it. Try again; twice is the same as once. The error may also be that of
// [Entry.Check].
//
// The end of ctx does not stop a revocation, because a client that hangs up after pressing "sign out" is signed out; 10
// seconds do. All this holds for the methods below too. A reason is for people, at most [MaxReason] bytes of UTF-8.
func (r *revoker) Revoke(ctx context.Context, e Entry) error {
	if err := e.Check(); err != nil {
		return err
	}
	adding, cancel := context.WithTimeout(context.WithoutCancel(ctx), revokeTimeout)
	defer cancel()
	err := r.store.Add(adding, e)
	if err != nil {
		err = fmt.Errorf("revocation: not recorded: %w", err)
	} else {
		r.applied(e)
	}
	r.emit(Event{Kind: EventRevoked, Entry: e, Err: err, Context: ctx})
	return err
}

// RevokeSession ends one session, by its id. The id that it had at first ends also whatever the session is or was
// renewed into; an id that a renewal gave it ends what bears that id alone, and a node that has not heard of this yet
// may renew the session into another one. Session.End of the jar knows the first id; the subject is sure, too.
func (r *revoker) RevokeSession(ctx context.Context, sid, reason string) error {
	return r.revoke(ctx, Session, sid, r.now(), reason)
}

// RevokeToken refuses one token, by its id (jti). The session goes on with a newer token, if it has one.
func (r *revoker) RevokeToken(ctx context.Context, jti, reason string) error {
	return r.revoke(ctx, Token, jti, r.now(), reason)
}

// RevokeSubject ends all sessions of a subject that were signed in at that time or before, and no others: a node whose
// clock is fast may have signed somebody in a moment ago with a later time. For "until now", add to now what clocks may
// differ by, which is [token.Leeway]. [Jar.EndAll] does so.
//
// [token.Leeway]: https://pkg.go.dev/github.com/sealjar/sealjar/token#Leeway
// [Jar.EndAll]: https://pkg.go.dev/github.com/sealjar/sealjar#Jar.EndAll
func (r *revoker) RevokeSubject(ctx context.Context, subject string, at time.Time, reason string) error {
	return r.revoke(ctx, Subject, subject, at, reason)
}

// RevokeGroup ends all sessions of a group, such as a tenant or a device, that were signed in at that time or before.
// For "until now", add what clocks may differ by, as for [List.RevokeSubject].
func (r *revoker) RevokeGroup(ctx context.Context, group string, at time.Time, reason string) error {
	return r.revoke(ctx, Group, group, at, reason)
}

// RevokeKey refuses every token under a key, whenever its session says that it was signed in: who has stolen the key writes
// what he likes. Remove the key from the key file as well; the entry ends, and what is refused here is the time until
// every node has the new file.
func (r *revoker) RevokeKey(ctx context.Context, kid, reason string) error {
	until := r.now().Add(r.Lifetime())
	return r.Revoke(ctx, Entry{Kind: Key, Name: kid, Cutoff: until, Until: until, Reason: reason})
}

// RevokeAll ends all sessions that were signed in at that time or before. For "until now", add what clocks may differ by, as
// for [List.RevokeSubject].
func (r *revoker) RevokeAll(ctx context.Context, at time.Time, reason string) error {
	return r.revoke(ctx, All, "", at, reason)
}

func (r *revoker) revoke(ctx context.Context, kind Kind, name string, at time.Time, reason string) error {
	until := r.now()
	if at.After(until) {
		until = at // who signs in until then is refused too
	}
	return r.Revoke(ctx, Entry{Kind: kind, Name: name, Cutoff: at, Until: until.Add(r.Lifetime()), Reason: reason})
}

// Outlive says that there are sessions that live for so long. [sealjar.New] calls it; entries that are made after that
// live at least as long.
//
// [sealjar.New]: https://pkg.go.dev/github.com/sealjar/sealjar#New
func (r *revoker) Outlive(lifetime time.Duration) {
	for {
		longest := r.longest.Load()
		if int64(lifetime) <= longest || r.longest.CompareAndSwap(longest, int64(lifetime)) {
			return
		}
	}
}

// Lifetime is how long entries live that are made now: as configured, and as long as the longest session of a jar of this
// process. If neither is known, 400 days.
func (r *revoker) Lifetime() time.Duration {
	if d := max(r.lifetime, time.Duration(r.longest.Load())); d > 0 {
		return d
	}
	return defaultLifetime
}

// Entries calls f for all entries that the store holds and that have not expired, in no order. An entry that is
// changed meanwhile may come twice. An error of f ends it and is returned.
func (r *revoker) Entries(ctx context.Context, f func(Entry) error) error {
	_, err := r.store.Read(ctx, "", func(batch []Entry) error {
		for _, e := range batch {
			if err := f(e); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}
