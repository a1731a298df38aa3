"""Locks, roles, identities, vaults and keys, workspaces, diagnostic settings, Defender plans."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from localcloud.model import Cloud, Refused

from tests.localcloud.model_estate import (
    ACR_PULL,
    GROUP,
    PRINCIPAL,
    REGISTRY,
    SUBSCRIPTION,
    TENANT_GUID,
    VAULT,
    WORKSPACE,
    Case,
    Estate,
    several,
)

R, LOCK, ROLE = "containerregistry:Registry", "authorization:ManagementLockByScope", "authorization:RoleAssignment"
VAULT_TYPE, KEY, LOGS, DIAGNOSTICS = (
    "keyvault:Vault",
    "keyvault:Key",
    "operationalinsights:Workspace",
    "monitor:DiagnosticSetting",
)
PRICING = "security:Pricing"
ROLE_ID = f"{REGISTRY}/providers/Microsoft.Authorization/roleAssignments/55555555-5555-5555-5555-555555555555"
DIAGNOSTICS_ID = f"{REGISTRY}/providers/Microsoft.Insights/diagnosticSettings/to-logs"
ANOTHER = "66666666-6666-6666-6666-666666666666"


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return Estate(Cloud.open(tmp_path / "cloud.sqlite"))


def properties(**changed: Any) -> dict[str, Any]:
    usual = {
        "tenantId": TENANT_GUID,
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
        **changed,
    }
    return {"properties": usual}


REGISTRY_ONLY = several(R)
LOGGED = several(R, LOGS)

CASES = [
    Case("lock on nothing", LOCK, {}, "parent resource", "ParentResourceNotFound", 404),
    Case("lock", LOCK, {}, before=REGISTRY_ONLY),
    Case("lock on the subscription", LOCK, {"scope": f"/subscriptions/{SUBSCRIPTION}"}),
    Case("lock level", LOCK, {"level": "NotSpecified"}, "must be CanNotDelete or ReadOnly", before=REGISTRY_ONLY),
    Case("lock notes", LOCK, {"notes": "x" * 513}, "at most 512", before=REGISTRY_ONLY),
    Case("role", ROLE, {}, before=REGISTRY_ONLY),
    Case("role on nothing", ROLE, {}, "parent resource", "ParentResourceNotFound", 404),
    Case("role name", ROLE, {"roleAssignmentName": "pull"}, "must be a GUID", before=REGISTRY_ONLY),
    Case(
        "role definition",
        ROLE,
        {"roleDefinitionId": "AcrPull"},
        "is not the id of a role definition",
        before=REGISTRY_ONLY,
    ),
    Case("principal", ROLE, {"principalId": "me"}, "principalId 'me' must be a GUID", before=REGISTRY_ONLY),
    Case("condition without version", ROLE, {"condition": "@Resource"}, "conditionVersion", before=REGISTRY_ONLY),
    Case("condition", ROLE, {"condition": "@Resource", "conditionVersion": "2.0"}, before=REGISTRY_ONLY),
    Case(
        "role granted twice",
        ROLE,
        {"roleAssignmentName": ANOTHER, "roleDefinitionId": f"/subscriptions/{SUBSCRIPTION}{ACR_PULL}"},
        "The role assignment already exists.",
        "RoleAssignmentExists",
        409,
        before=several(R, ROLE),
    ),
    Case(
        "role granted to another",
        ROLE,
        {"roleAssignmentName": ANOTHER, "principalId": ANOTHER},
        before=several(R, ROLE),
    ),
    Case(
        "role's principal changed",
        ROLE,
        {"principalId": ANOTHER},
        "are not allowed to be updated",
        "RoleAssignmentUpdateNotPermitted",
        before=several(R, ROLE),
        target=ROLE_ID,
    ),
    Case("role's description changed", ROLE, {"description": "pull"}, before=several(R, ROLE), target=ROLE_ID),
    Case("identity name", "managedidentity:UserAssignedIdentity", {"resourceName": "a"}, "3 to 128"),
    Case("identity", "managedidentity:UserAssignedIdentity"),
    Case("vault", VAULT_TYPE),
    Case("vault name", VAULT_TYPE, {"vaultName": "my--vault"}, "have no '--'"),
    Case(
        "vault name taken",
        VAULT_TYPE,
        {"resourceGroupName": "rg2"},
        "already in use",
        "VaultAlreadyExists",
        409,
        before=lambda e: (e.make(VAULT_TYPE), e.make("resources:ResourceGroup", resourceGroupName="rg2")),
    ),
    Case(
        "purge protection off",
        VAULT_TYPE,
        properties(enablePurgeProtection=False),
        "cannot be set to false",
        "BadRequest",
    ),
    Case("soft delete days", VAULT_TYPE, properties(softDeleteRetentionInDays=6), "it must be 7 to 90"),
    Case(
        "soft delete days changed",
        VAULT_TYPE,
        properties(softDeleteRetentionInDays=30),
        "has been set already",
        "BadRequest",
        before=several(VAULT_TYPE),
        target=VAULT,
    ),
    Case(
        "soft delete off",
        VAULT_TYPE,
        properties(enableSoftDelete=False),
        "cannot be switched off",
        before=several(VAULT_TYPE),
        target=VAULT,
    ),
    Case("tenant", VAULT_TYPE, properties(tenantId="mine"), "properties.tenantId 'mine' must be a GUID"),
    Case(
        "vault without access",
        VAULT_TYPE,
        properties(enableRbacAuthorization=False),
        "properties.accessPolicies is missing",
    ),
    Case("vault with policies", VAULT_TYPE, properties(enableRbacAuthorization=False, accessPolicies=[])),
    Case("key", KEY, {}, before=several(VAULT_TYPE)),
    Case("key without vault", KEY, {}, "parent resource", "ParentResourceNotFound", 404),
    Case(
        "key size",
        KEY,
        {"properties": {"kty": "RSA", "keySize": 1024}},
        "it must be 2048, 3072, 4096",
        before=several(VAULT_TYPE),
    ),
    Case(
        "HSM key",
        KEY,
        {"properties": {"kty": "RSA-HSM"}},
        "needs a vault with the SKU premium",
        before=several(VAULT_TYPE),
    ),
    Case(
        "key's tags changed",
        KEY,
        {"tags": {"a": "b"}},
        before=several(VAULT_TYPE, KEY),
        target=f"{VAULT}/keys/registry",
    ),
    Case("workspace", LOGS),
    Case("workspace retention", LOGS, {"retentionInDays": 10}, "it must be 30 to 730"),
    Case("diagnostics", DIAGNOSTICS, {}, before=LOGGED),
    Case(
        "diagnostics of nothing",
        DIAGNOSTICS,
        {},
        "parent resource",
        "ParentResourceNotFound",
        404,
        before=several(LOGS),
    ),
    Case("diagnostics to nowhere", DIAGNOSTICS, {"workspaceId": None}, "has no destination", before=LOGGED),
    Case("diagnostics to nothing", DIAGNOSTICS, {}, "was not found", "InvalidResourceReference", before=REGISTRY_ONLY),
    Case(
        "diagnostics of an unknown category",
        DIAGNOSTICS,
        {"logs": [{"category": "Pulls", "enabled": True}]},
        "Category 'Pulls' is not supported.",
        "BadRequest",
        before=LOGGED,
    ),
    Case(
        "diagnostics of a group", DIAGNOSTICS, {"logs": [{"categoryGroup": "allLogs", "enabled": True}]}, before=LOGGED
    ),
    Case(
        "diagnostics of nothing enabled",
        DIAGNOSTICS,
        {"logs": [{"categoryGroup": "allLogs", "enabled": False}]},
        "sends nothing",
        before=LOGGED,
    ),
    Case(
        "diagnostics twice to one workspace",
        DIAGNOSTICS,
        {"name": "again"},
        "Data sink",
        "Conflict",
        409,
        before=several(R, LOGS, DIAGNOSTICS),
    ),
    Case(
        "other diagnostics to one workspace",
        DIAGNOSTICS,
        {"name": "again", "logs": [{"category": "ContainerRegistryRepositoryEvents", "enabled": True}]},
        before=several(R, LOGS, DIAGNOSTICS),
    ),
    Case("Defender plan", PRICING),
    Case("unknown Defender plan", PRICING, {"pricingName": "Ships"}, "is not a plan"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rule(estate: Estate, case: Case) -> None:
    case.run(estate)


class TestLocks:
    @pytest.mark.parametrize("level", ["CanNotDelete", "ReadOnly"])
    @pytest.mark.parametrize("scope", [REGISTRY, GROUP, f"/subscriptions/{SUBSCRIPTION}"])
    def test_what_is_locked_cannot_be_deleted(self, estate: Estate, level: str, scope: str) -> None:
        estate.make(R)
        lock = estate.make(LOCK, scope=scope, level=level)
        with pytest.raises(Refused, match="cannot perform delete operation because following scope") as caught:
            estate.delete(R, REGISTRY)
        assert (caught.value.status, caught.value.code) == (409, "ScopeLocked")
        assert f"'{scope}'" in caught.value.problems[0]
        estate.delete(LOCK, lock.id)
        estate.delete(R, REGISTRY)
        assert estate.gone(R, REGISTRY)

    def test_what_holds_something_locked_cannot_be_deleted(self, estate: Estate) -> None:
        several(R, LOCK)(estate)
        with pytest.raises(Refused, match="are locked") as caught:
            estate.delete("resources:ResourceGroup", GROUP)
        assert caught.value.code == "ScopeLocked"
        assert not estate.gone(R, REGISTRY)

    def test_a_delete_lock_lets_changes_pass_and_a_read_only_lock_does_not(self, estate: Estate) -> None:
        several(R, LOCK)(estate)
        estate.change(R, REGISTRY, adminUserEnabled=True)
        estate.make("containerregistry:Replication")
        estate.make(LOCK, scope=GROUP, lockName="freeze", level="ReadOnly")
        with pytest.raises(Refused, match="cannot perform write operation"):
            estate.change(R, REGISTRY)
        with pytest.raises(Refused, match="cannot perform write operation"):
            estate.make("containerregistry:Replication", replicationName="eastus", location="eastus")
        with pytest.raises(Refused, match="cannot perform write operation"):
            estate.make(ROLE)

    def test_a_lock_on_a_neighbour_means_nothing(self, estate: Estate) -> None:
        estate.make(R)
        other = estate.make(R, registryName="contoso2")
        estate.make(LOCK)
        estate.delete(R, other.id)

    def test_each_level_has_the_same_id(self, estate: Estate) -> None:
        estate.make(R)
        made = estate.make(
            "authorization:ManagementLockAtResourceLevel",
            resourceGroupName="rg",
            resourceProviderNamespace="Microsoft.ContainerRegistry",
            parentResourcePath="",
            resourceType="registries",
            resourceName="contoso",
            lockName="keep",
            level="CanNotDelete",
            apiVersion="2023-01-01-preview",
        )
        assert made.id == f"{REGISTRY}/providers/Microsoft.Authorization/locks/keep"
        assert made.outputs["type"] == "Microsoft.Authorization/locks"
        assert "apiVersion" not in made.outputs
        with pytest.raises(Refused, match="already existing"):
            estate.make(LOCK)

    def test_levels_of_group_and_subscription(self, estate: Estate) -> None:
        level = {"lockName": "keep", "level": "CanNotDelete"}
        group = estate.make("authorization:ManagementLockAtResourceGroupLevel", resourceGroupName="rg", **level)
        subscription = estate.make("authorization:ManagementLockAtSubscriptionLevel", **level)
        assert group.id == f"{GROUP}/providers/Microsoft.Authorization/locks/keep"
        assert subscription.id == f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/locks/keep"


def test_an_identity_has_the_same_ids_in_every_rehearsal(estate: Estate, tmp_path: Path) -> None:
    first = estate.make("managedidentity:UserAssignedIdentity").outputs
    second = Estate(Cloud.open(tmp_path / "another.sqlite")).make("managedidentity:UserAssignedIdentity").outputs
    assert first["principalId"] == second["principalId"]
    assert len({first["clientId"], first["principalId"], first["tenantId"]}) == 3


def test_a_vault_keeps_its_purge_protection(estate: Estate) -> None:
    made = estate.make(VAULT_TYPE)
    assert made.outputs["properties"]["vaultUri"] == "https://keys.vault.azure.net/"
    changed = estate.change(VAULT_TYPE, VAULT, **properties(createMode="default"))
    assert changed.outputs["properties"]["enablePurgeProtection"] is True
    assert "createMode" not in changed.outputs["properties"]


def test_a_key_has_addresses_with_and_without_version(estate: Estate) -> None:
    several(VAULT_TYPE, KEY)(estate)
    shown = estate.read(KEY, f"{VAULT}/keys/registry")
    assert shown["keyUri"] == "https://keys.vault.azure.net/keys/registry"
    assert shown["keyUriWithVersion"].startswith(shown["keyUri"] + "/")
    assert (shown["kty"], shown["keySize"]) == ("RSA", 3072)


def test_a_put_for_a_key_that_is_there_writes_nothing(estate: Estate) -> None:
    """Keys_CreateIfNotExist in Azure's keys.json (2024-11-01) "does not update existing keys"."""
    several(VAULT_TYPE, KEY)(estate)
    before = estate.read(KEY, f"{VAULT}/keys/registry")
    changed = {"properties": {"kty": "RSA", "keySize": 4096}, "tags": {"a": "b"}}
    assert estate.change(KEY, f"{VAULT}/keys/registry", **changed).outputs == before
    assert estate.read(KEY, f"{VAULT}/keys/registry") == before
    with pytest.raises(Refused, match="keySize is 1024"):
        estate.change(KEY, f"{VAULT}/keys/registry", properties={"kty": "RSA", "keySize": 1024})


def test_a_sixth_diagnostic_setting_is_refused(estate: Estate) -> None:
    LOGGED(estate)
    for n in range(5):
        estate.make(DIAGNOSTICS, name=f"to-{n}", workspaceId=None, storageAccountId=f"{GROUP}/storage{n}")
    with pytest.raises(Refused, match="has 5 diagnostic settings"):
        estate.make(DIAGNOSTICS, name="to-6", workspaceId=None, storageAccountId=f"{GROUP}/storage6")


def test_extensions_have_the_id_of_what_they_extend(estate: Estate) -> None:
    several(R, LOGS, DIAGNOSTICS, ROLE)(estate)
    assert estate.read(DIAGNOSTICS, DIAGNOSTICS_ID)["workspaceId"] == WORKSPACE
    shown = estate.read(ROLE, ROLE_ID)
    assert (shown["scope"], shown["principalId"]) == (REGISTRY, PRINCIPAL)
    assert shown["createdOn"]
    estate.delete(R, REGISTRY)
    assert estate.gone(DIAGNOSTICS, DIAGNOSTICS_ID)
    assert estate.gone(ROLE, ROLE_ID)
