"""A Premium registry and its replicas."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_azure_native import containerregistry
from registry_model.azure import defaults, names, regions, skus

from ..arguments import accept
from ..outputs import after, dependencies, each, keyed, known_or
from .checks.registry import check_registry
from .hooks import registry_hooks, replica_hooks
from .settings import export_enabled, is_public


class ReplicaArgs(TypedDict):
    """One replica of the registry; its region is its key."""

    zone_redundancy: NotRequired[pulumi.Input[bool]]
    """Whether the replica asks for availability zones. Azure gives them to every replica where the region has zones,
    whatever this says, and refuses to change it on a replica that exists. Default: nothing is asked for or changed."""

    global_routing_enabled: NotRequired[pulumi.Input[bool]]
    """Whether the login server sends clients to this replica when it is the nearest (ARM: regionEndpointEnabled; az:
    --global-endpoint-routing, which was --region-endpoint-enabled). Default: true. With false the replica is kept up to
    date but serves nobody, for maintenance."""

    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags of this replica, added to the registry's. At most 50, name up to 512 and value up to 256 characters.
    Default: none."""


class CustomerManagedKeyArgs(TypedDict):
    """Encryption with a key of yours. It can be chosen only when the registry is created."""

    key_id: pulumi.Input[str]
    """The Key Vault key, without a version so that rotation is followed: https://<vault>.vault.azure.net/keys/<name>.
    The vault needs purge protection."""

    identity_client_id: pulumi.Input[str]
    """Client id (a GUID) of the user-assigned identity that may get, wrap and unwrap with the key. The identity's id
    must be among `user_assigned_identity_ids` too."""


class RegistrySettingsArgs(TypedDict):
    """How the registry behaves. Every default is the secure one; each relaxation is named here."""

    public_network_access_enabled: NotRequired[bool]
    """Whether the registry answers on its public addresses, to the IP rules' clients only (the default action is always
    Deny). Default: false; true in the profile "no-private-link"."""

    ip_rules: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Public IPv4 addresses or CIDR ranges that may reach the registry while public access is on, /24 or narrower each,
    at most 200. Default: none."""

    allow_wide_ip_rules: NotRequired[bool]
    """Accept IP rules wider than /24. Default: false. The policy pack has its own limit."""

    trusted_services_bypass: NotRequired[pulumi.Input[bool]]
    """Let Azure's trusted services in past the network rules; Microsoft Defender for Containers needs it to scan images
    of a private registry. Default: false."""

    data_endpoint_enabled: NotRequired[pulumi.Input[bool]]
    """Serve layers from dedicated data endpoints, one host for each region, instead of blob storage hosts that nobody
    can name in a firewall rule. Default: true. On an existing registry the order of the switch matters: first open the
    clients' firewalls for the new hosts."""

    admin_user_enabled: NotRequired[pulumi.Input[bool]]
    """Turn on the registry's shared admin password. Default: false."""

    anonymous_pull_enabled: NotRequired[pulumi.Input[bool]]
    """Let anybody who reaches the registry pull without signing in. Default: false."""

    export_enabled: NotRequired[pulumi.Input[bool]]
    """Let images be exported to other registries. Default: false while public access is off; Azure demands true while
    it is on, and refuses to turn public access on again while this is false."""

    retention_days: NotRequired[pulumi.Input[int]]
    """Days after which untagged manifests are deleted, 0 to 365. Default: no retention policy, nothing is deleted."""

    soft_delete_days: NotRequired[pulumi.Input[int]]
    """Days for which deleted images can be restored, 1 to 90. Default: no soft delete. It cannot be combined with
    `retention_days` or replicas."""

    quarantine_enabled: NotRequired[pulumi.Input[bool]]
    """Hold new images back until a scanner releases them. Default: false."""

    arm_audience_tokens_enabled: NotRequired[pulumi.Input[bool]]
    """Accept tokens that were issued for Azure Resource Manager, as some Azure services still use. Default: false, only
    tokens issued for registries."""

    zone_redundancy: NotRequired[pulumi.Input[bool]]
    """Whether the home region's storage spans availability zones. It can be chosen only when the registry is created:
    Azure refuses to change it, so another choice needs another registry. Default: Azure decides (zones where the region
    has them), and nothing that is deployed changes."""

    system_assigned_identity: NotRequired[bool]
    """Give the registry an identity of its own. Default: false."""

    user_assigned_identity_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """Resource ids of user-assigned identities that the registry may use. Default: none."""

    customer_managed_key: NotRequired[CustomerManagedKeyArgs]
    """Encrypt with a key of yours instead of Microsoft's. Default: Microsoft's. It can be chosen only when the registry
    is created."""


