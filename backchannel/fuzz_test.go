package backchannel_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzSignedToken has the provider's key sign any header and any payload. What ends a session must be a logout token
// for a reader of another make too.
func FuzzSignedToken(f *testing.F) {
	const header = `{"alg":"RS256","kid":"k1","typ":"logout+jwt"}`
	good := string(must(json.Marshal(claimsOf(start, object{"sid": "s1", "aud": []string{client}}))))
	f.Add(header, good)
	f.Add(`{"alg":"RS256"}`, good)
	f.Add(header, `{"sub":"grace",`+good[1:])
	f.Add(header, `{"nonce":null,`+good[1:])
	f.Add(header, strings.Replace(good, `:{}`, `:[]`, 1))
	f.Add(header, strings.Replace(good, `"sub"`, `"\u0073ub"`, 1))
	f.Add(header, `{}`)
	f.Fuzz(func(t *testing.T, header, payload string) {
		if len(header)+len(payload) > 8000 {
			return
		}
		s := newSite(t, nil)
		token := sign("RS256", rsaKey(), header, payload)
		w := s.post(token)
		if w.Code != http.StatusOK {
			s.requireRefused(t, w, "")
			require.NotContains(t, s.log.String(), strings.Split(token, ".")[2], "the signature")
			return
		}
		require.Len(t, s.list.entries, 1)
		var h map[string]any
		require.NoError(t, json.Unmarshal([]byte(header), &h))
		require.Equal(t, "RS256", h["alg"])
		require.NotContains(t, h, "crit")
		var c map[string]any
		require.NoError(t, json.Unmarshal([]byte(payload), &c))
		require.Equal(t, issuer, c["iss"])
		require.Contains(t, string(must(json.Marshal(c["aud"]))), `"shop"`)
		require.NotContains(t, c, "nonce")
		require.NotEmpty(t, c["jti"])
		require.IsType(t, map[string]any{}, c["events"].(map[string]any)["http://schemas.openid.net/event/backchannel-logout"])
		last := s.events[len(s.events)-1]
		for name, value := range map[string]string{"sub": last.Logout.Subject, "sid": last.Logout.SessionID} {
			if claim, has := c[name]; has {
				require.Equal(t, claim, value)
			} else {
				require.Empty(t, value)
			}
		}
	})
}

// FuzzTokenText posts any text. Nobody but the provider ends anything.
func FuzzTokenText(f *testing.F) {
	good := logoutToken(claimsOf(start, nil))
	f.Add(good[:len(good)-2])
	f.Add(good + ".")
	f.Add("..")
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Fuzz(func(t *testing.T, text string) {
		s := newSite(t, nil)
		s.requireRefused(t, s.post(text), "")
	})
}
