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

// Error says what was ended, and no name.
func (r *Refusal) Error() string {
	what := "all sessions were ended"
	switch r.Kind {
	case Session:
		what = "the session was ended"
	case Renewed:
		what = "the session was renewed and has another id"
	case Token:
		what = "this token of the session was ended"
	case Subject:
		what = "the sessions of its subject were ended"
	case Group:
		what = "the sessions of one of its groups were ended"
	case Key:
		what = "the tokens under its key were ended"
	}
	return ErrRevoked.Error() + ": " + what
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
