package natsstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
)

// request is a question for many messages (JetStream's ADR-31, Direct Get), which any replica may answer.
type request struct {
	Seq       uint64     `json:"seq,omitempty"`
	StartTime *time.Time `json:"start_time,omitempty"`
	Batch     int        `json:"batch,omitempty"`
	MultiLast []string   `json:"multi_last,omitempty"`
}

type stored struct {
	subject string
	seq     uint64
	at      time.Time // when the server stored it
	data    []byte
}

// answer is what a server had when it was asked, in the order of sequences. More says that there may be more after it.
type answer struct {
	messages []stored
	more     bool
}

// errLost says that a part of an answer did not arrive. Plain NATS messages, which answers are, may get lost.
var errLost = errors.New("a part of the server's answer was lost")

// get asks, and returns an answer that has no gaps. A long one may take longer than patience as long as it goes on: who asked
// again would have to begin anew, and never come to its end.
func (s *Store) get(ctx context.Context, r request) (answer, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(patience, func() { cancel(context.DeadlineExceeded) })
	defer silence.Stop()
	question, err := json.Marshal(r)
	if err != nil {
		return answer{}, err
	}
	// Room for the whole answer and its end. SubscribeSync would make room for 65,536 messages, half a megabyte a question, and
	// keep the garbage collector busy while nodes wait for what is new.
	messages := make(chan *nats.Msg, max(r.Batch, len(r.MultiLast))+1)
	replies, err := s.conn.ChanSubscribe(s.conn.NewInbox(), messages)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = replies.Unsubscribe() }()
	replies.SetClosedHandler(func(string) { cancel(nats.ErrConnectionClosed) })
	if err := s.conn.PublishRequest(s.api+"DIRECT.GET."+s.options.Stream, replies.Subject, question); err != nil {
		return answer{}, err
	}
	var a answer
	var last uint64
	for {
		var m *nats.Msg
		select {
		case m = <-messages:
		case <-ctx.Done():
			return answer{}, context.Cause(ctx)
		}
		silence.Reset(patience)
		switch status := m.Header.Get("Status"); status {
		case "":
		case "404": // nothing
			return answer{}, ctx.Err()
		case "204": // the end
			a.more = m.Header.Get("Nats-Num-Pending") != "0"
			if m.Header.Get(nats.JSLastSequence) != strconv.FormatUint(last, 10) {
				return answer{}, errLost
			}
			return a, ctx.Err()
		case "503":
			return answer{}, nats.ErrNoResponders
		default:
			return answer{}, fmt.Errorf("the server says: %s %s", status, m.Header.Get("Description"))
		}
		if m.Header.Get(nats.JSLastSequence) != strconv.FormatUint(last, 10) {
			return answer{}, errLost
		}
		item := stored{subject: m.Header.Get(nats.JSSubject), data: m.Data}
		if item.seq, err = strconv.ParseUint(m.Header.Get(nats.JSSequence), 10, 64); err != nil || item.seq <= last {
			return answer{}, errors.New("the server's answer has no sequence, or one that goes back")
		}
		if item.at, err = time.Parse(time.RFC3339Nano, m.Header.Get(nats.JSTimeStamp)); err != nil {
			return answer{}, errors.New("the server's answer has no time")
		}
		last = item.seq
		a.messages = append(a.messages, item)
	}
}
