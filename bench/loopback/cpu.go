package loopback

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// cpuOf is how much time cores have spent on a process, as Linux tells it; elsewhere it is 0.
func cpuOf(pid int) time.Duration {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	var sum time.Duration
	for _, name := range threads {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // a thread that has just ended
		}
		var spent time.Duration
		if _, err := fmt.Sscan(string(text), &spent); err == nil {
			sum += spent
		}
	}
	return sum
}

// cpu is what the server has cost up to now, its database included.
func (s *Server) cpu() time.Duration {
	sum := cpuOf(s.cmd.Process.Pid)
	if s.database != nil {
		sum += cpuOf(s.database.cmd.Process.Pid)
	}
	return sum
}
