package revocation_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar/revocation"
)

// Who was refused, and by which entry.
func ExampleRefusal() {
	list := new(revocation.Memory)
	now := time.Now()
	if err := list.Revoke(context.Background(), revocation.Entry{
		Kind: revocation.Group, Name: "tenant-7", Cutoff: now, Until: now.Add(time.Hour), Reason: "contract ended",
	}); err != nil {
		log.Fatal(err)
	}
	err := list.Check(context.Background(), revocation.Claims{Subject: "ada", Groups: []string{"staff", "tenant-7"}, AuthTime: now})
	var by *revocation.Refusal
	if errors.As(err, &by) {
		fmt.Println("ada was refused by the", by.Kind, by.Name)
	}
	// Output: ada was refused by the group tenant-7
}

func TestARefusalNamesItsEntry(t *testing.T) {
	now := time.Now()
	claims := revocation.Claims{
		SessionID: "s", TokenID: "t", Subject: "ada", KeyID: "k", Groups: []string{"staff", "tenant"}, AuthTime: now, Origin: "first",
	}
	lists := map[string]interface {
		Check(context.Context, revocation.Claims) error
		Revoke(context.Context, revocation.Entry) error
	}{}
	for _, row := range []struct {
		revocation.Refusal
		says string
	}{
		{revocation.Refusal{Kind: revocation.Session, Name: "s"}, "the session was ended"},
		{revocation.Refusal{Kind: revocation.Session, Name: "first"}, "the session was ended"},
		{revocation.Refusal{Kind: revocation.Renewed, Name: "s"}, "the session was renewed and has another id"},
		{revocation.Refusal{Kind: revocation.Token, Name: "t"}, "this token of the session was ended"},
		{revocation.Refusal{Kind: revocation.Subject, Name: "ada"}, "the sessions of its subject were ended"},
		{revocation.Refusal{Kind: revocation.Key, Name: "k"}, "the tokens under its key were ended"},
		{revocation.Refusal{Kind: revocation.Group, Name: "tenant"}, "the sessions of one of its groups were ended"},
		{revocation.Refusal{Kind: revocation.All}, "all sessions were ended"},
	} {
		list, err := revocation.NewList(new(revocation.Memory), revocation.ListOptions{OnStale: revocation.Allow})
		require.NoError(t, err)
		direct, err := revocation.NewDirect(new(revocation.Memory), revocation.DirectOptions{OnError: revocation.Refuse})
		require.NoError(t, err)
		lists["List"], lists["Direct"], lists["Memory"] = list, direct, new(revocation.Memory)
		for name, list := range lists {
			require.NoError(t, list.Revoke(t.Context(), revocation.Entry{
				Kind: row.Kind, Name: row.Name, Cutoff: now, Until: now.Add(time.Hour), Reason: "secret",
			}))
			err := list.Check(t.Context(), claims)
			require.ErrorIs(t, err, revocation.ErrRevoked, name)
			require.NotErrorIs(t, err, revocation.ErrUnavailable)
			var by *revocation.Refusal
			require.ErrorAs(t, err, &by)
			require.Equal(t, row.Refusal, *by, name)
			require.EqualError(t, err, "revocation: revoked: "+row.says)
			if row.Name != "" {
				require.NotContains(t, err.Error(), `"`+row.Name)
			}
		}
	}
}
