package expressbridge_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sealjar/sealjar/expressbridge"
)

// redis stands for Redis with what connect-redis keeps in it. The commands that a client would send are beside what is done here.
type redis struct {
	now    func() time.Time
	values map[string]value
}

type value struct {
	json    string
	expires time.Time
}

var _ expressbridge.Rows = (*redis)(nil)

func (r *redis) Get(_ context.Context, sid string, _ int) ([]byte, time.Time, error) {
	v, ok := r.values["sess:"+sid] // GET sess:<sid>
	if !ok {
		return nil, time.Time{}, expressbridge.ErrNoRow
	}
	return []byte(v.json), v.expires, nil // PEXPIRETIME sess:<sid>
}

func (r *redis) Insert(_ context.Context, sid string, data []byte, expires time.Time) error {
	r.values["sess:"+sid] = value{string(data), expires} // SET sess:<sid> <data> PXAT <expires>
	return nil
}

func (r *redis) Update(_ context.Context, sid string, data []byte, expires time.Time) error {
	v, ok := r.values["sess:"+sid]
	if !ok {
		return nil
	}
	if data != nil {
		v.json = string(data)
	}
	r.values["sess:"+sid] = value{v.json, expires} // SET sess:<sid> <data> XX PXAT <expires>, or without data PEXPIREAT
	return nil
}

func (r *redis) Delete(_ context.Context, sid string) error {
	delete(r.values, "sess:"+sid) // DEL sess:<sid>
	return nil
}

// Any store can be left: this one keeps what connect-redis keeps.
func ExampleRows() {
	ctx, now := context.Background(), time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)
	var rows expressbridge.Rows = &redis{now: func() time.Time { return now }, values: make(map[string]value)}
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
