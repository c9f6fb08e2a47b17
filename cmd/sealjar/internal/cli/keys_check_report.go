package cli

import (
	"fmt"
	"time"

	"github.com/sealjar/sealjar/keys"
)

type jsonProblem struct {
	Reason  string     `json:"reason"`
	KeyID   string     `json:"kid,omitempty"`
	Begins  *time.Time `json:"begins,omitempty"`
	Text    string     `json:"text"`
	Problem bool       `json:"problem"` // false if it is not one yet
}

func problemOf(w keys.Warning) jsonProblem {
	return jsonProblem{Reason: string(w.Reason), KeyID: w.KeyID, Begins: jsonTime(w.At), Text: w.Text, Problem: true}
}

type jsonSpan struct {
	KeyID string     `json:"kid,omitempty"` // none if no key seals
	From  *time.Time `json:"from"`
	Until *time.Time `json:"until,omitempty"`
}

type jsonCheck struct {
	File     string        `json:"file"`
	At       time.Time     `json:"at"`
	OK       bool          `json:"ok"`
	Version  int64         `json:"version"`
	Sealing  string        `json:"sealing,omitempty"`
	Opening  []string      `json:"opening"`
	Keys     []jsonKey     `json:"keys"`
	Timeline []jsonSpan    `json:"timeline"`
	Problems []jsonProblem `json:"problems"`
}

func (c *jsonCheck) describe(ring *keys.Ring, at time.Time) {
	c.Version = ring.Version()
	c.Keys = jsonKeys(ring, at)
	if k := ring.Sealing(at); k != nil {
		c.Sealing = k.ID()
	}
	for _, k := range ring.Keys() {
		if !k.Expired(at) {
			c.Opening = append(c.Opening, k.ID())
		}
	}
	for _, span := range ring.Timeline(at) {
		s := jsonSpan{From: jsonTime(span.From), Until: jsonTime(span.Until)}
		if span.Key != nil {
			s.KeyID = span.Key.ID()
		}
		c.Timeline = append(c.Timeline, s)
	}
}

func (a *app) printCheck(c jsonCheck, ring *keys.Ring, now time.Time) error {
	if ring != nil {
		fmt.Fprintf(a.Out, "%s: version %d, at %s\n\n", c.File, c.Version, showBoth(c.At, now, ""))
		if err := a.table(keyTable(ring, c.At)); err != nil {
			return err
		}
		fmt.Fprintln(a.Out)
		for _, s := range c.Timeline {
			name := s.KeyID
			if name == "" {
				name = "no key"
			}
			line := name + " seals from " + showTime(timeOf(s.From), since)
			if s.Until != nil {
				line += " until " + showTime(*s.Until, "")
			} else {
				line += " on"
			}
			fmt.Fprintln(a.Out, line)
		}
		fmt.Fprintln(a.Out)
	}
	for _, p := range c.Problems {
		kind := "problem"
		if !p.Problem {
			kind = "later"
		}
		fmt.Fprintf(a.Out, "%s: %s\n", kind, p.Text)
	}
	if c.OK {
		fmt.Fprintln(a.Out, "ok")
	}
	return nil
}
