package cli

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealjar/sealjar/cmd/sealjar/internal/stores"
	"github.com/sealjar/sealjar/revocation"
	"github.com/sealjar/sealjar/token"
)

// revokeOptions is what `revoke …` was told.
type revokeOptions struct {
	store   storeFlags
	reason  string
	session duration
	at      moment
	json    bool
}

func (a *app) revoke() *cobra.Command {
	cmd := group(&cobra.Command{
		Use:   "revoke",
		Short: "End sessions before their time",
		Long: `Records a revocation in the store that the application's nodes follow. They refuse the sessions
within milliseconds, or within the interval at which they poll the store.

The store is given by its URL, best in the environment variable SEALJAR_REVOCATIONS, since every
user of the machine sees a password on a command line:

  sqlite:/var/lib/app/revocations.db
  postgres://user:password@host/database
  mysql://user:password@host:3306/database    (or mariadb:)
  redis://user:password@host:6379/0           (or rediss: with TLS; &addr=host:port for a cluster)
  nats://user:password@host:4222/stream       (?replicas=1 for one server, 3 if left out; &addr=host:port
                                              for each further one; &creds=FILE, &ca=FILE)

The sessions of a user, of a group and of everybody end if they were signed in until 30 seconds from
now on: a node whose clock is ahead by as much may have signed somebody in a moment ago. Who signs
in again in that time is let in, and joins a group in vain that was revoked. --at gives another time,
to the second, with nothing added.

An id that begins with a hyphen comes after a -- of its own.

Exit code 0 says that the revocation is durable. With any other nobody knows: do it again, which
is the same as once.`,
		Example: `  sealjar revoke subject alice --reason "lost laptop"
  sealjar revoke group tenant:7
  sealjar revoke all --at 2026-11-24T12:00:00Z --reason "leak of 24 November"`,
	})
	for _, k := range []struct {
		kind        revocation.Kind
		name, short string
		dated       bool
	}{
		{revocation.Session, "SID", "End one session", false},
		{revocation.Token, "JTI", "Refuse one token; its session goes on with a newer one", false},
		{revocation.Subject, "SUBJECT", "End all sessions of a user", true},
		{revocation.Group, "GROUP", "End all sessions of a tenant, a device, a role: of a group that the application names", true},
		{revocation.Key, "KID", "Refuse all tokens under a key until every node has a key file without it", false},
		{revocation.All, "", "End all sessions of everybody", true},
	} {
		cmd.AddCommand(a.revokeKind(k.kind, k.name, k.short, k.dated))
	}
	return cmd
}

func (a *app) revokeKind(kind revocation.Kind, name, short string, dated bool) *cobra.Command {
	o := revokeOptions{session: duration(30 * day), at: moment{now: a.Now}}
	cmd := &cobra.Command{
		Use: string(kind), Short: short, Args: arguments(), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.revokeBy(cmd.Context(), kind, append(args, "")[0], o)
		},
	}
	if name != "" {
		cmd.Use, cmd.Args = string(kind)+" "+name, arguments(name)
	}
	o.store.add(cmd)
	jsonFlag(cmd, &o.json)
	cmd.Flags().StringVar(&o.reason, "reason", "", "why, for people: it shows in listings and events")
	cmd.Flags().Var(&o.session, "session", "how long the longest session of the application lives: the revocation is kept for so long")
	if dated {
		cmd.Flags().Var(&o.at, "at", "end the sessions that were signed in until exactly then, such as now (default: 30s from now on, by which clocks may differ)")
	}
	return cmd
}

// checkID refuses what is the id of no session or token (docs/format.md), and does not repeat it: it may be a whole token.
// Other programs may make ids of any length, so what is wrong with those of another length than ours is not known.
func (a *app) checkID(kind revocation.Kind, id string) error {
	claim, length := "sid", 22
	switch kind {
	case revocation.Session:
	case revocation.Token:
		claim, length = "jti", 16
	default:
		return nil
	}
	if len(id) == 0 || len(id) > 64 || strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		return usage("that is no %s id: want the %s of `sealjar token show`, %d characters of A-Z a-z 0-9 - _", kind, claim, length)
	}
	if len(id) != length {
		fmt.Fprintf(a.Err, "warning: sealjar makes %s ids of %d characters, and this one has %d: look whether it is the %s of `sealjar token show`\n",
			kind, length, len(id), claim)
	}
	return nil
}

func (a *app) revokeBy(ctx context.Context, kind revocation.Kind, name string, o revokeOptions) error {
	if err := a.checkID(kind, name); err != nil {
		return err
	}
	return a.use(ctx, o.store, false, func(ctx context.Context, store *stores.Store) error {
		var recorded revocation.Entry
		d, err := revocation.NewDirect(store, revocation.DirectOptions{
			OnError: revocation.Refuse, Lifetime: time.Duration(o.session), Now: a.Now, Logger: slog.New(slog.DiscardHandler),
			Observe: func(e revocation.Event) { recorded = e.Entry },
		})
		if err != nil {
			return err
		}
		at := o.at.or(a.Now().Add(token.Leeway))
		switch kind {
		case revocation.Session:
			err = d.RevokeSession(ctx, name, o.reason)
		case revocation.Token:
			err = d.RevokeToken(ctx, name, o.reason)
		case revocation.Subject:
			err = d.RevokeSubject(ctx, name, at, o.reason)
		case revocation.Group:
			err = d.RevokeGroup(ctx, name, at, o.reason)
		case revocation.Key:
			err = d.RevokeKey(ctx, name, o.reason)
		case revocation.All:
			err = d.RevokeAll(ctx, at, o.reason)
		}
		if err != nil {
			return err
		}
		if o.json {
			return a.printJSON(entryOf(recorded))
		}
		fmt.Fprintf(a.Out, "revoked: %s, kept until %s\n", describe(recorded), showBoth(recorded.Until, a.Now(), ""))
		return nil
	})
}

// describe says in words what an entry ends.
func describe(e revocation.Entry) string {
	switch e.Kind {
	case revocation.Session, revocation.Token:
		return fmt.Sprintf("%s %s", e.Kind, oneLine(e.Name))
	case revocation.Key:
		return "all tokens under key " + oneLine(e.Name)
	case revocation.All:
		return "all sessions that were signed in until " + showTime(e.Cutoff, "")
	}
	return fmt.Sprintf("the sessions of %s %s that were signed in until %s", e.Kind, oneLine(e.Name), showTime(e.Cutoff, ""))
}
