"""What ties resources together in a template is followed through its expressions; where it cannot be, that is said."""

from __future__ import annotations

from typing import Any

import pytest
from registry_guard.engine import Finding, evaluate
from registry_model.azure.names import CLOUDS
from registry_model.estate.reading import estate_from_template

REGISTRY = "Microsoft.ContainerRegistry/registries"
IDENTITY = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reads-keys"


def template(*resources: dict[str, Any], **parts: Any) -> dict[str, Any]:
    asked = {"asked": {"type": "string"}, "askedList": {"type": "array"}}
    return {"contentVersion": "1.0.0.0", "parameters": asked, "resources": list(resources), **parts}


def registry(**properties: Any) -> dict[str, Any]:
    made = {
        "publicNetworkAccess": "Disabled",
        "dataEndpointEnabled": True,
        "policies": {"exportPolicy": {"status": "disabled"}},
        **properties,
    }
    body = {"type": REGISTRY, "apiVersion": "2023-07-01", "name": "contoso", "location": "westeurope"}
    return {**body, "sku": {"name": "Premium"}, "properties": made}


def with_key(identifier: str) -> dict[str, Any]:
    held = {"keyIdentifier": identifier, "identity": "00000000-0000-0000-0000-000000000002"}
    identity = {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}
    return {**registry(encryption={"status": "enabled", "keyVaultProperties": held}), "identity": identity}


def vault(protected: Any, name: str = "kv-acr") -> dict[str, Any]:
    body = {"type": "Microsoft.KeyVault/vaults", "apiVersion": "2023-07-01", "name": name, "location": "westeurope"}
    return {**body, "properties": {"enablePurgeProtection": protected, "tenantId": "t"}}


def found(rule: str, document: dict[str, Any], cloud: str = "public") -> list[Finding]:
    estate = estate_from_template(document, cloud=CLOUDS[cloud])
    return [each for each in evaluate(estate, preset="strict") if each.rule == rule]


def kinds(rule: str, document: dict[str, Any], cloud: str = "public") -> set[str]:
    return {each.kind for each in found(rule, document, cloud)}


TIED = (
    "https://kv-acr.vault.azure.net/keys/acr",
    "[concat('https://kv-acr', environment().suffixes.keyvaultDns, '/keys/acr')]",
    "[concat(reference(resourceId('Microsoft.KeyVault/vaults', 'kv-acr'), '2023-07-01').vaultUri, 'keys/acr')]",
    "[concat(reference(resourceId('Microsoft.KeyVault/vaults', 'KV-acr')).vaultUri, 'keys/acr')]",
    "[concat(reference('kv-acr').vaultUri, 'keys/acr')]",
    "[reference(resourceId('Microsoft.KeyVault/vaults/keys', 'kv-acr', 'acr'), '2023-07-01').keyUri]",
    "[concat(reference(resourceId('Microsoft.KeyVault/vaults', 'kv-acr'), '1', 'Full').properties.vaultUri, 'keys/a')]",
)


@pytest.mark.parametrize("identifier", TIED)
def test_a_key_is_tied_to_the_vault_of_its_template_however_it_is_written(identifier: str) -> None:
    (unsafe,) = found("cmk-sound", template(with_key(identifier), vault(protected=False)))
    assert unsafe.kind == "violation"
    assert unsafe.mandatory
    assert "'kv-acr', which has no purge protection" in unsafe.message
    assert kinds("cmk-sound", template(with_key(identifier), vault(protected=True))) == set()


def test_a_key_is_tied_by_symbolic_names_too() -> None:
    for identifier in ("[concat(reference('store').vaultUri, 'keys/acr')]", "[reference('key').keyUri]"):
        for protected, expected in ((False, {"violation"}), (True, set())):
            key = {"type": "Microsoft.KeyVault/vaults/keys", "apiVersion": "2023-07-01", "name": "kv-acr/acr"}
            document = template(languageVersion="2.0")
            document["resources"] = {"acr": with_key(identifier), "store": vault(protected), "key": key}
            assert kinds("cmk-sound", document) == expected


def test_a_key_uri_with_its_version_is_a_pinned_version() -> None:
    identifier = "[reference(resourceId('Microsoft.KeyVault/vaults/keys', 'kv-acr', 'acr')).keyUriWithVersion]"
    (pinned,) = found("cmk-sound", template(with_key(identifier), vault(protected=True)))
    assert "pins a version of its key" in pinned.message


# learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates, DNS suffixes for object identifiers.
@pytest.mark.parametrize(
    ("cloud", "host"),
    [("public", "vault.azure.net"), ("usgov", "vault.usgovcloudapi.net"), ("china", "vault.azure.cn")],
)
def test_a_vault_has_the_host_name_of_its_cloud(cloud: str, host: str) -> None:
    document = {
        "variables": {
            "suffix": "[environment().suffixes.keyvaultDns]",
            "uri": "[reference(resourceId('Microsoft.KeyVault/vaults', 'kv-acr')).vaultUri]",
        },
        "resources": [{**registry(), "tags": {"suffix": "[variables('suffix')]", "uri": "[variables('uri')]"}}],
    }
    estate = estate_from_template(document, cloud=CLOUDS[cloud])
    (made,) = (each for each in estate.resources if each.name == "contoso")
    assert made.get("tags") == {"suffix": f".{host}", "uri": f"https://kv-acr.{host}/"}


@pytest.mark.parametrize("identifier", ["[parameters('asked')]", "[concat(parameters('asked'), '/keys/acr')]"])
def test_a_key_that_may_be_in_an_unprotected_vault_is_undetermined(identifier: str) -> None:
    (said,) = found("cmk-sound", template(with_key(identifier), vault(protected=False)))
    assert said.kind == "undetermined"
    assert "whether its key is in the vault 'kv-acr', which has no purge protection, is not known yet" in said.message
    (said,) = found("cmk-sound", template(with_key(identifier), vault("[parameters('asked')]")))
    assert "whose purge protection cannot be told" in said.message
    assert kinds("cmk-sound", template(with_key(identifier), vault(protected=True))) == set()
    assert kinds("cmk-sound", template(with_key(identifier))) == set()


def test_a_vault_whose_name_nobody_knows_may_be_the_one_that_holds_the_key() -> None:
    literal = with_key("https://kv-acr.vault.azure.net/keys/acr")
    unnamed = "[parameters('asked')]"
    assert kinds("cmk-sound", template(literal, vault(protected=False, name=unnamed))) == {"undetermined"}
    assert kinds("cmk-sound", template(literal, vault(protected=True, name=unnamed))) == set()
    assert kinds("cmk-sound", template(literal, vault(protected=False, name="elsewhere"))) == set()


ACR = f"/providers/{REGISTRY}/contoso"
NETWORKS = "Microsoft.Network/virtualNetworks"
ZONE = "Microsoft.Network/privateDnsZones"


def lock(level: Any) -> dict[str, Any]:
    body = {"type": "Microsoft.Authorization/locks", "apiVersion": "2020-05-01", "name": "keep", "scope": ACR}
    return {**body, "properties": {"level": level}}


def network(prefix: Any = "10.1.0.0/27", name: Any = "pe", **more: Any) -> dict[str, Any]:
    subnets = [{"name": name, "properties": {"addressPrefix": prefix}}]
    return {"type": NETWORKS, "name": "hub", "properties": {"subnets": subnets}, **more}


def endpoint(connections: Any = None, subnet: Any = f"/providers/{NETWORKS}/hub/subnets/pe") -> dict[str, Any]:
    led = [{"name": "acr", "properties": {"privateLinkServiceId": ACR, "groupIds": ["registry"]}}]
    properties = {
        "subnet": {"id": subnet},
        "privateLinkServiceConnections": led if connections is None else connections,
    }
    return {"type": "Microsoft.Network/privateEndpoints", "name": "pe-acr", "properties": properties}


def test_a_lock_of_unknown_level_is_undetermined() -> None:
    assert kinds("delete-lock", template(registry(), lock("[parameters('asked')]"))) == {"undetermined"}
    assert kinds("delete-lock", template(registry(), {**lock(""), "properties": "[parameters('asked')]"})) == {
        "undetermined"
    }
    assert kinds("delete-lock", template(registry(), lock("CanNotDelete"))) == set()
    assert kinds("delete-lock", template(registry(), lock("[parameters('asked')]"), lock("ReadOnly"))) == set()
    assert kinds("delete-lock", template(registry(), lock("NotSpecified"))) == {"violation"}


