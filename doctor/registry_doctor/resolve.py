"""Asks a resolver for a host and keeps every name on the way to its address.

The system's own resolver call hides the aliases, and they are what tells a private path from a public one, so this asks
the name server itself. Where no resolver was chosen, the operating system is asked too: a hosts file or a VPN client
can make it answer otherwise, and its answer is the one that container engines use.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver
from registry_model.azure import names

from .addresses import address_class
from .errors import DoctorError

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_ALIASES = 16
# A public name that every resolver of the internet knows, and a registry's private zone never holds.
CONTROL = "azure.microsoft.com"
MOST_ADDRESSES = 16  # of each family; a registry's front ends have a few
RESEND_AFTER = 2.0  # seconds; one datagram lost is no finding
_ADDRESS_TYPES = (dns.rdatatype.A, dns.rdatatype.AAAA)


# Answers that need no second question: an answer, none at all, and one that this side could not follow.
_NO_DENIAL = frozenset({"NOERROR", "TIMEOUT", "UNREACHABLE", "BADNAME", "LOOP"})


@dataclass
class Lookup:
    """What a resolver answered for a host.

    ``chain`` has every name asked for, the host first. ``rcode`` is DNS's own word (``NOERROR``, ``NXDOMAIN``,
    ``SERVFAIL``, …) or ``TIMEOUT``. ``authority`` is the zone that gave a negative answer, where the resolver said so.

    ``left_out`` counts addresses beyond the first of each family.

    ``knows_public_names`` is False where the resolver denied or failed a public name and could not resolve ``CONTROL``
    either: then its answer says nothing about whether the name exists.

    ``system`` has the operating system's addresses when it was asked and answers otherwise than the name server.
    """

    host: str
    resolver: str
    chain: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    rcode: str = "NOERROR"
    authority: str = ""
    left_out: int = 0
    system: list[str] = field(default_factory=list)
    seconds: float = 0.0
    problem: str = ""
    knows_public_names: bool = True

    @property
    def alias(self) -> str:
        """The name in a privatelink zone that the chain goes through; empty if none."""
        for name in self.chain[1:]:
            parsed = names.parse_host(name)
            if parsed and parsed.alias:
                return name
        return ""

    @property
    def used(self) -> list[str]:
        """The addresses that a container engine on this machine would connect to."""
        return self.system or self.addresses

    @property
    def classes(self) -> set[str]:
        return {address_class(a) for a in self.used}

    @property
    def proves_nothing(self) -> str:
        """Why "no such name" does not mean that clients elsewhere find none either; empty where it does.

        An alias that leads nowhere is a private zone's word: public DNS has an address behind it.
        """
        if self.rcode != "NXDOMAIN" or self.used:
            return ""
        if not self.knows_public_names:
            return f"the resolver {self.resolver} knows no public names"
        if self.alias:
            return f"the resolver {self.resolver} asks a private zone, which has no record for it"
        return ""

    @property
    def silence(self) -> str:
        """Why nobody was asked who could know this host; empty where the answer is one."""
        if self.used:
            return ""
        if self.rcode in ("TIMEOUT", "UNREACHABLE"):
            return f"the resolver {self.resolver} does not answer"
        if self.knows_public_names:
            return ""
        if self.rcode == "NXDOMAIN":
            return f"the resolver {self.resolver} knows no public names"
        return f"the resolver {self.resolver} answers {self.rcode}, for {CONTROL} too"

    @property
    def split(self) -> tuple[list[str], list[str]] | None:
        """The private and the public addresses, where a host has both: an engine takes either path."""
        kinds = {kind: [a for a in self.used if address_class(a) == kind] for kind in ("private", "public")}
        return (kinds["private"], kinds["public"]) if all(kinds.values()) else None


class Resolver:
    """Asks the given name servers in turn, each with its share of ``limit`` seconds.

    ``servers`` are pairs of address and port; None means the system's, and then the operating system is asked as well.
    """

    def __init__(self, servers: Sequence[tuple[str, int]] | None = None, limit: float = 10.0) -> None:
        self.asks_system = servers is None
        self.limit = limit
        self.servers = list(servers) if servers is not None else system_servers()

    @property
    def label(self) -> str:
        """Who is asked, in words."""
        servers = ", ".join(self._label(server) for server in self.servers)
        return f"this system's resolver: {servers}" if self.asks_system else f"resolver: {servers}"

    async def lookup(self, host: str) -> Lookup:
        """Every alias and address of a host. Never raises for what a network can do; the answer says what happened."""
        began = time.perf_counter()
        found = Lookup(host, self._label(self.servers[0]), [host])
        if address_class(host):
            # An address is no name: no resolver has one for it, and engines ask none.
            return Lookup(host, "nobody: it is an IP address", [host], [host])
        try:
            dns.name.from_text(host)
        except dns.exception.DNSException as error:
            found.rcode, found.problem = "BADNAME", f"'{host}' cannot be asked for: {error}"
            return found
        system = asyncio.create_task(_ask_system(host, self.limit)) if self.asks_system else None
        share = self.limit / len(self.servers)
        for server in self.servers:
            found = Lookup(host, self._label(server), [host])
            try:
                async with asyncio.timeout(share):
                    await self._follow(found, server, share)
            except TimeoutError:
                found.rcode, found.problem = "TIMEOUT", f"no answer within {share:g} s"
            except (OSError, dns.exception.DNSException) as error:
                found.rcode = "UNREACHABLE"
                found.problem = str(error) or type(error).__name__
            if found.rcode not in _NO_DENIAL and not found.alias:
                found.knows_public_names = await self._knows_public_names(server, share)
            if found.rcode in ("NOERROR", "NXDOMAIN"):
                break
        answered = await system if system else []
        # Load balancers rotate addresses, so only an answer of another kind means another resolver.
        if answered and {address_class(a) for a in answered} != {address_class(a) for a in found.addresses}:
            found.system = answered
        found.seconds = time.perf_counter() - began
        return found

    @staticmethod
    def _label(server: tuple[str, int]) -> str:
        address, port = server
        return address if port == 53 else f"{address}:{port}"

    async def _knows_public_names(self, server: tuple[str, int], limit: float) -> bool:
        try:
            async with asyncio.timeout(limit):
                reply = await self._ask(CONTROL, dns.rdatatype.A, server, limit)
        except (TimeoutError, OSError, dns.exception.DNSException):
            return False
        return reply.rcode() == dns.rcode.NOERROR

    async def _follow(self, found: Lookup, server: tuple[str, int], limit: float) -> None:
        name = found.host
        while len(found.chain) <= MAX_ALIASES:
            replies = await asyncio.gather(*(self._ask(name, kind, server, limit) for kind in _ADDRESS_TYPES))
            first = replies[0]
            found.rcode = dns.rcode.to_text(first.rcode())
            aliases, addresses = _read(replies)
            before = name
            while name in aliases and len(found.chain) <= MAX_ALIASES:
                name = aliases[name]
                if name in found.chain:
                    found.rcode, found.problem = "LOOP", f"the aliases lead back to {name}"
                    return
                found.chain.append(name)
            found.addresses, found.left_out = _first(addresses.get(name, []))
            if found.addresses or found.rcode != "NOERROR" or name == before:
                found.authority = "" if found.addresses else _negative_authority(first)
                return
        found.rcode, found.problem = "LOOP", f"more than {MAX_ALIASES} aliases"

    @staticmethod
    async def _ask(
        name: str, kind: dns.rdatatype.RdataType, server: tuple[str, int], limit: float
    ) -> dns.message.Message:
        query = dns.message.make_query(name, kind, use_edns=0, payload=1232)
        address, port = server

        async def once(patience: float) -> dns.message.Message:
            reply, _ = await dns.asyncquery.udp_with_fallback(
                query, address, timeout=patience, port=port, ignore_unexpected=True, ignore_errors=True
            )
            return reply

        if limit <= RESEND_AFTER:
            return await once(limit)
        try:
            return await once(RESEND_AFTER)
        except dns.exception.Timeout:
            return await once(limit - RESEND_AFTER)


def _first(addresses: list[str]) -> tuple[list[str], int]:
    """At most so many addresses of each family, and how many more there are."""
    families = ([a for a in addresses if ":" not in a], [a for a in addresses if ":" in a])
    kept = [a for family in families for a in list(dict.fromkeys(family))[:MOST_ADDRESSES]]
    return kept, len(dict.fromkeys(addresses)) - len(kept)


def system_servers() -> list[tuple[str, int]]:
    """The name servers that this system is set up with; DoctorError when there are none."""
    try:
        configured = dns.resolver.Resolver()
    except (dns.resolver.NoResolverConfiguration, OSError) as error:
        raise DoctorError(
            f"this system names no DNS resolver; give one with --resolver, such as --resolver {names.AZURE_DNS}"
        ) from error
    return [(str(server), configured.port) for server in configured.nameservers if isinstance(server, str)]


def _read(replies: Sequence[dns.message.Message]) -> tuple[dict[str, str], dict[str, list[str]]]:
    aliases: dict[str, str] = {}
    addresses: dict[str, list[str]] = {}
    for reply in replies:
        for rrset in reply.answer:
            owner = rrset.name.to_text(omit_final_dot=True).lower()
            if rrset.rdtype == dns.rdatatype.CNAME:
                target: dns.name.Name = next(iter(rrset)).target  # pyright: ignore[reportAttributeAccessIssue]
                aliases[owner] = target.to_text(omit_final_dot=True).lower()
            elif rrset.rdtype in _ADDRESS_TYPES:
                addresses.setdefault(owner, []).extend(r.address for r in rrset)
    return aliases, addresses


def _negative_authority(reply: dns.message.Message) -> str:
    for rrset in reply.authority:
        if rrset.rdtype == dns.rdatatype.SOA:
            return rrset.name.to_text(omit_final_dot=True).lower()
    return ""


async def _ask_system(host: str, limit: float) -> list[str]:
    """The operating system's addresses, or none. In a daemon thread: the call has no time limit of its own, and
    waiting for it at exit would hang the command."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(addresses: list[str]) -> None:
        if not answer.done():
            answer.set_result(addresses)

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, names.HTTPS, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            found = []
        addresses, _ = _first([str(entry[4][0]) for entry in found])
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, addresses)

    threading.Thread(target=ask, daemon=True).start()
    try:
        return await asyncio.wait_for(answer, limit)
    except TimeoutError:
        return []
