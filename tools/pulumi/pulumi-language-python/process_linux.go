package main

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// childAttributes has the kernel kill the child when this host dies, even by SIGKILL.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// stopWithParent calls stop as soon as the process that started this host is gone. The kernel reports the death of a
// parent's thread as well, so who the parent is decides.
func stopWithParent(stop func()) {
	parent := os.Getppid()
	reports := make(chan os.Signal, 1)
	signal.Notify(reports, syscall.SIGUSR1)
	_ = unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(syscall.SIGUSR1), 0, 0, 0)
	go func() {
		for os.Getppid() == parent {
			<-reports
		}
		stop()
	}()
}
