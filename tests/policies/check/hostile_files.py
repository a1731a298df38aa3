"""Files made to cost whoever reads them, as a pull request may hold them. No command may judge those in `REFUSED`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.model import test_template_limits as templates

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers"
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def _state(kind: str, name: str, **inputs: Any) -> dict[str, Any]:
    token = f"azure-native:{kind}"
    urn = f"urn:pulumi:dev::app::{token}::{name}"
    return {"urn": urn, "type": token, "custom": True, "id": name, "inputs": {"resourceGroupName": "rg", **inputs}}


def _open_registry(name: str = "contoso", **inputs: Any) -> dict[str, Any]:
    """One that no preset lets pass."""
    return _state("containerregistry:Registry", name, registryName=name, sku={"name": "Basic"}, **inputs)


def _export(*states: dict[str, Any]) -> str:
    return json.dumps({"version": 3, "deployment": {"resources": [_open_registry(), *states]}})


def _application_rules(*hosts: str) -> dict[str, Any]:
    rule = {"ruleType": "ApplicationRule", "name": "registry", "targetFqdns": list(hosts), "sourceAddresses": ["*"]}
    rules = {"ruleCollectionType": "FirewallPolicyFilterRuleCollection", "name": "c", "priority": 100, "rules": [rule]}
    return _state(
        "network:FirewallPolicyRuleCollectionGroup",
        "registry-rules",
        firewallPolicyName="p",
        priority=100,
        ruleCollections=[{**rules, "action": {"type": "Allow"}}],
    )


def _security_rules(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield _state(
            "network:SecurityRule",
            f"registry-{number}",
            networkSecurityGroupName="clients",
            securityRuleName=f"r{number}",
            priority=100 + number % 3900,
            direction="Outbound",
            access="Allow",
            protocol="Tcp",
            destinationPortRange="443",
            sourceAddressPrefix="*",
            destinationAddressPrefix="AzureContainerRegistry",
        )


def _components(depth: int, resources: int) -> Iterator[dict[str, Any]]:
    """Components inside each other, and registries inside the innermost."""
    above = ""
    for level in range(depth):
        urn = f"urn:pulumi:dev::app::my:index:Box::b{level}"
        yield {"urn": urn, "type": "my:index:Box", "custom": False, "parent": above}
        above = urn
    for number in range(resources):
        yield {**_open_registry(f"contoso{number}"), "parent": above}


def _registries_and_firewalls(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield _open_registry(f"contoso{number}")
        yield {**_application_rules(f"contoso{number}.azurecr.io"), "urn": f"urn:pulumi:dev::app::f::f{number}"}


def _dependencies(count: int) -> Iterator[dict[str, Any]]:
    """Everything depends on everything."""
    made = [_open_registry(f"contoso{number}") for number in range(count)]
    urns = [each["urn"] for each in made]
    for each in made:
        yield {**each, "dependencies": urns, "propertyDependencies": {"registryName": urns}}


UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # as Pulumi writes what it does not know yet


def _deployments(count: int, group: str, beside: str) -> Iterator[dict[str, Any]]:
    """Deployments in Complete mode, and registries that any of them may delete."""
    properties = {"mode": "Complete", "template": {"contentVersion": "1.0.0.0", "resources": []}}
    for number in range(count):
        name = f"contoso{number}"
        yield {
            **_state("containerregistry:Registry", name, registryName=name),
            "inputs": {"registryName": name, "resourceGroupName": beside},
        }
        made = _state("resources:Deployment", f"d{number}", properties=properties)
        yield {**made, "inputs": {**made["inputs"], "resourceGroupName": group}}


def _addresses(count: int) -> Iterator[dict[str, Any]]:
    rules = [{"iPAddressOrRange": f"1.2.{number % 250}.0/24"} for number in range(count)]
    yield _open_registry("contoso2", networkRuleSet={"ipRules": rules})


# What grows with a number: its work must grow with its size, and no more.
GROWING: dict[str, Callable[[int], Iterator[dict[str, Any]]]] = {
    "stars in a host": lambda count: iter([_application_rules("*" * count + "b.azurecr.io", "*a" * count)]),
    "many hosts with stars": lambda count: iter(
        [_application_rules(*["*" * 40 + f"{n}.azurecr.io" for n in range(count)])]
    ),
    "a name": lambda count: iter([_open_registry("c" * 100 * count)]),
    "a location": lambda count: iter([_open_registry("contoso2", location=" j" * 50 * count)]),
    "numbers without end": lambda count: iter([_open_registry("contoso2", zones=[10**400] * count)]),
    "many rules": _security_rules,
    "many addresses": _addresses,
    "components in components": lambda count: _components(count, count),
    "registries and their firewalls": _registries_and_firewalls,
    "all depend on all": _dependencies,
    "deployments somewhere": lambda count: _deployments(count, UNKNOWN, "rg"),
    "registries somewhere": lambda count: _deployments(count, "rg", UNKNOWN),
    "deployments and registries somewhere": lambda count: _deployments(count, UNKNOWN, UNKNOWN),
    "deployments beside registries": lambda count: _deployments(count, "rg", "rg"),
}


def export(name: str, count: int) -> str:
    """A stack export with this many of what grows, and a registry that no preset lets pass."""
    return _export(*GROWING[name](count))


STATES: dict[str, Callable[[], str]] = {
    "stars in a host": lambda: export("stars in a host", 500),
    "many hosts with stars": lambda: export("many hosts with stars", 2000),
    "a name of 2 MB": lambda: export("a name", 20_000),
    "a location of 2 MB": lambda: export("a location", 20_000),
    "numbers without end": lambda: export("numbers without end", 1000),
    "many rules": lambda: export("many rules", 2000),
    "many addresses": lambda: export("many addresses", 20_000),
    "components in components": lambda: export("components in components", 2000),
    "registries and their firewalls": lambda: export("registries and their firewalls", 400),
    "all depend on all": lambda: export("all depend on all", 200),
    "deployments somewhere": lambda: export("deployments somewhere", 400),
    "deployments and registries somewhere": lambda: export("deployments and registries somewhere", 400),
    "deployments beside registries": lambda: export("deployments beside registries", 400),
}


def alike(count: int) -> str:
    """A template with this many zones of one name, each with a link, and endpoints whose records all go there."""
    network, zone, name = "Microsoft.Network", "Microsoft.Network/privateDnsZones", "privatelink.azurecr.io"
    zone_config = {"name": "z", "properties": {"privateDnsZoneId": f"[resourceId('{zone}', '{name}')]"}}
    resources: list[dict[str, Any]] = []
    for i in range(count):
        registry = f"[resourceId('Microsoft.ContainerRegistry/registries', 'contoso{i}')]"
        connection = {"name": "c", "properties": {"privateLinkServiceId": registry, "groupIds": ["registry"]}}
        linked = {"virtualNetwork": {"id": f"[resourceId('{network}/virtualNetworks', 'v{i}')]"}}
        endpoint = {"subnet": {"id": f"[resourceId('{network}/virtualNetworks/subnets', 'v{i}', 's')]"}}
        resources += [
            {"type": zone, "name": name},
            {"type": f"{zone}/virtualNetworkLinks", "name": f"{name}/l{i}", "properties": linked},
            {
                "type": f"{network}/privateEndpoints",
                "name": f"pe{i}",
                "properties": {**endpoint, "privateLinkServiceConnections": [connection]},
            },
            {
                "type": f"{network}/privateEndpoints/privateDnsZoneGroups",
                "name": f"pe{i}/default",
                "properties": {"privateDnsZoneConfigs": [zone_config]},
            },
            {"type": "Microsoft.ContainerRegistry/registries", "name": f"contoso{i}", "sku": {"name": "Premium"}},
        ]
    return json.dumps({"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": resources})


TEMPLATES: dict[str, Callable[[], str]] = {
    name: lambda make=make: json.dumps({"$schema": SCHEMA, "contentVersion": "1.0.0.0", **make()})
    for name, (make, _) in templates.HOSTILE.items()
}
REFUSED: dict[str, Callable[[], str]] = {
    "nested without end": lambda: '{"$schema": "' + SCHEMA + '", "resources": ' + "[" * 200_000,
    "a text that never ends": lambda: '{"$schema": "' + SCHEMA + '", "a": "' + "\\" * 1_000_001,
    "a comment that never ends": lambda: '{"$schema": "' + SCHEMA + '", /*' + "*" * 1_000_000,
    "quotes": lambda: '{"$schema": "' + SCHEMA + '", ' + '"' * 1_000_001,
    "commas": lambda: '{"$schema": "' + SCHEMA + '", "a": [' + ", " * 500_000,
    "a number of 100,000 digits": lambda: '{"$schema": "' + SCHEMA + '", "resources": [' + "9" * 100_000 + "]}",
    "a preview of nothing": lambda: json.dumps({"steps": [{}] * 100_000}),
}
