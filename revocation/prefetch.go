//go:build amd64 || arm64

package revocation

import "unsafe"

// prefetch has the processor bring a word into its cache, and does not wait. Go has no words for that. A list of ten million
// ids waits for memory once in a decision, and while it waits an ordinary load keeps the processor from going on for
// long; with this the names are looked up, and the next decision begins, in the time. It reads and changes nothing.
//
//go:noescape
func prefetch(word unsafe.Pointer)
