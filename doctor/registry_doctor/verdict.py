"""What a trace means, in plain words: which situation this is, what is wrong, and what to do about it.

Pure: reads a finished trace and asks nothing. The situations and their consequences are those of
learn.microsoft.com/azure/container-registry: private-link, dedicated-data-endpoints, firewall-access-rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from registry_model.alibaba.editions import Edition
from registry_model.alibaba.names import Role, Way, parse_host
from registry_model.azure import limits, names
from registry_model.azure.misnamed import Misnamed, same_registry
from registry_model.azure.roles import PULL_ROLES, REGISTRY_PERMISSIONS, REPOSITORY_PERMISSIONS

from . import alibaba
from .addresses import address_class
from .resolve import CONTROL
from .wire import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from .image import Image
    from .resolve import Lookup
    from .trace import Step, Trace
    from .wire import Exchange


class Situation(StrEnum):
    """Where a registry's layers come from, as seen from here."""

    BLOB_STORAGE = "blob-storage"
    DATA_PUBLIC = "data-endpoints-public"
    PRIVATE = "private-path"
    OUTSIDE = "private-endpoint-from-outside"
    MIXED = "private-and-public-addresses"
    BUCKET_INTERNAL = "oss-internal"
    BUCKET_PUBLIC = "oss-public"
    FOREIGN = "foreign-host"
    DIRECT = "direct"
    UNKNOWN = "unknown"


SITUATION_TEXT = {
    Situation.BLOB_STORAGE: (
        "The registry has neither dedicated data endpoints nor a private endpoint: its layers come from a blob storage "
        "account whose name cannot be known in advance."
    ),
    Situation.DATA_PUBLIC: (
        "The registry has dedicated data endpoints and no private endpoint: its layers come from hosts of its own, "
        "over the public network."
    ),
    Situation.PRIVATE: "The registry has a private endpoint, and its names resolve to private addresses here.",
    Situation.OUTSIDE: (
        "The registry has a private endpoint, and the resolver asked here does not ask its private DNS zone."
    ),
    Situation.MIXED: (
        "The registry has a private endpoint, and its names resolve to private and to public addresses here: an engine "
        "takes the one or the other, most prefer IPv6."
    ),
    Situation.BUCKET_INTERNAL: (
        "The layers come from an internal host of OSS: VPCs of its region reach it, and others by routes."
    ),
    Situation.BUCKET_PUBLIC: "The layers come from OSS over the public network.",
    Situation.FOREIGN: "The layers come from a host that is neither a data endpoint of this registry nor blob storage.",
    Situation.DIRECT: "This registry serves layers itself, without a redirect to another host.",
    Situation.UNKNOWN: "The flow ended before it showed where layers come from.",
}


@dataclass
class Verdict:
    """``fault`` is empty when the pull works as it should, else a fixed word for programs; the rest is for people."""

    situation: Situation
    summary: str
    fault: str = ""
    explanation: str = ""
    fix: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.fault


_NO_RESOLVER = ("resolver-slow", "resolver-failed", "no-public-names")


def could_not_look(trace: Trace, verdict: Verdict) -> bool:
    """Whether the resolver told nothing from the start, not even an alias: the trace shows nothing of the registry."""
    looked = [step.exchange.lookup for step in trace.steps]
    told = any(lookup is not None and (lookup.addresses or len(lookup.chain) > 1) for lookup in looked)
    return verdict.fault in _NO_RESOLVER and not told


def judge(trace: Trace) -> Verdict:
    """The verdict on a trace."""
    situation = _situation(trace)
    if trace.complete:
        if situation is Situation.FOREIGN:
            return _foreign(trace)
        mixed = _split(trace, situation) or _mixed(trace, situation)
        path = " on the private path" if situation is Situation.PRIVATE else ""
        return mixed or Verdict(situation, f"The pull of {trace.image} works{path}.", fix=_advice(trace, situation))
    if trace.stop:
        return Verdict(situation, f"The pull of {trace.image} cannot go on.", trace.stop, _sentence(trace.stop_reason))
    step = trace.steps[-1]
    answer = step.exchange
    if answer.failure is not None:
        found = _of_alibaba(trace, step, situation) or _NETWORK[answer.failure](trace, step, situation)
        return _of_address(trace, found)
    return _refusal(trace, step, situation)


