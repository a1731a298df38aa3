"""Rules of registries and what is in them: a refusing and an accepting case for each."""

from __future__ import annotations

from pathlib import Path

import pytest
from localcloud.model import Cloud, Refused, ids

from tests.localcloud.model_estate import (
    GROUP,
    IDENTITY,
    OTHER_SUBSCRIPTION,
    REGISTRY,
    SUBNET,
    VAULT,
    Case,
    Estate,
    several,
)

R, REPLICA = "containerregistry:Registry", "containerregistry:Replication"
BASIC, STANDARD = {"name": "Basic"}, {"name": "Standard"}
CLIENT = ids.guid(ids.key(IDENTITY), "client")  # the client id that the cloud gives the estate's identity
OFF, ON = {"status": "disabled"}, {"status": "enabled"}


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return Estate(Cloud.open(tmp_path / "cloud.sqlite"))


def encrypted(identifier: str = "https://keys.vault.azure.net/keys/registry") -> dict[str, object]:
    """The inputs of a registry with a customer-managed key, as the estate's identity can use it."""
    return {
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}},
        "encryption": {"status": "enabled", "keyVaultProperties": {"keyIdentifier": identifier, "identity": CLIENT}},
    }


KEY = several("managedidentity:UserAssignedIdentity", "keyvault:Vault", "keyvault:Key")


def open_registry(estate: Estate) -> None:
    estate.make(R)


def closed_without_exports(estate: Estate) -> None:
    estate.make(R, publicNetworkAccess="Disabled", policies={"exportPolicy": OFF})


def with_endpoint(estate: Estate) -> None:
    several(R, "network:VirtualNetwork", "network:Subnet", "network:PrivateEndpoint")(estate)


def trusting(estate: Estate) -> None:
    """A registry that had content trust before it was closed to new ones."""
    estate.make(R)
    estate.cloud.set(REGISTRY, "policies.trustPolicy.status", "enabled")


