//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/fsutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// InstallDependencies makes the Python environment of a project ready, for `pulumi install` and `pulumi package add`.
func (h *languageHost) InstallDependencies(
	request *pulumirpc.InstallDependenciesRequest, server pulumirpc.LanguageRuntime_InstallDependenciesServer,
) error {
	closer, stdout, stderr, err := rpcutil.MakeInstallDependenciesStreams(server, request.GetIsTerminal())
	if err != nil {
		return err
	}
	if stdout != stderr {
		var sending sync.Mutex
		stdout, stderr = oneAtATime(&sending, stdout), oneAtATime(&sending, stderr)
	}
	err = installDependencies(server.Context(), request, stdout, stderr)
	return errors.Join(err, closer.Close())
}

func installDependencies(
	ctx context.Context, request *pulumirpc.InstallDependenciesRequest, stdout, stderr io.Writer,
) error {
	options, err := pythonOptions(request.GetInfo())
	if err != nil {
		return err
	}
	directory := request.GetInfo().GetProgramDirectory()
	if virtualenv := existingVirtualenv(options); virtualenv != "" {
		return installInto(ctx, virtualenv, directory, stdout, stderr)
	}
	python, err := toolchain.ResolveToolchain(options)
	if err != nil {
		return err
	}
	return python.InstallDependencies(ctx, directory, request.GetUseLanguageVersionTools(), true, stdout, stderr)
}

// existingVirtualenv is the virtual environment that a project with the pip toolchain names, "" where there is none yet.
//
// The toolchain package would run `python -m venv` over it with whichever python3 is first on PATH. One that another
// Python made, such as uv, can import nothing afterwards.
func existingVirtualenv(options toolchain.PythonOptions) string {
	if options.Virtualenv == "" {
		return ""
	}
	switch options.Toolchain {
	case toolchain.Pip:
	case toolchain.Auto:
		for _, lock := range []string{"uv.lock", "poetry.lock"} {
			if _, err := fsutil.Searchup(options.ProgramDir, lock); err == nil {
				return ""
			}
		}
	default:
		return ""
	}
	virtualenv := options.Virtualenv
	if !filepath.IsAbs(virtualenv) {
		virtualenv = filepath.Join(options.Root, virtualenv)
	}
	if !toolchain.IsVirtualEnv(virtualenv) {
		return ""
	}
	return virtualenv
}

// installInto installs what requirements.txt lacks in an existing virtual environment, and changes nothing else in it.
// The environment need not have pip: those that uv makes have none.
func installInto(ctx context.Context, virtualenv, directory string, stdout, stderr io.Writer) error {
	if _, err := os.Stat(filepath.Join(directory, "requirements.txt")); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	python := filepath.Join(virtualenv, "bin", "python")
	installers := [][]string{
		{python, "-m", "pip", "install"},
		{"uv", "pip", "install", "--python", python},
		{"python3", "-m", "pip", "--python", python, "install"},
	}
	for _, installer := range installers {
		if exec.CommandContext(ctx, installer[0], probe(installer)...).Run() != nil {
			continue
		}
		cmd := exec.CommandContext(ctx, installer[0], append(installer[1:], "-r", "requirements.txt")...)
		var shown bytes.Buffer
		cmd.Dir, cmd.Stdout, cmd.Stderr = directory, stdout, io.MultiWriter(stderr, &shown)
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("cannot install %s into %s: %w\n%s",
				filepath.Join(directory, "requirements.txt"), virtualenv, err, strings.TrimSpace(shown.String()))
		}
		return nil
	}
	return fmt.Errorf("cannot install %s: neither %s nor python3 on PATH has pip, and there is no uv",
		filepath.Join(directory, "requirements.txt"), virtualenv)
}

// probe is what tells whether an installer is there: its name with --version.
func probe(installer []string) []string {
	if installer[0] == "uv" {
		return []string{"--version"}
	}
	return []string{"-m", "pip", "--version"}
}
