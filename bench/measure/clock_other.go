//go:build !unix

package measure

import "time"

// CPU is Wall where nobody tells the time that was spent on a process.
func CPU() time.Duration { return Wall() }
