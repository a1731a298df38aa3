//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/blang/semver"
	"github.com/hashicorp/hcl/v2"
	"github.com/pulumi/pulumi/pkg/v3/codegen/hcl2/syntax"
	"github.com/pulumi/pulumi/pkg/v3/codegen/pcl"
	codegen "github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/contract"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// GeneratePackage writes the Python SDK of a package into a directory: what `pulumi package add` and `gen-sdk` ask for.
func (h *languageHost) GeneratePackage(
	_ context.Context, request *pulumirpc.GeneratePackageRequest,
) (*pulumirpc.GeneratePackageResponse, error) {
	loader, err := schema.NewLoaderClient(request.GetLoaderTarget())
	if err != nil {
		return nil, err
	}
	defer contract.IgnoreClose(loader)

	var spec schema.PackageSpec
	if err := json.Unmarshal([]byte(request.GetSchema()), &spec); err != nil {
		return nil, fmt.Errorf("the schema is not valid JSON: %w", err)
	}
	cached := schema.NewCachedLoader(loader)
	pkg, diagnostics, err := schema.BindSpec(spec, cached, schema.ValidationOptions{AllowDanglingReferences: true})
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.GeneratePackageResponse{Diagnostics: plugin.HclDiagnosticsToRPCDiagnostics(diagnostics)}
	if diagnostics.HasErrors() {
		return response, nil
	}
	files, err := codegen.GeneratePackage("pulumi-language-python", pkg, request.GetExtraFiles(), cached)
	if err != nil {
		return nil, err
	}
	for name, content := range files {
		path := filepath.Join(request.GetDirectory(), name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return nil, err
		}
	}
	return response, nil
}

// GenerateProgram translates a PCL program, as `pulumi convert` and `pulumi import` do.
func (h *languageHost) GenerateProgram(
	_ context.Context, request *pulumirpc.GenerateProgramRequest,
) (*pulumirpc.GenerateProgramResponse, error) {
	loader, err := schema.NewLoaderClient(request.GetLoaderTarget())
	if err != nil {
		return nil, err
	}
	defer contract.IgnoreClose(loader)

	parser := syntax.NewParser()
	for _, path := range slices.Sorted(maps.Keys(request.GetSource())) {
		if err := parser.ParseFile(strings.NewReader(request.GetSource()[path]), path); err != nil {
			return nil, err
		}
	}
	if parser.Diagnostics.HasErrors() {
		return programResponse(nil, parser.Diagnostics), nil
	}
	program, diagnostics, err := pcl.BindProgram(
		parser.Files, schema.NewCachedLoader(loader), strictness(request.GetStrict())...)
	if err != nil {
		return nil, err
	}
	if program == nil || diagnostics.HasErrors() {
		return programResponse(nil, diagnostics), nil
	}
	files, more, err := codegen.GenerateProgram(program)
	if err != nil {
		return nil, err
	}
	return programResponse(files, append(diagnostics, more...)), nil
}

func programResponse(files map[string][]byte, diagnostics hcl.Diagnostics) *pulumirpc.GenerateProgramResponse {
	return &pulumirpc.GenerateProgramResponse{
		Source: files, Diagnostics: plugin.HclDiagnosticsToRPCDiagnostics(diagnostics),
	}
}

