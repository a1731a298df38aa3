"""The Python of the pages, as written there: it runs, or a type checker reads it beside what its page assumes."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from private_registry import PrivateRegistry

from tests.components.graph import run
from tests.rehearsal import ROOT, Rehearsal

if TYPE_CHECKING:
    from pathlib import Path

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = {
    f"{page.relative_to(ROOT)}#{number}": text
    for page in PAGES
    for number, text in enumerate(re.findall(r"^```python\n(.*?)^```", page.read_text(), re.S | re.M))
}
ARGUMENTS = """import pulumi
from private_registry import PrivateRegistry
from private_registry import PrivateRegistryArgs

args: PrivateRegistryArgs = {
    "registry_name": "contoso",
    "location": "japaneast",
    "resource_group_name": "rg-contoso",
    "create_resource_group": True,
    "replicas": {"japanwest": {}},
    "network": {"virtual_network_prefix": "10.20.0.0/24", "subnet_prefix": "10.20.0.0/27"},
}
"""
# What each page says or shows before its block.
BEFORE = {
    "README.md#0": """from pulumi_alicloud import vpc
network = vpc.Network("network")
vswitch = vpc.Switch("vswitch", cidr_block="10.0.0.0/24", vpc_id=network.id, zone_id="ap-northeast-1a")
""",
    "README.md#1": "",
    "docs/_index.md#0": "",
    "docs/adopting.md#0": ARGUMENTS,
    "docs/adopting.md#1": ARGUMENTS,
    "docs/consumers.md#0": "",
    "docs/guard.md#0": """import registry_guard
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy
group_in_japan = ResourceValidationPolicy("group-in-japan", "Japan", lambda args, report: None)
""",
}


@pytest.mark.full
@pytest.mark.parametrize("where", BEFORE)
def test_a_type_checker_reads_it(tmp_path: Path, where: str) -> None:
    (tmp_path / "snippet.py").write_text(BEFORE[where] + BLOCKS[where])
    (tmp_path / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "standard"}))
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable, "-p", tmp_path]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    assert told["summary"]["filesAnalyzed"] == 1
    assert [each["message"] for each in told["generalDiagnostics"]] == []


def test_no_block_is_left_out() -> None:
    assert set(BLOCKS) == set(BEFORE)


def taggable(token: str) -> bool:
    """Whether the SDK's class of a type takes tags."""
    _, module, name = token.split(":")
    resource = getattr(importlib.import_module(f"pulumi_azure_native.{module}"), name)
    return "tags" in inspect.signature(resource._internal_init).parameters


def test_the_types_that_the_page_tags_are_those_that_take_tags() -> None:
    listed = set(re.findall(r'"(azure-native:.*?)"', BLOCKS["docs/adopting.md#1"]))
    held: dict[str, object] = {}
    exec(ARGUMENTS, held)
    graph = run(lambda: PrivateRegistry("main", held["args"]) and None)  # pyright: ignore[reportArgumentType]
    declared = {each.type for each in graph.resources if each.type.startswith("azure-native:")}
    assert {each for each in declared if taggable(each)} == listed


@pytest.mark.engine
@pytest.mark.full
@pytest.mark.parametrize("given", [{}, {"team": "images"}])
def test_the_transform_adds_its_tag_and_keeps_the_others(tmp_path: Path, given: dict[str, str]) -> None:
    team = Rehearsal(tmp_path / "rehearsal", project=program(tmp_path / "team", f"args['tags'] = {given}\n")).init()
    team.up().ok()
    azure = [each for each in team.resources() if each["type"].startswith("azure-native:")]
    tags = {each["urn"]: each["inputs"].get("tags") for each in azure if taggable(each["type"])}
    assert len(tags) >= 7
    assert all(each == {**given, "owner": "platform"} for each in tags.values()), tags
    assert not [each["urn"] for each in azure if "tags" in each["inputs"] and not taggable(each["type"])]
    team.preview("--expect-no-changes").ok()


def program(folder: Path, more: str) -> Path:
    folder.mkdir()
    runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": str(ROOT / ".venv")}}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "team", "runtime": runtime}))
    (folder / "__main__.py").write_text(ARGUMENTS + more + BLOCKS["docs/adopting.md#1"])
    return folder
