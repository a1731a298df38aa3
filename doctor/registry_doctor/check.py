"""Compares what the network shows from here with what was declared, for every host of every registry at once.

From *inside* (a client that is meant to pull) each host must resolve to the address that its private endpoint was
declared with, or to a public one where there is none, and answer there with its own certificate. From *outside* the
registry must be closed, unless it was declared open. A host is asked once, without credentials.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from registry_model.azure import names
from registry_model.reach.alibaba.model import AlibabaRegistry
from registry_model.reach.exposure import exposure
from registry_model.reach.firewalls import is_address
from registry_model.reach.model import HostKind

from . import alibaba, render
from .choices import Viewpoint
from .errors import FOUND, OK, UNABLE
from .image import Image
from .trace import Step, Trace
from .trace import error_text as said_by
from .verdict import BY_CHECK, judge, split_text
from .wire import Exchange, Failure, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from registry_model.reach.kinds import AnyRegistry
    from registry_model.reach.model import Host, Registry

    from .verdict import Verdict

COLUMNS = ("host", "result", "declared", "seen", "why", "what to change")
_NOWHERE = (Failure.NO_NAME, Failure.NO_ADDRESS)
# A closed registry answers, with 403. Where nobody does, something on the way dropped the connection.
_UNANSWERED = (Failure.CONNECT_TIMEOUT, Failure.CONNECT_REFUSED, Failure.CONNECT_FAILED, Failure.TLS_CLOSED)


class Outcome(StrEnum):
    """``WARN`` is worth a look and fails nothing; ``UNKNOWN``: the network did not let this be judged."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


_WORST = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN, Outcome.OK)


@dataclass(frozen=True)
class Finding:
    """One thing that was compared. ``check`` is a fixed word for programs."""

    check: str
    outcome: Outcome
    text: str
    fix: str = ""


@dataclass
class HostResult:
    """A host, what was declared for it, what was seen, and what that means."""

    host: Host
    declared: list[str]
    exchange: Exchange
    service_tags: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        return _worst(self.findings)


@dataclass
class RegistryResult:
    registry: AnyRegistry
    hosts: list[HostResult]
    findings: list[Finding] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        return _worst([*self.findings, *(f for h in self.hosts for f in h.findings)])


def exit_code(results: Sequence[RegistryResult]) -> int:
    """1 when anything failed, 3 when nothing failed and something could not be judged, else 0."""
    outcomes = {r.outcome for r in results}
    return FOUND if Outcome.FAIL in outcomes else UNABLE if Outcome.UNKNOWN in outcomes else OK


async def check(
    registries: Sequence[AnyRegistry],
    viewpoint: Viewpoint,
    wire: Wire,
    *,
    port: int = names.HTTPS,
    tags_of: Callable[[str], list[str]] = lambda address: [],
) -> list[RegistryResult]:
    """Look at every host of every registry concurrently, so that all of them take as long as the slowest."""
    pending = [(registry, _hosts(registry, viewpoint)) for registry in registries]
    seen = iter(await asyncio.gather(*(_probe(host, wire, port) for _, hosts in pending for host in hosts)))
    looked_at = [
        (registry, [HostResult(host, _declared(registry, host), next(seen)) for host in hosts])
        for registry, hosts in pending
    ]
    # A resolver that has an answer for one host and none for another leaves that one out; one that has none at all
    # stands, for example, on a machine without a network.
    silent = all(_silence(each) for _, found in looked_at for each in found)
    results: list[RegistryResult] = []
    for registry, found in looked_at:
        for each in found:
            each.service_tags = tags_of(each.exchange.address) if each.exchange.address else []
            each.findings = (
                [_unseen(registry, each)]
                if silent and viewpoint is Viewpoint.INSIDE
                else list(_findings(registry, each, found[0], viewpoint))
            )
        layers = _layers(registry)
        if silent and layers.outcome is Outcome.OK:
            layers = replace(layers, outcome=Outcome.UNKNOWN, text=f"{layers.text}; nothing was looked at")
        results.append(RegistryResult(registry, found, [layers]))
    return results


def _silence(seen: HostResult) -> str:
    return seen.exchange.lookup.silence if seen.exchange.lookup else ""


def _unseen(registry: AnyRegistry, seen: HostResult) -> Finding:
    """What is found of a host where the resolver has no answer for any."""
    fix = "ask another resolver: --resolver ADDRESS"
    if registry.private_endpoints and not isinstance(registry, AlibabaRegistry):
        # Public names are of no use to a client that is meant to take the private path: the zone's records are.
        fix += f"; if clients here use this one, {_zone_fix(registry)}"
    return Finding("resolves", Outcome.UNKNOWN, f"{_silence(seen)}: nothing was looked at, so nothing is proven", fix)


