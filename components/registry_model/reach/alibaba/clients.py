"""The places that a client of a registry of Alibaba Cloud may stand in, and what each asks for names."""

from __future__ import annotations

from ...alibaba.names import Way
from ..firewalls import ANY_SOURCE, Firewall, Kind, sources_of
from ..model import PUBLIC_RESOLVER, Client, Location
from .model import AlibabaRegistry
from .networks import Vpc

_SAME_REGION, _OTHER_REGION = "(another VPC of the region)", "(a VPC of another region)"
_ELSEWHERE = "another region"


def default_clients(registry: AlibabaRegistry) -> list[Client]:
    """Every place that a client of this registry may stand in, one client for each.

    The VPCs of the estate, then what no document declares: VPCs of the region and of another that nothing connects,
    on-premises with and without a forwarder, and the internet, from any address and from each entry, and the clients
    behind each client firewall. Names do not depend on the answer, so that two models of one registry can be compared.
    For a registry that is known by its host alone a single client stands for all.
    """
    if registry.by_name:
        return [Client("any client", Location.INTERNET)]
    bound = tuple(dict.fromkeys(link.vnet for link in registry.links))
    forwarder = next(iter(bound), PUBLIC_RESOLVER)
    return [
        *(
            Client(f"VM in {vpc.label}", Location.VNET, vnet=vpc.id, resolver=vpc.id)
            for vpc in registry.networks
            if isinstance(vpc, Vpc)
        ),
        Client(
            f"VM in another VPC of {registry.region}",
            Location.VNET,
            vnet=_SAME_REGION,
            resolver=_SAME_REGION,
            region=registry.region,
        ),
        Client(
            "VM in a VPC of another region",
            Location.VNET,
            vnet=_OTHER_REGION,
            resolver=_OTHER_REGION,
            region=_ELSEWHERE,
        ),
        Client("on-premises, forwarding DNS into a bound VPC", Location.ON_PREMISES, "", bound, forwarder),
        Client("on-premises, public DNS", Location.ON_PREMISES, "", bound),
        Client("internet, any address", Location.INTERNET),
        *(
            Client(f"internet, from {entry}", Location.INTERNET, public_ip=entry)
            for entry in dict.fromkeys(registry.entries or ())
        ),
        *(client for firewall in registry.firewalls for client in _behind(registry, firewall)),
    ]


def _behind(registry: AlibabaRegistry, firewall: Firewall) -> list[Client]:
    """The clients whose traffic passes a firewall: in each VPC that it stands in, and for each group of sources that
    its rules tell apart; on the internet where no VPC is known.

    Between VPCs it sees nothing of a bound VPC's own clients, and to the internet it matters where that way is open.
    """
    name, bound = f"client behind {firewall.name}", {link.vnet for link in registry.links}
    if firewall.kind is Kind.CLOUD_FIREWALL and Way.INTERNET not in registry.ways:
        return []
    between = firewall.kind is Kind.VPC_FIREWALL
    vpcs = [vpc for vnet in firewall.vnets if (vpc := registry.network(vnet)) and not (between and vnet in bound)]
    if between and not vpcs:
        return []
    # What the client shows to the internet is not declared; the first entry stands for it, so that the verdict speaks
    # of the firewall's rules.
    address = next(iter(registry.entries or ()), None)
    groups = sources_of(firewall, [to for _, destinations in registry.connections() for to in destinations])
    found: list[Client] = []
    for group in groups:
        told = f", from {', '.join(group) if group != ANY_SOURCE else 'anywhere'}" if len(groups) > 1 else ""
        if not vpcs:
            found.append(Client(f"{name}{told}", Location.INTERNET, public_ip=address, firewall=firewall, source=group))
        found += [
            Client(
                f"{name}{f' in {vpc.label}' if len(vpcs) > 1 else ''}{told}",
                Location.VNET,
                vnet=vpc.id,
                resolver=vpc.id,
                public_ip=address,
                firewall=firewall,
                source=group,
            )
            for vpc in vpcs
        ]
    return found