def _situation(trace: Trace) -> Situation:
    last = trace.step("first bytes")
    if last is not None and last.exchange.lookup is not None:
        parsed, own = names.parse_host(last.exchange.host), names.parse_host(trace.image.host)
        if parsed and parsed.kind == "blob storage" and (own is None or own.cloud == parsed.cloud):
            return Situation.BLOB_STORAGE
        if parsed and parsed.kind == "data endpoint" and not parsed.alias and own and own.label == parsed.label:
            return _by_name(last.exchange.lookup) or Situation.DATA_PUBLIC
        if same_registry(last.exchange.host, trace.image.host):
            return Situation.DIRECT
        if (bucket := alibaba.layer_host(last.exchange.host, trace.image.host)) is not None:
            return Situation.BUCKET_INTERNAL if bucket.way is Way.VPC else Situation.BUCKET_PUBLIC
        return Situation.FOREIGN
    if trace.complete:
        return Situation.DIRECT
    first = trace.steps[0].exchange.lookup if trace.steps else None
    return (first and _by_name(first)) or Situation.UNKNOWN


def _by_name(lookup: Lookup) -> Situation | None:
    """The two situations with a private endpoint show in the names alone: the alias, and the kind of address.

    An alias that leads nowhere is a private zone's word: public DNS has an address behind it.
    """
    if address_class(lookup.host):
        return None
    if lookup.split:
        return Situation.MIXED
    if not lookup.alias:
        # A hosts file or a record made by hand gives a private address without the alias.
        return Situation.PRIVATE if "private" in lookup.classes else None
    return Situation.OUTSIDE if "public" in lookup.classes else Situation.PRIVATE


def _advice(trace: Trace, situation: Situation) -> list[str]:
    cloud = _cloud(trace)
    if situation is Situation.BLOB_STORAGE and cloud:
        return [
            f"A client firewall must allow {cloud.blob_wildcard}, which is any storage account in Azure. To close "
            "that, switch to dedicated data endpoints; publish the new hosts to every client firewall first "
            "(registry-doctor allow-list)."
        ]
    if situation is Situation.OUTSIDE:
        return [
            "This works because public access is on. If this client was meant to take the private path, link its "
            f"virtual network to the zone {cloud.private_link_zone if cloud else ''}, or forward its DNS to a resolver "
            "in a linked network."
        ]
    return []


def misnamed_verdict(found: Misnamed, image: Image) -> Verdict:
    """The verdict on an image whose host is no registry: nothing was asked of it, and nothing sent to it."""
    if not found.meant:
        return Verdict(Situation.UNKNOWN, f"{found.host} {found.reason}.", "not-a-registry")
    return Verdict(
        Situation.UNKNOWN,
        f"{found.host} is not the registry's name: pull {image.at(found.meant)}.",
        "not-a-registry",
        f"{found.host} {found.reason}.",
        [f"Pull {image.at(found.meant)}; sign in to {found.meant}."],
    )


def _of_address(trace: Trace, found: Verdict) -> Verdict:
    """The verdict, led by what is wrong with an image whose registry is an IP address and no name."""
    host = trace.image.host
    if not address_class(host) or address_class(host) == "loopback" or trace.steps[-1].exchange.host != host:
        return found
    return replace(
        found,
        explanation=f"{host} is an IP address, not a name: no resolver was asked, and no certificate of a registry of "
        f"Azure or Alibaba Cloud has addresses. {found.explanation}",
        fix=["Pull by the registry's login server, such as contoso.azurecr.io.", *found.fix],
    )