def _hosts(registry: AnyRegistry, viewpoint: Viewpoint) -> list[Host]:
    """The hosts to look at: those that can be named, and of several endpoints those that a client there uses."""
    if isinstance(registry, AlibabaRegistry):
        found = alibaba.hosts_to_look_at(registry, inside=viewpoint is Viewpoint.INSIDE)
        return [host for host in found if not host.name.startswith("*")]
    return [host for host in registry.hosts() if host.kind is not HostKind.STORAGE]


def _findings(registry: AnyRegistry, seen: HostResult, login: HostResult, viewpoint: Viewpoint) -> Iterator[Finding]:
    inside = viewpoint is Viewpoint.INSIDE
    if not isinstance(registry, AlibabaRegistry):
        yield from _inside(registry, seen) if inside else _outside(registry, seen, login)
        return
    for outcome, check, text, fix in alibaba.judged(registry, seen.host, seen.exchange, inside=inside):
        if text:
            yield Finding(check, Outcome(outcome), text, fix)
        else:
            yield _explained(check, registry, seen, Outcome(outcome))


def layers_seen(result: RegistryResult, trace: Trace, verdict: Verdict) -> Finding:
    """What a pull showed: its layers must come from a declared data endpoint, so that no wildcard is needed."""
    last = trace.step("first bytes")
    where = last.exchange.host if last else ""
    declared = [h.host.name for h in result.hosts if h.host.kind in (HostKind.DATA, HostKind.BUCKET)]
    what = "bucket" if isinstance(result.registry, AlibabaRegistry) else "data endpoint"
    if not trace.complete:
        return Finding("pull", Outcome.FAIL, verdict.summary, " ".join(verdict.fix))
    if where in declared:
        return Finding("pull", Outcome.OK, f"{trace.image} comes from the declared {what} {where}")
    return Finding(
        "pull",
        Outcome.FAIL,
        f"the layers of {trace.image} come from {where or 'the login server'}, which is not a declared {what}",
        "turn on dedicated data endpoints, or declare the replica that served it"
        if what == "data endpoint"
        else "look at customOssBucket and at the storage domains of the instance",
    )


def _layers(registry: AnyRegistry) -> Finding:
    if isinstance(registry, AlibabaRegistry):
        if registry.serves_from_data_endpoints:
            return Finding("no-wildcard", Outcome.OK, "layers come from a bucket that is known: no wildcard is needed")
        text = f"the bucket is not known, so that clients need {', '.join(registry.storage_wildcards)}"
        return Finding("no-wildcard", Outcome.WARN, text, "check the deployed stack, whose instance has an id")
    if registry.serves_from_data_endpoints:
        return Finding("no-wildcard", Outcome.OK, "declared to serve layers from its own hosts: no wildcard is needed")
    return Finding(
        "no-wildcard",
        Outcome.FAIL,
        f"declared with neither data endpoints nor a private endpoint: clients need {registry.cloud.blob_wildcard}",
        "turn on dedicated data endpoints, after announcing the hosts that registry-doctor allow-list prints",
    )


async def _probe(host: Host, wire: Wire, port: int) -> Exchange:
    path = "/v2/" if host.kind in (HostKind.LOGIN, HostKind.REGIONAL) else "/"
    at = "" if port == names.HTTPS else f":{port}"
    return await wire.fetch("GET", f"https://{host.name}{at}{path}", most=1 << 16)


def _declared(registry: AnyRegistry, host: Host) -> list[str]:
    """The private addresses that the endpoints were declared with; empty where the state has none."""
    if isinstance(registry, AlibabaRegistry):
        return list(registry.addresses_of(host))
    found = [endpoint.address_of(host.name) for endpoint in registry.private_endpoints]
    return [address for address in dict.fromkeys(found) if address and is_address(address)]


