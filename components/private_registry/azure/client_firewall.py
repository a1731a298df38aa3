"""The client's side of a registry: what an Azure Firewall policy or an NSG must let out."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_azure_native import network
from registry_model.azure import limits
from registry_model.reach import allow_lists as allow_list

from ..arguments import accept
from ..outputs import dependencies
from ..problems import snake
from . import rollout
from .checks.client_firewall import check_client_firewall
from .choices import Phase


class ClientFirewallRegistryArgs(TypedDict):
    """One registry that the clients use."""

    login_server: pulumi.Input[str]
    """The registry's login server, such as contoso.azurecr.io."""

    location: str
    """The registry's home region, such as "japaneast" or "Japan East"."""

    replicas: NotRequired[Sequence[str]]
    """Regions of the registry's replicas. Default: none."""

    announced_replicas: NotRequired[Sequence[str]]
    """Regions of replicas that are to come: their hosts are opened now, so that no client breaks when Azure begins to
    send it there. Move a region to replicas once its replica exists. Default: none."""

    data_endpoint_enabled: NotRequired[pulumi.Input[bool]]
    """Whether layers come from dedicated data endpoints: the registry's switch, or true with any private endpoint.
    Given, it is checked against the phase. Default: not checked."""

    private_ips: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Private IP address by host, as RegistryPrivateEndpoint shows them, for clients of a network security group that
    resolve the registry privately. Every host must be there. Without it, and during a migration, the rules open the
    service tag of each region. Default: none."""


class ClientFirewallArgs(TypedDict):
    """Which registries, on which firewall."""

    registries: Mapping[str, ClientFirewallRegistryArgs]
    """The registries by a name of your choice, which names their rules."""

    resource_group_name: pulumi.Input[str]
    """Resource group of the firewall policy or network security group, which must exist."""

    firewall_policy_name: NotRequired[pulumi.Input[str]]
    """Name of the Azure Firewall policy that gets the rules, as application rules on exact host names. Either this or
    `network_security_group_name`. Default: none."""

    network_security_group_name: NotRequired[pulumi.Input[str]]
    """Name of the network security group that gets the rules. A group knows no host names, so a rule opens the service
    tag of each region, which is every registry there, or the private IPs. It restricts only together with a rule of
    yours that denies the rest. Default: none."""

    phase: NotRequired[Phase]
    """The step of the switch to data endpoints: "announce" (the exact hosts beside the blob storage wildcard, before
    the registry switches), "switch" (both stay while the registry switches, and for going back) or "clean_up" (the
    exact hosts only). Default: "clean_up"."""

    wildcard_expires: NotRequired[str]
    """The last day, as YYYY-MM-DD, on which the phases "announce" and "switch" may keep the wildcard; required in them,
    refused after it. Default: none."""

    source_addresses: NotRequired[Sequence[pulumi.Input[str]]]
    """IPv4 addresses or CIDR ranges of the clients. Default: ["*"], everything behind the firewall."""

    sign_in: NotRequired[bool]
    """Also open Entra sign-in and Azure Resource Manager, which clients need to sign in with Entra and for `az acr
    login`. Default: false, because most estates have rules for them."""

    priority: NotRequired[int]
    """Priority of the rule collection group, 100 to 64999; the migration's group takes the next number. On a network
    security group the rules take numbers between it and 999 more, so 100 to 3096. Default: 200."""


class ClientFirewall(pulumi.ComponentResource):
    """Allow rules for pushes and pulls: the login server and every data endpoint, TCP 443, and nothing wider.

    Children on a firewall policy: `{name}-rules` and, in the phases that keep the blob wildcard, `{name}-migration`
    (both azure-native:network:FirewallPolicyRuleCollectionGroup). On a network security group: one
    azure-native:network:SecurityRule a destination, `{name}-{region}`, `{name}-private-endpoint`,
    `{name}-sign-in-{tag}`, and for the migration `{name}-blob-{region}`.

    The wildcard is in a resource of its own, so that an exemption from the policy rule `firewall-no-wildcard` covers it
    and nothing else, and cleaning up deletes it and touches nothing else. Wrong arguments, steps out of order among
    them, raise one error that lists every problem before anything is registered.
    """

    hosts: pulumi.Output[list[str]]
    """The exact hosts that are open, without the wildcard."""

    sign_in_hosts: pulumi.Output[list[str]]
    """The hosts for signing in, which are open only with the input `sign_in`."""

    phase: pulumi.Output[str]
    """The phase that these rules are in."""

    wildcard: pulumi.Output[str]
    """The blob storage wildcard that is still open for the migration; empty when there is none."""

    def __init__(self, name: str, args: ClientFirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("private-registry:index:ClientFirewall", name, {}, opts)
        given = accept(f"ClientFirewall '{name}'", args, ClientFirewallArgs, check_client_firewall)
        # Waits for every setting's judgement, also of those that no rule is made of.
        registries = pulumi.Output.from_input(given["registries"])
        listed = registries.apply(_allowed)
        wildcards = registries.apply(_wildcards)
        options = {
            "sign_in": given.get("sign_in", False),
            "sources": given.get("source_addresses", ["*"]),
            "priority": given.get("priority", limits.FIRST_PRIORITY),
        }
        waits = dependencies(opts)
        if "firewall_policy_name" in given:
            self._on_policy(name, given, listed, wildcards, options, waits)
        else:
            self._on_security_group(name, given, options, waits)

        self.hosts = listed.apply(lambda found: found.hosts)
        self.sign_in_hosts = listed.apply(lambda found: [entry.host for entry in found.sign_in])
        self.phase = pulumi.Output.from_input(rollout.phase_of(given))
        self.wildcard = (
            wildcards.apply(lambda found: ", ".join(found.hosts))
            if rollout.keeps_wildcard(given)
            else pulumi.Output.from_input("")
        )
        self.register_outputs(
            {
                "hosts": self.hosts,
                "signInHosts": self.sign_in_hosts,
                "phase": self.phase,
                "wildcard": self.wildcard,
            }
        )

    def _on_policy(
        self,
        name: str,
        given: Mapping[str, Any],
        listed: pulumi.Output[allow_list.AllowList],
        wildcards: pulumi.Output[allow_list.AllowList],
        options: Mapping[str, Any],
        waits: list[Any],
    ) -> None:
        def group(
            what: str,
            found: pulumi.Output[allow_list.AllowList],
            priority: int,
            collection_name: str,
            waits: list[Any],
        ) -> pulumi.Resource:
            def collections(both: list[Any]) -> Any:
                allowed, settings = both
                named = allow_list.Options(**{**settings, "name": collection_name})
                return [allow_list.azure_firewall_collection(allowed, named)]

            return network.FirewallPolicyRuleCollectionGroup(
                f"{name}-{what}",
                resource_group_name=given["resource_group_name"],
                firewall_policy_name=given["firewall_policy_name"],
                priority=priority,
                rule_collections=pulumi.Output.all(found, options).apply(collections),
                opts=pulumi.ResourceOptions(parent=self, depends_on=waits),
            )

        priority = options["priority"]
        rules = group("rules", listed, priority, "container-registries", waits)
        if rollout.keeps_wildcard(given):
            # Azure refuses to change two groups of one policy at the same time.
            # The policy pack ties a rule to registries by a name that says so.
            name_until = f"container-registries-blob-until-{given['wildcard_expires']}"
            group("migration", wildcards, priority + 1, name_until, [*waits, rules])

    def _on_security_group(
        self, name: str, given: Mapping[str, Any], options: Mapping[str, Any], waits: list[Any]
    ) -> None:
        named = allow_list.Options(name=name, **options)
        migrating = rollout.keeps_wildcard(given)
        registries = given["registries"].values()
        private = [settings["private_ips"] for settings in registries if "private_ips" in settings]
        public = [settings for settings in registries if migrating or "private_ips" not in settings]
        rules = allow_list.tag_rules([r for s in public for r in rollout.regions_of(s)], named)
        if private:
            rules.append(allow_list.private_rule(pulumi.Output.all(*private).apply(_addresses), named))
        if given.get("sign_in"):
            rules += allow_list.sign_in_rules(named)
        if migrating:
            every = [r for settings in registries for r in rollout.regions_of(settings)]
            rules += allow_list.tag_rules(every, named, storage=True)
        for rule in rules:
            inputs = {snake(key): value for key, value in rule.items() if key != "name"}
            network.SecurityRule(
                rule["name"],
                resource_group_name=given["resource_group_name"],
                network_security_group_name=given["network_security_group_name"],
                opts=pulumi.ResourceOptions(parent=self, depends_on=waits),
                **inputs,
            )


def _allowed(registries: Mapping[str, Any]) -> allow_list.AllowList:
    return allow_list.allow_list(rollout.registry_model(name, settings) for name, settings in registries.items())


def _wildcards(registries: Mapping[str, Any]) -> allow_list.AllowList:
    return allow_list.blob_wildcards(rollout.registry_model(name, settings) for name, settings in registries.items())


def _addresses(maps: Sequence[Mapping[str, str]]) -> list[str]:
    return sorted({address for found in maps for address in found.values()}, key=allow_list.address_order)
