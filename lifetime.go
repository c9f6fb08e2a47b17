package sealjar

import "time"

// lifetime is the two clocks of a session: idle starts anew with each renewal, absolute never does.
type lifetime struct{ idle, absolute time.Duration }

// lifetimeOf is the configuration of now for a session: changes of it reach sessions that live already.
func (c *config) lifetimeOf(remember bool, own time.Duration) lifetime {
	l := c.normal
	if remember {
		l = c.remembered
	}
	if own > 0 {
		l.absolute = min(l.absolute, own)
		l.idle = min(l.idle, l.absolute)
	}
	return l
}

// end is when a session with this token ends: what the token says, or earlier if the configuration has become stricter.
func (l lifetime) end(authTime, issuedAt, expiry time.Time) time.Time {
	return earliest(expiry, issuedAt.Add(l.idle), authTime.Add(l.absolute))
}

// renewed is when the session would end if it were renewed now.
func (l lifetime) renewed(authTime, now time.Time) time.Time {
	return earliest(now.Add(l.idle), authTime.Add(l.absolute))
}

// due reports whether a renewal would move the end by at least so much of the idle time. So with a quarter a busy session costs
// four cookies in each idle time and not one for each response, and none once the absolute end is nearer than the idle one.
func (l lifetime) due(end, renewed time.Time, renewal float64) bool {
	if renewal == 1 {
		return false // and not in the leeway behind the end either
	}
	return renewed.Sub(end) >= max(1, time.Duration(float64(l.idle)*renewal))
}

func earliest(first time.Time, others ...time.Time) time.Time {
	for _, t := range others {
		if t.Before(first) {
			first = t
		}
	}
	return first
}

func latest(first time.Time, others ...time.Time) time.Time {
	for _, t := range others {
		if t.After(first) {
			first = t
		}
	}
	return first
}
