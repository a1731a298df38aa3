"""Exemptions of what is declared in templates and live documents: named as the report names it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.policies.check.checkkit import guard

NAMED = "AcrLegacyShop"
ID = "/subscriptions/S1/resourceGroups/RG/providers/Microsoft.ContainerRegistry/registries"
SYMBOLIC = "[parameters('registryName')]"


def judged(folder: Path, exempted: str, name: str = NAMED, symbol: str = "") -> dict[str, Any]:
    body = {"type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2023-07-01", "name": name}
    registry = {**body, "location": "westeurope", "sku": {"name": "Basic"}, "properties": {}}
    document: dict[str, Any] = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"registryName": {"type": "string"}},
        "resources": {symbol: registry} if symbol else [registry],
    }
    if symbol:
        document["languageVersion"] = "2.0"
    (folder / "template.json").write_text(json.dumps(document))
    entry = {"rule": "premium-sku", "resource": exempted, "reason": "r", "owner": "o", "expires": "2999-12-31"}
    (folder / "config.json").write_text(json.dumps({"registry-guard": {"exemptions": [entry]}}))
    ran = guard("check", folder / "template.json", "--config", folder / "config.json", "--json")
    assert ran.out, ran.err
    return ran.json()


def kind(report: dict[str, Any]) -> str:
    (found,) = (each for each in report["findings"] if each["rule"] == "premium-sku")
    return found["kind"]


@pytest.mark.parametrize(
    "exempted",
    [
        NAMED,
        NAMED.lower(),
        "template::microsoft.containerregistry/registries::acrlegacyshop",
        "template::Microsoft.ContainerRegistry/registries::AcrLegacyShop",
        f"{ID}/{NAMED}",
        f"{ID}/{NAMED}/".lower(),
    ],
)
def test_a_registry_of_a_template_is_exempted_by_any_of_its_names(tmp_path: Path, exempted: str) -> None:
    assert kind(judged(tmp_path, exempted)) == "exempted"


@pytest.mark.parametrize(
    "exempted",
    [
        "template::microsoft.containerregistry/registries::acrlegacy",
        "azure::microsoft.containerregistry/registries::acrlegacyshop",
        f"{ID}/other",
        f"{ID}/{NAMED}/replications/{NAMED}",
        f"/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/{NAMED}",
    ],
)
def test_another_resource_s_exemption_does_not_count(tmp_path: Path, exempted: str) -> None:
    report = judged(tmp_path, exempted)
    assert kind(report) == "violation"
    assert "no resource here is called that" in report["remarks"][0]


@pytest.mark.parametrize(
    ("exempted", "symbol"),
    [
        (SYMBOLIC, ""),
        (f"template::microsoft.containerregistry/registries::{SYMBOLIC}", ""),
        (SYMBOLIC.upper(), ""),
        ("shopRegistry", "shopRegistry"),
        ("template::microsoft.containerregistry/registries::shopregistry", "shopRegistry"),
    ],
)
def test_a_registry_without_a_known_name_is_exempted_as_the_report_shows_it(
    tmp_path: Path, exempted: str, symbol: str
) -> None:
    assert kind(judged(tmp_path, exempted, SYMBOLIC, symbol)) == "exempted"
    shown = next(f["urn"] for f in judged(tmp_path, "x", SYMBOLIC, symbol)["findings"] if f["rule"] == "premium-sku")
    assert kind(judged(tmp_path, shown, SYMBOLIC, symbol)) == "exempted"


@pytest.mark.parametrize("exempted", ["acr*", "template::*::acrlegacyshop", "azure::?", "shop[ab]", f"{ID}/*", "::"])
def test_a_wildcard_is_refused_with_what_may_stand_there(tmp_path: Path, exempted: str) -> None:
    entry = {"rule": "premium-sku", "resource": exempted, "reason": "r", "owner": "o", "expires": "2999-12-31"}
    (tmp_path / "config.json").write_text(json.dumps({"registry-guard": {"exemptions": [entry]}}))
    (tmp_path / "template.json").write_text('{"resources": []}')
    ran = guard("check", tmp_path / "template.json", "--config", tmp_path / "config.json")
    assert ran.code != 0
    said = " ".join(ran.err.split())
    assert "must name one resource: by its URN, its Azure id, or its name as the report shows it" in said
    assert "a wildcard may stand only in a URN of Pulumi" in said


def test_the_report_counts_what_is_undetermined_by_severity(tmp_path: Path) -> None:
    properties = {"adminUserEnabled": "[parameters('asked')]", "publicNetworkAccess": "[parameters('asked')]"}
    registry = {"type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2023-07-01", "name": "contoso"}
    document = {
        "contentVersion": "1.0.0.0",
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "parameters": {"asked": {"type": "string"}},
        "resources": [{**registry, "location": "westeurope", "sku": {"name": "Premium"}, "properties": properties}],
    }
    (tmp_path / "template.json").write_text(json.dumps(document))
    counts = guard("check", tmp_path / "template.json", "--json").json()["counts"]
    assert list(counts["undetermined_by_severity"]) == ["critical", "high", "medium", "low"]
    assert counts["undetermined_by_severity"]["critical"] >= 1  # no-exposed-access: public access
    assert sum(counts["undetermined_by_severity"].values()) == counts["undetermined"]
