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


REGISTRY = "[resourceId('Microsoft.ContainerRegistry/registries', 'contoso')]"
RULE = {
    "ruleType": "ApplicationRule",
    "name": "registry",
    "sourceAddresses": ["10.0.0.0/8"],
    "protocols": [{"protocolType": "Https", "port": 443}],
    "targetFqdns": ["contoso.azurecr.io", "contoso.japaneast.data.azurecr.io"],
}


def with_around(location: str = "japaneast", admin: Any = False, hosts: Any = RULE["targetFqdns"]) -> dict[str, Any]:
    """A registry with an endpoint in a subnet, in a zone, and behind a firewall that come from parameters."""
    asked = ("subnetId", "zoneId", "place", "hosts")
    made = template(**{name: {"type": "string"} for name in asked})
    made["resources"][0] |= {"location": location}
    made["resources"][0]["properties"] |= {"adminUserEnabled": admin, "dataEndpointEnabled": True}
    service = {"name": "registry", "properties": {"privateLinkServiceId": REGISTRY, "groupIds": ["registry"]}}
    collection = {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "name": "clients",
        "priority": 200,
        "action": {"type": "Allow"},
        "rules": [{**RULE, "targetFqdns": hosts}],
    }
    made["resources"] += [
        {
            "type": "Microsoft.Network/privateEndpoints",
            "apiVersion": "2023-11-01",
            "name": "endpoint",
            "properties": {
                "subnet": {"id": "[parameters('subnetId')]"},
                "privateLinkServiceConnections": [service],
            },
        },
        {
            "type": "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
            "apiVersion": "2023-11-01",
            "name": "endpoint/default",
            "properties": {
                "privateDnsZoneConfigs": [
                    {"name": "registry", "properties": {"privateDnsZoneId": "[parameters('zoneId')]"}}
                ]
            },
        },
        {
            "type": "Microsoft.Network/firewallPolicies/ruleCollectionGroups",
            "apiVersion": "2023-11-01",
            "name": "egress/registry",
            "properties": {"priority": 200, "ruleCollections": [collection]},
        },
    ]
    return made


def test_only_the_parameters_that_a_value_depends_on_are_named(tmp_path: Path) -> None:
    found = undetermined(tmp_path, with_around())
    assert SAID.format("'zoneId'") in found["zone-name"]
    found = undetermined(tmp_path, with_around("[parameters('place')]"))
    assert SAID.format("'place'") in found["firewall-complete"]
    assert SAID.format("'place'") in found["switch-order"]
    hosts = ["contoso.azurecr.io", "[parameters('hosts')]"]
    found = undetermined(tmp_path, with_around("[parameters('place')]", hosts=hosts))
    assert SAID.format("'place', 'hosts'") in found["firewall-complete"]


@pytest.mark.parametrize(
    ("rule", "document"),
    [
        ("firewall-complete", with_around("[resourceGroup().location]")),
        ("no-admin-user", with_around(admin="[reference('other').enabled]")),
    ],
)
def test_where_no_parameter_decides_none_is_named(tmp_path: Path, rule: str, document: dict[str, Any]) -> None:
    assert "--parameters" not in undetermined(tmp_path, document)[rule]


def test_the_parameter_of_a_name_is_named(tmp_path: Path) -> None:
    document = with_around()
    document["resources"][0]["name"] = "[parameters('place')]"
    assert SAID.format("'place'") in undetermined(tmp_path, document)["firewall-complete"]


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


WRONG = {
    "a text for a bool": ({"admin": {"value": "yes"}}, "'admin' must be true or false (bool), not 'yes'"),
    "a bool for an int": ({"days": {"value": True}}, "'days' must be a whole number (int), not True"),
    "an int for a text": ({"sku": {"value": 1}}, "'sku' must be a text (string), not 1"),
    "none of the allowed": ({"sku": {"value": "Gold"}}, "'sku' must be one of 'Basic', 'Premium', not 'Gold'"),
    "no such parameter": (
        {"admim": {"value": True}},
        "main.json; did you mean 'admin'?",
    ),
    "a secret, not shown": ({"key": {"value": 12345}}, "'key' must be a text (securestring)"),
}
FITS = {
    "another letter case": {"ADMIN": {"value": False}, "sku": {"value": "premium"}},
    "null asks for the default": {"admin": {"value": False}, "sku": {"value": None}},
    "a secret of a vault": {"admin": {"value": False}, "key": {"reference": {"secretName": "s"}}},
}
ASKED = {
    "days": {"type": "int", "defaultValue": 7},
    "sku": {"type": "string", "defaultValue": "Premium", "allowedValues": ["Basic", "Premium"]},
    "key": {"type": "securestring", "defaultValue": ""},
}


