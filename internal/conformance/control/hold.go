package control

import "context"

// Hold is where requests wait until they are let go.
type Hold struct{ arrived, leave chan struct{} }

// NewHold returns one where nobody waits.
func NewHold() *Hold { return &Hold{arrived: make(chan struct{}, 1), leave: make(chan struct{})} }

// Wait returns when the request is let go. It waits on when the client has gone: so do handlers that are at work.
func (h *Hold) Wait() {
	h.arrived <- struct{}{}
	<-h.leave
}

// held returns when a request waits.
func (h *Hold) held(ctx context.Context) error {
	select {
	case <-h.arrived:
		h.arrived <- struct{}{}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// release lets the request go that waits, or will.
func (h *Hold) release(ctx context.Context) error {
	select {
	case <-h.arrived:
	case <-ctx.Done():
		return ctx.Err()
	}
	h.leave <- struct{}{}
	return nil
}
