package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/sealjar/sealjar/keys"
)

// policyFlags are the fields of keys.Policy.
type policyFlags struct {
	period, propagation, session duration
	algorithm                    string
}

func newPolicyFlags() policyFlags {
	return policyFlags{period: duration(30 * day), propagation: duration(5 * time.Minute), session: duration(30 * day)}
}

// add adds what concerns the making of keys; addTimes adds what concerns their dates as well.
func (f *policyFlags) add(cmd *cobra.Command, algorithmDefault string) {
	f.addTimes(cmd)
	cmd.Flags().Var(&f.period, "period", "how long a key seals until the next one takes over")
	cmd.Flags().StringVar(&f.algorithm, "alg", "", "how a new key signs: HS256, EdDSA or ES256 (default: "+algorithmDefault+")")
	_ = cmd.RegisterFlagCompletionFunc("alg", cobra.FixedCompletions(
		[]string{string(keys.HS256), string(keys.EdDSA), string(keys.ES256)}, cobra.ShellCompDirectiveNoFileComp))
}

func (f *policyFlags) addTimes(cmd *cobra.Command) {
	cmd.Flags().Var(&f.session, "session", "how long the longest session of the application lives")
	cmd.Flags().Var(&f.propagation, "propagation", "how long a new key file takes to reach every node")
}

// policy is the policy for a ring. New keys sign as its newest one does, unless the flag says otherwise: a fleet that has gone
// over to another algorithm must not fall back because somebody forgot a flag.
func (f *policyFlags) policy(ring *keys.Ring) keys.Policy {
	p := keys.Policy{
		Period: time.Duration(f.period), Propagation: time.Duration(f.propagation), Session: time.Duration(f.session),
		Algorithm: keys.Algorithm(f.algorithm),
	}
	if p.Algorithm == "" && ring != nil {
		var newest *keys.Key
		for _, k := range ring.Keys() {
			if newest == nil || k.NotBefore().After(newest.NotBefore()) {
				newest = k
			}
		}
		p.Algorithm = newest.Algorithm()
	}
	return p
}

// check refuses an algorithm that keys would refuse, as a mistake in what was typed.
func (f *policyFlags) check() error {
	switch keys.Algorithm(f.algorithm) {
	case "", keys.HS256, keys.EdDSA, keys.ES256:
		return nil
	}
	return usage("--alg %q: want HS256, EdDSA or ES256", f.algorithm)
}
