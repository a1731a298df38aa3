"""Unknown values at preview: golden stacks, and for every example what each unknown value makes of it.

``UPDATE_GOLDEN=1 pytest tests/policies/test_unknowns.py`` writes the golden files anew; read the difference.
"""

from __future__ import annotations

import copy
import json
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from registry_guard.engine import ERROR, evaluate
from registry_guard.examples import (
    application_rule,
    child,
    endpoint,
    firewall_rules,
    hosts,
    registry,
    replica,
    security_rule,
)
from registry_guard.rule import Declared, Example, Rule, rules
from registry_model.estate.reading import estate_from_states

from tests.policies.evasions import EVASIONS, GOOD
from tests.policies.guardkit import POLICIES, UNKNOWN, analyze, as_engine, judge, stack, states
from tests.policies.silent_unknowns import SILENT

GOLDEN = Path(__file__).parent / "golden"


def depends(**properties: list[str]) -> dict[str, Any]:
    return {
        "propertyDependencies": properties,
        "dependencies": sorted({n for names in properties.values() for n in names}),
    }


def declared(token: str, name: str, inputs: dict[str, Any], **more: Any) -> Declared:
    return {"type": f"azure-native:{token}", "name": name, "inputs": inputs, **more}


def first_preview(**registry_inputs: Any) -> list[Declared]:
    """A stack before anything exists: every id, and the group's name, is an output of another resource."""
    group = {"resourceGroupName": ["group"]}
    unknown = {"resourceGroupName": UNKNOWN}
    secure = registry(**registry_inputs)["inputs"]
    return [
        declared("resources:ResourceGroup", "group", {"location": "japaneast"}),
        declared("containerregistry:Registry", "registry", {**secure, **unknown}, **depends(**group)),
        declared(
            "containerregistry:Replication",
            "replica",
            {**unknown, "registryName": UNKNOWN, "replicationName": "eastus", "location": "eastus"},
            **depends(**group, registryName=["registry"]),
        ),
        declared("network:VirtualNetwork", "network", {**unknown, "virtualNetworkName": "network"}, **depends(**group)),
        declared(
            "network:Subnet",
            "subnet",
            {**unknown, "virtualNetworkName": UNKNOWN, "subnetName": "endpoints", "addressPrefix": "10.0.0.0/27"},
            **depends(**group, virtualNetworkName=["network"]),
        ),
        declared(
            "network:PrivateEndpoint",
            "endpoint",
            {
                **unknown,
                "privateEndpointName": "endpoint",
                "subnet": {"id": UNKNOWN},
                "privateLinkServiceConnections": [
                    {"name": "registry", "privateLinkServiceId": UNKNOWN, "groupIds": ["registry"]}
                ],
            },
            **depends(**group, subnet=["subnet"], privateLinkServiceConnections=["registry"]),
        ),
        declared(
            "privatedns:PrivateZone",
            "zone",
            {**unknown, "privateZoneName": "privatelink.azurecr.io"},
            **depends(**group),
        ),
        declared(
            "privatedns:VirtualNetworkLink",
            "link",
            {**unknown, "privateZoneName": UNKNOWN, "virtualNetwork": {"id": UNKNOWN}, "registrationEnabled": False},
            **depends(**group, privateZoneName=["zone"], virtualNetwork=["network"]),
        ),
        declared(
            "network:PrivateDnsZoneGroup",
            "zone-group",
            {
                **unknown,
                "privateEndpointName": UNKNOWN,
                "privateDnsZoneConfigs": [{"name": "registry", "privateDnsZoneId": UNKNOWN}],
            },
            **depends(**group, privateEndpointName=["endpoint"], privateDnsZoneConfigs=["zone"]),
        ),
        declared(
            "monitor:DiagnosticSetting",
            "diagnostics",
            {
                "resourceUri": UNKNOWN,
                "workspaceId": UNKNOWN,
                "logs": [{"categoryGroup": "audit", "enabled": True}],
            },
            **depends(resourceUri=["registry"]),
        ),
        declared(
            "authorization:ManagementLockByScope",
            "lock",
            {"level": "CanNotDelete", "scope": UNKNOWN},
            **depends(scope=["registry"]),
        ),
    ]


