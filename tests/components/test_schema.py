"""The package as other languages see it: one golden schema, one version, nothing without a description."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import private_registry
import pytest
import yaml
from private_registry import package

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "schema" / "private-registry.json"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return package.schema()


def test_the_schema_is_the_golden_one(schema: dict[str, Any]) -> None:
    assert schema == json.loads(GOLDEN.read_text()), "the schema changed: if that is meant, run `make reference`"


def test_every_component_is_served(schema: dict[str, Any]) -> None:
    served = {token.rsplit(":", 1)[-1] for token in schema["resources"]}
    assert {"PrivateRegistry", "PremiumRegistry", "RegistryPrivateEndpoint", "PrivateDnsZone"} <= served
    assert served == {c.__name__ for c in package.components()}


@pytest.mark.parametrize("component", package.components(), ids=lambda each: each.__name__)
def test_every_component_is_made_by_a_test_or_an_example(component: type) -> None:
    """Every example runs on the engine (tests/components/test_consumers.py, test_alibaba.py)."""
    programs = [*(ROOT / "tests" / "components").rglob("*.py"), *(ROOT / "examples").rglob("*.py")]
    made = re.compile(rf"\b{component.__name__}\(")
    assert any(made.search(path.read_text()) for path in programs), (
        f"write tests/components/test_{component.__module__.rpartition('.')[2]}.py, which makes a {component.__name__}"
    )


def described(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    for token, entry in {**schema["resources"], **schema["types"]}.items():
        found.append((token, entry))
        for kind in ("inputProperties", "properties"):
            found += [(f"{token}.{name}", prop) for name, prop in entry.get(kind, {}).items()]
    return found


def test_everything_is_described(schema: dict[str, Any]) -> None:
    assert [path for path, entry in described(schema) if not entry.get("description")] == []


def test_descriptions_are_plain_text_in_the_schemas_words(schema: dict[str, Any]) -> None:
    for path, entry in described(schema):
        text = entry["description"]
        assert not re.search(r"\n {2,}", text), f"{path} is indented"
        assert not re.search(r"`[a-z]+_[a-z_]+`", text), f"{path} names a setting in Python's spelling"


def test_every_optional_setting_says_its_default(schema: dict[str, Any]) -> None:
    silent: list[str] = []
    for token, entry in schema["resources"].items():
        required = set(entry.get("requiredInputs", []))
        inputs = {f"{token}.{n}": p for n, p in entry["inputProperties"].items() if n not in required}
        silent += [path for path, prop in inputs.items() if "Default:" not in prop["description"]]
    for token, entry in schema["types"].items():
        required = set(entry.get("required", []))
        optional = {f"{token}.{n}": p for n, p in entry["properties"].items() if n not in required}
        silent += [path for path, prop in optional.items() if "Default:" not in prop["description"]]
    assert silent == []


def test_every_number_says_its_unit_or_range(schema: dict[str, Any]) -> None:
    numbers = [(path, entry) for path, entry in described(schema) if entry.get("type") in {"integer", "number"}]
    assert numbers, "there is a number somewhere"
    for path, entry in numbers:
        units = r"\b(days|minutes|months|addresses|Mbit/s|multiple of \d+|up to \d+|\d+ to \d+)\b"
        assert re.search(units, entry["description"]), f"{path} has no unit"


def test_what_is_secret_is_marked(schema: dict[str, Any]) -> None:
    """Nothing here is: identities take the place of passwords. Who adds one marks it, and this says so."""
    telling = re.compile(r"password|secret|passphrase|connection_?string|credential|access_?key|token_?value", re.I)
    secret = {path for path, entry in described(schema) if telling.search(path.rsplit(".", 1)[-1])}
    assert secret == {path for path, entry in described(schema) if entry.get("secret")}


def test_what_is_required(schema: dict[str, Any]) -> None:
    required = schema["resources"]["private-registry:index:PrivateRegistry"]["requiredInputs"]
    assert sorted(required) == ["location", "registryName", "resourceGroupName"]


def test_one_version(schema: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert schema["version"] == private_registry.__version__
    if "version" in project["project"]:
        assert project["project"]["version"] == private_registry.__version__


def test_the_plugin_installs_what_is_tested() -> None:
    constraints = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["constraint-dependencies"]
    required = (ROOT / "components" / "requirements.txt").read_text().split()
    assert set(required) <= set(constraints)
    assert {line.split("==")[0] for line in required} == {"pulumi", "pulumi-alicloud", "pulumi-azure-native"}


def test_the_plugin_says_its_toolchain() -> None:
    plugin = yaml.safe_load((ROOT / "components" / "PulumiPlugin.yaml").read_text())
    assert plugin["runtime"]["options"]["toolchain"] == "pip"
