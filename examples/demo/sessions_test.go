package main

import (
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sealjar/sealjar"
)

func TestStatesOfSessions(t *testing.T) {
	opened := happening{Kind: sealjar.EventOpened, SessionID: "a", Subject: "alice", KeyID: "k"}
	ended := happening{Kind: sealjar.EventEnded, SessionID: "a"}
	refused := func(reason string) happening {
		return happening{Kind: sealjar.EventRefused, SessionID: "a", Reason: reason}
	}
	for _, test := range []struct {
		name   string
		events []happening
		want   string
	}{
		{"opened", []happening{opened}, "live"},
		{"sealed", []happening{{Kind: sealjar.EventSealed, SessionID: "a"}}, "live"},
		{"ended", []happening{opened, ended}, "ended"},
		{"ended, then refused", []happening{opened, ended, refused("revoked")}, "ended"},
		{"not ended, since it was not recorded", []happening{opened, {Kind: sealjar.EventEnded, SessionID: "a", Failed: true}}, "live"},
		{"ended with all of its subject", []happening{opened, {Kind: sealjar.EventEnded, Subject: "alice"}}, "ended"},
		{"spared by that", []happening{opened, {Kind: sealjar.EventEnded, Subject: "alice"}, opened}, "live"},
		{"another subject's", []happening{opened, {Kind: sealjar.EventEnded, Subject: "bob"}}, "live"},
		{"refused", []happening{opened, refused("expired")}, "expired"},
		{"not refused, since nobody could tell", []happening{opened, refused("can't tell")}, "live"},
		{"never seen", []happening{refused("revoked"), ended, {Kind: sealjar.EventOpened}}, ""},
	} {
		table := &sessionTable{}
		for _, h := range test.events {
			table.saw(h)
		}
		got := ""
		for _, row := range table.view() {
			got += row.State
		}
		require.Equal(t, test.want, got, test.name)
	}
}

func TestOldSessionsMakeRoom(t *testing.T) {
	table := &sessionTable{}
	for i := range keptSessions + 2 {
		table.saw(happening{Kind: sealjar.EventOpened, SessionID: strconv.Itoa(i)})
		if i == 3 {
			table.revoked("3")
		}
	}
	rows := table.view()
	require.Len(t, rows, keptSessions)
	require.Equal(t, strconv.Itoa(keptSessions+1), rows[0].SessionID)
	require.Equal(t, "1", rows[keptSessions-1].SessionID, "what is over goes first, then the oldest")
}

// states are those of the sessions of a snapshot by their devices.
func states(s snapshot) map[string]string {
	all := map[string]string{}
	for _, row := range s.Sessions {
		if row.Subject != "" && all[row.Device] != "live" {
			all[row.Device] = row.State
		}
	}
	return all
}

func TestSignOut(t *testing.T) {
	v := visit(t, "alice")
	for range 2 {
		require.Equal(t, http.StatusNoContent, v.send(t, "demo/sessions", "action=device").StatusCode)
	}
	has := func(want map[string]string) {
		t.Helper()
		v.watch(t, func(s snapshot) bool {
			for device, state := range want {
				if states(s)[device] != state {
					return false
				}
			}
			return true
		})
	}
	has(map[string]string{"Browser": "live", "Phone": "live", "Tablet": "live"})

	var phone string
	v.watch(t, func(s snapshot) bool {
		for _, row := range s.Sessions {
			if row.Device == "Phone" {
				phone = row.SessionID
			}
		}
		return true
	})
	require.Equal(t, http.StatusNoContent, v.send(t, "demo/sessions", "action=revoke&sid="+phone).StatusCode)
	has(map[string]string{"Browser": "live", "Phone": "revoked", "Tablet": "live"})

	require.Equal(t, http.StatusNoContent, v.send(t, "demo/sessions", "action=others").StatusCode)
	v.watch(t, func(s snapshot) bool { // "revoked" if the tablet came back before the end was told
		return states(s)["Browser"] == "live" && slices.Contains([]string{"ended", "revoked"}, states(s)["Tablet"])
	})
	require.Equal(t, "alice", v.opinions(t)["Echo"])

	thief := v.header()
	require.Equal(t, http.StatusNoContent, v.send(t, "demo/sessions", "action=here").StatusCode)
	require.Equal(t, "", v.opinions(t)["Echo"])
	require.Contains(t, ask(t, http.MethodGet, v.echo+"whoami", "", thief).body, `"known":false`)

	v.post(t, v.std+"signin", "name=alice")
	v.send(t, "demo/sessions", "action=device")
	require.Equal(t, http.StatusNoContent, v.send(t, "demo/sessions", "action=everywhere").StatusCode)
	v.watch(t, func(s snapshot) bool { return states(s)["Browser"] != "live" && states(s)["Phone"] != "live" })
}

func TestSessionActionsRefused(t *testing.T) {
	v := visit(t, "")
	for form, want := range map[string]int{
		"action=device": http.StatusConflict, "action=everywhere": http.StatusConflict, "action=others": http.StatusUnprocessableEntity,
		"action=revoke": http.StatusUnprocessableEntity, "action=": http.StatusUnprocessableEntity, "": http.StatusUnprocessableEntity,
	} {
		require.Equal(t, want, v.send(t, "demo/sessions", form).StatusCode, form)
	}
}