def without(resources: list[Declared], *names: str) -> list[Declared]:
    return [each for each in resources if each["name"] not in names]


GOLDEN_STACKS: dict[str, list[Declared]] = {
    "first-preview": first_preview(),
    "first-preview-unknown-registry": first_preview(
        sku={"name": UNKNOWN},
        publicNetworkAccess=UNKNOWN,
        adminUserEnabled=UNKNOWN,
        anonymousPullEnabled=UNKNOWN,
        dataEndpointEnabled=UNKNOWN,
        policies={"exportPolicy": {"status": UNKNOWN}},
    ),
    "first-preview-unknown-rules": first_preview(
        publicNetworkAccess="Enabled",
        networkRuleSet={"defaultAction": "Deny", "ipRules": [{"iPAddressOrRange": UNKNOWN}]},
    ),
    "first-preview-nothing-around": without(first_preview(), "endpoint", "zone-group", "link", "diagnostics", "lock"),
    "first-preview-firewall": [
        *first_preview(registryName=None),
        firewall_rules(application_rule(UNKNOWN, UNKNOWN), dependencies=["registry"]),
        security_rule(UNKNOWN, name="allow-acr", dependencies=["registry"]),
    ],
    "known-firewall": [*first_preview(), firewall_rules(application_rule(*hosts()))],
}


@pytest.mark.parametrize("preset", ["baseline", "strict"])
@pytest.mark.parametrize("name", GOLDEN_STACKS)
def test_golden(name: str, preset: str) -> None:
    found = evaluate(estate_from_states(states(GOLDEN_STACKS[name])), preset=preset)
    lines = [
        {"rule": f.rule, "level": f.level.value, "kind": f.kind, "on": f.resource, "says": f.message} for f in found
    ]
    file = GOLDEN / f"{name}.{preset}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(json.dumps(lines, indent=2, ensure_ascii=False) + "\n")
    assert lines == json.loads(file.read_text())


@pytest.mark.engine
@pytest.mark.parametrize("name", GOLDEN_STACKS)
def test_the_engine_says_the_same(tmp_path: Path, name: str) -> None:
    resources = states(GOLDEN_STACKS[name])
    found = analyze(tmp_path, resources, POLICIES / "presets" / "strict.json")
    assert found.events, found.err
    assert found.findings == as_engine(evaluate(estate_from_states(resources), preset="strict"))
    assert not [e for e in found.events if "can't run policy" in e["message"]]


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside, objects and lists as well."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from leaves(inner, (*path, key))


def with_unknown(example: Example, index: int, path: tuple[Any, ...]) -> list[dict[str, Any]]:
    return with_value(example, index, path, UNKNOWN)


def with_value(example: Example, index: int, path: tuple[Any, ...], value: Any) -> list[dict[str, Any]]:
    made = states(copy.deepcopy(list(example.resources)))
    holder = made[index]["inputs"]
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    made[index]["outputs"] |= {path[0]: made[index]["inputs"][path[0]]}  # what is not known before is not known after
    return made


ALL = [pytest.param(r.id, e, id=f"{r.id}: {e.title}") for r in rules().values() for e in (*r.violating, *r.compliant)]
ALL += [pytest.param(each.rule, each.example, id=f"evasion {each}") for each in EVASIONS]
ALL += [pytest.param("premium-sku", good, id=f"good: {good.title}") for good in GOOD]


