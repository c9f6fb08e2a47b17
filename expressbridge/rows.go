package expressbridge

import (
	"context"
	"errors"
	"time"
)

// ErrNoRow says that there is no session of that id.
var ErrNoRow = errors.New("expressbridge: no such session")

// Rows is where Express keeps its sessions. [MySQL] and [PostgreSQL] make one of a table, package redisrows one of what
// connect-redis keeps. It must be safe for concurrent use and return when its context ends. Any error but ErrNoRow says
// that it does not answer.
//
// Ids are compared exactly, whatever the collation of a column says. Times may be cut to seconds.
type Rows interface {
	// Get returns the JSON of a session and when it ends, also if that has passed. Of JSON that is longer than limit
	// bytes it need not return more than limit+1. It returns ErrNoRow if there is none.
	Get(ctx context.Context, sid string, limit int) (data []byte, expires time.Time, err error)

	// Insert keeps a new session.
	Insert(ctx context.Context, sid string, data []byte, expires time.Time) error

	// Update changes a session, of which nil data stays as it is. If there is none it does nothing: who has been signed
	// out stays so.
	Update(ctx context.Context, sid string, data []byte, expires time.Time) error

	// Delete removes a session, if there is one.
	Delete(ctx context.Context, sid string) error
}
