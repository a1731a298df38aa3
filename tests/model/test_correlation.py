"""What belongs to what in a stack: by id, by dependency, by name; and what must not be taken for belonging."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from registry_guard.engine import evaluate
from registry_guard.examples import (
    PROVIDERS,
    connection,
    deny_internet,
    endpoint,
    link,
    other,
    registry,
    replica,
    security_rule,
    zone,
    zone_group,
)
from registry_guard.rule import Declared
from registry_model.azure.ids import ArmId, parse_id
from registry_model.estate import relations, tokens
from registry_model.estate.model import Estate, Reference
from registry_model.reach.client_firewalls import tied_rules

from tests.policies.guardkit import UNKNOWN
from tests.policies.guardkit import stack as estate


def unknown_endpoint(*depends_on: str, waits_for: tuple[str, ...] = (), groups: Any = ("registry",)) -> Declared:
    more = {
        "propertyDependencies": {"privateLinkServiceConnections": list(depends_on)},
        "dependencies": list(waits_for),
    }
    held = [{**connection(), "privateLinkServiceId": UNKNOWN, "groupIds": list(groups)}]
    return endpoint(privateLinkServiceConnections=held, more=more)


def reached(made: Estate) -> list[str]:
    return [r.name for r in relations.endpoints_of(made)]


def test_a_dependency_settles_an_unknown_id() -> None:
    made = estate(registry(), registry("other", "fabrikam"), unknown_endpoint("other"))
    assert reached(made) == ["other"]


def test_what_a_resource_waits_for_is_only_the_last_resort() -> None:
    assert reached(estate(registry(), unknown_endpoint(waits_for=("registry",)))) == ["registry"]
    vault = other("keyvault:Vault", "vault", vaultName="v")
    made = estate(registry(), vault, unknown_endpoint("vault", waits_for=("registry",)))
    assert reached(made) == []


def test_a_property_that_depends_on_two_registries_vouches_for_neither() -> None:
    made = estate(registry(), registry("other", "fabrikam"), unknown_endpoint("registry", "other"))
    assert reached(made) == []
    found = evaluate(made, config={"all": "disabled", "private-endpoint": "mandatory"})
    assert [(f.resource, f.kind, f.level.value) for f in found] == [
        ("other", "undetermined", "advisory"),
        ("registry", "undetermined", "advisory"),
    ]


def test_a_component_stands_for_what_is_inside_it() -> None:
    component = {"type": "my:index:Registry", "name": "component", "inputs": {}}
    inside = registry(more={"parent": "component"})
    made = estate(component, inside, registry("other", "fabrikam"), unknown_endpoint("component"))
    assert reached(made) == ["registry"]


def test_the_same_zone_name_in_two_groups_is_two_zones() -> None:
    here, there = zone(name="here"), {**zone(name="there")}
    there["inputs"] = {**there["inputs"], "resourceGroupName": "elsewhere"}
    found = evaluate(estate(here, there, link()), config={"all": "disabled", "zone-linked": "mandatory"})
    assert [f.resource for f in found] == ["there"]


def test_a_replica_counts_for_its_own_registry_only() -> None:
    made = estate(registry(), registry("other", "fabrikam"), replica("eastus"), replica("westus", "fabrikam"))
    regions = {r.name: relations.regions(made, r) for r in relations.registries(made)}
    assert {name: found.all for name, found in regions.items() if found} == {
        "registry": ["japaneast", "eastus"],
        "other": ["japaneast", "westus"],
    }


def test_names_match_within_a_group_only() -> None:
    elsewhere = replica("eastus")
    elsewhere = {**elsewhere, "inputs": {**elsewhere["inputs"], "resourceGroupName": "elsewhere"}}
    made = estate(registry(), elsewhere)
    assert relations.children(made, tokens.REPLICATION) == {}


def test_an_id_outside_the_stack_is_foreign() -> None:
    made = estate(endpoint(of="fabrikam"), zone_group())
    (each,) = relations.connections(made)
    assert each.registry.foreign == ArmId(
        "00000000-0000-0000-0000-000000000001", "rg", tokens.ARM_NAME_OF[tokens.REGISTRY], ("fabrikam",)
    )


def test_an_id_of_something_else_is_not_a_registry() -> None:
    storage = f"{PROVIDERS}/Microsoft.Storage/storageAccounts/contoso"
    made = estate(
        registry(), endpoint(privateLinkServiceConnections=[{**connection(), "privateLinkServiceId": storage}])
    )
    assert relations.connections(made) == []
    assert made.by_id(storage, (tokens.REGISTRY,)) == Reference()


def test_an_unknown_endpoint_of_another_service_is_left_alone() -> None:
    made = estate(registry(), unknown_endpoint(groups=("blob",)))
    assert relations.connections(made) == []


def test_rules_of_a_security_group_do_not_tie_each_other() -> None:
    made = estate(
        registry(), security_rule("AzureContainerRegistry", name="pull"), security_rule("Storage", name="backup")
    )
    tied = tied_rules(made)
    assert {rule.resource.name for rule in tied} == {"pull"}


def test_rules_of_a_group_that_has_no_name_yet_are_of_one_firewall() -> None:
    group = other("network:NetworkSecurityGroup", "clients", networkSecurityGroupName=None)
    waits = {"propertyDependencies": {"networkSecurityGroupName": ["clients"]}}
    rules = [
        {**rule, "inputs": {**rule["inputs"], "networkSecurityGroupName": UNKNOWN}, **waits}
        for rule in (
            security_rule("AzureContainerRegistry.JapanEast", name="home"),
            security_rule("AzureContainerRegistry.EastUS", name="replica"),
            deny_internet(),
        )
    ]
    made = estate(registry(), replica("eastus"), group, *rules)
    assert evaluate(made, config={"all": "disabled", "firewall-complete": "mandatory"}) == []
    alone = estate(registry(), replica("eastus"), group, rules[0], rules[2])
    assert len(evaluate(alone, config={"all": "disabled", "firewall-complete": "mandatory"})) == 1


def test_groups_of_one_name_in_two_resource_groups_are_two_firewalls() -> None:
    home, other_home = (
        security_rule("AzureContainerRegistry.JapanEast"),
        security_rule("AzureContainerRegistry.EastUS", name="b"),
    )
    other_home = {**other_home, "inputs": {**other_home["inputs"], "resourceGroupName": "elsewhere"}}
    made = estate(registry(), replica("eastus"), home, other_home)
    assert len(evaluate(made, config={"all": "disabled", "firewall-complete": "mandatory"})) == 2


@pytest.mark.parametrize(
    ("name", "for_a_registry"),
    [
        ("acr", True),
        ("allow-acr-443", True),
        ("AllowACR", True),
        ("AllowAcrPull", True),
        ("ACR_PULL", True),
        ("container-registry", True),
        ("to Registry", True),
        ("sacrifice", False),
        ("macro", False),
        ("across", False),
        ("Acropolis", False),
        ("backup", False),
    ],
)
def test_names_that_speak_of_a_registry(name: str, for_a_registry: bool) -> None:
    made = estate(security_rule("10.0.0.0/8", name=name))
    assert bool(tied_rules(made)) is for_a_registry


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("/subscriptions/S/resourceGroups/G", ArmId("s", "g", "", ())),
        ("/subscriptions/S", ArmId("s", "", "", ())),
        ("/providers/Microsoft.X/y/Z", ArmId("", "", "microsoft.x/y", ("z",))),
        ("/subscriptions/S/resourceGroups/G/providers/M.X/a/B/c/D/", ArmId("s", "g", "m.x/a/c", ("b", "d"))),
        ("/subscriptions/S/providers/M.X/a/B/providers/M.Y/c/D", ArmId("s", "", "m.y/c", ("d",))),
        ("contoso", None),
        ("", None),
        ("/", None),
        ("//", None),
    ],
)
def test_ids_are_taken_apart(text: str, parsed: ArmId | None) -> None:
    assert parse_id(text) == parsed


@given(
    st.text(max_size=60),
    st.lists(st.sampled_from(["/", "providers", "subscriptions", "x", "resourceGroups"]), max_size=8),
)
def test_anything_can_be_tried_as_an_id(text: str, parts: list[str]) -> None:
    for each in (text, "/" + text, "/" + "/".join(parts)):
        parsed = parse_id(each)
        assert parsed is None or isinstance(parsed.name, str)