def _of_alibaba(trace: Trace, step: Step, situation: Situation) -> Verdict | None:
    """What a failure means at a host whose name tells more: the VPC endpoint's, or an internal or public one of OSS."""
    answer = step.exchange
    parsed = parse_host(answer.host)
    if parsed is None or answer.lookup is None:
        return None
    enterprise = parsed.role is Role.REGISTRY and parsed.edition is Edition.ENTERPRISE
    if answer.failure is Failure.NO_NAME and enterprise and parsed.way is Way.VPC:
        return Verdict(
            situation,
            f"{answer.host} does not resolve in this network.",
            "not-in-zone",
            f"The name of a VPC endpoint is in private zones only, and the resolver {answer.lookup.resolver} asks none "
            "that has it.",
            [
                "In a bound VPC: have the link write the record (enable_create_dns_record_in_pvzt).",
                "In a VPC that is connected with it: a private zone with the same host and address.",
                "Elsewhere this is the registry doing its work: the client is not meant to reach it.",
            ],
        )
    bucket = alibaba.layer_host(answer.host, trace.image.host)
    if bucket is None or answer.failure not in _UNREACHED:
        return None
    if bucket.way is Way.VPC:
        return Verdict(
            situation,
            f"{answer.host} does not answer: it is an internal host of OSS.",
            "layer-host-internal",
            f"It resolves to {answer.address or 'a private address'} in {bucket.region}, which VPCs of that region "
            "reach, and others by routes.",
            [
                f"Route {alibaba.ranges_of(bucket.region)} to {bucket.region}; all of them, because OSS moves between "
                "them.",
                "Or pull by the Internet endpoint's host, whose layers come from a public one.",
            ],
        )
    return Verdict(
        situation,
        f"{answer.host} cannot be reached: something in between blocks it.",
        "layer-host-blocked",
        "The registry and the token service answered, and the layers are on a public host of OSS, which answers "
        "everybody.",
        [f"Allow {answer.host} on TCP {names.HTTPS} in the client's firewall, by name and not by a wildcard."],
    )


BY_CHECK = "registry-doctor check, and whois"
_UNREACHED = (Failure.CONNECT_TIMEOUT, Failure.CONNECT_REFUSED, Failure.CONNECT_FAILED, Failure.TLS_CLOSED)


def _foreign(trace: Trace) -> Verdict:
    """Layers came, from a host that is none of the registry's. What that means depends on whose registry it is."""
    last = trace.steps[-1].exchange
    if _cloud(trace) is None:
        return Verdict(
            Situation.FOREIGN,
            f"Every step of the pull of {trace.image} was answered; its layers come from {last.host}.",
            explanation=(
                f"{trace.image.host} is not a registry of Azure, so whether that is its own host for layers is not "
                "known here."
            ),
            fix=[f"A client firewall must allow {trace.image.host} and {last.host}, if its operator says so."],
        )
    parsed = names.parse_host(last.host)
    other = (
        f" It is a {parsed.kind} of another registry, {parsed.label}."
        if parsed and parsed.kind != "blob storage"
        else ""
    )
    return Verdict(
        Situation.FOREIGN,
        f"The layers of {trace.image} come from {last.host}, a host that is not the registry's.",
        "foreign-layers",
        "A registry of Azure gives layers from its data endpoints, <registry>.<region>.data."
        f"{_suffix(trace)}, or from blob storage of its cloud.{other} Something in between answers in the registry's "
        "place, or changes what it says.",
        [
            f"Compare the address and the certificate of the login server with the registry's: {BY_CHECK}.",
            f"Do not run what was pulled from there, and do not open a firewall for {last.host}.",
        ],
    )


def _suffix(trace: Trace) -> str:
    cloud = _cloud(trace)
    return cloud.registry_suffix if cloud else ""


def split_text(lookup: Lookup) -> str:
    """What a host with private and public addresses means; empty where it has one kind."""
    if lookup.split is None:
        return ""
    private, public = lookup.split
    families = (
        " (A records private, AAAA public)"
        if all(":" not in a for a in private) and all(":" in a for a in public)
        else ""
    )
    return (
        f"{lookup.host} resolves to the private {', '.join(private)} and to the public {', '.join(public)}{families}: "
        "an engine that takes the public one leaves the private path, and most prefer IPv6"
    )