@pytest.mark.parametrize(("rule_id", "example"), ALL)
def test_no_unknown_value_makes_a_rule_fail(rule_id: str, example: Example) -> None:
    config = {rule_id: {"enforcementLevel": "mandatory", **example.config}}
    for index, resource in enumerate(example.resources):
        for path in leaves(resource.get("inputs", {})):
            found = evaluate(estate_from_states(with_unknown(example, index, path)), preset="audit", config=config)
            assert not [f for f in found if f.kind == ERROR], path


# Rules that no unknown value of their violating examples leaves undetermined, each with its reason.
_DECLARED = "what is declared beside the value decides: with any value of the examples unknown, they stay violations"
NEVER_UNDETERMINED = {
    "ali-enterprise-edition": _DECLARED,
    "ali-hidden-entry": "ali-no-exposed-access says it of entries that are not known",
    "ali-internet-off": _DECLARED,
    "ali-no-literal-password": "a password that is not known is none that is written in the program",
    "ali-no-silent-change": "the component refuses the change in the update, when the value is known",
    "ali-protected": _DECLARED,
    "endpoint-approval": "a connection's state is known only once it exists",
    "endpoint-subscription": "the id of a subnet or endpoint that this stack makes is known only in the update",
    "escape-hatch": "what it cannot see is a note, or in strict a violation",
    "ignored-changes": "a rule or endpoint that is not known yet is tied to no registry; firewall-complete says that",
    "zone-one-endpoint": "the ids of endpoints and zones that this stack makes are followed by dependencies",
}


@pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: rule.id)
def test_an_unknown_is_never_good(rule: Rule) -> None:
    """Some value of a violating example, when it is not known yet, leaves the rule undetermined."""
    said = any(
        finding.rule == rule.id and finding.kind == "undetermined"
        for example in rule.violating
        for index, resource in enumerate(example.resources)
        for path in leaves(resource.get("inputs", {}))
        for finding in evaluate(
            estate_from_states(with_unknown(example, index, path)),
            config={"all": "disabled", rule.id: {"enforcementLevel": "mandatory", **example.config}},
        )
    )
    file = f"policies/registry_guard/rules/{rule.id.replace('-', '_')}.py"
    if rule.id in NEVER_UNDETERMINED:
        assert not said, f"{rule.id} does say `undetermined`: remove it from NEVER_UNDETERMINED in this file"
        return
    assert said, (
        f"{file}: no unknown value in its violating examples gives `undetermined(...)`; yield it where a value that "
        f"the check reads is not known (the exceptions are NEVER_UNDETERMINED in tests/policies/test_unknowns.py)"
    )


GONE = object()
OPPOSITES = {"enabled": "disabled", "disabled": "enabled", "allow": "deny", "deny": "allow"}


def changed(example: Example, index: int, path: tuple[Any, ...], value: Any) -> Example:
    resource = copy.deepcopy(dict(example.resources[index]))
    holder = resource["inputs"]
    for key in path[:-1]:
        holder = holder[key]
    if value is GONE:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return replace(example, resources=(*example.resources[:index], resource, *example.resources[index + 1 :]))


def decides(rule: Rule, example: Example, index: int, path: tuple[Any, ...]) -> bool:
    """Whether a compliant example would not pass without the value, or with another one."""
    held = example.resources[index]["inputs"]
    for key in path:
        held = held[key]
    others = [GONE]
    if isinstance(held, bool):
        others.append(not held)
    elif isinstance(held, str):
        others.append(OPPOSITES.get(held.lower(), "x"))
    judged = (judge(changed(example, index, path, other), rule) for other in others)
    return any(finding.kind == "violation" for found in judged for finding in found)


@pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: rule.id)
def test_no_value_that_decides_is_silent_while_it_is_unknown(rule: Rule) -> None:
    """Each value of a violating example, and of a compliant one each without which it would not pass."""
    silent = {
        f"{resource['type'].rpartition(':')[2]}.{'.'.join(map(str, path))}"
        for example in (*rule.violating, *rule.compliant)
        for index, resource in enumerate(example.resources)
        for path in leaves(resource.get("inputs", {}))
        if example in rule.violating or decides(rule, example, index, path)
        if not judge(changed(example, index, path, UNKNOWN), rule)
    }
    excused = set(SILENT.get(rule.id, {}))
    table = "tests/policies/silent_unknowns.py"
    assert not silent - excused, (
        f"policies/registry_guard/rules/{rule.id.replace('-', '_')}.py says nothing while one of these is not known: "
        f"{sorted(silent - excused)}. Yield `undetermined(...)`, or say in {table} why not"
    )
    assert not excused - silent, f"{table}: {rule.id} is no longer silent about {sorted(excused - silent)}; remove them"


SOFT: dict[str, Any] = {"policies": {"softDeletePolicy": {"status": UNKNOWN}}}
ELSEWHERE: dict[str, Any] = {"propertyDependencies": {"registryName": ["group"]}}
IDENTITY = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/registry"
KEY = {"keyIdentifier": "https://keys.vault.azure.net/keys/registry", "identity": "c"}
SOUND: dict[str, Any] = {"identity": {"type": "UserAssigned", "userAssignedIdentities": [IDENTITY]}}
MAYBE_ENCRYPTED: dict[str, Any] = {"encryption": {"status": UNKNOWN, "keyVaultProperties": KEY}}


@pytest.mark.parametrize(
    ("rule", "resources", "kinds", "config"),
    [
        ("retention-conflict", [registry(**SOFT), replica("eastus")], ["undetermined"], {}),
        ("retention-conflict", [registry(**SOFT)], [], {}),
        ("retention-conflict", [registry(**SOFT), replica("japaneast")], [], {}),
        (
            "retention-conflict",
            [registry(**SOFT), registry("other", "fabrikam"), replica("eastus", "fabrikam")],
            [],
            {},
        ),
        ("retention-conflict", [registry(), replica("eastus", UNKNOWN)], [], {}),
        (
            "retention-conflict",
            [registry(policies={"softDeletePolicy": {"status": UNKNOWN}, "retentionPolicy": {"status": UNKNOWN}})],
            ["undetermined"],
            {},
        ),
        ("cmk-sound", [registry(**SOUND, **MAYBE_ENCRYPTED)], [], {}),
        ("cmk-sound", [registry(**MAYBE_ENCRYPTED)], ["undetermined"], {}),
        ("connected-registry", [registry(), child("ConnectedRegistry", "edge", UNKNOWN)], [], {}),
        (
            "connected-registry",
            [registry(dataEndpointEnabled=False), child("ConnectedRegistry", "edge", UNKNOWN)],
            ["undetermined"],
            {},
        ),
        (
            "connected-registry",  # what the name comes from is known, and is not this registry
            [
                declared("resources:ResourceGroup", "group", {"resourceGroupName": "rg"}),
                registry(dataEndpointEnabled=False),
                {**child("ConnectedRegistry", "edge", UNKNOWN), **ELSEWHERE},
            ],
            [],
            {},
        ),
        ("tasks-network", [registry(publicNetworkAccess="Enabled"), child("Task", "build", UNKNOWN)], [], {}),
        ("tasks-network", [registry(), child("Task", "build", UNKNOWN)], ["undetermined"], {}),
        ("required-tags", [registry(tags={"owner": "a", "commit": UNKNOWN})], [], {"tags": ["owner"]}),
        ("required-tags", [registry(tags={"owner": UNKNOWN})], ["undetermined"], {"tags": ["owner"]}),
    ],
)
def test_what_an_unknown_hides_and_its_safe_twins(
    rule: str, resources: list[Declared], kinds: list[str], config: dict[str, Any]
) -> None:
    found = judge(Example("", tuple(resources), config), rules()[rule])
    assert [each.kind for each in found] == kinds, found


JUNK = [None, 7, "x", [], {}, [None], [["y"]], {"a": 1}, True, "[parameters('x')]", [UNKNOWN], "/a/b", -1.5]