def test_a_private_zone_of_unknown_name_is_undetermined_beside_an_endpoint_of_a_registry() -> None:
    unnamed = {"type": ZONE, "name": "[parameters('asked')]"}
    assert kinds("zone-name", template(registry(), endpoint(), unnamed)) == {"undetermined"}
    assert kinds("zone-name", template(registry(), unnamed)) == set()
    assert kinds("zone-name", template(registry(), endpoint(), {**unnamed, "name": "privatelink.azurecr.io"})) == set()


@pytest.mark.parametrize(
    "unknown",
    [
        (network(), endpoint(subnet="[parameters('asked')]")),
        (network("[parameters('asked')]"), endpoint()),
        (network(name="[parameters('asked')]"), endpoint()),
        ({**network(), "name": "[parameters('asked')]"}, endpoint()),
        ({**network(), "properties": {"subnets": "[parameters('askedList')]"}}, endpoint()),
        ({**network(), "properties": "[parameters('askedList')]"}, endpoint()),
    ],
)
def test_an_unknown_subnet_is_undetermined(unknown: tuple[dict[str, Any], ...]) -> None:
    assert kinds("endpoint-subnet-room", template(registry(), *unknown)) == {"undetermined"}


def test_a_subnet_that_is_known_or_of_another_template_is_not() -> None:
    elsewhere = f"/subscriptions/s/resourceGroups/g/providers/{NETWORKS}/spoke/subnets/pe"
    assert kinds("endpoint-subnet-room", template(registry(), endpoint(), network())) == set()
    assert kinds("endpoint-subnet-room", template(registry(), endpoint(subnet=elsewhere), network())) == set()
    assert kinds("endpoint-subnet-room", template(registry(), endpoint(subnet="[parameters('asked')]"))) == set()
    assert kinds("endpoint-subnet-room", template(registry(), endpoint(), network("10.1.0.0/30"))) == {"violation"}


@pytest.mark.parametrize(
    "connections",
    [
        "[parameters('askedList')]",
        ["[parameters('asked')]"],
        [{"name": "acr", "properties": "[parameters('asked')]"}],
        [{"properties": {"privateLinkServiceId": "[parameters('asked')]", "groupIds": "[parameters('askedList')]"}}],
    ],
)
def test_connections_that_nobody_knows_may_lead_to_the_registry(connections: Any) -> None:
    (said,) = found("private-endpoint", template(registry(), endpoint(connections)))
    assert said.kind == "undetermined"
    assert "which registry a private endpoint leads to" in said.message


@pytest.mark.parametrize(
    "connections",
    [
        [],
        [{"properties": {"privateLinkServiceId": "[parameters('asked')]", "groupIds": ["vault"]}}],
        [{"properties": {"privateLinkServiceId": "/providers/Microsoft.KeyVault/vaults/v", "groupIds": "[json(1)]"}}],
    ],
)
def test_connections_to_something_else_do_not(connections: Any) -> None:
    assert kinds("private-endpoint", template(registry(), endpoint(connections))) == {"violation"}


def test_a_diagnostic_setting_that_may_log_is_undetermined() -> None:
    def logged(*logs: Any) -> dict[str, Any]:
        body = {"type": "Microsoft.Insights/diagnosticSettings", "name": "audit", "scope": ACR}
        return template(registry(), {**body, "properties": {"workspaceId": "/w", "logs": list(logs)}})

    assert kinds("audit-logs", logged("[parameters('asked')]")) == {"undetermined"}
    maybe = {"categoryGroup": "audit", "enabled": "[parameters('asked')]"}
    assert kinds("audit-logs", logged(maybe)) == {"undetermined"}
    assert kinds("audit-logs", logged({**maybe, "enabled": True})) == set()
    assert kinds("audit-logs", logged({**maybe, "enabled": False})) == {"violation"}


UNNAMED = "[parameters('asked')]"
WRITTEN = "/subscriptions/s/resourceGroups/g" + ACR


def zone_group(name: str) -> dict[str, Any]:
    zone = f"/providers/{ZONE}/privatelink.azurecr.io"
    configs = [{"name": "acr", "properties": {"privateDnsZoneId": zone}}]
    body = {"type": "Microsoft.Network/privateEndpoints/privateDnsZoneGroups", "name": name}
    return {**body, "properties": {"privateDnsZoneConfigs": configs}}