def _split(trace: Trace, situation: Situation) -> Verdict | None:
    """A pull that works by one of two addresses, private and public, of which an engine may take the other."""
    found = [text for step in trace.steps if (lookup := step.exchange.lookup) and (text := split_text(lookup))]
    if not found:
        return None
    return Verdict(
        situation,
        f"The pull of {trace.image} works, but not on one path.",
        "mixed-path",
        _sentence("; ".join(dict.fromkeys(found))),
        [
            "Have the private zone answer both families: an AAAA record beside each A record, or none in any zone that "
            "this resolver asks.",
            "Or forward the registry's names to one resolver alone, in a network that is linked to the zone.",
        ],
    )


def _mixed(trace: Trace, situation: Situation) -> Verdict | None:
    """A pull that works although its two halves take different paths."""
    first, last = trace.steps[0].exchange, trace.steps[-1].exchange
    kinds = (first.address_class, last.address_class)
    if situation not in (Situation.PRIVATE, Situation.OUTSIDE) or set(kinds) != {"private", "public"}:
        return None
    public = last if kinds[1] == "public" else first
    return Verdict(
        situation,
        f"The pull of {trace.image} works, but not on one path.",
        "mixed-path",
        f"{first.host} resolves to the {kinds[0]} address {first.address} and {last.host} to the {kinds[1]} address "
        f"{last.address}. The {'layers leave' if kinds[1] == 'public' else 'sign-in leaves'} the private path, and the "
        "pull breaks as soon as public access is off.",
        [_record_fix(public)],
    )


def _no_name(trace: Trace, step: Step, situation: Situation) -> Verdict:
    lookup = step.exchange.lookup
    assert lookup is not None
    host, parsed = lookup.host, names.parse_host(lookup.host)
    missing = names.parse_host(lookup.chain[-1])
    if parsed is None or missing is None or not missing.alias:
        if not lookup.knows_public_names:
            return Verdict(
                situation,
                f"{host} was not found, and the resolver {lookup.resolver} knows no public names.",
                "no-public-names",
                f"It says NXDOMAIN for {lookup.chain[-1]} and does not resolve {CONTROL} either. Whether {host} exists "
                "cannot be told from here.",
                ["Ask a resolver that resolves public names (--resolver), or have this one forward them."],
            )
        known = parsed is not None and parsed.kind == "login server"
        return Verdict(
            situation,
            f"{host} does not exist.",
            "no-such-host",
            f"The resolver {lookup.resolver} says NXDOMAIN for {lookup.chain[-1]}"
            + (", and no private endpoint's alias is involved: no registry has that name." if known else "."),
            ["Check the spelling of the registry" + (" and its cloud's suffix." if known else ".")],
        )
    zone = missing.cloud.private_link_zone
    record = lookup.chain[-1].removesuffix("." + zone)
    if lookup.authority and lookup.authority != zone and lookup.authority.endswith("." + zone):
        return Verdict(
            situation,
            f"{host} does not resolve: the wrong private DNS zone answers.",
            "wrong-zone",
            f"The answer comes from a zone named {lookup.authority}. Registries use one zone, {zone}, with the record "
            f"{record} in it; a zone for a region hides it and breaks pulls.",
            [
                f"Unlink and delete the zone {lookup.authority}.",
                f"Have the record {record} in the zone {zone} (the private endpoint's DNS zone group writes it).",
            ],
        )
    if parsed.kind == "login server":
        return Verdict(
            situation,
            f"{host} does not resolve in this network, although the registry exists.",
            "not-in-zone",
            f"The registry has a private endpoint, so its name is an alias of {lookup.chain[-1]}. This network is "
            f"linked to a zone {zone} that has no record for it (another registry's zone, or the record is missing), "
            "and a linked zone is the only one asked.",
            [
                f"Add this registry's records to the linked zone, {record} first: a private endpoint in this network "
                "with a DNS zone group writes them.",
                "Or set resolutionPolicy NxDomainRedirect on the zone's virtual network link, so that registries that "
                "are not in the zone resolve publicly.",
            ],
        )
    return Verdict(
        situation,
        f"The record of {host} is missing from the private DNS zone.",
        "missing-record",
        f"The layers of its region are on {host}, an alias of {lookup.chain[-1]}, and the zone "
        f"{zone} that this network is linked to has no record {record}. Every replica needs its own record.",
        [_record_fix(step.exchange)],
    )