def _inside(registry: Registry, seen: HostResult):
    answer = seen.exchange
    lookup = answer.lookup
    used = lookup.used if lookup else []
    if not used:
        found = _explained("resolves", registry, seen)
        if registry.private_endpoints and lookup is not None and not lookup.knows_public_names:
            found = replace(found, fix=_zone_fix(registry))
        yield found
        return
    yield Finding("resolves", Outcome.OK, f"resolves to {', '.join(used)}")
    if lookup is not None and (text := split_text(lookup)):
        yield Finding(
            "address",
            Outcome.FAIL,
            text,
            "have the private zone answer both families, or forward the registry's names to one resolver in a network "
            "that is linked to it",
        )
    elif registry.private_endpoints:
        yield _private_address(registry, seen)
        if lookup is not None and not lookup.alias:
            yield Finding(
                "record",
                Outcome.WARN,
                "the answer does not come through the private DNS zone",
                "look for a hosts file or a record made by hand: neither follows the endpoint",
            )
    elif answer.address_class == "private":
        yield Finding(
            "address",
            Outcome.FAIL,
            f"resolves to the private address {answer.address}, and no private endpoint is declared",
            "look for a leftover record, or declare the endpoint",
        )
    refused = seen.host.kind is not HostKind.DATA and answer.status not in (200, 401)
    if answer.failure is not None or refused:
        found = _explained("answers", registry, seen)
        if registry.private_endpoints and registry.public_access is False and "public" in _classes(seen):
            found = replace(found, fix="")  # nothing done for the public address helps: the name must lead elsewhere
        yield found
    else:
        yield Finding("answers", Outcome.OK, f"answers {answer.status} with a valid certificate")


def _classes(seen: HostResult) -> set[str]:
    return set(seen.exchange.lookup.classes) if seen.exchange.lookup else set()


def _private_address(registry: Registry, seen: HostResult) -> Finding:
    lookup = seen.exchange.lookup
    used = lookup.used if lookup else []
    record = names.private_fqdn(seen.host.name)
    stray = [a for a in used if a not in seen.declared] if seen.declared else []
    if not seen.declared:
        private = lookup is not None and lookup.classes == {"private"}
        if private:
            return Finding("address", Outcome.WARN, "private, and the state has no address to compare it with")
        stray = list(used)
    if not stray:
        return Finding("address", Outcome.OK, "the declared private address")
    if lookup is not None and "public" in lookup.classes:
        return Finding(
            "address",
            Outcome.FAIL,
            f"resolves to the public address {', '.join(stray)}: the resolver {lookup.resolver} does not ask the zone "
            f"{registry.cloud.private_link_zone}",
            _zone_fix(registry),
        )
    if lookup is not None and not lookup.alias:
        # Nobody was asked for the record in the zone: a hosts file, or a zone of this network, has the name itself.
        return Finding(
            "address",
            Outcome.FAIL,
            f"the answer {', '.join(stray)} is for the name itself, declared is {', '.join(seen.declared)}",
            f"correct what this network holds for {seen.host.name}: a hosts file, or a zone of its own name server",
        )
    return Finding(
        "address",
        Outcome.FAIL,
        f"the record {record} says {', '.join(stray)}, declared is {', '.join(seen.declared)}",
        "correct the record; two endpoints of one registry writing to one zone overwrite each other's",
    )


def _zone_fix(registry: Registry) -> str:
    return (
        f"link this network to the zone {registry.cloud.private_link_zone}, or forward to a resolver in a linked "
        f"network (Azure's is {names.AZURE_DNS})"
    )


def _outside(registry: Registry, seen: HostResult, login: HostResult):
    answer = seen.exchange
    open_declared = exposure(registry.public_access, registry.default_allow, registry.ip_rules).everyone
    if answer.failure is Failure.RESOLVER:
        yield _explained("closed", registry, seen, Outcome.UNKNOWN)
    elif answer.lookup is not None and "private" in answer.lookup.classes:
        yield Finding(
            "closed",
            Outcome.UNKNOWN,
            f"resolves to the private address {answer.address}: this is not outside, so nothing is proven",
            "run it where the private zone is not linked, or with --resolver and a public name server",
        )
    elif answer.lookup is not None and (why := answer.lookup.proves_nothing):
        yield Finding(
            "closed",
            Outcome.UNKNOWN,
            f"was not found, and {why}: nothing was looked at, so nothing is proven",
            "run it where the private zone is not linked, or with --resolver and a public name server",
        )
    elif answer.failure in _UNANSWERED:
        yield Finding(
            "closed",
            Outcome.UNKNOWN,
            f"nobody answered ({answer.failure}): a closed registry answers 403, so that nothing is proven",
            "run it where no firewall of your own stops the connection",
        )
    elif answer.failure in _NOWHERE or answer.status == 403:
        how = f"refuses: {said_by(answer) or '403'}" if answer.status == 403 else str(answer.failure)
        yield Finding("closed", Outcome.FAIL if open_declared else Outcome.OK, _closed_text(how, open_declared))
    elif answer.failure is not None:
        yield _explained("closed", registry, seen, Outcome.UNKNOWN)
    elif open_declared:
        yield Finding("closed", Outcome.OK, f"open to everyone ({answer.status}), as declared")
    elif seen.host.kind is HostKind.DATA:
        # A data endpoint answers a request without a signed link in its own way; the login server is who gives links.
        closed = login.exchange.failure is not None or login.exchange.status == 403
        tail = "the login server gives no link from here" if closed else "and the login server is open from here"
        outcome = Outcome.WARN if closed else Outcome.FAIL
        yield Finding("closed", outcome, f"answers {answer.status} to a request without a link; {tail}")
    else:
        yield Finding(
            "closed",
            Outcome.FAIL,
            f"answers {answer.status} to a client that it was declared closed to",
            "refresh the stack: public access or its IP rules were changed outside it, or this client's address is in "
            "a rule",
        )