CASES = [
    Case("name too short", R, {"registryName": "acr"}, "5 to 50 letters and digits"),
    Case("name with a dash", R, {"registryName": "contoso-prod"}, "5 to 50 letters and digits"),
    Case("name of 50", R, {"registryName": "a" * 50}),
    Case(
        "name taken",
        R,
        {"registryName": "CONTOSO", "resourceGroupName": "rg2"},
        "already in use",
        "AlreadyInUse",
        409,
        before=lambda e: (e.make(R), e.make("resources:ResourceGroup", resourceGroupName="rg2")),
    ),
    Case(
        "public access off on Basic",
        R,
        {"sku": BASIC, "publicNetworkAccess": "Disabled"},
        "not supported for the SKU Basic. For more information, please visit https://aka.ms/acr/private-link.",
        "DisablingPublicNetworkAccessNotSupported",
    ),
    Case("public access off on Premium", R, {"publicNetworkAccess": "Disabled"}),
    Case(
        "data endpoints on Standard",
        R,
        {"sku": STANDARD, "dataEndpointEnabled": True},
        "data endpoint rule is not supported for the SKU Standard",
        "NetworkRuleNotSupported",
    ),
    Case("data endpoints on Premium", R, {"dataEndpointEnabled": True}),
    Case(
        "IP rules on Basic",
        R,
        {"sku": BASIC, "networkRuleSet": {"defaultAction": "Deny"}},
        "virtual network rule is not supported for the SKU Basic",
        "NetworkRuleNotSupported",
    ),
    Case("no IP rules on Basic", R, {"sku": BASIC, "networkRuleSet": {"defaultAction": "Allow"}}),
    Case(
        "IP rules on Premium",
        R,
        {
            "networkRuleSet": {
                "defaultAction": "Deny",
                "ipRules": [{"iPAddressOrRange": "203.0.113.0/24"}, {"iPAddressOrRange": "198.51.100.7"}],
            }
        },
    ),
    Case(
        "IP rule that is none",
        R,
        {"networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"iPAddressOrRange": "203.0.113.0/33"}]}},
        "'203.0.113.0/33' is not an IPv4 address",
    ),
    Case(
        "too many IP rules",
        R,
        {
            "networkRuleSet": {
                "defaultAction": "Deny",
                "ipRules": [{"iPAddressOrRange": f"203.0.{n // 250}.{n % 250}"} for n in range(201)],
            }
        },
        "at most 200",
    ),
    Case(
        "retention on Standard", R, {"sku": STANDARD, "policies": {"retentionPolicy": ON}}, "the retention policy needs"
    ),
    Case("retention on Premium", R, {"policies": {"retentionPolicy": {"status": "enabled", "days": 30}}}),
    Case("retention too long", R, {"policies": {"retentionPolicy": {"status": "enabled", "days": 366}}}, "0 to 365"),
    Case("quarantine on Basic", R, {"sku": BASIC, "policies": {"quarantinePolicy": ON}}, "quarantine needs"),
    Case("zone redundancy on Basic", R, {"sku": BASIC, "zoneRedundancy": "Enabled"}, "zone redundancy needs"),
    Case(
        "zone redundancy without zones",
        R,
        {"location": "westus", "zoneRedundancy": "Enabled"},
        "not supported for the selected location westus",
        "ZoneRedundancyNotSupported",
    ),
    Case("zone redundancy with zones", R, {"zoneRedundancy": "Enabled"}),
    Case("anonymous pull on Basic", R, {"sku": BASIC, "anonymousPullEnabled": True}, "anonymous pull needs"),
    Case("anonymous pull on Standard", R, {"sku": STANDARD, "anonymousPullEnabled": True}),
    Case("exports off on Basic", R, {"sku": BASIC, "policies": {"exportPolicy": OFF}}, "switching exports off needs"),
    Case(
        "exports off while open",
        R,
        {"policies": {"exportPolicy": OFF}},
        "public network access must also be disabled",
        "DisableExport_PublicNetworkAccessMustBeDisabled",
        409,
    ),
    Case("exports off while closed", R, {"policies": {"exportPolicy": OFF}, "publicNetworkAccess": "Disabled"}),
    Case(
        "opened again without exports",
        R,
        {"publicNetworkAccess": "Enabled", "policies": {"exportPolicy": OFF}},
        "Enabling public network access is not supported because the registry 'contoso' has exports disabled.",
        "BadRequest",
        before=closed_without_exports,
        target=REGISTRY,
    ),
    Case(
        "opened again with exports",
        R,
        {"publicNetworkAccess": "Enabled"},
        before=closed_without_exports,
        target=REGISTRY,
    ),
    Case(
        "soft delete and retention", R, {"policies": {"softDeletePolicy": ON, "retentionPolicy": ON}}, "cannot both be"
    ),
    Case("soft delete alone", R, {"policies": {"softDeletePolicy": {"status": "enabled", "retentionDays": 90}}}),
    Case(
        "soft delete too long",
        R,
        {"policies": {"softDeletePolicy": {"status": "enabled", "retentionDays": 91}}},
        "1 to 90",
    ),
    Case(
        "soft delete with a replica",
        R,
        {"policies": {"softDeletePolicy": ON}},
        "has replications",
        before=several(R, REPLICA),
        target=REGISTRY,
    ),
    Case(
        "replica with soft delete",
        REPLICA,
        {},
        "soft delete policy",
        before=lambda e: e.make(R, policies={"softDeletePolicy": ON}),
    ),
    Case(
        "content trust newly enabled",
        R,
        {"policies": {"trustPolicy": ON}},
        "since 2026-05-31",
        "ContentTrustUnsupported",
    ),
    Case("content trust kept", R, {"policies": {"trustPolicy": ON}}, before=trusting, target=REGISTRY),
    Case("content trust given up", R, {}, before=trusting, target=REGISTRY),
    Case(
        "downgrade with a replica",
        R,
        {"sku": STANDARD},
        "cannot become Standard while it has 1 replications",
        before=several(R, REPLICA),
        target=REGISTRY,
    ),
    Case(
        "downgrade with an endpoint",
        R,
        {"sku": STANDARD},
        "while it has 1 private endpoints",
        before=with_endpoint,
        target=REGISTRY,
    ),
    Case("downgrade alone", R, {"sku": STANDARD}, before=open_registry, target=REGISTRY),
    Case(
        "zone redundancy changed",
        R,
        {"zoneRedundancy": "Enabled"},
        "cannot be changed after creation",
        before=open_registry,
        target=REGISTRY,
    ),
    Case(
        "location changed",
        R,
        {"location": "westus2"},
        "A resource with the same name cannot be created in location 'westus2'",
        "InvalidResourceLocation",
        409,
        before=open_registry,
        target=REGISTRY,
    ),
    Case(
        "unknown region",
        R,
        {"location": "japannorth"},
        "is not available for resource type",
        "LocationNotAvailableForResourceType",
    ),
    Case("no location", R, {"location": None}, "location property is required", "LocationRequired"),
    Case(
        "unknown identity",
        R,
        {"identity": {"type": "UserAssigned", "userAssignedIdentities": {f"{IDENTITY}x": {}}}},
        "was not found",
        "InvalidResourceReference",
    ),
    # replications
    Case(
        "replica of Standard",
        REPLICA,
        {},
        "Geo-replication needs the SKU Premium",
        before=lambda e: e.make(R, sku=STANDARD),
    ),
    Case("replica of nothing", REPLICA, {}, "parent resource", "ParentResourceNotFound", 404),
    Case("replica of Premium", REPLICA, {}, before=open_registry),
    Case("home replica", REPLICA, {"replicationName": "japaneast", "location": "Japan East"}, before=open_registry),
    Case("replica name", REPLICA, {"replicationName": "west-us"}, "5 to 50 letters and digits", before=open_registry),
    Case(
        "second replica of a region",
        REPLICA,
        {"replicationName": "another"},
        "has a replication in 'westus2' already",
        before=several(R, REPLICA),
    ),
    Case(
        "replica without zones",
        REPLICA,
        {"replicationName": "westus", "location": "westus", "zoneRedundancy": "Enabled"},
        "not supported for the selected location westus",
        "ZoneRedundancyNotSupported",
        before=open_registry,
    ),
    Case(
        "replica's zones changed",
        REPLICA,
        {"zoneRedundancy": "Enabled"},
        "cannot be changed after creation",
        before=several(R, REPLICA),
        target=f"{REGISTRY}/replications/westus2",
    ),
    Case(
        "replica's tags changed",
        REPLICA,
        {"tags": {"a": "b"}},
        before=several(R, REPLICA),
        target=f"{REGISTRY}/replications/westus2",
    ),
    # what else is in a registry
    Case(
        "webhook elsewhere",
        "containerregistry:Webhook",
        {"location": "westus"},
        "must be a region of the registry",
        before=open_registry,
    ),
    Case(
        "webhook address",
        "containerregistry:Webhook",
        {"serviceUri": "ftp://example.com"},
        "http or https",
        before=open_registry,
    ),
    Case("webhook at a replica", "containerregistry:Webhook", {"location": "westus2"}, before=several(R, REPLICA)),
    Case(
        "cache rule without source",
        "containerregistry:CacheRule",
        {"sourceRepository": None},
        "sourceRepository",
        before=open_registry,
    ),
    Case(
        "cache rule, same target",
        "containerregistry:CacheRule",
        {"cacheRuleName": "again"},
        "already",
        before=several(R, "containerregistry:CacheRule"),
    ),
    Case(
        "cache rule, credentials missing",
        "containerregistry:CacheRule",
        {"credentialSetResourceId": f"{REGISTRY}/credentialSets/docker"},
        "was not found",
        "InvalidResourceReference",
        before=open_registry,
    ),
    Case(
        "cache rule with credentials",
        "containerregistry:CacheRule",
        {"credentialSetResourceId": f"{REGISTRY}/credentialSets/docker"},
        before=several(R, "containerregistry:CredentialSet"),
    ),
    Case(
        "credential set without secrets",
        "containerregistry:CredentialSet",
        {"authCredentials": [{"name": "Credential1"}]},
        "is not the id of a secret",
        before=open_registry,
    ),
    Case(
        "scope map action",
        "containerregistry:ScopeMap",
        {"actions": ["repositories/app/pull"]},
        "is not an action",
        before=open_registry,
    ),
    Case(
        "token without its map",
        "containerregistry:Token",
        {},
        "was not found",
        "InvalidResourceReference",
        before=open_registry,
    ),
    Case(
        "token of another registry",
        "containerregistry:Token",
        {"registryName": "another"},
        "of another registry",
        before=lambda e: (several(R, "containerregistry:ScopeMap")(e), e.make(R, registryName="another")),
    ),
    Case("token", "containerregistry:Token", {}, before=several(R, "containerregistry:ScopeMap")),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rule(estate: Estate, case: Case) -> None:
    case.run(estate)


def test_every_problem_of_one_request_is_told_at_once(estate: Estate) -> None:
    with pytest.raises(Refused) as caught:
        estate.make(
            R,
            registryName="acr",
            location="nowhere",
            sku=BASIC,
            dataEndpointEnabled=True,
            publicNetworkAccess="Disabled",
            networkRuleSet={"defaultAction": "Deny", "ipRules": [{"iPAddressOrRange": "x"}]},
        )
    text = "\n".join(caught.value.problems)
    for words in ("5 to 50", "nowhere", "data endpoint rule", "SKU Basic", "virtual network rule", "'x' is not"):
        assert words in text
    assert caught.value.code == ""


def test_the_name_of_a_refused_registry_is_free(estate: Estate) -> None:
    with pytest.raises(Refused):
        estate.make(R, location="nowhere")
    assert estate.make(R).outputs["loginServer"] == "contoso.azurecr.io"


def test_a_name_is_unique_over_all_subscriptions_and_free_after_deletion(estate: Estate) -> None:
    estate.make(R)
    estate.make("resources:ResourceGroup", OTHER_SUBSCRIPTION)
    with pytest.raises(Refused, match="already in use"):
        estate.make(R, OTHER_SUBSCRIPTION)
    estate.delete(R, REGISTRY)
    assert estate.make(R, OTHER_SUBSCRIPTION).id.startswith(f"/subscriptions/{OTHER_SUBSCRIPTION}/")


def test_outputs_are_normalised_and_complete(estate: Estate) -> None:
    made = estate.make(R, registryName="Contoso", location="Japan East", tags={"team": "platform"})
    assert made.id == f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/Contoso"
    outputs = made.outputs
    assert outputs["name"] == "Contoso"
    assert outputs["type"] == "Microsoft.ContainerRegistry/registries"
    assert outputs["location"] == "japaneast"
    assert outputs["loginServer"] == "contoso.azurecr.io"
    assert outputs["sku"] == {"name": "Premium", "tier": "Premium"}
    assert outputs["provisioningState"] == "Succeeded"
    assert outputs["policies"]["exportPolicy"] == {"status": "enabled"}
    assert outputs["tags"] == {"team": "platform"}
    assert outputs["dataEndpointHostNames"] == []
    assert outputs["azureApiVersion"] == "2023-01-01-preview"
    assert not [name for name in outputs if name.startswith("_")]


def test_sovereign_clouds_have_their_own_hosts(estate: Estate) -> None:
    assert estate.make(R, location="usgovvirginia").outputs["loginServer"] == "contoso.azurecr.us"


def test_data_endpoint_hosts_are_those_of_the_regions_when_they_are_read(estate: Estate) -> None:
    made = estate.make(R, dataEndpointEnabled=True)
    estate.make(REPLICA)
    assert made.outputs["dataEndpointHostNames"] == ["contoso.japaneast.data.azurecr.io"]
    assert estate.read(R, REGISTRY)["dataEndpointHostNames"] == [
        "contoso.japaneast.data.azurecr.io",
        "contoso.westus2.data.azurecr.io",
    ]


def test_a_domain_name_label_scope_makes_a_stable_login_server(estate: Estate) -> None:
    scoped = {"autoGeneratedDomainNameLabelScope": "ResourceGroupReuse"}
    first = estate.make(R, **scoped).outputs["loginServer"]
    estate.delete(R, REGISTRY)
    again = estate.make(R, **scoped).outputs["loginServer"]
    assert first == again
    assert first != "contoso.azurecr.io"
    assert first.startswith("contoso-")


def test_an_update_keeps_what_was_made_at_creation_and_resets_what_is_left_out(estate: Estate) -> None:
    made = estate.make(R, adminUserEnabled=True)
    changed = estate.change(R, REGISTRY)
    assert changed.outputs["creationDate"] == made.outputs["creationDate"]
    assert changed.outputs["adminUserEnabled"] is False


class TestCustomerManagedKey:
    def test_accepted_with_vault_key_and_identity(self, estate: Estate) -> None:
        KEY(estate)
        made = estate.make(R, **encrypted())
        assert made.outputs["encryption"]["status"] == "enabled"
        assert made.outputs["identity"]["userAssignedIdentities"][IDENTITY]["clientId"] == CLIENT

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"sku": STANDARD}, "customer-managed key needs the SKU Premium"),
            ({"identity": None}, "must be the client id of a user-assigned identity"),
            (encrypted("https://keys.vault.azure.net/secrets/registry"), "is not the id of a key"),
            (encrypted("https://keys.vault.azure.net/keys/missing"), "there is no key"),
            (encrypted("https://other.vault.azure.net/keys/registry"), "there is no key"),
        ],
    )
    def test_refused(self, estate: Estate, changed: dict[str, object], words: str) -> None:
        KEY(estate)
        with pytest.raises(Refused, match=words):
            estate.make(R, **{**encrypted(), **changed})

    def test_refused_without_purge_protection(self, estate: Estate) -> None:
        KEY(estate)
        estate.cloud.set(VAULT, "properties.enablePurgeProtection", None)
        with pytest.raises(Refused, match="must have purge protection"):
            estate.make(R, **encrypted())

    def test_cannot_be_chosen_later_or_given_up(self, estate: Estate) -> None:
        KEY(estate)
        estate.make(R)
        with pytest.raises(Refused, match=r"encryption\.status of .* cannot be changed"):
            estate.change(R, REGISTRY, **encrypted())
        estate.delete(R, REGISTRY)
        estate.make(R, **encrypted())
        with pytest.raises(Refused, match=r"encryption\.status of .* cannot be changed"):
            estate.change(R, REGISTRY)

    def test_its_key_can_be_exchanged(self, estate: Estate) -> None:
        KEY(estate)
        estate.make(R, **encrypted())
        estate.make("keyvault:Key", keyName="next")
        changed = estate.change(R, REGISTRY, **encrypted("https://keys.vault.azure.net/keys/next"))
        assert changed.outputs["encryption"]["keyVaultProperties"]["keyIdentifier"].endswith("/next")


