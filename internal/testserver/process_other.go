//go:build unix && !linux

package testserver

import "os/exec"

// endWithParent can't be had here: a test process that is killed leaves its servers behind.
func endWithParent(*exec.Cmd) {}