class PremiumRegistryArgs(TypedDict):
    """What a registry with replicas is made of."""

    registry_name: pulumi.Input[str]
    """The registry's name, 5 to 50 letters and digits, unique in all of Azure. It is the first word of every host."""

    location: str
    """The home region, such as "japaneast" or "Japan East"."""

    resource_group_name: pulumi.Input[str]
    """Name of the resource group, which must exist."""

    replicas: NotRequired[Mapping[str, ReplicaArgs]]
    """Replicas by region, such as {"japanwest": {}}. Default: none. Each is a resource of its own, named by its region:
    adding, removing or reordering replicas touches no other. A replica that was just deleted cannot be created again at
    once."""

    settings: NotRequired[RegistrySettingsArgs]
    """How the registry behaves. Default: every secure default."""

    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Tags of the registry and its replicas. At most 50, name up to 512 and value up to 256 characters.
    Default: none."""

    protect: NotRequired[bool]
    """Refuse to delete or replace the registry through Pulumi. Say false only for registries that are made to be thrown
    away; to delete another, set false, update, then delete. Default: true."""

    retain_on_delete: NotRequired[bool]
    """Leave the registry and its images in Azure when Pulumi deletes it. Default: false."""


class PremiumRegistry(pulumi.ComponentResource):
    """A Premium container registry with its replicas, closed to the public unless it is told otherwise.

    Children: `{name}-registry` (azure-native:containerregistry:Registry) and, for each replica,
    `{name}-replica-{region}` (azure-native:containerregistry:Replication). Wrong arguments raise one error that lists
    every problem before anything is registered.
    """

    registry_id: pulumi.Output[str]
    """The registry's resource id."""

    registry_name: pulumi.Output[str]
    """The registry's name."""

    login_server: pulumi.Output[str]
    """Host for sign-in, manifests and all pushes, such as contoso.azurecr.io."""

    data_endpoints: pulumi.Output[dict[str, str]]
    """Hosts that serve layers, by region: {"japaneast": "contoso.japaneast.data.azurecr.io"}."""

    endpoints_json: pulumi.Output[str]
    """Login server and data endpoints as JSON, in the shape that `az acr show-endpoints` prints."""

    allow_list: pulumi.Output[list[str]]
    """What client firewalls must allow for pushes and pulls: every host with its port (contoso.azurecr.io:443)."""

    sign_in_hosts: pulumi.Output[list[str]]
    """Hosts beside the registry's that a client needs to sign in, on port 443: Entra, and Azure Resource Manager for
    `az acr login` by name."""

    regions: pulumi.Output[list[str]]
    """The home region, then the replicas' regions, normalised."""

    def __init__(self, name: str, args: PremiumRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        given = accept(f"PremiumRegistry '{name}'", args, PremiumRegistryArgs, check_registry)
        super().__init__("private-registry:index:PremiumRegistry", name, {}, opts)
        home = names.normalise_region(given["location"])
        replicas = {names.normalise_region(region): settings for region, settings in given.get("replicas", {}).items()}
        settings = given.get("settings", {})
        tags = given.get("tags")

        registry = containerregistry.Registry(
            f"{name}-registry",
            registry_name=given["registry_name"],
            resource_group_name=given["resource_group_name"],
            location=home,
            sku={"name": skus.PREMIUM},
            tags=tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=dependencies(opts),
                protect=given.get("protect", True) or None,
                retain_on_delete=given.get("retain_on_delete") or None,
                ignore_changes=_left_to_azure(settings),
                hooks=registry_hooks(self),
            ),
            **_settings(settings),
        )
        self.replicas = {
            region: containerregistry.Replication(
                f"{name}-replica-{region}",
                replication_name=region,
                registry_name=after(given["registry_name"], registry),
                resource_group_name=given["resource_group_name"],
                location=region,
                region_endpoint_enabled=replica.get("global_routing_enabled", True),
                zone_redundancy=_enabled(replica.get("zone_redundancy")),
                tags=_merged(tags, replica.get("tags")),
                opts=pulumi.ResourceOptions(
                    parent=self, ignore_changes=_left_to_azure(replica), hooks=replica_hooks(self, region)
                ),
            )
            for region, replica in sorted(replicas.items())
        }

        cloud = regions.cloud_of(home)
        foreseen = pulumi.Output.from_input(given["registry_name"]).apply(lambda n: names.login_server(n, cloud))
        self.registry_id = registry.id
        self.registry_name = after(given["registry_name"], registry)
        self.login_server = known_or(registry.login_server, foreseen)
        self.sign_in_hosts = pulumi.Output.from_input(list(cloud.sign_in_hosts))
        self.regions = pulumi.Output.from_input(names.all_regions(home, replicas))
        shown = self.login_server.apply(lambda server: names.show_endpoints(server, home, replicas))
        self.data_endpoints = shown.apply(lambda s: {e["region"]: e["endpoint"] for e in s["dataEndpoints"]})
        self.endpoints_json = pulumi.Output.json_dumps(shown)
        self.allow_list = self.login_server.apply(
            lambda server: [f"{host}:{names.HTTPS}" for host in names.client_hosts(server, home, replicas)]
        )
        self.register_outputs(
            {
                "registryId": self.registry_id,
                "registryName": self.registry_name,
                "loginServer": self.login_server,
                "dataEndpoints": self.data_endpoints,
                "endpointsJson": self.endpoints_json,
                "allowList": self.allow_list,
                "signInHosts": self.sign_in_hosts,
                "regions": self.regions,
            }
        )


