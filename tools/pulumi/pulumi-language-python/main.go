// pulumi-language-python lets the Pulumi engine run Python programs, policy packs and plugins.
//
// The official host of this name is a Go module that package mirrors do not serve, so a machine that reaches only
// mirrors needs this one. It speaks the same protocol (pulumirpc.LanguageRuntime) and leaves what Python projects look
// like (pip, uv, poetry, virtual environments) to the official toolchain package.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// executorName is Pulumi's own script that runs a program inside a stack; it lies beside this binary.
const executorName = "pulumi-language-python-exec"

// engineCheckInterval bounds how long the host outlives an engine that did not start it. The death of the engine that
// started it is known at once.
const engineCheckInterval = 2 * time.Second

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-python:", err)
		os.Exit(1)
	}
}

func serve() error {
	flags := flag.NewFlagSet("pulumi-language-python", flag.ContinueOnError)
	tracing := flags.String("tracing", "", "endpoint that programs send their traces to")
	logToStderr := flags.Bool("logtostderr", false, "log to standard error")
	logFlow := flags.Bool("logflow", false, "pass logging settings on to child processes")
	verbose := flags.Int("v", 0, "log level")
	if err := flags.Parse(os.Args[1:]); err != nil {
		return err
	}
	logging.InitLogging(*logToStderr, *verbose, *logFlow)

	executor, err := findExecutor()
	if err != nil {
		return err
	}

	lifetime, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	lifetime, stop = context.WithCancel(lifetime)
	defer stop()
	stopWithParent(stop)

	host := &languageHost{executor: executor, tracing: *tracing, stop: stop}
	if address := flags.Arg(0); address != "" {
		host.engine.Store(&address)
		if err := rpcutil.Healthcheck(lifetime, address, engineCheckInterval, stop); err != nil {
			return fmt.Errorf("cannot watch the engine at %q: %w", address, err)
		}
	}

	stopServing := make(chan bool)
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel:  stopServing,
		Options: endWith(lifetime),
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
	})
	if err != nil {
		return fmt.Errorf("cannot serve the engine: %w", err)
	}
	fmt.Println(handle.Port)

	select {
	case err := <-handle.Done:
		return err
	case <-lifetime.Done():
	}
	close(stopServing)
	select {
	case err = <-handle.Done:
	case <-time.After(2 * childGrace):
	}
	return err
}

func findExecutor() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("cannot find out where this program lies: %w", err)
	}
	if resolved, err := filepath.EvalSymlinks(self); err == nil {
		self = resolved
	}
	executor := filepath.Join(filepath.Dir(self), executorName)
	if _, err := os.Stat(executor); err != nil {
		return "", fmt.Errorf("%s must lie beside this program: %w", executorName, err)
	}
	return executor, nil
}

// endWith makes every call of the engine end when lifetime does, and with the call the processes it started.
func endWith(lifetime context.Context) []grpc.ServerOption {
	bound := func(call context.Context) (context.Context, func()) {
		ctx, cancel := context.WithCancel(call)
		detach := context.AfterFunc(lifetime, cancel)
		return ctx, func() { detach(); cancel() }
	}
	return []grpc.ServerOption{
		grpc.UnaryInterceptor(func(
			call context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler,
		) (any, error) {
			ctx, release := bound(call)
			defer release()
			return handle(ctx, request)
		}),
		grpc.StreamInterceptor(func(
			server any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler,
		) error {
			ctx, release := bound(stream.Context())
			defer release()
			return handle(server, boundStream{stream, ctx})
		}),
	}
}

type boundStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s boundStream) Context() context.Context { return s.ctx }
