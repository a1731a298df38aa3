"""The switch to dedicated data endpoints, in the order that breaks nobody's pulls: announce, switch, clean up.

Pure: no Pulumi. Layers move from blob storage to data endpoints the moment a registry gets ``dataEndpointEnabled`` or
its first private endpoint, and a client whose firewall knows only the blob wildcard stops pulling at that moment. So:

1. ``announce``: client firewalls get the new hosts, beside the wildcard that they still need;
2. ``switch``: the registry moves; both rule sets stay, so that going back is only the registry's setting;
3. ``clean_up``: the wildcard goes. This is also the state of firewalls that never had it.

A new replica is one more host: it is listed in ``announced_replicas`` one update before it is created, in any phase.
"""

from __future__ import annotations

from registry_model.azure import names
from registry_model.reach.model import Registry

from .settings import Settings

ANNOUNCE = "announce"
SWITCH = "switch"
CLEAN_UP = "clean_up"
PHASES = (ANNOUNCE, SWITCH, CLEAN_UP)


def phase_of(args: Settings) -> str:
    """The phase of a client firewall; without one it is cleaned up: exact hosts only."""
    return args.get("phase") or CLEAN_UP


def keeps_wildcard(args: Settings) -> bool:
    """Whether the blob wildcard is among the rules, still."""
    return phase_of(args) in (ANNOUNCE, SWITCH)


def registry_model(name: str, settings: Settings) -> Registry:
    """One entry of a client firewall's ``registries`` as clients must be ready for it, announced replicas included."""
    return Registry(
        login_server=settings["login_server"].lower(),
        home=names.normalise_region(settings["location"]),
        replicas=tuple(regions_of(settings)[1:]),
        data_endpoints=True,
        name=name,
    )


def regions_of(settings: Settings) -> list[str]:
    """The regions of one entry of ``registries``: home, replicas, and replicas to come."""
    return names.all_regions(
        settings["location"], [*(settings.get("replicas") or ()), *(settings.get("announced_replicas") or ())]
    )
