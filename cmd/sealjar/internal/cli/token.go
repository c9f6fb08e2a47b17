package cli

import "github.com/spf13/cobra"

func (a *app) token() *cobra.Command {
	cmd := group(&cobra.Command{
		Use:   "token",
		Short: "Look into a token",
		Long:  `Shows what is in the token of a session.`,
	})
	cmd.AddCommand(a.tokenShow())
	return cmd
}
