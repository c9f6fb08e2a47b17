package loopback

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
)

// The server has one core for itself, and the client another.
const (
	serverCore = "0"
	clientCore = "1"
)

// Pinned reports whether that can be had: there must be two cores, and taskset to choose among them.
func Pinned() bool {
	_, err := exec.LookPath("taskset")
	return err == nil && runtime.NumCPU() > 1
}

// onCore is what stands before a command that is to run on one core.
func onCore(core string) []string {
	if !Pinned() {
		return nil
	}
	return []string{"taskset", "--cpu-list", core}
}

// pinClient moves this process to the client's core, and returns what gives it all of them back.
func pinClient() (release func()) {
	if !Pinned() {
		return func() {}
	}
	set := func(cores string) {
		_ = exec.Command("taskset", "--all-tasks", "--cpu-list", "--pid", cores, strconv.Itoa(os.Getpid())).Run()
	}
	set(clientCore)
	return func() { set("0-" + strconv.Itoa(runtime.NumCPU()-1)) }
}
