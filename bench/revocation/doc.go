// Package revocation measures the decision "was this session revoked?" beside what else one would use for it: a Go map behind a
// RWMutex, a sync.Map, and a question to Redis over loopback. The numbers are ratios from one run, because only
// those mean anything on another machine.
//
// BenchmarkSideBySide prints its table in Markdown. Pauses of readers are measured beside the index, by BenchmarkPauses.
//
//	go test ./revocation -bench . -benchtime 1x
//	SEALJAR_ENTRIES=10000000 go test ./revocation -bench . -benchtime 1x -timeout 30m
package revocation
