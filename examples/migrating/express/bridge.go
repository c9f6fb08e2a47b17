package express

import (
	"context"
	"database/sql"
	"os"
	"strings"
	"time"

	"github.com/sealjar/sealjar"
	"github.com/sealjar/sealjar/expressbridge"
	"github.com/sealjar/sealjar/keys"
)

// BesideNode makes a jar that takes over the sessions of an Express application, which goes on.
func BesideNode(db *sql.DB, ring *keys.Ring, list sealjar.Revocation) (*sealjar.Jar[State], error) {
	rows, err := expressbridge.MySQL(db, expressbridge.Table{}) // the table sessions of express-mysql-session
	if err != nil {
		return nil, err
	}
	bridge, err := expressbridge.New(expressbridge.Options[State]{
		Rows:      rows,
		Secrets:   strings.Split(os.Getenv("EXPRESS_SECRETS"), ","), // the first signs, all verify
		Mode:      expressbridge.SideBySide,                         // AfterGrace to cut over
		OnFailure: expressbridge.Refuse,
		Import: func(_ context.Context, old expressbridge.Old) (session expressbridge.Session[State], err error) {
			views, _ := old.Values["views"].(float64)
			session.Data.Views = int(views)
			session.Subject, _ = old.Values["user"].(string)
			if at, ok := old.Values["signedInAt"].(float64); ok && at > 0 {
				session.Data.SignedInAt = int64(at)
				session.AuthTime = time.UnixMilli(int64(at))
			}
			return session, nil
		},
		Back: func(subject string, data State) (map[string]any, error) { // what Node.js finds of who signs in here
			return map[string]any{"views": data.Views, "user": subject, "signedInAt": data.SignedInAt}, nil
		},
	})
	if err != nil {
		return nil, err
	}
	return sealjar.New[State](sealjar.Options{Keys: ring, Revocation: list, Takeover: bridge})
}