def _record_fix(answer: Exchange) -> str:
    parsed = names.parse_host(answer.host)
    if parsed is None or parsed.kind not in ("login server", "data endpoint"):
        return "Make both hosts resolve in the same zone."
    alias = names.private_fqdn(answer.host)
    zone = parsed.cloud.private_link_zone
    member = names.data_member(parsed.region) if parsed.region else names.REGISTRY_MEMBER
    return (
        f"Add the A record {alias.removesuffix('.' + zone)} to the zone {zone}, with the private endpoint's address "
        f"for the member {member}; a DNS zone group on the endpoint does it by itself."
    )


def _no_address(trace: Trace, step: Step, situation: Situation) -> Verdict:
    lookup = step.exchange.lookup
    assert lookup is not None
    if lookup.alias:
        return Verdict(
            situation,
            f"{lookup.host} has no address.",
            "missing-record",
            f"{lookup.chain[-1]} exists and has neither an A nor an AAAA record.",
            [_record_fix(step.exchange)],
        )
    return Verdict(
        situation,
        f"{lookup.host} has no address.",
        "no-address",
        f"The resolver {lookup.resolver} knows the name {lookup.chain[-1]} and no address for it.",
        ["Check the record; for a registry host this is a fault of the resolver or of a zone that shadows it."],
    )


def _resolver(trace: Trace, step: Step, situation: Situation) -> Verdict:
    lookup = step.exchange.lookup
    assert lookup is not None
    slow = lookup.rcode == "TIMEOUT"
    return Verdict(
        situation,
        f"The resolver {lookup.resolver} gave no answer for {lookup.host}"
        + (" within the time limit." if slow else f": {lookup.rcode}."),
        "resolver-slow" if slow else "resolver-failed",
        _sentence(lookup.problem) if lookup.problem else "It answers, but not this question.",
        [
            "Check that this machine may ask that resolver (port 53, UDP and TCP) and that its forwarders work; "
            "compare with another one: --resolver ADDRESS."
        ],
    )


