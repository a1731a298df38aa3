"""Templates as people save them: comments, encodings, .jsonc, build-params; and those that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.policies.check.checkkit import guard

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
REGISTRY = """{"type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2023-07-01", "name": "contosoopen",
     "location": "japaneast", "sku": {"name": "Basic"}, "properties": {"adminUserEnabled": true}}"""
COMMENTED = f"""{{
  // registry of the shop
  "$schema": "{SCHEMA}",
  "contentVersion": "1.0.0.0",
  "resources": [
    /* open on purpose */
    {REGISTRY},
  ]
}}
"""
CLEAN = json.dumps(
    {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "resources": [
            {
                "type": "Microsoft.ContainerRegistry/registries",
                "apiVersion": "2023-07-01",
                "name": "contosogood",
                "location": "japaneast",
                "sku": {"name": "Premium"},
                "properties": {"publicNetworkAccess": "Disabled", "dataEndpointEnabled": True},
            }
        ],
    }
)
OPEN = {"no-exposed-access", "premium-sku", "no-admin-user"}


def failing(*words: str | Path) -> set[str]:
    """The rules that fail; the run itself must have judged."""
    ran = guard("check", *words, "--json")
    assert ran.code == 1, ran.err
    return {finding["rule"] for finding in ran.json()["findings"] if finding["fails"]}


def test_a_commented_template_in_a_folder_is_judged(tmp_path: Path) -> None:
    (tmp_path / "a-commented.json").write_text(COMMENTED)
    (tmp_path / "b-clean.json").write_text(CLEAN)
    assert failing(tmp_path) >= OPEN
    shown = guard("check", tmp_path)
    assert "a-commented.json:7" in shown.out, "the line of the resource, comments counted"
    assert "skipped" not in shown.err


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_and_newlines(tmp_path: Path, encoding: str, newline: str) -> None:
    path = tmp_path / "main.json"
    path.write_bytes(COMMENTED.replace("\n", newline).encode(encoding))
    assert failing(path) >= OPEN
    assert failing(tmp_path) >= OPEN


def test_jsonc_is_read_in_folders_too(tmp_path: Path) -> None:
    (tmp_path / "main.JSONC").write_text(COMMENTED)
    assert failing(tmp_path) >= OPEN


def test_what_bicep_builds_of_a_parameters_file_is_its_template_with_its_parameters(tmp_path: Path) -> None:
    template = {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {"sku": {"type": "string"}},
        "resources": [{**json.loads(REGISTRY), "sku": {"name": "[parameters('sku')]"}}],
    }
    parameters = {"$schema": SCHEMA.replace("Template", "Parameters"), "parameters": {"sku": {"value": "Basic"}}}
    built = tmp_path / "main.json"
    built.write_text(json.dumps({"parametersJson": json.dumps(parameters), "templateJson": json.dumps(template)}))
    assert failing(built) >= OPEN
    apart = tmp_path / "apart"
    apart.mkdir()
    (apart / "main.json").write_text(json.dumps(template))
    (tmp_path / "p.json").write_text(f"// built\n{json.dumps(parameters)}")
    assert failing(apart, "--parameters", tmp_path / "p.json") >= OPEN


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (COMMENTED.replace('"Basic"}', '"Basic"'), "is not JSON (line 9, column 3)"),
        (COMMENTED[:-40], "is not JSON"),
        (COMMENTED.replace('"properties"', "properties"), "is not JSON (line 8"),
        (COMMENTED.replace("true", "[" * 5000), "nested too deeply"),
    ],
)
def test_a_file_that_says_it_is_a_template_is_never_passed_over(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "broken.json").write_text(text)
    (tmp_path / "clean.json").write_text(CLEAN)
    ran = guard("check", tmp_path)
    assert ran.code == 2
    assert "broken.json: it says that it is an ARM template, but it is" in ran.err
    assert says in ran.err
    assert ran.out == ""


def test_other_files_are_passed_over_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "clean.json").write_text(CLEAN)
    (tmp_path / "settings.json").write_text('{"a": // nothing\n}')
    (tmp_path / "main.parameters.json").write_text('{"$schema": "x/deploymentParameters.json#", "parameters": {}}')
    ran = guard("check", tmp_path)
    assert ran.code == 0
    assert "skipped 2 files that declare nothing" in ran.err


@pytest.mark.parametrize("words", [(), ("--max-size", "0.0005")])
def test_a_file_over_the_limit_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    path = tmp_path / "main.json"
    path.write_text(CLEAN + " " * 600)
    if not words:
        monkeypatch.setenv("REGISTRY_GUARD_MAX_SIZE", "0.0005")
    ran = guard("check", path, *words)
    assert ran.code == 2
    assert "larger than 0.0005 MB" in ran.err
    assert "--max-size MB or REGISTRY_GUARD_MAX_SIZE=MB" in ran.err
    assert guard("check", path, "--max-size", "1").code == 0
    assert "larger than 0.0005 MB" in guard("check", "-", *words, stdin=path.read_text()).err


@pytest.mark.parametrize("size", ["0", "-1", "nan", "inf", "1e9"])
def test_a_limit_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: str) -> None:
    path = tmp_path / "main.json"
    path.write_text(CLEAN)
    ran = guard("check", path, f"--max-size={size}")
    assert ran.code == 2
    assert f"--max-size {float(size)}: a number of megabytes" in ran.err
    monkeypatch.setenv("REGISTRY_GUARD_MAX_SIZE", "large")
    ran = guard("check", path)
    assert ran.code == 2
    assert "REGISTRY_GUARD_MAX_SIZE large: a number of megabytes" in ran.err


def test_a_template_that_hides_a_registry_is_advised_in_its_own_words(tmp_path: Path) -> None:
    hidden = {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2021-04-01",
        "name": "inner",
        "properties": {"mode": "Incremental", "template": "Microsoft.ContainerRegistry/registries {"},
    }
    file = tmp_path / "main.json"
    file.write_text(json.dumps({"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": [hidden]}))
    ran = guard("check", file)
    assert ran.code == 1
    assert "Fix: Write the template so that it can be read" in ran.out
    assert "azure-native" not in ran.out