// GenerateProject translates a directory of PCL into a Python project that can be run.
func (h *languageHost) GenerateProject(
	_ context.Context, request *pulumirpc.GenerateProjectRequest,
) (*pulumirpc.GenerateProjectResponse, error) {
	loader, err := schema.NewLoaderClient(request.GetLoaderTarget())
	if err != nil {
		return nil, err
	}
	defer contract.IgnoreClose(loader)

	var project workspace.Project
	if err := json.Unmarshal([]byte(request.GetProject()), &project); err != nil {
		return nil, fmt.Errorf("the project is not valid JSON: %w", err)
	}
	program, diagnostics, err := pcl.BindDirectory(
		request.GetSourceDirectory(), schema.NewCachedLoader(loader), strictness(request.GetStrict())...)
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.GenerateProjectResponse{Diagnostics: plugin.HclDiagnosticsToRPCDiagnostics(diagnostics)}
	if diagnostics.HasErrors() {
		return response, nil
	}
	var typechecker, toolchainName string
	if options := project.Runtime.Options(); options != nil {
		typechecker, _ = options["typechecker"].(string)
		toolchainName, _ = options["toolchain"].(string)
	}
	if err := codegen.GenerateProject(request.GetTargetDirectory(), project, program,
		request.GetLocalDependencies(), typechecker, toolchainName); err != nil {
		return nil, err
	}
	return response, nil
}

func strictness(strict bool) []pcl.BindOption {
	if strict {
		return nil
	}
	return pcl.NonStrictBindOptions()
}

// Link adds generated SDKs to the dependencies of a project and says how they are imported.
func (h *languageHost) Link(ctx context.Context, request *pulumirpc.LinkRequest) (*pulumirpc.LinkResponse, error) {
	loader, err := schema.NewLoaderClient(request.GetLoaderTarget())
	if err != nil {
		return nil, err
	}
	defer contract.IgnoreClose(loader)
	python, err := pythonEnvironment(request.GetInfo())
	if err != nil {
		return nil, err
	}

	paths := map[string]string{}
	var modules []string
	for _, dependency := range request.GetPackages() {
		module, err := moduleName(ctx, loader, dependency.GetPackage())
		if err != nil {
			return nil, err
		}
		paths[module] = dependency.GetPath()
		modules = append(modules, module)
	}
	if err := python.LinkPackages(ctx, paths); err != nil {
		return nil, err
	}
	return &pulumirpc.LinkResponse{ImportInstructions: importInstructions(modules)}, nil
}

func moduleName(
	ctx context.Context, loader schema.ReferenceLoader, dependency *pulumirpc.PackageDependency,
) (string, error) {
	descriptor, err := packageDescriptor(dependency)
	if err != nil {
		return "", err
	}
	reference, err := loader.LoadPackageReferenceV2(ctx, descriptor)
	if err != nil {
		return "", err
	}
	pkg, err := reference.Definition()
	if err != nil {
		return "", err
	}
	if err := pkg.ImportLanguages(map[string]schema.Language{"python": codegen.Importer}); err != nil {
		return "", err
	}
	if info, ok := pkg.Language["python"].(codegen.PackageInfo); ok && info.PackageName != "" {
		return info.PackageName, nil
	}
	return codegen.PyPack(pkg.Namespace, pkg.Name), nil
}

func packageDescriptor(dependency *pulumirpc.PackageDependency) (*schema.PackageDescriptor, error) {
	descriptor := &schema.PackageDescriptor{Name: dependency.GetName(), DownloadURL: dependency.GetServer()}
	if text := dependency.GetVersion(); text != "" {
		version, err := semver.ParseTolerant(text)
		if err != nil {
			return nil, fmt.Errorf("version %q of package %s: %w", text, descriptor.Name, err)
		}
		descriptor.Version = &version
	}
	if from := dependency.GetParameterization(); from != nil {
		version, err := semver.ParseTolerant(from.GetVersion())
		if err != nil {
			return nil, fmt.Errorf("version %q of package %s: %w", from.GetVersion(), from.GetName(), err)
		}
		descriptor.Parameterization = &schema.ParameterizationDescriptor{
			Name: from.GetName(), Version: version, Value: from.GetValue(),
		}
	}
	return descriptor, nil
}

func importInstructions(modules []string) string {
	lines := []string{"You can then import the SDK in your Python code with:\n"}
	for _, module := range modules {
		lines = append(lines, "  import "+module)
	}
	return strings.Join(lines, "\n") + "\n"
}
