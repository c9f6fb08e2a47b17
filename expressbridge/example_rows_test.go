package expressbridge_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sealjar/sealjar/expressbridge"
)

// collection stands for MongoDB with what connect-mongo keeps in it by default: {_id, session, expires}. What a client
// would do is beside what is done here.
type collection struct {
	now       func() time.Time
	documents map[string]document
}

type document struct {
	session string // in JSON
	expires time.Time
}

var _ expressbridge.Rows = (*collection)(nil)

func (c *collection) Get(_ context.Context, sid string, _ int) ([]byte, time.Time, error) {
	d, ok := c.documents[sid] // findOne({_id: sid})
	if !ok {
		return nil, time.Time{}, expressbridge.ErrNoRow
	}
	return []byte(d.session), d.expires, nil
}

func (c *collection) Insert(_ context.Context, sid string, data []byte, expires time.Time) error {
	c.documents[sid] = document{string(data), expires} // insertOne({_id: sid, session: data, expires})
	return nil
}

func (c *collection) Update(_ context.Context, sid string, data []byte, expires time.Time) error {
	d, ok := c.documents[sid]
	if !ok {
		return nil
	}
	if data != nil {
		d.session = string(data)
	}
	c.documents[sid] = document{d.session, expires} // updateOne({_id: sid}, {$set: {session: data, expires}})
	return nil
}

func (c *collection) Delete(_ context.Context, sid string) error {
	delete(c.documents, sid) // deleteOne({_id: sid})
	return nil
}

// Any store can be left. That of connect-redis is in package redisrows.
func ExampleRows() {
	ctx, now := context.Background(), time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)
	var rows expressbridge.Rows = &collection{now: func() time.Time { return now }, documents: make(map[string]document)}
	fmt.Println(rows.Insert(ctx, "KmzE8tVwqkeq4h", []byte(`{}`), now.Add(time.Hour)))
	fmt.Println(rows.Update(ctx, "KmzE8tVwqkeq4h", nil, now.Add(2*time.Hour)))
	data, expires, err := rows.Get(ctx, "KmzE8tVwqkeq4h", 1<<20)
	fmt.Println(string(data), expires.Format(time.TimeOnly), err)
	fmt.Println(rows.Delete(ctx, "KmzE8tVwqkeq4h"))
	_, _, err = rows.Get(ctx, "KmzE8tVwqkeq4h", 1<<20)
	fmt.Println(errors.Is(err, expressbridge.ErrNoRow))
	// Output:
	// <nil>
	// <nil>
	// {} 17:09:26 <nil>
	// <nil>
	// true
}
