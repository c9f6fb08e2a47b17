package revocation

// Refusal is the error of Check for a token that an entry refuses. It matches [ErrRevoked], and tells an auditor the entry:
//
//	var by *revocation.Refusal
//	if errors.As(err, &by) { … by.Kind … by.Name … }
//
// Why that entry was made is in the [Event] of the process that made it, and in the listing of the store. The text of
// the error has the kind alone.
type Refusal struct {
	Kind Kind
	Name string
}

// Error names the kind of the entry and not its name.
func (r *Refusal) Error() string {
	switch r.Kind {
	case All:
		return ErrRevoked.Error() + " with all sessions"
	case Renewed:
		return ErrRevoked.Error() + ": the session was renewed and has another id"
	}
	return ErrRevoked.Error() + " by its " + string(r.Kind)
}

// Is reports whether target is [ErrRevoked].
func (r *Refusal) Is(target error) bool { return target == ErrRevoked }

// refusal names the entry of that kind which refuses a token.
func (l *List) refusal(kind Kind, c *Claims) error {
	r := &Refusal{Kind: kind}
	switch kind {
	case Session:
		if r.Name = c.SessionID; c.Origin != "" && !l.index.hasSession(c.SessionID, l.index.present.Load()) {
			r.Name = c.Origin
		}
	case Renewed:
		r.Name = c.SessionID
	case Token:
		r.Name = c.TokenID
	case Subject:
		r.Name = c.Subject
	case Key:
		r.Name = c.KeyID
	case Group:
		for _, group := range c.Groups {
			if l.index.refuses(&Claims{Groups: []string{group}, AuthTime: c.AuthTime}) == Group {
				r.Name = group
				break
			}
		}
	}
	return r
}
