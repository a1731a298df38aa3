"""An unknown destination of a rule for a registry may be a wildcard; one whose known part forbids it is not."""

from __future__ import annotations

from typing import Any

import pytest
from registry_guard.engine import Finding, evaluate
from registry_guard.examples import UNKNOWN, application_rule, firewall_rules, registry, security_rule
from registry_model.estate.reading import estate_from_template
from registry_model.reach.firewalls import FirewallRule, may_open

from tests.policies.guardkit import stack

PARAMETERS = {
    "asked": {"type": "string"},
    "askedList": {"type": "array"},
    "yes": {"type": "bool"},
    "sqlOnly": {"type": "string", "allowedValues": ["Sql", "AzureMonitor"]},
    "maybeStorage": {"type": "string", "allowedValues": ["Sql", "Storage"]},
}
VARIABLES = {
    "storage": "[concat('Storage.', parameters('asked'))]",
    "sql": "[concat('Sql.', parameters('asked'))]",
}


def template(resource: dict[str, Any]) -> dict[str, Any]:
    return {"parameters": PARAMETERS, "variables": VARIABLES, "resources": [resource]}


def group(*rules: Any, name: str = "clients") -> dict[str, Any]:
    """A security group with these rules."""
    kind = "Microsoft.Network/networkSecurityGroups"
    listed = rules[0] if len(rules) == 1 and isinstance(rules[0], str) else list(rules)
    return template({"type": kind, "name": name, "properties": {"securityRules": listed}})


def rule(places: Any, name: str = "to-acr") -> dict[str, Any]:
    key = "destinationAddressPrefixes" if isinstance(places, list) else "destinationAddressPrefix"
    held = {"direction": "Outbound", "access": "Allow", "priority": 100, "protocol": "Tcp"}
    return {
        "name": name,
        "properties": {**held, "sourceAddressPrefix": "*", "destinationPortRange": "443", key: places},
    }


def policy(hosts: Any, key: str = "targetFqdns", **collection: Any) -> dict[str, Any]:
    """A rule collection group with one rule, that is for a registry by its name."""
    kind = "ApplicationRule" if key.startswith("target") else "NetworkRule"
    one = {"ruleType": kind, "name": "acr", "sourceAddresses": ["*"], key: hosts}
    made = {"name": "egress", "action": {"type": "Allow"}, "rules": [one], **collection}
    body = {"type": "Microsoft.Network/firewallPolicies/ruleCollectionGroups", "name": "hub/egress"}
    return template({**body, "properties": {"priority": 200, "ruleCollections": [made]}})


def found(document: dict[str, Any]) -> list[Finding]:
    return [each for each in evaluate(estate_from_template(document)) if each.rule == "firewall-no-wildcard"]


MAY_OPEN_STORAGE = (
    "[parameters('asked')]",
    "[concat('Storage.', parameters('asked'))]",
    "[format('Storage.{0}', parameters('asked'))]",
    "[toLower(concat('STORAGE.', parameters('asked')))]",
    "[variables('storage')]",
    "[concat(parameters('asked'), '.WestEurope')]",
    "[concat('Azure', parameters('asked'))]",
    "[if(parameters('yes'), 'Sql.WestEurope', 'Storage.WestEurope')]",
    "[parameters('maybeStorage')]",
    "[concat(parameters('asked'), '/0')]",
)
NEVER_OPENS_STORAGE = (
    "[concat('Sql.', parameters('asked'))]",
    "[variables('sql')]",
    "[concat('AzureContainerRegistry.', parameters('asked'))]",
    "[format('AzureContainerRegistry.{0}', parameters('asked'))]",
    "[concat('10.20.', parameters('asked'))]",
    "[concat(parameters('asked'), '/32')]",
    "[if(parameters('yes'), 'Sql.WestEurope', 'AzureMonitor')]",
    "[parameters('sqlOnly')]",
)


@pytest.mark.parametrize("place", MAY_OPEN_STORAGE)
def test_a_place_that_may_be_all_of_storage_is_undetermined(place: str) -> None:
    for document in (group(rule(place)), group(rule(["10.0.0.4", place])), policy([place], "destinationAddresses")):
        (said,) = found(document)
        assert (said.kind, said.level.value) == ("undetermined", "advisory")
        assert "a destination of rule" in said.message
        assert "give --parameters" in said.message


@pytest.mark.parametrize("place", NEVER_OPENS_STORAGE)
def test_a_place_whose_known_part_is_something_else_is_silent(place: str) -> None:
    for document in (group(rule(place)), group(rule([place, place])), policy([place], "destinationAddresses")):
        assert found(document) == []


