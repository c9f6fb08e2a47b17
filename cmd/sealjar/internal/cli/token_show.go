package cli

import (
	"github.com/spf13/cobra"

	"github.com/sealjar/sealjar/keys"
)

// secretVariable holds the secrets of an application without a key file.
const secretVariable = "SEALJAR_SECRET"

type showOptions struct {
	keyFile, cookie, audience, issuer string
	kek                               kekFlag
	at                                moment
	json                              bool
}

func (a *app) tokenShow() *cobra.Command {
	o := showOptions{at: moment{now: a.Now}}
	cmd := &cobra.Command{
		Use:   "show [TOKEN]",
		Short: "Show the header of a token and, with the keys, what it says",
		Long: `Reads a token, the Cookie or Set-Cookie line that it stands in, or a cookie file of curl, from
standard input or from the argument, and shows its header. (An argument stays in the history
of the shell.)

With --keys, or with secrets in SEALJAR_SECRET, it also says what an application does with the
token and why, and shows its claims and data. A token that has expired is verified as of
a time when it had not. Of one that does not verify, nothing but the header is shown.

An application has more to say: it may know that the session is revoked, and it may have
shortened the life of sessions since the token was made.

Exit code 3 says that the token is refused.`,
		Example: `  sealjar token show --keys keys.json < cookie.txt
  curl -si https://app.example/ | sealjar token show --keys keys.json
  SEALJAR_SECRET=$(cat secret) sealjar token show --json < cookie.txt`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("%d arguments: put the token between quotation marks", len(args))
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.show(cmd, args, o)
		},
	}
	o.kek.add(cmd)
	jsonFlag(cmd, &o.json)
	cmd.Flags().StringVar(&o.keyFile, "keys", "", "key `file` of the application (otherwise $"+secretVariable+")")
	cmd.Flags().StringVar(&o.cookie, "cookie", "", "`name` of the cookie, to which the token is bound (default: as given with it, or __Host-session)")
	cmd.Flags().StringVar(&o.audience, "audience", "", "aud that the token must have (default: that of the cookie)")
	cmd.Flags().StringVar(&o.issuer, "issuer", "", "iss that the token must have, if the application sets Options.Issuer")
	cmd.Flags().Var(&o.at, "at", "judge as of another time (default: now)")
	return cmd
}

func (a *app) show(cmd *cobra.Command, args []string, o showOptions) error {
	text, err := a.readInput(args)
	if err != nil {
		return err
	}
	found, err := findCookie(text, o.cookie)
	if err != nil {
		return err
	}
	report, err := newTokenReport(found)
	if err != nil {
		return err
	}
	ring, err := a.tokenKeys(cmd, o)
	if err != nil {
		return err
	}
	if ring != nil {
		name := o.cookie
		if name == "" {
			name = found.name
		}
		if name == "" {
			name = "__Host-session"
		}
		audience := o.audience
		if audience == "" {
			audience = "session/" + name
		}
		at := o.at.or(a.Now())
		open := opener{ring: ring, issuer: o.issuer, audience: audience}
		report.judge(open, found.token, at)
	}
	if o.json {
		err = a.printJSON(report)
	} else {
		err = a.printToken(report)
	}
	if err == nil && report.Verdict == refused {
		err = errProblems
	}
	return err
}

// tokenKeys is nil if no keys were given.
func (a *app) tokenKeys(cmd *cobra.Command, o showOptions) (*keys.Ring, error) {
	if o.keyFile != "" {
		return a.load(cmd.Context(), o.keyFile, o.kek)
	}
	if a.Getenv(secretVariable) != "" {
		return a.ringFromSecrets(secretVariable)
	}
	return nil, nil
}