def test_a_webhook_never_shows_its_address(estate: Estate) -> None:
    estate.make(R)
    made = estate.make("containerregistry:Webhook", customHeaders={"Authorization": "secret"})
    assert "serviceUri" not in made.outputs
    assert "customHeaders" not in made.outputs
    assert made.outputs["actions"] == ["push"]


def test_deleting_a_registry_deletes_what_is_in_it_and_disconnects_its_endpoints(estate: Estate) -> None:
    with_endpoint(estate)
    estate.make(REPLICA)
    estate.delete(R, REGISTRY)
    assert [r.id for r in estate.cloud.list() if r.id.startswith(REGISTRY)] == []
    endpoint = estate.read("network:PrivateEndpoint", f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe")
    state = endpoint["privateLinkServiceConnections"][0]["privateLinkServiceConnectionState"]
    assert state["status"] == "Disconnected"
    assert len(estate.read("network:Subnet", SUBNET)["ipConfigurations"]) == 3


def test_a_registry_of_the_same_name_does_not_reconnect_old_endpoints(estate: Estate) -> None:
    with_endpoint(estate)
    estate.delete(R, REGISTRY)
    estate.make(R)
    estate.make(REPLICA)
    assert estate.read(R, REGISTRY)["privateEndpointConnections"] == []
    assert "registry_data_westus2" not in estate.members()