def _unreachable(trace: Trace, step: Step, situation: Situation) -> Verdict:
    answer = step.exchange
    parsed = names.parse_host(answer.host)
    bare = answer.host == answer.address
    tried = f"{answer.host} {'is' if bare else f'resolves to {answer.address},'} a {answer.address_class} address"
    outcome = _sentence(f"{answer.failure}: {answer.detail}" if answer.detail else str(answer.failure))
    if answer.address_class == "reserved":
        return Verdict(
            situation,
            f"{answer.host} resolves to {answer.address}, an address that no host can have.",
            "blocked-name",
            f"{outcome} Resolvers that block names answer so, and so do proxies that catch connections by name.",
            ["Ask another resolver: --resolver ADDRESS; then look at DNS filters and local proxies."],
        )
    if answer.address_class == "loopback" and answer.failure is Failure.CONNECT_REFUSED:
        return Verdict(
            situation,
            f"Nothing listens on port {answer.port} of {answer.host}.",
            "not-listening",
            f"{tried}: this machine itself. {outcome}",
            [f"Start the registry there, or give its port: {trace.image.host}:5000/{trace.image.repository}."],
        )
    if answer.address_class == "private" and not bare:
        return Verdict(
            situation,
            f"{answer.host} resolves to a private address that cannot be reached from here.",
            "no-route",
            f"{tried}. {outcome} The name is right and the way is not: no route to the endpoint's network, a network "
            "security group in between, or a record that points to an endpoint that is gone.",
            [
                "Check the peering, VPN or ExpressRoute to the private endpoint's network, and the security groups for "
                f"TCP {answer.port}.",
                "Check that the record's address is the endpoint's: registry-doctor check.",
            ],
        )
    if parsed and parsed.kind == "blob storage":
        return Verdict(
            situation,
            f"The layers come from blob storage, {answer.host}, and this client cannot reach it.",
            "blob-redirect-blocked",
            f"{SITUATION_TEXT[Situation.BLOB_STORAGE]} {tried}. {outcome}",
            [
                "Turn on dedicated data endpoints (Premium), so that layers come from hosts that a firewall can name; "
                "add the hosts that registry-doctor allow-list prints to every client firewall before that.",
                f"Until then the client firewall must allow {parsed.cloud.blob_wildcard}, which is any storage account "
                "in Azure.",
            ],
        )
    if parsed and parsed.kind == "data endpoint":
        return Verdict(
            situation,
            f"The layers come from the data endpoint {answer.host}, and this client cannot reach it.",
            "data-endpoint-blocked",
            f"The login server answers. {tried}. {outcome} This is what a firewall does that knows the login server, "
            f"and perhaps {parsed.cloud.blob_wildcard}, but not the data endpoint.",
            [f"Allow {answer.host} on TCP {answer.port} in the client's firewall; a replica's host too, one by one."],
        )
    return Verdict(
        situation,
        f"{answer.host} cannot be reached from here.",
        "blocked",
        f"{tried}. {outcome}",
        [f"Allow {answer.host} on TCP {answer.port} in the client's firewall, or check the proxy."],
    )


def _tls(trace: Trace, step: Step, situation: Situation) -> Verdict:
    answer = step.exchange
    seen = answer.tls
    who = seen.subject if seen and seen.subject else "an unnamed server"
    issuer = seen.issuer if seen and seen.issuer else "an unnamed issuer"
    where = f"{answer.host} ({answer.address}, {answer.address_class})"
    if answer.failure is Failure.TLS_WRONG_NAME:
        listed = ", ".join(seen.names[:5]) if seen and seen.names else "no DNS name"
        return Verdict(
            situation,
            f"The server behind {answer.host} is another one: its certificate is for another name.",
            "tls-wrong-name",
            f"{where} shows the certificate of {who}, for {listed}, issued by {issuer}. The address is not the "
            "registry's: a wrong DNS record, a reused address, or a proxy in between.",
            [f"Compare the address with the private endpoint's or the registry's: {BY_CHECK}."],
        )
    if answer.failure is Failure.TLS_UNTRUSTED:
        return Verdict(
            situation,
            f"The certificate of {answer.host} comes from an issuer that is not trusted here.",
            "tls-untrusted",
            f"{where} shows the certificate of {who}, issued by {issuer}. That is how a firewall that inspects TLS "
            "looks; registries have certificates of public authorities.",
            [
                "Exempt the registry's hosts from TLS inspection, or install the firewall's authority on every client.",
                "To go on with this trace: --ca-bundle FILE.",
            ],
        )
    if answer.failure is Failure.TLS_EXPIRED:
        return Verdict(
            situation,
            f"The certificate of {answer.host} is outside its dates.",
            "tls-expired",
            f"{where} shows the certificate of {who}, issued by {issuer}, valid until {seen.expires if seen else '?'}.",
            ["Check this machine's clock; then who answers at that address."],
        )
    return Verdict(
        situation,
        f"No TLS connection to {answer.host}.",
        "tls-failed",
        f"{where}: {_sentence(answer.detail)}",
        ["Check for a proxy or firewall in between, and that it allows TLS 1.2 or later."],
    )


