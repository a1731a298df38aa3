//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/contract"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// bailed is the exit code of a program that has already shown its error to the user.
const bailed = 32

// analyzerKind is what the engine calls a policy pack.
const analyzerKind = "analyzer"

// languageHost answers the engine. Methods that it does not have (Pack) are answered with Unimplemented.
type languageHost struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	executor string
	tracing  string
	engine   atomic.Pointer[string]
	stop     func()
}

func (h *languageHost) engineAddress() string {
	if address := h.engine.Load(); address != nil {
		return *address
	}
	return ""
}

func (h *languageHost) Handshake(
	_ context.Context, request *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	address := request.GetEngineAddress()
	h.engine.Store(&address)
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (h *languageHost) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version.Version}, nil
}

// Cancel ends every running call with its processes, and then this host.
func (h *languageHost) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.stop()
	return &emptypb.Empty{}, nil
}

func (h *languageHost) About(ctx context.Context, request *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	options, err := pythonOptions(request.GetInfo())
	if err != nil {
		return nil, err
	}
	python, err := toolchain.ResolveToolchain(options)
	if err != nil {
		return nil, err
	}
	info, err := python.About(ctx)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.AboutResponse{
		Executable: info.PythonExecutable,
		Version:    info.PythonVersion.String(),
		Metadata: map[string]string{
			"toolchain":        toolchain.Name(options.Toolchain),
			"toolchainVersion": info.ToolchainVersion.String(),
			"typechecker":      toolchain.TypeCheckerName(options.Typechecker),
		},
	}, nil
}

func (h *languageHost) RuntimeOptionsPrompts(
	_ context.Context, request *pulumirpc.RuntimeOptionsRequest,
) (*pulumirpc.RuntimeOptionsResponse, error) {
	response := &pulumirpc.RuntimeOptionsResponse{}
	if _, given := request.GetInfo().GetOptions().AsMap()["toolchain"]; !given {
		choices := plugin.MakeExecutablePromptChoices(toolchainNames...)
		response.Prompts = append(response.Prompts, &pulumirpc.RuntimeOptionPrompt{
			Key:         "toolchain",
			Description: "The toolchain to use for installing dependencies and running the program",
			PromptType:  pulumirpc.RuntimeOptionPrompt_STRING,
			Choices:     choices,
			Default: choices[slices.IndexFunc(choices, func(c *pulumirpc.RuntimeOptionPrompt_RuntimeOptionValue) bool {
				return c.GetStringValue() == "pip"
			})],
		})
	}
	return response, nil
}

// Template turns a new project's requirements.txt into what its toolchain works with.
func (h *languageHost) Template(
	ctx context.Context, request *pulumirpc.TemplateRequest,
) (*pulumirpc.TemplateResponse, error) {
	python, err := pythonEnvironment(request.GetInfo())
	if err != nil {
		return nil, err
	}
	directory := request.GetInfo().GetProgramDirectory()
	if err := python.PrepareProject(ctx, request.GetProjectName(), directory, false, os.Stdout, os.Stderr); err != nil {
		return nil, err
	}
	return &pulumirpc.TemplateResponse{}, nil
}

// Run runs a program inside a stack. A program that fails is not an error of the call: the response says it.
func (h *languageHost) Run(ctx context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	info := request.GetInfo()
	if request.GetAttachDebugger() {
		return nil, errNoDebugger
	}
	options, err := pythonOptions(info)
	if err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	python, err := toolchain.ResolveToolchain(options)
	if err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	if err := python.ValidateVenv(ctx); err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	if err := checkTypes(ctx, python, options); err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}

	cmd, err := python.Command(ctx, h.programArguments(request)...)
	if err != nil {
		return nil, err
	}
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	config, err := programConfig(request)
	if err != nil {
		return nil, err
	}
	cmd.Env = append(cmd.Env, config...)
	cmd.Dir = request.GetPwd()
	// Copied, not inherited: a process that the program leaves behind must not hold the pipes that the engine reads to
	// their end.
	cmd.Stdout, cmd.Stderr = copied{os.Stdout}, copied{os.Stderr}

	err = runChild(cmd)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case ctx.Err() != nil:
		return nil, status.FromContextError(ctx.Err()).Err()
	case errors.As(err, &exit) && exit.ExitCode() == bailed:
		return &pulumirpc.RunResponse{Bail: true}, nil
	case errors.As(err, &exit) && exit.Exited():
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("Program exited with non-zero exit code: %d", exit.ExitCode())}, nil
	case errors.As(err, &exit):
		return &pulumirpc.RunResponse{Error: "Program ended by a signal: " + exit.String()}, nil
	default:
		return nil, fmt.Errorf("cannot run the program with %s: %w", cmd.Path, err)
	}
}

func (h *languageHost) programArguments(request *pulumirpc.RunRequest) []string {
	info := request.GetInfo()
	arguments := []string{
		"-u", h.executor,
		"--monitor", request.GetMonitorAddress(),
		"--engine", h.engineAddress(),
		"--project", request.GetProject(),
		"--root_directory", info.GetRootDirectory(),
		"--stack", request.GetStack(),
		"--pwd", request.GetPwd(),
		"--dry_run", strconv.FormatBool(request.GetDryRun()),
		"--parallel", strconv.Itoa(int(request.GetParallel())),
		"--organization", request.GetOrganization(),
	}
	if h.tracing != "" {
		arguments = append(arguments, "--tracing", h.tracing)
	}
	arguments = append(arguments, filepath.Join(info.GetProgramDirectory(), info.GetEntryPoint()))
	return append(arguments, request.GetArgs()...)
}

