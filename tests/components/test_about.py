"""What registries of packages show: metadata from one place, and pages whose examples are right."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from private_registry import about, package

from tests.components.graph import run

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "_index.md").read_text()
TOKEN = "private-registry:index:PrivateRegistry"


def example(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.S | re.M)
    return found


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