def _slow(trace: Trace, step: Step, situation: Situation) -> Verdict:
    answer = step.exchange
    return Verdict(
        situation,
        f"{answer.host} is too slow: no complete answer in the step '{step.name}' within the time limit.",
        "slow",
        f"The connection to {answer.address} ({answer.address_class}) was made; {_sentence(answer.detail)}",
        ["Try again, with --timeout SECONDS if the way is known to be slow; then look at a proxy or VPN in between."],
    )


def _broken(trace: Trace, step: Step, situation: Situation) -> Verdict:
    answer = step.exchange
    return Verdict(
        situation,
        f"{answer.host} broke off in the step '{step.name}'.",
        "broken",
        f"{answer.address} ({answer.address_class}): {_sentence(answer.detail)}",
        ["Try again; if it stays, look at the proxy or firewall in between."],
    )


def _run_limit(trace: Trace, step: Step, situation: Situation) -> Verdict:
    return Verdict(
        situation,
        f"The time for the whole run was over in the step '{step.name}'.",
        "run-limit",
        f"Waiting for {step.exchange.host}. The steps before show what took so long.",
        ["Try again with --max-time SECONDS, if the way is known to be slow."],
    )


_NETWORK: dict[Failure, Callable[[Trace, Step, Situation], Verdict]] = {
    Failure.NO_NAME: _no_name,
    Failure.NO_ADDRESS: _no_address,
    Failure.RESOLVER: _resolver,
    Failure.CONNECT_TIMEOUT: _unreachable,
    Failure.CONNECT_REFUSED: _unreachable,
    Failure.CONNECT_FAILED: _unreachable,
    Failure.TLS_CLOSED: _unreachable,
    Failure.TLS_WRONG_NAME: _tls,
    Failure.TLS_UNTRUSTED: _tls,
    Failure.TLS_EXPIRED: _tls,
    Failure.TLS_FAILED: _tls,
    Failure.SLOW: _slow,
    Failure.HTTP: _broken,
    Failure.RUN_LIMIT: _run_limit,
}


def _refusal(trace: Trace, step: Step, situation: Situation) -> Verdict:
    """An answer that is not the one wanted."""
    answer, said = step.exchange, f" It says: {_sentence(step.note)}" if step.note else ""
    status = answer.status or 0
    if step.name == "first bytes":
        return _layer_refusal(step, situation, said)
    if status == 403 and _is_network_denial(step):
        return _denied(trace, step, situation, said)
    if status in (401, 403):
        return _credentials(trace, step, situation, said)
    if status == 404 and step.name in ("manifest", "platform manifest", "layer"):
        return Verdict(
            situation,
            f"{trace.image} is not in the registry.",
            "not-found",
            f"The registry answers and has no such {'layer' if step.name == 'layer' else 'image'}.{said}",
            ["Check the repository and the tag."],
        )
    if status == 429:
        return Verdict(
            situation, f"{answer.host} limits the rate of requests.", "throttled", said.strip(), ["Try again later."]
        )
    return Verdict(
        situation,
        f"{answer.host} answers {status} in the step '{step.name}'.",
        "server-error" if status >= 500 else "unexpected",
        said.strip() or "That is not part of a registry's pull flow; another server may be behind this name.",
        ["Try again later." if status >= 500 else "Check that this host is a registry's login server."],
    )


def _is_network_denial(step: Step) -> bool:
    """Whether a 403 is about where the client stands. Nobody is asked who they are at ``/v2/``, so there it must be."""
    return step.name == "challenge" or "client with ip" in step.note.lower()


