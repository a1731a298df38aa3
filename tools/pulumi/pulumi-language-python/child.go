//go:build unix

package main

import (
	"errors"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// childGrace is what a process gets between being asked to end and being killed; only one that ignores the request
// makes anybody wait for it.
const childGrace = time.Second

// runChild runs a Python process until it exits or the context that cmd was made with ends, and leaves nothing of it.
// The process leads a group of its own: what it starts ends with it, and the interrupt that the engine sends to the
// group of this host does not make each program print a traceback.
func runChild(cmd *exec.Cmd) error {
	cmd.SysProcAttr = childAttributes()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = childGrace

	// The kernel ends a child when the thread that started it ends, not the process: that thread has to stay.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	if err := cmd.Start(); err != nil {
		return err
	}
	err := cmd.Wait()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	if errors.Is(err, exec.ErrWaitDelay) {
		return nil
	}
	return err
}