@pytest.mark.parametrize(
    ("endpoint_name", "group_name", "expected"),
    [
        (UNNAMED, "pe-acr/default", {"undetermined"}),
        (UNNAMED, "[concat(parameters('asked'), '/default')]", {"undetermined"}),
        ("pe-acr", "[concat(parameters('asked'), '/default')]", {"undetermined"}),
        ("pe-acr", "pe-acr/default", set()),
        ("pe-acr", "elsewhere/default", {"violation"}),
    ],
)
def test_a_zone_group_that_may_be_of_the_endpoint_is_undetermined(
    endpoint_name: str, group_name: str, expected: set[str]
) -> None:
    document = template(registry(), {**endpoint(), "name": endpoint_name}, zone_group(group_name))
    assert kinds("zone-group", document) == expected
    assert kinds("zone-group", template(registry(), {**endpoint(), "name": UNNAMED})) == {"violation"}


def test_a_zone_group_of_another_endpoint_does_not_excuse_one_whose_name_is_known() -> None:
    unnamed = {**endpoint(), "name": UNNAMED}
    said = found("zone-group", template(registry(), endpoint(), unnamed, zone_group("elsewhere/default")))
    assert {(each.resource, each.kind) for each in said} == {("pe-acr", "violation"), (UNNAMED, "undetermined")}


def audit(scope: str) -> dict[str, Any]:
    logs = [{"categoryGroup": "audit", "enabled": True}]
    body = {"type": "Microsoft.Insights/diagnosticSettings", "name": "audit", "scope": scope}
    return {**body, "properties": {"workspaceId": "/w", "logs": logs}}


def led_to(registry_id: str) -> dict[str, Any]:
    return endpoint([{"name": "acr", "properties": {"privateLinkServiceId": registry_id, "groupIds": ["registry"]}}])


TIES = {
    "delete-lock": lambda scope: {**lock("CanNotDelete"), "scope": scope},
    "audit-logs": audit,
    "private-endpoint": led_to,
    "geo-replicated": lambda scope: {
        "type": f"{REGISTRY}/replications",
        "name": f"{scope.rpartition('/')[2]}/northeurope",
        "location": "northeurope",
    },
}


@pytest.mark.parametrize("rule", TIES)
@pytest.mark.parametrize("scope", [ACR, WRITTEN])
def test_what_names_a_registry_in_letters_may_mean_one_whose_name_nobody_knows(rule: str, scope: str) -> None:
    tied = TIES[rule](scope)
    unnamed = {**registry(), "name": UNNAMED}
    assert kinds(rule, template(unnamed, tied)) == {"undetermined"}
    assert kinds(rule, template(registry(), tied)) == set()
    assert kinds(rule, template(unnamed)) == {"violation"}
    other = {**registry(), "name": "fabrikam"}
    assert {(f.resource, f.kind) for f in found(rule, template(other, unnamed, tied))} == {
        ("fabrikam", "violation"),
        (UNNAMED, "undetermined"),
    }


@pytest.mark.parametrize(
    ("network_of", "expected"),
    [
        ({"id": UNNAMED}, {"undetermined"}),
        ({"id": "[resourceId('Microsoft.Network/virtualNetworks', parameters('asked'))]"}, {"undetermined"}),
        (UNNAMED, {"undetermined"}),
        ({"id": f"/providers/{NETWORKS}/hub"}, set()),
        ({"id": "[resourceId('Microsoft.Network/virtualNetworks', 'hub')]"}, set()),
    ],
)
def test_a_zone_link_to_an_unknown_network_is_undetermined(network_of: Any, expected: set[str]) -> None:
    def linked(zone: str) -> dict[str, Any]:
        body = {"type": f"{ZONE}/virtualNetworkLinks", "name": f"{zone}/hub"}
        link = {**body, "properties": {"registrationEnabled": False, "virtualNetwork": network_of}}
        return template(registry(), endpoint(), {"type": ZONE, "name": zone}, link)

    assert kinds("zone-linked", linked("privatelink.azurecr.io")) == expected
    assert kinds("zone-linked", linked("privatelink.vaultcore.azure.net")) == set()
