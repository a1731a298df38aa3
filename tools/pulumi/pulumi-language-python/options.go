package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

var (
	toolchainNames   = []string{"pip", "uv", "poetry"}
	typecheckerNames = []string{"mypy", "pyright"}
)

// pythonOptions reads `runtime.options` of a Pulumi.yaml, PulumiPolicy.yaml or PulumiPlugin.yaml: `virtualenv` (a
// path, relative to that file), `toolchain` and `typechecker`. Its error names every option that is wrong.
func pythonOptions(info *pulumirpc.ProgramInfo) (toolchain.PythonOptions, error) {
	given := info.GetOptions().AsMap()
	options := toolchain.PythonOptions{Root: info.GetRootDirectory(), ProgramDir: info.GetProgramDirectory()}
	var problems [3]error
	options.Virtualenv, problems[0] = text(given, "virtualenv")
	options.Toolchain, problems[1] = choose(given, "toolchain", toolchainNames,
		toolchain.Auto, toolchain.Pip, toolchain.Uv, toolchain.Poetry)
	options.Typechecker, problems[2] = choose(given, "typechecker", typecheckerNames,
		toolchain.TypeCheckerNone, toolchain.TypeCheckerMypy, toolchain.TypeCheckerPyright)
	return options, errors.Join(problems[:]...)
}

func text(given map[string]any, key string) (string, error) {
	value, ok := given[key].(string)
	if !ok && given[key] != nil {
		return "", fmt.Errorf("runtime option %s: %v is not a text", key, given[key])
	}
	return value, nil
}

// choose returns the value that stands where the given name stands in names, or absent when the option is not given.
func choose[T any](given map[string]any, key string, names []string, absent T, values ...T) (T, error) {
	name, err := text(given, key)
	if err != nil || name == "" {
		return absent, err
	}
	if i := slices.Index(names, name); i >= 0 {
		return values[i], nil
	}
	return absent, fmt.Errorf("runtime option %s: %q is not one of %s", key, name, strings.Join(names, ", "))
}

// pythonEnvironment resolves the Python that a program, policy pack or plugin runs in.
func pythonEnvironment(info *pulumirpc.ProgramInfo) (toolchain.Toolchain, error) {
	options, err := pythonOptions(info)
	if err != nil {
		return nil, err
	}
	return toolchain.ResolveToolchain(options)
}
