package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// GetRequiredPackages names the resource plugins of the SDKs that are installed where the program runs. Each such
// package carries a pulumi-plugin.json. They are looked for in the file system: the official host asks pip, which
// takes a second.
func (h *languageHost) GetRequiredPackages(
	ctx context.Context, request *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	python, err := pythonEnvironment(request.GetInfo())
	if err != nil {
		return nil, err
	}
	directories, err := importPath(ctx, python)
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.GetRequiredPackagesResponse{}
	seen := map[string]bool{}
	for _, directory := range directories {
		files, err := filepath.Glob(filepath.Join(escaped(directory), "*", "pulumi-plugin.json"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			module := filepath.Base(filepath.Dir(file))
			if seen[module] {
				continue
			}
			seen[module] = true
			dependency, err := readPluginFile(file, directory, module)
			if err != nil {
				return nil, err
			}
			if dependency != nil {
				response.Packages = append(response.Packages, dependency)
			}
		}
	}
	return response, nil
}

// importPath lists the directories that Python imports packages from, in its order. A missing virtual environment has
// none: running the program will say that it is missing.
func importPath(ctx context.Context, python toolchain.Toolchain) ([]string, error) {
	virtualenv, err := python.VirtualEnvPath(ctx)
	if err != nil {
		return nil, err
	}
	if virtualenv == "" {
		return askedImportPath(ctx, python)
	}
	sites, err := filepath.Glob(filepath.Join(escaped(virtualenv), "lib", "python*", "site-packages"))
	if err != nil {
		return nil, err
	}
	directories := sites
	for _, site := range sites {
		pathFiles, err := filepath.Glob(filepath.Join(escaped(site), "*.pth"))
		if err != nil {
			return nil, err
		}
		for _, file := range pathFiles {
			directories = append(directories, pathFileEntries(file, site)...)
		}
	}
	return directories, nil
}

// askedImportPath starts Python, 20 ms, because nothing in the file system tells where a system Python keeps packages.
func askedImportPath(ctx context.Context, python toolchain.Toolchain) ([]string, error) {
	cmd, err := python.Command(ctx, "-c", "import json, sys; print(json.dumps(sys.path[1:]))")
	if err != nil {
		return nil, err
	}
	output, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("cannot ask %s where it keeps packages: %w", cmd.Path, err)
	}
	var directories []string
	if err := json.Unmarshal(output, &directories); err != nil {
		return nil, fmt.Errorf("%s gave no list of directories: %w", cmd.Path, err)
	}
	return directories, nil
}

// pathFileEntries reads the directories that a .pth file adds: one a line, as editable installations do.
func pathFileEntries(file, site string) []string {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	var directories []string
	lines := bufio.NewScanner(strings.NewReader(string(content)))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "import ") {
			continue
		}
		if !filepath.IsAbs(line) {
			line = filepath.Join(site, line)
		}
		directories = append(directories, line)
	}
	return directories
}

// readPluginFile returns nil for a package that says it has no plugin. What the file leaves out follows from the
// package's own name and version.
func readPluginFile(file, directory, module string) (*pulumirpc.PackageDependency, error) {
	content, err := plugin.LoadPulumiPluginJSON(file)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", file, err)
	}
	if !content.Resource {
		return nil, nil
	}
	dependency := &pulumirpc.PackageDependency{
		Name: content.Name, Kind: "resource", Version: content.Version, Server: content.Server,
		Parameterization: parameterization(content.Parameterization),
		Extension:        parameterization(content.ExtensionParameterization),
	}
	if dependency.Name == "" {
		dependency.Name = strings.ReplaceAll(strings.TrimPrefix(module, "pulumi_"), "_", "-")
	}
	if dependency.Version == "" {
		dependency.Version = installedVersion(directory, module)
	}
	if dependency.Version == "" {
		return nil, nil
	}
	if !strings.HasPrefix(dependency.Version, "v") {
		dependency.Version = "v" + dependency.Version
	}
	return dependency, nil
}

func parameterization(from *plugin.PulumiParameterizationJSON) *pulumirpc.PackageParameterization {
	if from == nil {
		return nil
	}
	return &pulumirpc.PackageParameterization{Name: from.Name, Version: from.Version, Value: from.Value}
}

// installedVersion is a module's version, "" where its package is not found or its version is not a semantic one (a
// pre-release, in Python's spelling).
func installedVersion(directory, module string) string {
	for _, p := range installedPackages([]string{directory}) {
		if _, err := semver.Parse(p.version); err == nil && normalized(p.name) == normalized(module) {
			return p.version
		}
	}
	return ""
}

// GetProgramDependencies lists the packages that are installed where the program runs: all, or those alone that no
// other one requires.
func (h *languageHost) GetProgramDependencies(
	ctx context.Context, request *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	python, err := pythonEnvironment(request.GetInfo())
	if err != nil {
		return nil, err
	}
	directories, err := importPath(ctx, python)
	if err != nil {
		return nil, err
	}
	packages := installedPackages(directories)
	required := map[string]bool{}
	if !request.GetTransitiveDependencies() {
		for _, p := range packages {
			for _, name := range p.requires {
				required[name] = true
			}
		}
	}
	response := &pulumirpc.GetProgramDependenciesResponse{}
	for _, p := range packages {
		if name := normalized(p.name); !required[name] {
			response.Dependencies = append(response.Dependencies,
				&pulumirpc.DependencyInfo{Name: name, Version: p.version})
		}
	}
	return response, nil
}

type installedPackage struct {
	name, version string
	requires      []string
}

// installedPackages reads the metadata of each package in the directories. A first directory hides a later one's
// package of the same name, as it does for Python's imports.
func installedPackages(directories []string) []installedPackage {
	var packages []installedPackage
	seen := map[string]bool{}
	for _, directory := range directories {
		files, err := filepath.Glob(filepath.Join(escaped(directory), "*.dist-info", "METADATA"))
		if err != nil {
			continue
		}
		for _, file := range files {
			p, err := readMetadata(file)
			if err == nil && !seen[normalized(p.name)] {
				seen[normalized(p.name)] = true
				packages = append(packages, p)
			}
		}
	}
	return packages
}

// readMetadata reads name, version and what is required without an extra from a wheel's METADATA.
func readMetadata(file string) (installedPackage, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return installedPackage{}, err
	}
	header, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(content))).ReadMIMEHeader()
	if err != nil && len(header) == 0 {
		return installedPackage{}, err
	}
	p := installedPackage{name: header.Get("Name"), version: header.Get("Version")}
	for _, requirement := range header.Values("Requires-Dist") {
		if !strings.Contains(requirement, "extra ==") {
			p.requires = append(p.requires, normalized(leadingName.FindString(requirement)))
		}
	}
	return p, nil
}

var (
	leadingName = regexp.MustCompile(`^[A-Za-z0-9._-]+`)
	separators  = regexp.MustCompile(`[-_.]+`)
)

// normalized spells a package's name as PEP 503 compares it.
func normalized(name string) string {
	return strings.ToLower(separators.ReplaceAllString(name, "-"))
}

// escaped makes a path match itself in a glob pattern.
func escaped(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
