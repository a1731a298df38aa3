"""What registries of packages show: metadata from one place, and pages whose examples are right."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import private_registry
import pytest
import yaml
from private_registry import about, package

from tests.components.graph import run
from tests.components.registry_pages import example

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "private-registry:index:PrivateRegistry"
# What `about` says until there is an owner; no file may have it after that.
PLACEHOLDER = "example.com/private-registry"


def test_the_schema_says_what_the_package_is() -> None:
    schema = package.schema()
    assert {key: schema.get(key) for key in about.METADATA} == about.METADATA
    assert {"category/cloud", "kind/component"} <= set(schema["keywords"])
    assert "namespace" not in schema, "no owner is decided"


def test_the_repository_is_named_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["license"] == about.METADATA["license"]
    for url in project["urls"].values():
        assert url.startswith(about.REPOSITORY)
    for name in ("_index.md", "installation-configuration.md"):
        links = re.findall(r"https?://[^\s)`]+", (ROOT / "docs" / name).read_text())
        assert links
        assert all(link.startswith(about.REPOSITORY) for link in links)


# What is made from the repository's address, and where it is written.
ADDRESS = about.REPOSITORY.removeprefix("https://")
PLUGIN = f"{about.REPOSITORY}.git/components@{private_registry.__version__}"
GO_MODULE = f"{ADDRESS}/sdk/go"
WRITTEN = {
    "components/private_registry/about.py": about.REPOSITORY,
    "docs/_index.md": f'"{GO_MODULE}/privateregistry"',
    "docs/consumers.md": f"`{GO_MODULE}/privateregistry`",
    "docs/installation-configuration.md": f"`{GO_MODULE}/privateregistry`",
    "examples/consumers/go/go.mod": f"replace {GO_MODULE} => ./sdks/private-registry",
    "examples/consumers/go/main.go": f'"{GO_MODULE}/privateregistry"',
    "pyproject.toml": about.REPOSITORY,
    "schema/private-registry.json": about.REPOSITORY,
    "templates/private-registry-typescript/Pulumi.yaml": f"private-registry: {PLUGIN}\n",
    "templates/private-registry-yaml/Pulumi.yaml": f"private-registry: {PLUGIN}\n",
}


@pytest.mark.parametrize("file", WRITTEN)
def test_what_is_made_from_the_repositorys_address_follows_it(file: str) -> None:
    text = (ROOT / file).read_text()
    assert WRITTEN[file] in text
    assert PLACEHOLDER not in text.replace(ADDRESS, ""), "left behind when the repository got its owner"


def test_no_other_file_has_a_copy_of_the_address() -> None:
    words = ["git", "-C", str(ROOT), "grep", "--name-only", "-e", ADDRESS, "--", ".", ":!tests", ":!docs/decisions"]
    found = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    assert set(found) == set(WRITTEN)


@pytest.mark.parametrize("name", ["_index.md", "installation-configuration.md"])
def test_pages_have_the_front_matter_of_the_pulumi_registry(name: str) -> None:
    _, front, text = (ROOT / "docs" / name).read_text().split("---\n", 2)
    made = yaml.safe_load(front)
    assert set(made) == {"title", "meta_desc", "layout"}
    assert made["layout"] == "package"
    assert text.strip()


def test_the_python_example_declares_a_registry() -> None:
    graph = run(lambda: exec(example("python"), {}), preview=True)
    assert {"images-registry", "images-endpoint"} <= graph.names


def test_the_yaml_example_is_what_the_schema_takes() -> None:
    made = yaml.safe_load(example("yaml"))["resources"]["images"]
    assert made["type"] == "private-registry:PrivateRegistry"
    _takes(package.schema(), package.schema()["resources"][TOKEN]["inputProperties"], made["properties"])


def test_the_go_example_gives_the_same_inputs() -> None:
    written = example("go")
    given = yaml.safe_load(example("yaml"))["resources"]["images"]["properties"]
    for key, value in {**given, **given["network"]}.items():
        name = key[0].upper() + key[1:]
        if isinstance(value, str):
            assert re.search(rf'\b{name}: +(pulumi\.String\()?"{re.escape(value)}"\)?,', written), name
        else:
            assert f"{name}:" in written
    assert re.findall(r"^\t+([A-Z]\w+):", written, re.M) == [key[0].upper() + key[1:] for key in nested(given)]
    assert '{"japanwest": {}}' in written


def nested(given: dict[str, Any]) -> list[str]:
    """The names of properties in their order; those of `replicas` are regions."""
    inner = {key: value for key, value in given.items() if isinstance(value, dict) and key != "replicas"}
    return [name for key in given for name in [key, *nested(inner.get(key, {}))]]


def test_the_typescript_example_gives_the_same_inputs() -> None:
    (written,) = re.findall(r"new PrivateRegistry\(\"images\", (\{.*?\n\})\);", example("typescript"), re.S)
    quoted = re.sub(r"(\w+):", r'"\1":', re.sub(r",(\s*\})", r"\1", written))
    assert json.loads(quoted) == yaml.safe_load(example("yaml"))["resources"]["images"]["properties"]


def _takes(schema: dict[str, Any], inputs: dict[str, Any], given: dict[str, Any]) -> None:
    for key, value in given.items():
        assert key in inputs, key
        reference = inputs[key].get("$ref", "")
        if isinstance(value, dict) and reference.startswith("#/types/"):
            _takes(schema, schema["types"][reference.removeprefix("#/types/")]["properties"], value)
