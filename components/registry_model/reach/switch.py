"""The switch to dedicated data endpoints: which hosts a client firewall must allow before layers move to them.

Layers move the moment a registry gets ``dataEndpointEnabled`` or its first private endpoint, whichever comes first, and
a new replica is one more host. Source: learn.microsoft.com/azure/container-registry/, dedicated-data-endpoints.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .clients import clients_behind
from .firewalls import Firewall, Passage
from .judgement import firewall_passage
from .model import NO_REGION, Client, Host, HostKind, Registry


@dataclass(frozen=True)
class Gap:
    """A host that a client firewall does not let one group of its clients through to, or not certainly.

    ``clients`` are their sources, where the firewall's rules tell its clients apart; else empty.
    """

    host: Host
    client: Client
    passage: Passage
    clients: tuple[str, ...] = ()

    @property
    def certain(self) -> bool:
        return self.passage.allowed is False

    @property
    def name(self) -> str:
        """The host as a message names it: ``contoso.<region>.data.azurecr.io`` while the region is not known."""
        return self.host.name.replace(f".{NO_REGION}.", ".<region>.")


def switched(registry: Registry) -> Registry:
    """The same registry with dedicated data endpoints on: what its clients must be ready for."""
    return replace(registry, data_endpoints=True)


def gaps(registry: Registry, firewall: Firewall) -> Iterator[Gap]:
    """What the clients of a firewall cannot reach of a registry once it serves layers from data endpoints.

    The login server and the data endpoint of every region, switched on already or not. Regional endpoints are a choice
    of the client, so they are not demanded.
    """
    ready = switched(registry)
    behind = clients_behind(ready, firewall)
    apart = len({client.source for client in behind}) > 1
    for client in behind:
        for host in ready.hosts():
            found = firewall_passage(ready, client, host) if host.kind is not HostKind.REGIONAL else None
            if found is not None and found.allowed is not True:
                yield Gap(host, client, found, client.source if apart else ())
