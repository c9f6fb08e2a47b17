//go:build unix

package measure

import (
	"syscall"
	"time"
)

// CPU is the time that all cores together have spent on this process: garbage collection on another core counts, and
// other processes' time does not.
func CPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return Wall()
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
