"""Who reaches a registry that a component declares: the reach table as a stack output.

Pure. The same model that ``registry-doctor reach`` reads from the stack's state, built from the arguments instead, so
that the answer is there when the program runs; a test holds the two equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry_model.alibaba import editions
from registry_model.alibaba import names as alibaba_names
from registry_model.alibaba.names import Way
from registry_model.azure import names
from registry_model.reach.alibaba.model import AlibabaRegistry
from registry_model.reach.alibaba.networks import Vpc
from registry_model.reach.clients import default_clients
from registry_model.reach.judgement import summary
from registry_model.reach.model import Ability, Connection, Network, PrivateEndpoint, Registry, VNetLink, Zone

from .azure.settings import CREATE, EXISTING, PRIVATE, is_public

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from registry_model.reach.kinds import AnyRegistry


def reach_table(registry: AnyRegistry) -> dict[str, dict[str, str]]:
    """For each place that a client may stand in: whether it can pull and push, by which path, why, and the fix.

    By client and not a list, so that a preview shows the clients that an update changes and no others.
    """
    lines = (summary(registry, client) for client in default_clients(registry))
    return {
        line.client: {
            "pull": str(line.pull),
            "push": str(line.push),
            "path": ", ".join(line.paths),
            "why": f"if {line.reason}" if line.pull is Ability.IF else line.reason,
            "fix": line.fix,
        }
        for line in lines
    }


def declared(
    args: Mapping[str, Any],
    login_server: str,
    regions: Sequence[str],
    private_ips: Mapping[str, str],
    network_id: str | None,
    endpoint_id: str,
) -> Registry:
    """The model of a registry that these arguments declare.

    ``args`` are the arguments of ``PrivateRegistry`` as plain values; the rest are its outputs. ``private_ips`` is
    address by host.
    """
    settings = args.get("settings") or {}
    profile = args.get("profile", PRIVATE)
    network = network_id if profile == PRIVATE else None
    endpoint = args.get("private_endpoint") or {}
    label = names.split_login_server(login_server)[0]
    return Registry(
        login_server=login_server,
        home=regions[0],
        replicas=tuple(regions[1:]),
        public_access=is_public(settings, profile),
        default_allow=False,
        ip_rules=tuple(settings.get("ip_rules") or ()),
        data_endpoints=settings.get("data_endpoint_enabled", True),
        trusted_bypass=settings.get("trusted_services_bypass", False),
        private_endpoints=(
            PrivateEndpoint(
                endpoint_id.rpartition("/")[2],
                network,
                addresses=tuple(private_ips.items()),
                connection=Connection.PENDING if endpoint.get("manual_approval_message") else Connection.APPROVED,
            ),
        )
        if network
        else (),
        zones=_zones(args.get("dns") or {}, login_server, regions, private_ips, network) if network else (),
        networks=(Network(network, network.rpartition("/")[2]),) if network else (),
        name=label,
    )


def _zones(
    dns: Mapping[str, Any],
    login_server: str,
    regions: Sequence[str],
    private_ips: Mapping[str, str],
    network_id: str,
) -> tuple[Zone, ...]:
    mode = dns.get("mode", CREATE)
    if mode not in (CREATE, EXISTING):
        return ()  # others keep the records: what they hold is not declared here
    records = names.private_dns_records(login_server, regions[0], regions[1:])
    links: list[VNetLink] = []
    if mode == CREATE:
        links = [
            VNetLink(link["virtual_network_id"], bool(link.get("fallback_to_internet")))
            for link in (dns.get("virtual_network_links") or {}).values()
        ]
    # An existing zone's links are another stack's; the endpoint's own network is nearly always one of them.
    if mode == EXISTING or dns.get("link_endpoint_network", True):
        links.append(VNetLink(network_id))
    held = tuple((record.name, private_ips[record.host]) for record in records if record.host in private_ips)
    return (Zone(records[0].zone, held, tuple(links)),)


def declared_in_alibaba(
    args: Mapping[str, Any], hosts: Mapping[str, str], bucket: str, vpc_ids: Mapping[str, str], ips: Mapping[str, str]
) -> AlibabaRegistry:
    """The model of a registry in Alibaba Cloud that these arguments declare.

    ``args`` are the arguments of ``EnterpriseRegistry`` as plain values; the rest are its outputs: hosts by endpoint,
    the layers' bucket, and by link the bound VPC's id and the address in it.
    """
    region, name = args["region"], args["instance_name"]
    access, links = args.get("internet_access"), args.get("vpc_links") or {}
    vpc_host = hosts[editions.VPC]
    return AlibabaRegistry(
        name,
        region,
        hosts[editions.INTERNET],
        vpc_host,
        alibaba_names.storage_host(bucket, region, Way.INTERNET),
        alibaba_names.storage_host(bucket, region, Way.VPC),
        internet=access is not None,
        entries=tuple(access["entries"]) if access else (),
        links=tuple(PrivateEndpoint(key, vpc_ids[key], addresses=((vpc_host, ips[key]),)) for key in sorted(links)),
        zones=tuple(
            Zone(vpc_host, (("@", ips[key]),), (VNetLink(vpc_ids[key]),), key)
            for key, link in sorted(links.items())
            if link.get("create_dns_record", True)
        ),
        networks=tuple(Vpc(vpc_ids[key], _vpc_label(name, key, link), region=region) for key, link in links.items()),
    )


def _vpc_label(name: str, key: str, link: Mapping[str, Any]) -> str:
    """How a bound VPC is called: by its id, or by the name that it gets when it is created."""
    return str(link["vpc_id"]) if "vpc_id" in link else f"{name}-{key}"
