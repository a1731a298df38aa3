"""The line that `registry-guard check` ends with: what passed, what could not be judged, where nothing was to judge."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from registry_guard.examples import application_rule, firewall_rules, link, zone
from registry_guard.rule import Declared

from tests.policies.check.checkkit import Ran, export, guard
from tests.policies.guardkit import states

NOTHING = "nothing to judge: no registry is declared here, nor anything that belongs or leads to one"
REGISTRY = "Microsoft.ContainerRegistry/registries"
ALI_NAMESPACE = "alicloud:cs/registryEnterpriseNamespace:RegistryEnterpriseNamespace"
PRIVATE = {"publicNetworkAccess": "Disabled", "dataEndpointEnabled": True}
PROVIDERS = "/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/rg/providers"


def template(*resources: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {name: {"type": "string", **more} for name, more in parameters.items()},
        "resources": list(resources),
    }


def declared(kind: str, name: str, **properties: Any) -> dict[str, Any]:
    return {"type": kind, "apiVersion": "2023-07-01", "name": name, "location": "japaneast", "properties": properties}


def registry(name: str = "contoso", sku: str = "Premium", **properties: Any) -> dict[str, Any]:
    return {**declared(REGISTRY, name, **{**PRIVATE, **properties}), "sku": {"name": sku}}


def endpoint(of: str, group: str) -> dict[str, Any]:
    connection = {"name": "c", "properties": {"privateLinkServiceId": f"{PROVIDERS}/{of}/x", "groupIds": [group]}}
    return declared("Microsoft.Network/privateEndpoints", "pe", privateLinkServiceConnections=[connection])


def written(folder: Path, **documents: Any) -> Path:
    for name, document in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(document))
    return folder


def last_line(ran: Ran) -> str:
    return ran.out.rstrip().splitlines()[-1]


STORAGE = template(declared("Microsoft.Storage/storageAccounts", "logs"))
NETWORK = template(
    declared("Microsoft.Network/virtualNetworks", "hub", addressSpace={"addressPrefixes": ["10.0.0.0/16"]}),
    declared("Microsoft.Network/privateDnsZones", "privatelink.blob.core.windows.net"),
    endpoint("Microsoft.Storage/storageAccounts", "blob"),
)


@pytest.mark.parametrize("document", [STORAGE, NETWORK, template()], ids=["storage", "network", "empty"])
class TestNothingToJudge:
    def test_it_is_said_and_stops_nothing(self, tmp_path: Path, document: Any) -> None:
        ran = guard("check", written(tmp_path, main=document) / "main.json")
        assert (ran.code, last_line(ran)) == (0, NOTHING)
        assert ran.out.startswith("Nothing to judge in ARM template ")

    def test_json_tells_it_from_a_pass(self, tmp_path: Path, document: Any) -> None:
        found = guard("check", written(tmp_path, main=document), "--json").json()
        assert (found["outcome"], found["passed"], found["verdict"]) == ("nothing to judge", True, NOTHING)
        assert [source["judged"] for source in found["sources"]] == [False]

    def test_no_format_claims_that_a_rule_passed(self, tmp_path: Path, document: Any) -> None:
        folder = written(tmp_path, main=document)
        assert 'classname="registry-guard.' not in guard("check", folder, "--format", "junit").out
        assert NOTHING in guard("check", folder, "--format", "junit").out
        assert guard("check", folder, "--format", "markdown").out.splitlines()[1] == f"### ⚪ Registry guard {NOTHING}"
        (run,) = json.loads(guard("check", folder, "--format", "sarif").out)["runs"]
        assert run["results"] == []
        (invocation,) = run["invocations"]
        assert invocation["executionSuccessful"]
        assert [each["level"] for each in invocation["toolExecutionNotifications"]] == ["note"]


DISABLED = "nothing to judge: every rule is disabled"


def test_that_every_rule_is_disabled_is_said_and_is_no_pass(tmp_path: Path) -> None:
    (tmp_path / "open.json").write_text(json.dumps(template(registry(publicNetworkAccess="Enabled"))))
    (tmp_path / "off.json").write_text(json.dumps({"all": "disabled"}))
    given = (tmp_path / "open.json", "--config", tmp_path / "off.json")
    ran = guard("check", *given)
    assert (ran.code, last_line(ran)) == (0, DISABLED)
    found = guard("check", *given, "--json").json()
    assert (found["outcome"], found["verdict"]) == ("nothing to judge", DISABLED)
    for form in ("junit", "markdown", "sarif"):
        assert DISABLED in guard("check", *given, "--format", form).out


def test_with_one_rule_left_it_is_a_pass(tmp_path: Path) -> None:
    (tmp_path / "open.json").write_text(json.dumps(template(registry(publicNetworkAccess="Enabled"))))
    (tmp_path / "one.json").write_text(json.dumps({"all": "disabled", "no-admin-user": "mandatory"}))
    ran = guard("check", tmp_path / "open.json", "--config", tmp_path / "one.json")
    assert (ran.code, last_line(ran)) == (0, "passed: nothing found")


def stack(*resources: Declared) -> Any:
    return json.loads(export(states(resources)))


# Without a registry of its own, and judged all the same: each belongs to a registry, leads to one, or opens the way.
JUDGED = {
    "an endpoint of a registry": template(endpoint(REGISTRY, "registry")),
    "a child of a registry": template(
        declared(f"{REGISTRY}/cacheRules", "contoso/hub", sourceRepository="docker.io/x")
    ),
    "the zone of registries": stack(zone(), link()),
    "a firewall rule for a registry": stack(firewall_rules(application_rule("contoso.azurecr.io"))),
    "the zone of another cloud": stack(zone("privatelink.azurecr.us")),
    "Alibaba Cloud's": stack({"type": ALI_NAMESPACE, "name": "n", "inputs": {"instanceId": "cri-1", "name": "n"}}),
}


@pytest.mark.parametrize("name", JUDGED)
def test_what_concerns_a_registry_is_judged_without_one(tmp_path: Path, name: str) -> None:
    found = guard("check", written(tmp_path, main=JUDGED[name]), "--json").json()
    assert [source["judged"] for source in found["sources"]] == [True]
    assert found["outcome"] in ("passed", "failed")


def test_among_others_the_files_without_a_registry_are_named(tmp_path: Path) -> None:
    ran = guard("check", written(tmp_path, app=STORAGE, registry=template(registry())))
    assert ran.code == 0
    assert "Judged ARM template " in ran.out
    assert "registry.json (1 resource) by registry-guard" in ran.out
    assert "Nothing to judge in ARM template " in ran.out.replace("\n", " ")
    assert last_line(ran) == "passed: 1 advisory finding"


def test_a_violation_fails_whatever_else_has_nothing_to_judge(tmp_path: Path) -> None:
    ran = guard("check", written(tmp_path, app=STORAGE, registry=template(registry(sku="Basic"))))
    assert (ran.code, last_line(ran)) == (1, "FAILED: 1 mandatory violation, 1 advisory finding")


class TestUndetermined:
    def test_the_verdict_says_how_many_grave_rules_could_not_be_judged(self, tmp_path: Path) -> None:
        asked = registry(publicNetworkAccess="[parameters('access')]", adminUserEnabled="[parameters('admin')]")
        folder = written(tmp_path, main=template(asked, access={}, admin={"type": "bool"}))
        ran = guard("check", folder)
        assert last_line(ran) == (
            "passed, but 1 critical rule could not be judged: 1 advisory finding, 2 undetermined findings"
        )
        counts = guard("check", folder, "--json").json()["counts"]
        assert (counts["advisory"], counts["undetermined"], counts["notes"]) == (1, 2, 0)

    def test_rules_are_counted_and_not_registries(self, tmp_path: Path) -> None:
        both = [registry(name, adminUserEnabled="[parameters('admin')]") for name in ("contoso", "fabrikam")]
        ran = guard("check", written(tmp_path, main=template(*both, admin={"type": "bool"})))
        assert "passed, but 1 high rule could not be judged: 2 advisory findings, 2 undetermined findings" in ran.out

    def test_those_that_matter_less_are_counted_together(self, tmp_path: Path) -> None:
        asked = registry(policies={"exportPolicy": {"status": "[parameters('export')]"}})
        ran = guard("check", written(tmp_path, main=template(asked, export={})))
        assert last_line(ran) == "passed, but 1 rule could not be judged: 1 undetermined finding"

    def test_strict_counts_them_apart_from_violations(self, tmp_path: Path) -> None:
        asked = registry(sku="Basic", adminUserEnabled="[parameters('admin')]")
        ran = guard("check", written(tmp_path, main=template(asked, admin={"type": "bool"})), "--preset", "strict")
        assert ", 1 mandatory rule undetermined, " in last_line(ran)

    def test_what_a_live_folder_lacks_counts_as_not_judged(self, tmp_path: Path) -> None:
        listed = {**registry(), "id": f"{PROVIDERS}/{REGISTRY}/contoso", "type": REGISTRY}
        ran = guard("check", written(tmp_path, acr=[listed]), "--preset", "audit")
        assert "could not be judged" in last_line(ran)
        assert "`az acr replication list --registry contoso`" in ran.out.replace("\n    ", " ")

    def test_notes_are_no_findings(self, tmp_path: Path) -> None:
        home = {**declared(f"{REGISTRY}/replications", "contoso/japaneast"), "location": "japaneast"}
        ran = guard("check", written(tmp_path, main=template(registry(), home)))
        assert last_line(ran) == "passed: 1 advisory finding, 1 note"


def exempting(folder: Path, rule: str, resource: str, day: str = "2999-12-31") -> Path:
    entry = {"rule": rule, "resource": resource, "reason": "moves", "owner": "platform", "expires": day}
    file = folder / "config.jsonc"
    file.write_text(json.dumps({"registry-guard": {"exemptions": [entry]}}))
    return file


class TestExemptions:
    @pytest.mark.parametrize(
        ("rule", "resource", "why"),
        [
            ("premium-sku", "contosso", "no resource here is called that; did you mean 'contoso'?"),
            ("no-admin-user", "contoso", "nothing to exempt was found there."),
            ("audit-logs", "contoso", "the rule is disabled."),
        ],
    )
    def test_one_that_exempts_nothing_is_named(self, tmp_path: Path, rule: str, resource: str, why: str) -> None:
        main = written(tmp_path, main=template(registry(sku="Basic"))) / "main.json"
        config = exempting(tmp_path, rule, resource)
        said = f"The exemption of {rule} for '{resource}' (owner platform) exempts nothing: {why}"
        found = guard("check", main, "--config", config, "--json").json()
        assert found["remarks"] == [said]
        assert f"! configuration  {said}" in guard("check", main, "--config", config).out
        assert "exempts nothing" in guard("check", main, "--config", config, "--format", "markdown").out
        assert "exempts nothing" in guard("check", main, "--config", config, "--format", "sarif").out

    @pytest.mark.parametrize("day", ["2999-12-31", (datetime.date.today() - datetime.timedelta(1)).isoformat()])
    def test_one_that_exempts_or_did_is_not(self, tmp_path: Path, day: str) -> None:
        main = written(tmp_path, main=template(registry(sku="Basic"))) / "main.json"
        found = guard("check", main, "--config", exempting(tmp_path, "premium-sku", "contoso", day), "--json").json()
        assert found["remarks"] == []

    def test_it_fails_nothing(self, tmp_path: Path) -> None:
        main = written(tmp_path, main=template(registry())) / "main.json"
        assert guard("check", main, "--config", exempting(tmp_path, "premium-sku", "gone")).code == 0
