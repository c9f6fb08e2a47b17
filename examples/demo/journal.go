package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// line is one of the server log, as the page shows it.
type line struct {
	Number  int64  `json:"n"`
	At      int64  `json:"at"` // Unix milliseconds
	Level   string `json:"level"`
	Server  string `json:"server"`
	Device  string `json:"device"`
	Message string `json:"message"`
	Err     string `json:"err,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

// journal keeps the last lines of the log, of both processes.
type journal struct {
	bell *bell

	mu    sync.Mutex
	last  int64
	lines []line
}

const keptLines = 200

func (j *journal) add(l line) {
	j.mu.Lock()
	j.last++
	l.Number = j.last
	if len(j.lines) == keptLines {
		j.lines = append(j.lines[:0], j.lines[1:]...)
	}
	j.lines = append(j.lines, l)
	j.mu.Unlock()
	j.bell.ring()
}

// since returns the lines after one that was seen before.
func (j *journal) since(number int64) []line {
	j.mu.Lock()
	defer j.mu.Unlock()
	first := len(j.lines)
	for first > 0 && j.lines[first-1].Number > number {
		first--
	}
	return append([]line{}, j.lines[first:]...)
}

// logHandler turns records of the library's logger into lines.
type logHandler struct {
	server string // for what belongs to no request
	sink   func(line)
}

func newLogger(server string, sink func(line)) *slog.Logger {
	return slog.New(logHandler{server, sink})
}

// Enabled lets all through: sealing is logged for debugging alone, and here is where one looks at it.
func (h logHandler) Enabled(context.Context, slog.Level) bool { return true }

// Handle leaves out what every request would say, which the charts count, and each attempt to reach a store that is away.
func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "session opened" || r.Message == "revocation failed" {
		return nil
	}
	where := whereOf(ctx)
	if where.server == "" {
		where.server = h.server
	}
	l := line{At: r.Time.UnixMilli(), Level: r.Level.String(), Server: where.server, Device: where.device, Message: r.Message}
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "err":
			l.Err = a.Value.String()
		case "cookie", "limit", "until", "cutoff", "source":
		default:
			l.Detail += a.Key + "=" + short(a.Value.String()) + " "
		}
		return true
	})
	h.sink(l)
	return nil
}

func (h logHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h logHandler) WithGroup(string) slog.Handler      { return h }

// short keeps what tells ids apart at a glance.
func short(text string) string {
	if runes := []rune(text); len(runes) > 48 {
		return string(runes[:48]) + "…"
	}
	return text
}

// note writes a line that is the demo's own.
func (j *journal) note(server, message, detail string) {
	j.add(line{At: time.Now().UnixMilli(), Level: "INFO", Server: server, Message: message, Detail: detail})
}
