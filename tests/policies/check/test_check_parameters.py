"""`registry-guard check` on a template whose required parameters nobody gives: undetermined, and said what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.policies.check.checkkit import guard

SAID = "The template's parameters without a value ({}) may decide it: give --parameters."


def template(**parameters: Any) -> dict[str, Any]:
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"admin": {"type": "bool"}, **parameters},
        "resources": [
            {
                "type": "Microsoft.ContainerRegistry/registries",
                "apiVersion": "2023-07-01",
                "name": "contoso",
                "location": "japaneast",
                "sku": {"name": "Premium"},
                "properties": {"publicNetworkAccess": "Disabled", "adminUserEnabled": "[parameters('admin')]"},
            }
        ],
    }


def undetermined(folder: Path, document: dict[str, Any], *words: str) -> dict[str, str]:
    file = folder / "main.json"
    file.write_text(json.dumps(document))
    found = guard("check", file, *words, "--json").json()["findings"]
    return {each["rule"]: each["message"] for each in found if each["kind"] == "undetermined"}


def test_a_required_parameter_is_named(tmp_path: Path) -> None:
    found = undetermined(tmp_path, template())
    assert list(found) == ["no-admin-user"]
    assert SAID.format("'admin'") in found["no-admin-user"]


@pytest.mark.parametrize("more", [{"defaultValue": False}, {"nullable": True}], ids=["a default", "nullable"])
def test_one_that_may_be_left_out_is_not(tmp_path: Path, more: dict[str, Any]) -> None:
    assert undetermined(tmp_path, template(admin={"type": "bool", **more})) == {}


def test_one_that_nothing_asks_for_is_not_named(tmp_path: Path) -> None:
    found = undetermined(tmp_path, template(unused={"type": "string"}))
    assert SAID.format("'admin'") in found["no-admin-user"]


def test_with_its_value_it_is_judged(tmp_path: Path) -> None:
    given = tmp_path / "main.parameters.json"
    given.write_text(json.dumps({"parameters": {"admin": {"value": False}}}))
    assert undetermined(tmp_path, template(), "--parameters", str(given)) == {}


def test_a_secret_of_a_vault_is_given_and_stays_unknown(tmp_path: Path) -> None:
    given = tmp_path / "main.parameters.json"
    given.write_text(json.dumps({"parameters": {"admin": {"reference": {"secretName": "s"}}}}))
    found = undetermined(tmp_path, template(), "--parameters", str(given))
    assert list(found) == ["no-admin-user"]
    assert "--parameters" not in found["no-admin-user"]
