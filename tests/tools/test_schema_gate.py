"""The schema gate, both ways: what breaks consumers is refused until the changelog announces it, the rest passes."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
GATE = ROOT / "tools" / "schema_gate.py"
SCHEMA: dict[str, Any] = json.loads((ROOT / "schema" / "private-registry.json").read_text())
REGISTRY = "private-registry:index:PrivateRegistry"
REPLICA = "private-registry:index:ReplicaArgs"
UNANNOUNCED = "# Changelog\n\n## 1.1.0\n\nSomething new.\n\n### Breaking Changes\n\nNone.\n"
ANNOUNCED = UNANNOUNCED.replace("None.", "`tags` is called `labels`: rename it.")


class Checkout:
    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "schema" / "released").mkdir(parents=True)
        self.released("1.0.0", SCHEMA | {"version": "1.0.0"})
        self.changelog(UNANNOUNCED)

    def released(self, version: str, schema: dict[str, Any]) -> None:
        (self.root / "schema" / "released" / f"{version}.json").write_text(json.dumps(schema))

    def working(self, change: Callable[[dict[str, Any]], Any], version: str = "1.1.0") -> None:
        schema = copy.deepcopy(SCHEMA) | {"version": version}
        change(schema)
        (self.root / "schema" / "private-registry.json").write_text(json.dumps(schema))

    def changelog(self, text: str) -> None:
        (self.root / "CHANGELOG.md").write_text(text)

    def gate(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, GATE, "--root", self.root, *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def inputs(schema: dict[str, Any]) -> dict[str, Any]:
    return schema["resources"][REGISTRY]["inputProperties"]


def _loses_an_input(schema: dict[str, Any]) -> None:
    del inputs(schema)["tags"]


def _retypes_an_input(schema: dict[str, Any]) -> None:
    inputs(schema)["protect"]["type"] = "string"


def _wants_an_input(schema: dict[str, Any]) -> None:
    schema["resources"][REGISTRY]["requiredInputs"].append("tags")


def _moves_a_default(schema: dict[str, Any]) -> None:
    entry = inputs(schema)["createResourceGroup"]
    entry["description"] = entry["description"].replace("Default: false", "Default: true")


def _loses_an_output(schema: dict[str, Any]) -> None:
    del schema["resources"][REGISTRY]["properties"]["allowList"]


def _loses_a_component(schema: dict[str, Any]) -> None:
    del schema["resources"][REGISTRY]


def _makes_an_output_optional(schema: dict[str, Any]) -> None:
    schema["resources"][REGISTRY]["required"].remove("loginServer")


def _retypes_an_entry(schema: dict[str, Any]) -> None:
    schema["types"][REPLICA]["properties"]["tags"]["additionalProperties"]["type"] = "integer"


BREAKS: dict[Callable[[Any], None], str] = {
    _loses_an_input: f"{REGISTRY}.tags: the input is gone",
    _retypes_an_input: f"{REGISTRY}.protect: the input's type was",
    _wants_an_input: f"{REGISTRY}.tags: the input is required now",
    _moves_a_default: f"{REGISTRY}.createResourceGroup: the default was false, and is true",
    _loses_an_output: f"{REGISTRY}.allowList: the output is gone",
    _loses_a_component: f"{REGISTRY}: the component is gone",
    _makes_an_output_optional: f"{REGISTRY}.loginServer: the output may be missing now",
    _retypes_an_entry: f"{REPLICA}.tags: the input's type was",
}


@pytest.mark.parametrize("change", BREAKS, ids=lambda change: change.__name__.strip("_"))
def test_what_breaks_is_refused_until_it_is_announced(checkout: Checkout, change: Callable[[Any], None]) -> None:
    checkout.working(change)
    refused = checkout.gate()
    assert refused.returncode == 1
    assert BREAKS[change] in refused.stderr
    assert "Breaking Changes" in refused.stderr

    checkout.changelog(ANNOUNCED)
    accepted = checkout.gate()
    assert accepted.returncode == 0, accepted.stderr
    assert BREAKS[change] in accepted.stdout


def _adds(schema: dict[str, Any]) -> None:
    inputs(schema)["owner"] = {"type": "string", "description": "Who answers for it. Default: none."}
    schema["resources"][REGISTRY]["properties"]["owner"] = {"type": "string", "description": "Who answers for it."}
    schema["resources"]["private-registry:index:Another"] = copy.deepcopy(schema["resources"][REGISTRY])


def _rewords(schema: dict[str, Any]) -> None:
    inputs(schema)["tags"]["description"] = "Said in other words.\nDefault: none."


def _asks_for_less(schema: dict[str, Any]) -> None:
    schema["resources"][REGISTRY]["requiredInputs"].remove("location")


@pytest.mark.parametrize("change", [_adds, _rewords, _asks_for_less], ids=lambda change: change.__name__.strip("_"))
def test_what_breaks_nobody_passes(checkout: Checkout, change: Callable[[Any], None]) -> None:
    checkout.working(change)
    passed = checkout.gate()
    assert (passed.returncode, passed.stderr) == (0, "")


def test_the_announcement_counts_for_its_own_version_only(checkout: Checkout) -> None:
    checkout.changelog(ANNOUNCED)
    checkout.working(_loses_an_input, version="1.0.0")
    assert checkout.gate().returncode == 1, "the version was not raised"
    checkout.working(_loses_an_input, version="1.2.0")
    assert checkout.gate().returncode == 1, "1.2.0 has no section"
    checkout.changelog(ANNOUNCED.replace("1.1.0", "1.0.0"))
    checkout.working(_loses_an_input)
    assert checkout.gate().returncode == 1, "what an older version announced"


def test_the_newest_release_is_the_baseline_by_number(checkout: Checkout) -> None:
    without = copy.deepcopy(SCHEMA) | {"version": "1.10.0"}
    del inputs(without)["tags"]
    checkout.released("1.10.0", without)
    checkout.released("1.9.0", SCHEMA | {"version": "1.9.0"})
    checkout.working(_loses_an_input, version="1.10.1")
    assert checkout.gate().returncode == 0


def test_a_release_keeps_its_schema_and_is_never_overwritten(checkout: Checkout) -> None:
    checkout.working(_adds)
    assert checkout.gate("--release").returncode == 0
    kept = checkout.root / "schema" / "released" / "1.1.0.json"
    assert json.loads(kept.read_text()) == json.loads((checkout.root / "schema" / "private-registry.json").read_text())
    checkout.working(_rewords)
    again = checkout.gate("--release")
    assert "raise __version__" in again.stderr + again.stdout
    assert again.returncode != 0


def test_what_cannot_be_read_is_named(checkout: Checkout) -> None:
    (checkout.root / "schema" / "private-registry.json").write_text("{")
    told = checkout.gate()
    assert told.returncode == 2
    assert "private-registry.json is not JSON" in told.stderr
    assert "Traceback" not in told.stderr


def test_this_checkout_passes() -> None:
    done = subprocess.run([sys.executable, GATE], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_what_is_unreleased_announces_for_the_version_to_come(checkout: Checkout) -> None:
    checkout.changelog(ANNOUNCED.replace("1.1.0", "Unreleased"))
    checkout.working(_loses_an_input)
    assert checkout.gate().returncode == 0
    checkout.working(_loses_an_input, version="1.0.0")
    refused = checkout.gate()
    assert refused.returncode == 1
    assert "raise __version__ above 1.0.0" in refused.stderr


def test_a_version_is_released_with_a_section_of_its_own(checkout: Checkout) -> None:
    checkout.changelog(ANNOUNCED.replace("1.1.0", "Unreleased"))
    checkout.working(_loses_an_input)
    refused = checkout.gate("--release")
    assert refused.returncode == 2
    assert "CHANGELOG.md has no section 1.1.0" in refused.stderr
    assert not (checkout.root / "schema" / "released" / "1.1.0.json").exists()