// copied hides from os/exec that a file is one.
type copied struct{ io.Writer }

// programConfig is how the SDK gets a stack's configuration: as JSON in two environment variables.
func programConfig(request *pulumirpc.RunRequest) ([]string, error) {
	config, secretKeys := request.GetConfig(), request.GetConfigSecretKeys()
	if config == nil {
		config = map[string]string{}
	}
	if secretKeys == nil {
		secretKeys = []string{}
	}
	configJSON, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	secretKeysJSON, err := json.Marshal(secretKeys)
	if err != nil {
		return nil, err
	}
	return []string{"PULUMI_CONFIG=" + string(configJSON), "PULUMI_CONFIG_SECRET_KEYS=" + string(secretKeysJSON)}, nil
}

func checkTypes(ctx context.Context, python toolchain.Toolchain, options toolchain.PythonOptions) error {
	if options.Typechecker == toolchain.TypeCheckerNone {
		return nil
	}
	module := typecheckerNames[0]
	if options.Typechecker == toolchain.TypeCheckerPyright {
		module = typecheckerNames[1]
	}
	cmd, err := python.ModuleCommand(ctx, module, options.ProgramDir)
	if err != nil {
		return err
	}
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s found type errors, or could not run (%w):\n%s", module, err, output)
	}
	return nil
}

// RunPlugin runs a policy pack or a plugin, and streams what it prints. Cancelling the call ends it.
func (h *languageHost) RunPlugin(
	request *pulumirpc.RunPluginRequest, server pulumirpc.LanguageRuntime_RunPluginServer,
) error {
	if request.GetAttachDebugger() {
		return errNoDebugger
	}
	ctx := server.Context()
	python, err := pythonEnvironment(request.GetInfo())
	if err != nil {
		return err
	}
	if err := python.ValidateVenv(ctx); err != nil {
		return err
	}
	arguments, err := pluginArguments(request)
	if err != nil {
		return err
	}
	cmd, err := python.Command(ctx, arguments...)
	if err != nil {
		return err
	}
	if virtualenv, err := python.VirtualEnvPath(ctx); err != nil {
		return err
	} else if virtualenv != "" {
		cmd.Env = toolchain.ActivateVirtualEnv(request.GetEnv(), virtualenv)
	} else {
		cmd.Env = request.GetEnv()
	}
	cmd.Dir = request.GetPwd()
	if request.GetKind() == analyzerKind {
		cmd.Dir = request.GetInfo().GetProgramDirectory()
	}

	closer, stdout, stderr, err := rpcutil.MakeRunPluginStreams(server, false)
	if err != nil {
		return err
	}
	defer contract.IgnoreClose(closer)
	var sending sync.Mutex
	cmd.Stdout, cmd.Stderr = oneAtATime(&sending, stdout), oneAtATime(&sending, stderr)

	err = runChild(cmd)
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return status.FromContextError(ctx.Err()).Err()
	case err == nil:
		return server.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Exitcode{}})
	case errors.As(err, &exit):
		code := int32(exit.ExitCode())
		return server.Send(&pulumirpc.RunPluginResponse{Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: code}})
	default:
		return fmt.Errorf("cannot run the plugin with %s: %w", cmd.Path, err)
	}
}

// pluginArguments says what Python runs: a policy pack inside the SDK's policy runner, a plugin that is a buildable
// package inside its plugin runner, any other plugin as the program it is.
func pluginArguments(request *pulumirpc.RunPluginRequest) ([]string, error) {
	directory := request.GetInfo().GetProgramDirectory()
	if request.GetKind() == analyzerKind {
		return slices.Concat([]string{"-u", "-m", "pulumi.policy"}, request.GetArgs(), []string{directory}), nil
	}
	isPackage, err := toolchain.IsBuildablePackage(directory)
	if err != nil {
		return nil, err
	}
	if !isPackage {
		return slices.Concat([]string{"-u", directory}, request.GetArgs()), nil
	}
	pyproject, err := toolchain.LoadPyproject(directory)
	if err != nil {
		return nil, err
	}
	return slices.Concat([]string{"-u", "-m", "pulumi.run.plugin", pyproject.Project.Name}, request.GetArgs()), nil
}

// oneAtATime makes two outputs share a stream, which takes one message at a time.
func oneAtATime(sending *sync.Mutex, to io.Writer) io.Writer {
	return serialWriter{sending, to}
}

type serialWriter struct {
	sending *sync.Mutex
	to      io.Writer
}

func (w serialWriter) Write(p []byte) (int, error) {
	w.sending.Lock()
	defer w.sending.Unlock()
	return w.to.Write(p)
}

var errNoDebugger = status.Error(codes.Unimplemented, "this Python language host cannot attach a debugger: "+
	"leave out --attach-debugger, or use the official Pulumi CLI")