def checked_with(folder: Path, given: dict[str, Any]) -> Any:
    file, parameters = folder / "main.json", folder / "main.parameters.json"
    file.write_text(json.dumps(template(**ASKED)))
    parameters.write_text(json.dumps({"parameters": given}))
    return guard("check", file, "--parameters", str(parameters))


@pytest.mark.parametrize("name", WRONG)
def test_values_that_azure_would_refuse_are_refused(tmp_path: Path, name: str) -> None:
    given, said = WRONG[name]
    done = checked_with(tmp_path, given)
    assert done.code == 2
    assert said in done.err
    assert "12345" not in done.err


def test_all_of_them_are_told_at_once(tmp_path: Path) -> None:
    done = checked_with(tmp_path, {name: value for each, _ in WRONG.values() for name, value in each.items()})
    assert done.code == 2
    for name in ("admin", "days", "sku", "admim", "key"):
        assert f"'{name}'" in done.err


@pytest.mark.parametrize("name", FITS)
def test_values_that_azure_takes_are_judged(tmp_path: Path, name: str) -> None:
    assert checked_with(tmp_path, FITS[name]).code in (0, 1)


class TestSeveralTemplates:
    """A folder of templates with one parameters file: each gets those that it takes."""

    def folder(self, tmp_path: Path, *documents: dict[str, Any], **given: Any) -> tuple[Path, Path]:
        folder = tmp_path / "templates"
        folder.mkdir()
        for number, document in enumerate(documents):
            (folder / f"{number}.json").write_text(json.dumps(document))
        file = tmp_path / "shared.parameters.json"
        file.write_text(json.dumps({"parameters": {name: {"value": value} for name, value in given.items()}}))
        return folder, file

    def test_each_gets_those_that_it_takes(self, tmp_path: Path) -> None:
        other = template(admin={"type": "bool", "defaultValue": False}, days={"type": "int"})
        folder, file = self.folder(tmp_path, template(), other, admin=True, days=7)
        found = guard("check", folder, "--parameters", file, "--json").json()["findings"]
        assert [each["source"][-6:] for each in found if each["rule"] == "no-admin-user"] == ["0.json", "1.json"]
        assert all(each["kind"] == "violation" for each in found if each["rule"] == "no-admin-user")

    def test_one_that_none_takes_is_refused_once(self, tmp_path: Path) -> None:
        folder, file = self.folder(tmp_path, template(), template(), admim=True)
        done = guard("check", folder, "--parameters", file)
        assert done.code == 2
        said = "--parameters: 'admim' is not a parameter of any of the 2 templates; did you mean 'admin'?"
        assert done.err.count("admim") == 1
        assert said in done.err

    def test_a_value_that_does_not_fit_names_its_template_and_the_unknown_name(self, tmp_path: Path) -> None:
        folder, file = self.folder(tmp_path, template(), template(days={"type": "int"}), admin="yes", dais=1)
        done = guard("check", folder, "--parameters", file)
        assert done.code == 2
        assert "0.json: the values of its parameters do not fit: 'admin' must be true or false" in done.err
        assert "'dais' is not a parameter of any of the 2 templates; did you mean 'days'?" in done.err


def test_a_parameter_is_named_as_it_is_written(tmp_path: Path) -> None:
    document = template(adminUser={"type": "bool"})
    document["resources"][0]["properties"]["adminUserEnabled"] = "[parameters('ADMINUSER')]"
    assert SAID.format("'adminUser'") in undetermined(tmp_path, document)["no-admin-user"]


