package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
)

// duration is a flag: a duration of Go, or whole days or weeks.
type duration time.Duration

func (d *duration) String() string { return showDuration(time.Duration(*d)) }
func (d *duration) Type() string   { return "duration" }

func (d *duration) Set(text string) error {
	parsed, err := parseDuration(text)
	*d = duration(parsed)
	return err
}

func parseDuration(text string) (time.Duration, error) {
	for suffix, unit := range map[string]time.Duration{"d": day, "w": week} {
		if number, found := strings.CutSuffix(text, suffix); found {
			if n, err := strconv.ParseUint(number, 10, 16); err == nil {
				return time.Duration(n) * unit, nil
			}
		}
	}
	if d, err := time.ParseDuration(text); err == nil {
		return d, nil
	}
	return 0, fmt.Errorf("%q is not a duration such as 90s, 5m, 12h, 30d or 2w", text)
}

// moment is a flag: a time, or a duration from now on.
type moment struct {
	now  func() time.Time
	text string
	at   time.Time // zero if the flag was not given
}

func (m *moment) String() string { return m.text }
func (m *moment) Type() string   { return "time" }

func (m *moment) Set(text string) error {
	m.text = text
	if text != "" && (text[0] == '+' || text[0] == '-') {
		d, err := parseDuration(text[1:])
		if text[0] == '-' {
			d = -d
		}
		m.at = m.now().Add(d)
		return err
	}
	if text == "now" {
		m.at = m.now()
		return nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			m.at = at
			return nil
		}
	}
	return fmt.Errorf("%q is not a time such as 2026-11-24T12:00:00Z, 2026-11-24, now, +7d or -2h", text)
}

// or is the time that was given, or else another one.
func (m *moment) or(otherwise time.Time) time.Time {
	if m.text == "" {
		return otherwise
	}
	return m.at
}

// showTime is for people, with otherwise in the place of no time.
func showTime(t time.Time, otherwise string) string {
	if t.IsZero() {
		return otherwise
	}
	return t.UTC().Format(time.RFC3339)
}

// showBoth shows a time and how far away it is.
func showBoth(t, now time.Time, otherwise string) string {
	if t.IsZero() {
		return otherwise
	}
	return fmt.Sprintf("%s (%s)", showTime(t, ""), relative(t, now))
}

// relative says how far away a time is, rounded to the second of the units that are shown: 29d 23h 59m is 30d.
func relative(t, now time.Time) string {
	d := t.Sub(now).Round(time.Second)
	if d.Abs() >= time.Hour {
		d = d.Round(time.Minute)
	}
	if d.Abs() >= day {
		d = d.Round(time.Hour)
	}
	switch {
	case d > 0:
		return "in " + showDuration(d)
	case d < 0:
		return showDuration(-d) + " ago"
	}
	return "now"
}

// showDuration shows the two largest units that are not zero.
func showDuration(d time.Duration) string {
	var parts []string
	for _, u := range []struct {
		name string
		size time.Duration
	}{{"d", day}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}} {
		n := d / u.size
		d -= n * u.size
		switch {
		case n > 0:
			parts = append(parts, fmt.Sprintf("%d%s", n, u.name))
		case len(parts) > 0:
			return parts[0] // 30d0h5m is about 30d
		}
		if len(parts) == 2 {
			break
		}
	}
	if len(parts) == 0 {
		return "0s"
	}
	return strings.Join(parts, " ")
}

// jsonTime is nil where there is no time, which encoding/json leaves out.
func jsonTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
