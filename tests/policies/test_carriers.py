"""Resources that carry, change or stand before what the rules judge: patches, actions, bridges, associations, ties."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from registry_guard.engine import Finding, evaluate
from registry_guard.examples import (
    PROVIDERS,
    UNKNOWN,
    application_rule,
    child,
    deny_internet,
    endpoint,
    firewall_rules,
    hosts,
    other,
    registry,
    security_group,
    security_rule,
)
from registry_guard.rule import PRESETS, Declared
from registry_model.estate import relations, tokens
from registry_model.estate.reading import estate_from_states, estate_from_template
from registry_model.estate.values import SECRET_SIGNATURE, SIGNATURE_KEY
from registry_model.reach.client_firewalls import REGISTRY_RULE_PATTERN, client_firewalls

from tests.policies.evasions import BRIDGED, REGISTRY_ID, SNAKE, action, admin_rule, bridged, generic, update
from tests.policies.guardkit import POLICIES, analyze, as_engine, stack, states

NETWORK = f"{PROVIDERS}/Microsoft.Network/virtualNetworks/network"
GROUP_ID = f"{PROVIDERS}/Microsoft.Network/networkSecurityGroups/clients"


def judged(*resources: Declared, rule: str = "", preset: str = "strict") -> list[Finding]:
    found = evaluate(stack(*resources), preset=preset)
    return [f for f in found if rule in ("", f.rule)]


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(
    "patch",
    [
        update({"tags": {"owner": "platform"}}),
        update({"properties": {"publicNetworkAccess": "Disabled"}}),
        update({"properties": {"policies": {"quarantinePolicy": {"status": "enabled"}}}}),
        update({}, "Microsoft.Network/privateEndpoints", f"{PROVIDERS}/Microsoft.Network/privateEndpoints/e"),
        action("importImage"),
        action("regenerateCredential"),
    ],
    ids=["tags", "closing", "one policy", "an endpoint's nothing", "import", "credentials"],
)
def test_what_a_patch_leaves_out_is_not_judged(patch: Declared, preset: str) -> None:
    assert judged(patch, preset=preset) == []


def test_a_patch_is_judged_for_what_it_sets_and_no_more() -> None:
    found = judged(update({"properties": {"publicNetworkAccess": "Enabled"}}))
    assert {(f.rule, f.kind) for f in found} == {
        ("no-exposed-access", "undetermined"),
        ("public-access-off", "violation"),
    }


def test_a_patch_of_the_stack_s_registry_is_judged_with_it() -> None:
    opened = update({"properties": {"publicNetworkAccess": "Enabled"}})
    denies = registry(networkRuleSet={"defaultAction": "Deny"})
    assert [f for f in judged(registry(), opened, rule="no-exposed-access", preset="baseline") if f.mandatory]
    assert not [f for f in judged(denies, opened, rule="no-exposed-access", preset="baseline") if f.mandatory]


@pytest.mark.parametrize("access", ["Enabled", "Disabled"])
def test_properties_as_text_are_read_as_what_they_say(access: str) -> None:
    text = json.dumps({"PublicNetworkAccess": access, "dataEndpointEnabled": True})
    found = judged(generic(text), rule="public-access-off")
    assert [f.kind for f in found] == (["violation"] if access == "Enabled" else [])
    (unread,) = judged(generic("{{ values }}"), rule="public-access-off")
    assert unread.kind == "undetermined"


@pytest.mark.parametrize("secret", ["templateContent", "parametersContent"])
def test_a_secret_text_is_read_and_none_of_it_is_shown(secret: str) -> None:
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"name": {"type": "string"}, "sku": {"type": "string"}},
        "resources": [
            {
                "type": "Microsoft.ContainerRegistry/registries",
                "apiVersion": "2025-11-01",
                "name": "[parameters('name')]",
                "location": "japaneast",
                "sku": {"name": "[parameters('sku')]"},
                "properties": {},
            }
        ],
    }
    given = {"name": {"value": "hunter2"}, "sku": {"value": "Standard"}}
    inputs: dict[str, Any] = {"templateContent": json.dumps(template), "parametersContent": json.dumps(given)}
    inputs[secret] = {SIGNATURE_KEY: SECRET_SIGNATURE, "value": inputs[secret]}
    found = judged(bridged("azure:core/resourceGroupTemplateDeployment:ResourceGroupTemplateDeployment", **inputs))
    assert "premium-sku" in {f.rule for f in found}
    assert not [f.message for f in found if "hunter2" in f.message]


def test_a_property_that_is_written_twice_is_judged_where_both_say_the_same() -> None:
    def kinds(one: str, other: str) -> list[str]:
        found = judged(generic({"publicNetworkAccess": one, "PublicNetworkAccess": other}), rule="public-access-off")
        return [f.kind for f in found]

    assert kinds("Enabled", "Enabled") == ["violation"]
    assert kinds("Disabled", "Disabled") == []
    assert kinds("Disabled", "Enabled") == kinds("Enabled", "Disabled") == ["undetermined"]


def test_a_patch_reaches_the_rules_on_stacks() -> None:
    off = registry(dataEndpointEnabled=False)
    assert judged(off, rule="dedicated-data-endpoints")
    assert not [f for f in judged(registry(), rule="dedicated-data-endpoints") if f.mandatory]
    switched = update({"properties": {"dataEndpointEnabled": False}})
    assert [f for f in judged(registry(), switched, rule="dedicated-data-endpoints") if f.mandatory]


def test_an_action_that_nobody_can_judge_is_undetermined() -> None:
    (found,) = judged(action("updatePolicies"))
    assert (found.rule, found.kind, found.mandatory) == ("escape-hatch", "undetermined", False)
    assert "'updatePolicies'" in found.message
    (found,) = judged(action("", method="DELETE"))
    assert "'DELETE'" in found.message


@pytest.mark.parametrize("token", BRIDGED)
def test_bridged_replicas_are_replicas(token: str) -> None:
    estate = stack(bridged(token, **SNAKE, georeplications=[{"location": "eastus"}, {"location": "westus2"}]))
    (made,) = relations.registries(estate)
    found = relations.regions(estate, made)
    assert found is not None
    assert set(found.replicas) == {"eastus", "westus2"}
    assert [e.arm_name for e in estate.of(tokens.REGISTRY)] == ["contoso"]


ASSOCIATIONS = (
    "azure:network/subnetNetworkSecurityGroupAssociation:SubnetNetworkSecurityGroupAssociation",
    "azurerm:index/subnetNetworkSecurityGroupAssociation:SubnetNetworkSecurityGroupAssociation",
    "net:tf:azurerm_subnet_network_security_group_association",
)


def _subnet(**more: Any) -> Declared:
    return other(
        "network:Subnet",
        "clients-subnet",
        "Microsoft.Network/virtualNetworks/network/subnets/clients",
        virtualNetworkName="network",
        subnetName="clients",
        addressPrefix="10.0.0.0/24",
        **more,
    )


@pytest.mark.parametrize("token", ASSOCIATIONS)
def test_an_association_puts_a_security_group_before_a_subnet(token: str) -> None:
    def behind(*resources: Declared) -> set[tuple[str, str]]:
        estate = stack(security_group(), security_rule("AzureContainerRegistry"), *resources)
        return {pair for each in client_firewalls(estate) for pair in each.firewall.subnets}

    inputs = {"subnet_id": f"{NETWORK}/subnets/clients", "network_security_group_id": GROUP_ID}
    if ":tf:" not in token:
        inputs = {"subnetId": inputs["subnet_id"], "networkSecurityGroupId": GROUP_ID}
    written = behind(_subnet(networkSecurityGroup={"id": GROUP_ID}))
    assert len(written) == 1
    assert behind(_subnet(), bridged(token, **inputs)) == written
    assert behind(bridged(token, **inputs)) == written, "a subnet of another stack"
    first, second = inputs
    unknown = {
        **bridged(token, **dict.fromkeys(inputs, UNKNOWN)),
        "propertyDependencies": {first: ["clients-subnet"], second: ["clients"]},
    }
    assert behind(_subnet(), unknown) == written, "ids that only dependencies tell"
    assert behind(_subnet()) == set()


def test_associations_of_one_endpoint_add_up() -> None:
    groups = [f"{PROVIDERS}/Microsoft.Network/applicationSecurityGroups/{name}" for name in ("one", "two")]
    joined = [
        {
            **bridged(
                "azurerm:index/privateEndpointApplicationSecurityGroupAssociation:PrivateEndpointApplicationSecurityGroupAssociation",
                privateEndpointId=f"{PROVIDERS}/Microsoft.Network/privateEndpoints/endpoint",
                applicationSecurityGroupId=group,
            ),
            "name": group[-3:],
        }
        for group in groups
    ]
    (made,) = stack(registry(), endpoint(), *joined).of(tokens.ENDPOINT)
    assert [each["id"] for each in made.get("applicationSecurityGroups")] == groups


def test_an_association_of_a_foreign_subnet_says_nothing_of_its_room() -> None:
    association = bridged(ASSOCIATIONS[1], subnetId=f"{NETWORK}/subnets/clients", networkSecurityGroupId=GROUP_ID)
    assert judged(association) == []


def _complete(*resources: Declared) -> list[tuple[str, bool]]:
    return [(f.kind, f.mandatory) for f in judged(*resources, rule="firewall-complete")]


def test_admin_rules_before_a_security_group_are_said_to_be_undetermined() -> None:
    allows = (registry(), security_group(), security_rule("AzureContainerRegistry"), deny_internet())
    assert _complete(*allows) == []
    denied = evaluate(stack(*allows, admin_rule("Deny", "Internet", name="no-internet")), preset="strict")
    (found,) = [f for f in denied if f.rule == "firewall-complete"]
    assert (found.kind, found.mandatory) == ("undetermined", False)
    assert "no-internet" in found.message
    assert _complete(*allows, admin_rule("Deny", "Internet", ports=("22",))) == [], "another port"
    assert _complete(*allows, admin_rule("Allow", "Internet")) == [], "left to the group"
    lacks = (registry(), security_group(), security_rule("AzureContainerRegistry.EastUS"), deny_internet())
    assert _complete(*lacks) == [("violation", True)]
    assert _complete(*lacks, admin_rule("AlwaysAllow", "AzureContainerRegistry")) == [("undetermined", False)]


@pytest.mark.parametrize(
    "name",
    [
        "acr",
        "ACR",
        "allow-acr",
        "AllowACR",
        "allowAcrPull",
        "acr_layers",
        "registry",
        "Registry",
        "to-registry",
        "AllowRegistry",
        "registryHosts",
        "REGISTRY_OUT",
        "registries",
        "containerregistry",
        "ContainerRegistry",
        "azurecontainerregistry",
        "container-registry",
        "container registry",
        "docker-registry",
    ],
)
def test_names_that_say_registry(name: str) -> None:
    assert re.search(REGISTRY_RULE_PATTERN, name)


@pytest.mark.parametrize(
    "name",
    [
        "user-registration-uploads",
        "registration",
        "register",
        "registrar",
        "kafka-schema-registry",
        "schema_registry",
        "SchemaRegistry",
        "SCHEMA-REGISTRY",
        "schemaregistry",
        "service-registry",
        "serviceRegistry",
        "npm-registry",
        "sacred",
        "macros",
        "massacre",
        "lacrosse",
    ],
)
def test_names_that_do_not(name: str) -> None:
    assert not re.search(REGISTRY_RULE_PATTERN, name)


def test_agents_of_tasks_are_told_how_to_be_exempted() -> None:
    wide = security_rule("Storage", name="acr-agents")
    (plain,) = judged(registry(), wide, rule="firewall-no-wildcard")
    assert "exempt" not in plain.message
    (told,) = judged(registry(), child("AgentPool", "builders"), wide, rule="firewall-no-wildcard")
    assert told.mandatory
    assert "agents of ACR Tasks ('builders')" in told.message
    assert "exempt it from firewall-no-wildcard" in told.message
    everything = security_rule("*", name="acr-agents")
    (told,) = judged(registry(), child("AgentPool", "builders"), everything, rule="firewall-no-wildcard")
    assert "exempt" not in told.message, "agents need storage, not everything"
    untied = security_rule("Storage", name="agents")
    (told,) = judged(registry(), child("AgentPool", "builders"), untied, rule="firewall-no-wildcard")
    assert (told.kind, "'builders' may" in told.message) == ("note", True)


def _policy(name: str, base: str = "") -> Declared:
    more = {"basePolicy": {"id": f"{PROVIDERS}/Microsoft.Network/firewallPolicies/{base}"}} if base else {}
    arm = f"Microsoft.Network/firewallPolicies/{name}"
    return other("network:FirewallPolicy", name, arm, firewallPolicyName=name, **more)


def _rules_of(policy: str, *rules: Any, **more: Any) -> Declared:
    made = firewall_rules(*rules, **more)
    made["inputs"]["firewallPolicyName"] = policy
    made["outputs"]["id"] = made["outputs"]["id"].replace("/policy/", f"/{policy}/")
    return made


def test_a_child_policy_has_its_parent_s_groups() -> None:
    login, data = hosts()
    both = (registry(), _policy("parent"), _policy("child", "parent"))
    above = _rules_of("parent", application_rule(data), name="above")
    below = _rules_of("child", application_rule(login), name="below")
    assert _complete(*both, above, below) == []
    assert _complete(*both, below) == [("violation", True)], "without the parent's rules a host is missing"
    denied = _rules_of("parent", application_rule(data), name="above", action="Deny")
    whole = _rules_of("child", application_rule(login, data), name="below")
    assert _complete(*both, denied, whole) == [("violation", True)], "a parent's Deny comes first"


def _connected(status: str) -> Declared:
    made = registry()
    made["outputs"]["privateEndpointConnections"] = [
        {
            "id": f"{REGISTRY_ID}/privateEndpointConnections/c",
            "privateEndpoint": {"id": f"{PROVIDERS}/Microsoft.Network/privateEndpoints/elsewhere"},
            "privateLinkServiceConnectionState": {"status": status},
        }
    ]
    return made


@pytest.mark.engine
@pytest.mark.parametrize(("status", "found"), [("Approved", set()), ("Pending", {"registry"})])
def test_an_endpoint_in_another_stack_counts_in_check_and_pack(tmp_path: Path, status: str, found: set[str]) -> None:
    resources = states([_connected(status)])
    here = judged(_connected(status), rule="private-endpoint")
    assert {f.resource for f in here if f.mandatory} == found
    analysed = analyze(tmp_path, resources, POLICIES / "presets" / "strict.json")
    assert {name for rule, name in analysed.pairs("mandatory") if rule == "private-endpoint"} == found


@pytest.mark.engine
def test_patches_are_judged_alike_by_the_engine(tmp_path: Path) -> None:
    resources = states(
        [
            registry(),
            update({"properties": {"publicNetworkAccess": "Enabled", "dataEndpointEnabled": False}}),
            update({"tags": {"owner": "platform"}}, name="tags"),
            action("updatePolicies"),
            bridged(BRIDGED[0], name="other", publicNetworkAccessEnabled=True),
        ]
    )
    found = analyze(tmp_path, resources, POLICIES / "presets" / "strict.json")
    assert found.findings == as_engine(evaluate(estate_from_states(resources), preset="strict"))
    assert ("no-exposed-access", "patch") in found.pairs("mandatory")
    assert not [name for _, name in found.pairs() if name == "tags"]


def test_zone_redundancy_is_never_called_off() -> None:
    wordings = [
        judged(registry(zoneRedundancy="Disabled")),
        judged(registry(zoneRedundancy="Disabled", location="West US")),
        judged(registry(), child("Replication", "eastus", location="eastus", zoneRedundancy="Disabled")),
    ]
    for found in wordings:
        assert not [f for f in found if re.search(r"zone redundancy is (?:switched )?off", f.text, re.IGNORECASE)]
    assert [f.rule for f in wordings[1] if f.rule == "zone-redundancy"] == [], "no zones, nothing to ask for"
    assert [f.rule for f in wordings[2] if f.rule == "zone-redundancy"] == [], "Azure ignores it on a replica"


API = "https://management.azure.com/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/a"


@pytest.mark.parametrize(
    ("command", "changes"),
    [
        (f"az rest --method patch --url '{API}?api-version=2023-07-01' --body @body.json", True),
        (f"az rest -m PUT --uri {API}?api-version=2023-07-01 --body @b", True),
        (
            "az resource update -g g -n a --resource-type Microsoft.ContainerRegistry/registries --set properties.x=y",
            True,
        ),
        (f"Invoke-AzRestMethod -Path {API} -Method PATCH -Payload $body", True),
        ("Set-AzResource -ResourceType Microsoft.ContainerRegistry/registries -Name a -Properties $p -Force", True),
        (f"az rest --method get --url {API}?api-version=2023-07-01", False),
        ("az resource show -n a --resource-type Microsoft.ContainerRegistry/registries", False),
        ("az rest --method patch --url https://management.azure.com/x/Microsoft.Web/sites/a", False),
        ("az acr login -n a && docker push a.azurecr.io/app", False),
    ],
)
def test_commands_that_change_a_registry_through_the_api_are_noted(command: str, changes: bool) -> None:
    script = {"type": "command:local:Command", "name": "script", "inputs": {"create": command}}
    # The preset is strict, where what no rule can judge counts as a violation.
    assert [f.kind for f in judged(script, rule="escape-hatch")] == (["violation"] if changes else [])


@pytest.mark.parametrize(("verb", "notes"), [("update", ["note"]), ("show", [])])
def test_a_command_of_which_a_part_is_known_is_noted_by_that_part(verb: str, notes: list[str]) -> None:
    command = f"[format('az acr {verb} --name {{0}} --admin-enabled true', parameters('asked'))]"
    script = {"type": "Microsoft.Resources/deploymentScripts", "name": "s", "properties": {"scriptContent": command}}
    template = {"parameters": {"asked": {"type": "string"}}, "resources": [script]}
    found = evaluate(estate_from_template(template))
    assert [f.kind for f in found if f.rule == "escape-hatch"] == notes


@pytest.mark.parametrize(("untied", "kinds"), [("off", []), ("advisory", ["note"]), ("violation", ["violation"])])
@pytest.mark.parametrize("with_registry", [True, False])
def test_a_team_chooses_what_a_wildcard_in_a_rule_for_anybody_is(
    untied: str, kinds: list[str], with_registry: bool
) -> None:
    config = {"all": "disabled", "firewall-no-wildcard": {"enforcementLevel": "mandatory", "untied": untied}}
    declared = (*((registry(),) if with_registry else ()), security_rule("Storage", name="egress"))
    found = evaluate(stack(*declared), config=config)
    assert [f.kind for f in found] == (kinds if with_registry else [])
