//go:build unix && !linux

package main

import (
	"os"
	"syscall"
	"time"
)

func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

// stopWithParent calls stop soon after the process that started this host is gone.
func stopWithParent(stop func()) {
	parent := os.Getppid()
	go func() {
		for os.Getppid() == parent {
			time.Sleep(250 * time.Millisecond)
		}
		stop()
	}()
}