def _closed_text(how: str, open_declared: bool) -> str:
    return f"closed ({how}), and declared open to everyone" if open_declared else f"closed: {how}"


def _explained(check: str, registry: AnyRegistry, seen: HostResult, outcome: Outcome = Outcome.FAIL) -> Finding:
    """The same words that a trace would have for it."""
    login = registry.login_server.lower()
    trace = Trace(Image(login, names.HTTPS, "check", "latest", ""), "nobody", anonymous=True)
    step = "first bytes" if seen.host.kind in (HostKind.DATA, HostKind.BUCKET) else "challenge"
    trace.steps.append(Step(step, seen.exchange, said_by(seen.exchange)))
    verdict = judge(trace)
    return Finding(check, outcome, verdict.summary, " ".join(verdict.fix).replace(BY_CHECK, "whois"))


def _worst(findings: Sequence[Finding]) -> Outcome:
    return next((o for o in _WORST if any(f.outcome is o for f in findings)), Outcome.OK)


def rows(result: RegistryResult) -> list[list[str]]:
    """A line for each host, then one for each finding about the whole registry."""
    found: list[list[str]] = []
    for each in result.hosts:
        telling = [f for f in each.findings if f.outcome is each.outcome]
        lookup = each.exchange.lookup
        seen = ", ".join(lookup.used) if lookup and lookup.used else (lookup.rcode if lookup else "")
        tags = f" ({each.service_tags[0]})" if each.service_tags else ""
        found.append(
            [
                each.host.name,
                str(each.outcome),
                ", ".join(each.declared) or _path_of(each.host),
                seen + tags,
                joined([f.text for f in (telling[-1:] if each.outcome is Outcome.OK else telling)]),
                joined(list(dict.fromkeys(f.fix for f in telling if f.fix))),
            ]
        )
    found += [[f"({f.check})", str(f.outcome), "", "", f.text, f.fix] for f in result.findings]
    return found


def joined(texts: Sequence[str]) -> str:
    """Sentences and phrases one after another: a semicolon before a phrase, a full stop before a sentence."""
    found = ""
    for text in texts:
        gap = "" if not found else " " if found.endswith(".") else ". " if text[:1].isupper() else "; "
        found += gap + text
    return found


def _path_of(host: Host) -> str:
    """Where a host is declared to be, of which no address is declared."""
    return "private" if host.way == alibaba.Way.VPC else "public"


def data(results: Sequence[RegistryResult], viewpoint: Viewpoint) -> dict[str, Any]:
    """The results as JSON data."""
    return {
        "from": str(viewpoint),
        "ok": exit_code(results) == OK,
        "registries": [
            {
                "registry": result.registry.label,
                "loginServer": result.registry.login_server,
                "outcome": str(result.outcome),
                "findings": [_finding_data(f) for f in result.findings],
                "hosts": [_host_data(h) for h in result.hosts],
            }
            for result in results
        ],
    }


def _host_data(each: HostResult) -> dict[str, Any]:
    answer = each.exchange
    return {
        "host": each.host.name,
        "kind": str(each.host.kind),
        "regions": list(each.host.regions),
        "outcome": str(each.outcome),
        "declared": each.declared,
        "dns": render.lookup_data(answer.lookup) if answer.lookup else None,
        "address": answer.address or None,
        "addressClass": answer.address_class or None,
        "serviceTags": each.service_tags,
        "tls": render.tls_data(answer.tls) if answer.tls else None,
        "status": answer.status,
        "failure": str(answer.failure) if answer.failure else None,
        "seconds": round(answer.seconds, 4),
        "findings": [_finding_data(f) for f in each.findings],
    }


def _finding_data(finding: Finding) -> dict[str, Any]:
    return {"check": finding.check, "outcome": str(finding.outcome), "text": finding.text, "fix": finding.fix}