def test_only_the_parameters_that_the_value_depends_on_are_named(tmp_path: Path) -> None:
    document = template(public={"type": "string"}, prefix={"type": "string"}, exports={"type": "string"})
    document["variables"] = {"access": "[concat(parameters('prefix'), parameters('public'))]"}
    properties = document["resources"][0]["properties"]
    properties["publicNetworkAccess"] = "[variables('access')]"
    properties["anonymousPullEnabled"] = "[equals(variables('access'), 'x')]"
    properties["policies"] = {"exportPolicy": {"status": "[parameters('exports')]"}}
    found = undetermined(tmp_path, document)
    assert SAID.format("'admin'") in found["no-admin-user"]
    assert SAID.format("'prefix', 'public'") in found["no-exposed-access"]
    assert SAID.format("'prefix', 'public'") in found["no-anonymous-pull"], "worked out once, asked for twice"
    assert SAID.format("'exports'") in found["export-off"]


def test_of_properties_that_are_one_parameter_that_one_is_named(tmp_path: Path) -> None:
    document = template(all={"type": "object"}, place={"type": "string"})
    document["resources"][0] |= {"properties": "[parameters('all')]", "location": "[parameters('place')]"}
    assert SAID.format("'all'") in undetermined(tmp_path, document)["no-admin-user"]


class TestSeveralParametersFiles:
    def judged(self, folder: Path, *values: dict[str, Any]) -> Any:
        words: list[str] = []
        for number, given in enumerate(values):
            file = folder / f"{number}.parameters.json"
            file.write_text(json.dumps({"parameters": {name: {"value": value} for name, value in given.items()}}))
            words += ["--parameters", str(file)]
        templates = [folder / "main.json", folder / "second.json"]
        for each in templates:
            each.write_text(json.dumps(template(days={"type": "int", "defaultValue": 1})))
        return guard("check", *templates, *words, "--json")

    def test_two_values_of_one_parameter_are_refused_in_either_order(self, tmp_path: Path) -> None:
        for values in ({"admin": True}, {"Admin": False}), ({"admin": False}, {"Admin": True}):
            done = self.judged(tmp_path, *values)
            assert done.code == 2
            first, second = (tmp_path / f"{number}.parameters.json" for number in range(2))
            said = f"--parameters: 'Admin' has one value in {first} and another in {second}"
            assert said in done.err

    def test_files_that_agree_are_taken_together(self, tmp_path: Path) -> None:
        def admin(*values: dict[str, Any]) -> list[str]:
            found = self.judged(tmp_path, *values).json()["findings"]
            return [each["kind"] for each in found if each["rule"] == "no-admin-user"]

        assert admin({"admin": False}, {"admin": False, "days": 7}) == []
        assert admin({"days": 7}, {"admin": True}) == ["violation", "violation"]

    def test_every_file_that_is_none_is_named(self, tmp_path: Path) -> None:
        file = tmp_path / "main.json"
        file.write_text(json.dumps(template()))
        done = guard("check", file, "--parameters", str(file), "--parameters", str(tmp_path / "none.json"))
        assert done.code == 2
        assert f"--parameters {file}: it is no ARM parameters file" in done.err
        assert f"--parameters {tmp_path / 'none.json'}: it cannot be read" in done.err


def test_what_bicep_prints_of_a_parameters_file_gives_its_parameters(tmp_path: Path) -> None:
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"sku": {"type": "string"}},
        "resources": [
            {
                "type": "Microsoft.ContainerRegistry/registries",
                "apiVersion": "2023-07-01",
                "name": "contoso",
                "location": "japaneast",
                "sku": {"name": "[parameters('sku')]"},
                "properties": {"publicNetworkAccess": "Disabled"},
            }
        ],
    }
    (tmp_path / "main.json").write_text(json.dumps(template))
    printed = tmp_path / "printed.json"
    for sku, found in (("Basic", True), ("Premium", False)):
        given = json.dumps({"contentVersion": "1.0.0.0", "parameters": {"sku": {"value": sku}}})
        printed.write_text(json.dumps({"templateJson": json.dumps(template), "parametersJson": given}))
        ran = guard("check", tmp_path / "main.json", "--parameters", printed, "--json")
        kinds = {each["kind"] for each in ran.json()["findings"] if each["rule"] == "premium-sku"}
        assert kinds == ({"violation"} if found else set())
