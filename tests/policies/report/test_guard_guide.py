"""docs/guard.md shows what the commands really print, and names commands and options that exist."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from registry_guard.report.formats import ENDINGS, FORMATS

from tests.policies.check.checkkit import guard
from tests.policies.report.record import EXEMPTION
from tests.policies.report.reportkit import STREAMS
from tests.rehearsal import ROOT

GUIDE = (ROOT / "docs" / "guard.md").read_text()
BLOCKS = re.findall(r"```console\n(.*?)```", GUIDE, re.DOTALL)
SHOWN = [block for block in BLOCKS if re.match(r"\$ registry-guard [^\n]+\n[^$]", block)]
TEMPLATE: dict[str, Any] = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "parameters": {"sku": {"type": "string", "defaultValue": "Basic"}},
    "resources": [
        {
            "type": "Microsoft.ContainerRegistry/registries",
            "apiVersion": "2023-07-01",
            "name": "contoso",
            "location": "japaneast",
            "sku": {"name": "[parameters('sku')]"},
            "properties": {"publicNetworkAccess": "Disabled", "dataEndpointEnabled": True},
        }
    ],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the guide's commands are typed: with the files that they name."""
    shutil.copy(STREAMS / "preview-exempted.ndjson", tmp_path / "guard.ndjson")
    (tmp_path / "main.json").write_text(json.dumps(TEMPLATE, indent=2))
    (tmp_path / "wrong.json").write_text('{"premium-skew": "mandatory"}')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def same(shown: str, printed: str) -> bool:
    """Whether the text is what was printed; ``…`` stands for anything, and a line of its own for any lines."""
    lines = [re.escape(line.rstrip()).replace("…", ".*") for line in shown.strip().splitlines()]
    pattern = "\n".join("(.*\n)*?.*" if line == ".*" else line for line in lines)
    text = "\n".join(line.rstrip() for line in printed.strip().splitlines())
    return re.fullmatch(pattern, text) is not None


@pytest.mark.parametrize("block", SHOWN, ids=[block.split("\n", 1)[0] for block in SHOWN])
def test_what_it_shows_is_what_is_printed(block: str, folder: Path) -> None:
    command, _, shown = block.removeprefix("$ registry-guard ").partition("\n")
    ran = guard(*command.split())
    assert same(shown, ran.out + ran.err), f"{command} prints\n{ran.out}{ran.err}"


def test_it_shows_something() -> None:
    assert len(SHOWN) >= 4
    assert not same("a\nb", "a\nc")


def test_every_option_that_it_names_exists() -> None:
    helps = "".join(guard(command, "--help").out for command in ("report", "check", "presets", "pack-path"))
    for block in BLOCKS:
        for line in block.splitlines():
            if line.startswith("$ registry-guard"):
                assert all(option in helps for option in re.findall(r"--[\w-]+", line)), line


def test_its_formats_endings_and_exemption_are_the_real_ones() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\.\w+)` \|", GUIDE, re.MULTILINE)
    assert {ending: name for name, ending in rows} == ENDINGS
    assert {name for name, _ in rows} == set(FORMATS)
    example = next(json.loads(b) for b in re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL) if "exemptions" in b)
    assert example["registry-guard"]["exemptions"] == [EXEMPTION]


SCALARS = re.search(r"if the rule that asks for them is mandatory:\n(.*?)\. Everything else", GUIDE, re.DOTALL)


def registry_with_unknown(path: str) -> str:
    """A template of a sound registry in which a parameter without a value stands at the path."""
    sound = {
        "sku": {"name": "Premium"},
        "properties": {
            "publicNetworkAccess": "Disabled",
            "dataEndpointEnabled": True,
            "adminUserEnabled": False,
            "anonymousPullEnabled": False,
            "policies": {"exportPolicy": {"status": "disabled"}},
        },
    }
    *steps, last = path.split(".")
    if path.startswith("networkRuleSet."):  # what counts only while public access is on
        sound["properties"] |= {"publicNetworkAccess": "Enabled", "networkRuleSet": {"defaultAction": "Deny"}}
    place: dict[str, Any] = sound if path.startswith("sku") else sound["properties"]
    for step in steps:
        place = place.setdefault(step, {})
    place[last] = "[parameters('later')]"
    own = {**TEMPLATE["resources"][0], **sound}
    return json.dumps({**TEMPLATE, "parameters": {"later": {"type": "string"}}, "resources": [own]})


def fails_as_unknown(path: str, *options: str) -> bool:
    Path("unknown.json").write_text(registry_with_unknown(path))
    found = json.loads(guard("check", "unknown.json", "--json", *options).out)["findings"]
    unknown = [each for each in found if each["kind"] == "undetermined" and path.rpartition(".")[2] in each["message"]]
    assert unknown, f"{path} is not judged at all"
    return any(each["fails"] for each in unknown)


def test_the_properties_that_may_not_be_unknown_are_those_of_the_guide(folder: Path) -> None:
    assert SCALARS is not None
    paths = re.findall(r"`([^`]+)`", SCALARS[1])
    assert len(paths) == 7
    assert [path for path in paths if not fails_as_unknown(path, "--preset", "strict")] == []
    others = ["networkRuleSet.ipRules", "networkRuleBypassOptions", "encryption.status"]
    assert [path for path in others if fails_as_unknown(path, "--preset", "strict")] == []


def test_its_setting_makes_them_fail_in_baseline(folder: Path) -> None:
    (setting,) = re.findall(r'```json\n(.*"undetermined": "violation".*)\n```', GUIDE)
    Path("guard.json").write_text(setting)
    assert not fails_as_unknown("publicNetworkAccess")
    assert fails_as_unknown("publicNetworkAccess", "--config", "guard.json")
    ours = json.loads((ROOT / "examples" / "ci" / "guard.json").read_text())
    assert ours.items() >= json.loads(setting).items()


def test_its_json_has_the_fields_that_are_printed(folder: Path) -> None:
    example = next(json.loads(b) for b in re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL) if '"counts"' in b)
    printed = json.loads(guard("check", "main.json", "--json").out)
    assert set(example) == set(printed)
    assert set(example["counts"]) == set(printed["counts"])
    assert set(example["findings"][0]) == set(printed["findings"][0])
    assert set(example["sources"][0]) == set(printed["sources"][0])