def check_junk(rule_id: str, example: Example, share: float) -> None:
    config = {rule_id: {"enforcementLevel": "mandatory", **example.config}}
    chosen = random.Random(f"{rule_id} {example.title}")  # the same in every run
    for index, resource in enumerate(example.resources):
        for path in leaves(resource.get("inputs", {})):
            for junk in JUNK:
                if chosen.random() < share:
                    made = with_value(example, index, path, junk)
                    found = evaluate(estate_from_states(made), preset="audit", config=config)
                    assert not [f for f in found if f.kind == ERROR], (path, junk)


@pytest.mark.parametrize(("rule_id", "example"), ALL)
def test_no_odd_value_makes_a_rule_fail(rule_id: str, example: Example) -> None:
    check_junk(rule_id, example, share=0.05)


@pytest.mark.full
@pytest.mark.parametrize(("rule_id", "example"), ALL)
def test_no_odd_value_at_all_makes_a_rule_fail(rule_id: str, example: Example) -> None:
    check_junk(rule_id, example, share=1)


SCALARS = {
    "premium-sku": ("sku", "name"),
    "no-exposed-access": ("publicNetworkAccess",),
    "public-access-off": ("publicNetworkAccess",),
    "no-admin-user": ("adminUserEnabled",),
    "no-anonymous-pull": ("anonymousPullEnabled",),
    "dedicated-data-endpoints": ("dataEndpointEnabled",),
    "export-off": ("policies", "exportPolicy", "status"),
}


@pytest.mark.parametrize(("rule_id", "path"), SCALARS.items())
def test_an_unknown_scalar_of_the_registry(rule_id: str, path: tuple[str, ...]) -> None:
    example = Example("", (registry(),))
    for cut in range(1, len(path) + 1):
        stack = estate_from_states(with_unknown(example, 0, path[:cut]))
        strict = [f for f in evaluate(stack, preset="strict") if f.rule == rule_id]
        assert [(f.level.value, f.kind) for f in strict] == [("mandatory", "undetermined")]
        only = {"all": "disabled", rule_id: "mandatory"}
        noted = [f for f in evaluate(stack, config=only) if f.rule == rule_id]
        assert [(f.level.value, f.kind) for f in noted] == [("advisory", "undetermined")]


@pytest.mark.parametrize(
    ("rule", "properties", "said"),
    [
        ("no-exposed-access", {"publicNetworkAccess": "Disable"}, "'Disable' is no value that Azure knows"),
        (
            "public-access-off",
            {"publicNetworkAccess": "Off"},
            "publicNetworkAccess: 'Off' is no value that Azure knows",
        ),
        ("export-off", {"policies": {"exportPolicy": {"status": "off"}}}, "status 'off' is no value"),
        ("no-admin-user", {"adminUserEnabled": "fals"}, "adminUserEnabled 'fals' is no value that Azure knows"),
        ("dedicated-data-endpoints", {"dataEndpointEnabled": "on"}, "dataEndpointEnabled 'on' is no value"),
    ],
)
def test_a_value_that_azure_refuses_is_no_way_past_a_rule(rule: str, properties: dict[str, Any], said: str) -> None:
    found = [f for f in evaluate(stack(registry(**properties)), preset="strict") if f.rule == rule]
    assert [(f.mandatory, said in f.message, "not known yet" in f.message) for f in found] == [(True, True, False)]


@pytest.mark.parametrize(("mode", "kinds"), [("zone_group", []), ("manual", ["undetermined"])])
def test_records_that_nobody_writes_here_are_not_undetermined(mode: str, kinds: list[str]) -> None:
    dns = {"enforcementLevel": "disabled", "dns_mode": mode}
    config = {"all": "disabled", "manual-records": "mandatory", "zone-group": dns}
    found = evaluate(stack(registry(location=UNKNOWN), endpoint()), config=config)
    assert [each.kind for each in found] == kinds
