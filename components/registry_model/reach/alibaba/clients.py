"""The places that a client of a registry of Alibaba Cloud may stand in, and what each asks for names."""

from __future__ import annotations

from ..model import PUBLIC_RESOLVER, Client, Location
from .model import AlibabaRegistry
from .networks import Vpc

_SAME_REGION, _OTHER_REGION = "(another VPC of the region)", "(a VPC of another region)"
_ELSEWHERE = "another region"


def default_clients(registry: AlibabaRegistry) -> list[Client]:
    """Every place that a client of this registry may stand in, one client for each.

    The VPCs of the estate, then what no document declares: VPCs of the region and of another that nothing connects,
    on-premises with and without a forwarder, and the internet, from any address and from each entry. Names do not
    depend on the answer, so that two models of one registry can be compared.
    """
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
    ]