def _left_to_azure(settings: Mapping[str, Any]) -> list[str] | None:
    """What must stay as it was deployed, because nothing was said of it.

    Zone redundancy can be chosen only at creation, and the SDK's class sends Disabled when it is not given: Azure would
    refuse every update of a registry that was created otherwise.
    """
    return ["zoneRedundancy"] if settings.get("zone_redundancy") is None else None


def _settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    public = is_public(settings)
    inputs: dict[str, Any] = {
        "admin_user_enabled": settings.get("admin_user_enabled", False),
        "anonymous_pull_enabled": settings.get("anonymous_pull_enabled", False),
        "data_endpoint_enabled": settings.get("data_endpoint_enabled", True),
        "public_network_access": "Enabled" if public else "Disabled",
        "network_rule_bypass_options": _either(
            settings.get("trusted_services_bypass", False), defaults.TRUSTED_SERVICES, defaults.NOBODY
        ),
        "network_rule_set": {
            "default_action": "Deny",
            "ip_rules": each(
                settings.get("ip_rules", []), lambda rule: {"action": "Allow", "i_p_address_or_range": rule}
            ),
        },
        "zone_redundancy": _enabled(settings.get("zone_redundancy")),
        "policies": _policies(settings, public),
    }
    identities = settings.get("user_assigned_identity_ids", [])
    own = settings.get("system_assigned_identity", False)
    if identities or own:
        kinds = [kind for kind, wanted in (("SystemAssigned", own), ("UserAssigned", identities)) if wanted]
        inputs["identity"] = {
            "type": ", ".join(kinds),
            **({"user_assigned_identities": keyed(identities)} if identities else {}),
        }
    if cmk := settings.get("customer_managed_key"):
        inputs["encryption"] = {
            "status": "enabled",
            "key_vault_properties": {"identity": cmk["identity_client_id"], "key_identifier": cmk["key_id"]},
        }
    return inputs


def _policies(settings: Mapping[str, Any], public: bool) -> dict[str, Any]:
    policies: dict[str, Any] = {
        "export_policy": {"status": _status(export_enabled(settings, public))},
        "azure_ad_authentication_as_arm_policy": {
            "status": _status(settings.get("arm_audience_tokens_enabled", False))
        },
        "quarantine_policy": {"status": _status(settings.get("quarantine_enabled", False))},
    }
    if "retention_days" in settings:
        policies["retention_policy"] = {"status": "enabled", "days": settings["retention_days"]}
    if "soft_delete_days" in settings:
        policies["soft_delete_policy"] = {"status": "enabled", "retention_days": settings["soft_delete_days"]}
    return policies


def _either(flag: Any, yes: str, no: str) -> Any:
    if isinstance(flag, bool):
        return yes if flag else no
    return pulumi.Output.from_input(flag).apply(lambda on: yes if on else no)


def _enabled(flag: Any) -> Any:
    return None if flag is None else _either(flag, "Enabled", "Disabled")


def _status(flag: Any) -> Any:
    return _either(flag, "enabled", "disabled")


def _merged(tags: Any, more: Any) -> Any:
    if not more:
        return tags
    return pulumi.Output.all(tags or {}, more).apply(lambda both: {**both[0], **both[1]})
