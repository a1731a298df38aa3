"""What only registries of Alibaba Cloud have, seen from where the doctor stands: hosts to look at, and what they show.

The token service is every customer's and no foreign realm; a layer host may be an internal one of OSS, which is told
apart from one that something blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from registry_model.alibaba import limits, names, regions
from registry_model.alibaba.names import Role, Way
from registry_model.reach.exposure import exposure
from registry_model.reach.firewalls import within
from registry_model.reach.model import Host, HostKind

from .wire import Failure

if TYPE_CHECKING:
    from registry_model.reach.alibaba.model import AlibabaRegistry

    from .wire import Exchange

# The registry said no, or nobody answered. Which of them a closed Internet endpoint shows is not documented.
_CLOSED = (
    Failure.NO_NAME,
    Failure.NO_ADDRESS,
    Failure.CONNECT_TIMEOUT,
    Failure.CONNECT_REFUSED,
    Failure.CONNECT_FAILED,
    Failure.TLS_CLOSED,
)
Judged = tuple[str, str, str, str]  # outcome, check, text (empty: a trace's words), fix


def hosts_to_look_at(registry: AlibabaRegistry, *, inside: bool) -> list[Host]:
    """Inside, the hosts of the VPC endpoint where there is one, since a VPC has no way out by itself; outside, the
    registry's own hosts, because the token service and OSS are open to everybody."""
    if not inside:
        return [host for host in registry.hosts() if host.kind is HostKind.LOGIN]
    return registry.hosts_of(Way.VPC if Way.VPC in registry.ways else Way.INTERNET)


def judged(registry: AlibabaRegistry, host: Host, answer: Exchange, *, inside: bool) -> Iterator[Judged]:
    """What the network showed of a host, compared with what was declared."""
    if not inside:
        yield _outside(registry, host, answer)
        return
    used = answer.lookup.used if answer.lookup else []
    if not used:
        yield "fail", "resolves", "", ""
        return
    yield "ok", "resolves", f"resolves to {', '.join(used)}", ""
    yield _address(registry, host, used)
    if answer.failure is not None or (host.kind is HostKind.LOGIN and answer.status not in (200, 401)):
        yield "fail", "answers", "", ""
    else:
        yield "ok", "answers", f"answers {answer.status} with a valid certificate", ""


def _address(registry: AlibabaRegistry, host: Host, used: list[str]) -> Judged:
    expected = registry.addresses_of(host)
    leads = names.storage_way(host.name) if host.kind is HostKind.BUCKET else Way(host.way)
    if leads is None:
        return "ok", "address", "a storage domain of its own: its record says where it leads", ""
    if leads is Way.INTERNET:
        private = [each for each in used if within(each, str(limits.SERVICE_RANGE))]
        text = f"resolves to {', '.join(private)}, an address of the service range, and the host is an Internet one"
        return (
            ("fail", "address", text, "look for a record made by hand") if private else ("ok", "address", "public", "")
        )
    if host.kind is HostKind.TOKEN:
        stray = [each for each in used if not within(each, str(limits.SERVICE_RANGE))]
    elif not expected:
        return "warn", "address", "the state has no address to compare it with", ""
    else:
        stray = [each for each in used if not any(within(each, block) for block in expected)]
    if not stray:
        return "ok", "address", "a declared private address", ""
    where = ", ".join(expected) or str(limits.SERVICE_RANGE)
    fix = "correct the record of the private zone" if host.kind is HostKind.LOGIN else "ask the name servers of the VPC"
    return "fail", "address", f"resolves to {', '.join(stray)}, expected is {where}", fix


def _outside(registry: AlibabaRegistry, host: Host, answer: Exchange) -> Judged:
    entries = registry.entries
    everyone = exposure(registry.internet, None if entries is None else not entries, entries).everyone
    if answer.lookup is not None and (why := answer.lookup.proves_nothing):
        text = f"was not found, and {why}: nothing was looked at, so nothing is proven"
        return "unknown", "closed", text, "run it with --resolver and a public name server"
    if host.way == Way.VPC:
        if answer.failure in _CLOSED:
            return "ok", "closed", f"closed: {answer.failure}", ""
        if answer.failure is not None:
            return "unknown", "closed", "", ""
        return "unknown", "closed", f"answers {answer.status}: this is not outside, so nothing is proven", ""
    if answer.failure in _CLOSED or answer.status == 403:
        text = f"closed ({answer.failure or answer.status})"
        return (
            ("fail", "closed", f"{text}, and declared open to everyone", "") if everyone else ("ok", "closed", text, "")
        )
    if answer.failure is not None:
        return "unknown", "closed", "", ""
    if everyone:
        return "ok", "closed", f"open to everyone ({answer.status}), as declared", ""
    fix = "refresh the stack: the endpoint was switched on or its list changed outside it, or this address is an entry"
    return "fail", "closed", f"answers {answer.status} to a client that it was declared closed to", fix


def layer_host(host: str, registry: str) -> names.AlibabaHost | None:
    """What a layer host is, where it is OSS in the region of the registry that sent the client there."""
    layers, own = names.parse_host(host), names.parse_host(registry)
    if layers is None or own is None or layers.role is not Role.STORAGE or own.role is not Role.REGISTRY:
        return None
    return layers if layers.region == own.region else None


def ranges_of(region: str) -> str:
    """The private ranges of OSS in a region, in words."""
    place = regions.find(region)
    return ", ".join(map(str, place.storage_ranges)) if place is not None else f"OSS in {region}"