@pytest.mark.parametrize(
    ("host", "undetermined"),
    [
        ("[parameters('asked')]", True),
        ("[concat('*.', parameters('asked'))]", True),
        ("[concat('*.blob.', parameters('asked'))]", True),
        ("[concat(parameters('asked'), '.blob.core.windows.net')]", True),
        ("[concat('*.', parameters('asked'), '.data.azurecr.io')]", True),
        ("[concat(parameters('asked'), '.azurecr.io')]", False),
        ("[concat(parameters('asked'), environment().suffixes.acrLoginServer)]", False),
        ("[format('{0}.{1}.data.azurecr.io', parameters('asked'), parameters('asked'))]", False),
        ("[reference(resourceId('Microsoft.ContainerRegistry/registries', parameters('asked'))).loginServer]", False),
        ("[concat('contoso.', parameters('asked'), '.data.azurecr.io')]", False),
        ("[concat('*.database.', parameters('asked'))]", False),
        ("[concat(parameters('asked'), '.vault.azure.net')]", False),
    ],
)
def test_a_host_may_be_a_wildcard_where_its_known_parts_allow_one(host: str, undetermined: bool) -> None:
    assert {each.kind for each in found(policy([host]))} == ({"undetermined"} if undetermined else set())
    urls = "targetUrls"
    assert {each.kind for each in found(policy([host], urls))} == ({"undetermined"} if undetermined else set())


def test_each_rule_is_judged_by_its_own_destination() -> None:
    """An unknown place of a rule about something else says nothing of the registry's, whose tag is known."""
    tag = rule("[concat('AzureContainerRegistry.', parameters('asked'))]")
    web = rule("[parameters('asked')]", name="web")
    assert found(group(web, tag)) == []
    assert [each.kind for each in found(group(tag, web, rule("[parameters('asked')]")))] == ["undetermined"]


def test_a_tag_from_the_templates_own_function_is_read_again_without_harm() -> None:
    tag = {"parameters": [{"name": "of", "type": "string"}], "output": {"value": "[concat('Sql.', parameters('of'))]"}}
    document = {
        **group(rule(["[my.tag(parameters('asked'))]", "[concat('Sql.', parameters('asked'))]"])),
        "functions": [{"namespace": "my", "members": {"tag": tag}}],
    }
    assert [each.kind for each in found(document)] == ["undetermined"]


def test_variables_that_double_each_other_cost_no_more_than_they_are() -> None:
    doubled = {f"v{n}": f"[concat(variables('v{n - 1}'), variables('v{n - 1}'))]" for n in range(1, 40)}
    document = group(rule("[variables('v39')]"))
    document["variables"] = {"v0": "[concat('Sql.', parameters('asked'))]", **doubled}
    assert evaluate(estate_from_template(document)) == []


def test_a_known_wildcard_beside_an_unknown_place_is_a_violation() -> None:
    assert [each.kind for each in found(group(rule(["Storage", "[parameters('asked')]"])))] == ["violation"]


def test_a_rule_that_denies_opens_nothing() -> None:
    denied = rule("[parameters('asked')]")
    denied["properties"]["access"] = "Deny"
    assert found(group(denied)) == []


@pytest.mark.parametrize(
    "document",
    [
        group("[parameters('askedList')]", name="nsg-acr"),
        group(rule("10.0.0.4"), "[parameters('askedList')]", name="nsg-acr"),
        policy(["contoso.azurecr.io"], name="for-acr", rules="[parameters('askedList')]"),
        policy(["contoso.azurecr.io"], name="for-acr", rules=["[parameters('asked')]"]),
    ],
)
def test_rules_of_which_nothing_is_known_are_undetermined_and_no_wildcard(document: dict[str, Any]) -> None:
    assert [each.kind for each in found(document)] == ["undetermined"]


def admin_rule(place: str) -> dict[str, Any]:
    kind = "Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections/rules"
    held = {"direction": "Outbound", "access": "AlwaysAllow", "priority": 1, "protocol": "Tcp"}
    places = [{"addressPrefixType": "ServiceTag", "addressPrefix": place}]
    return template({"type": kind, "name": "m/c/r/to-acr", "properties": {**held, "destinations": places}})


def test_an_admin_rule_for_an_unknown_place_is_none_for_every_place() -> None:
    for place in MAY_OPEN_STORAGE:
        assert [each.kind for each in found(admin_rule(place))] == ["undetermined"], place
    for place in NEVER_OPENS_STORAGE:
        assert found(admin_rule(place)) == []


def test_a_draft_of_rules_is_judged_as_the_rules() -> None:
    kind = "Microsoft.Network/firewallPolicies/ruleCollectionGroups/ruleCollectionGroupDrafts"
    for host, expected in (("*.blob.core.windows.net", ["violation"]), ("contoso.azurecr.io", [])):
        document = policy([host])
        document["resources"][0] |= {"type": kind, "name": "hub/egress/default"}
        assert [each.kind for each in found(document)] == expected


def test_what_comes_from_a_registry_of_the_stack_is_no_wildcard() -> None:
    def kinds(**more: Any) -> list[str]:
        rules = (
            firewall_rules(application_rule(UNKNOWN, name="acr"), **more),
            security_rule(UNKNOWN, name="acr", **more),
        )
        estate = stack(registry(), *rules)
        return [each.kind for each in evaluate(estate) if each.rule == "firewall-no-wildcard"]

    assert kinds() == ["undetermined"] * 2
    assert kinds(dependencies=["registry"]) == []


def test_a_rule_that_opens_nothing_more_may_open_nothing() -> None:
    assert not may_open(FirewallRule(hosts=("contoso.azurecr.io",), unknown=True))
    assert may_open(FirewallRule(unknown_places=(("", ""),), unknown=True))
    assert not may_open(FirewallRule(unknown_places=(("", ""),), unknown=True, allow=False))