def _denied(trace: Trace, step: Step, situation: Situation, said: str) -> Verdict:
    answer = step.exchange
    lookup = answer.lookup
    cloud = _cloud(trace)
    zone = cloud.private_link_zone if cloud else ""
    if answer.address_class == "private":
        return Verdict(
            situation,
            f"{answer.host} refuses this client although it came by a private address.",
            "refused-private",
            f"{answer.address} is a private address.{said} The private endpoint's connection may be pending or "
            "rejected, or something in between changes the way.",
            ["Check the connection's state on the registry: it must be Approved."],
        )
    if lookup is not None and lookup.alias:
        return Verdict(
            situation,
            f"{answer.host} refuses this client: it came by the public path, and the public side is closed to it.",
            "refused-public",
            f"The resolver {lookup.resolver} answers with the public address {answer.address}.{said}",
            [
                f"In a virtual network: link it to the zone {zone} and use Azure's resolver, {names.AZURE_DNS}.",
                "On-premises: forward the registry's names to a DNS Private Resolver, or a forwarder, in a linked "
                "network.",
                "Anywhere else this is the registry doing its work: the client is not meant to reach it.",
            ],
        )
    return Verdict(
        situation,
        f"{answer.host} refuses this client: its public address is not allowed.",
        "refused-public",
        f"The registry has no private endpoint that shows here; its network rules refuse this client.{said}",
        ["Add the client's public address to the registry's IP rules, or give the client a private path."],
    )


def _credentials(trace: Trace, step: Step, situation: Situation, said: str) -> Verdict:
    renew = "Sign in again, or make a new password for the token, and trace again."
    if trace.anonymous:
        return Verdict(
            situation,
            f"{trace.image.host} gives nothing to anonymous clients; the network is not the reason.",
            "credentials-needed",
            f"No credentials were used.{said}",
            ["Use --auth az, --auth docker or --auth token."],
        )
    if trace.expired_since is not None:
        moment = datetime.fromtimestamp(trace.expired_since, UTC).strftime("%Y-%m-%d %H:%M UTC")
        return Verdict(
            situation,
            f"The token from {trace.credentials_origin} has expired.",
            "credentials-expired",
            f"It was valid until {moment}; the network is not the reason.{said}",
            [renew],
        )
    if step.name == "token" or step.exchange.status == 401:
        return Verdict(
            situation,
            f"{step.exchange.host} does not accept the credentials from {trace.credentials_origin}.",
            "credentials-refused",
            f"They are wrong, expired or disabled; the network is not the reason.{said}",
            [renew],
        )
    return Verdict(
        situation,
        f"The credentials from {trace.credentials_origin} may not pull {trace.image.repository}.",
        "not-permitted",
        f"They are accepted and lack the right; the network is not the reason.{said}",
        [
            f"Grant {PULL_ROLES[REGISTRY_PERMISSIONS].name}, or {PULL_ROLES[REPOSITORY_PERMISSIONS].name} where the "
            f"registry's roleAssignmentMode is {REPOSITORY_PERMISSIONS}."
        ],
    )


def _layer_refusal(step: Step, situation: Situation, said: str) -> Verdict:
    answer = step.exchange
    if answer.status in (401, 403):
        by_network = _is_network_denial(step) and "client with ip" in step.note.lower()
        return Verdict(
            situation,
            f"{answer.host} refuses the layer.",
            "layer-refused",
            f"The registry gave a signed link, valid for {limits.DATA_ENDPOINT_LINK_MINUTES} minutes, and its host "
            f"({answer.address}, {answer.address_class}) does not accept it.{said} "
            + (
                "The two hosts judge this client differently: they see different addresses of it."
                if by_network or answer.address_class == "public"
                else "Something in between changes the link or the time."
            ),
            [
                "Check that both hosts are reached the same way: one proxy or one path, and one public address that "
                "the IP rules name.",
                "Check this machine's clock.",
            ],
        )
    return Verdict(
        situation,
        f"{answer.host} answers {answer.status} instead of the layer.",
        "layer-missing" if answer.status == 404 else "layer-failed",
        said.strip(),
        ["Try again; if it stays, push the image again or ask the registry's owner."],
    )


def _cloud(trace: Trace) -> names.Cloud | None:
    parsed = names.parse_host(trace.image.host)
    return parsed.cloud if parsed else None


def _sentence(text: str) -> str:
    text = text.strip()
    return text if not text or text.endswith((".", "!", "?")) else text + "."
