"""The A records that lead clients to a private endpoint, as files and commands that create them.

What writes them where no zone group does: a zone kept by hand, or name servers of one's own. One record for the login
server and one for each region's data endpoint; a name that lacks its record resolves to the public address, or to none.
"""

from __future__ import annotations

import ipaddress
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from registry_model.azure import names
from registry_model.azure.ids import parse_id
from registry_model.azure.regions import normalise_region
from registry_model.reach.model import Registry

from .choices import RecordFormat
from .errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from registry_model.reach.kinds import AnyRegistry

TTL = 10  # seconds; what a zone group writes, in answers that the Azure CLI's tests have recorded
LOGIN_SERVER = "login-server"
UNKNOWN_GROUP = "<resource group of the zone>"


@dataclass(frozen=True)
class Needed:
    """One record, and the address that it must hold; empty while that is not known."""

    record: names.Record
    address: str

    @property
    def key(self) -> str:
        return self.record.region or LOGIN_SERVER


def needed(registry: Registry, given: Sequence[str]) -> list[Needed]:
    """The records of a registry, with the addresses that its endpoint has, or that are given as ``HOST=IP``.

    HOST is a host name, ``login-server`` or a region. InputError names everything that is wrong with them at once.
    """
    records = names.private_dns_records(registry.login_server, registry.home, registry.replicas)
    chosen: dict[str, str] = {}
    problems: list[str] = []
    known = [LOGIN_SERVER, *(record.region for record in records if record.region)]
    hosts = {LOGIN_SERVER: LOGIN_SERVER, **{record.host: record.region or LOGIN_SERVER for record in records}}
    for text in given:
        key, _, address = text.partition("=")
        normal = hosts.get(key.strip().lower()) or normalise_region(key)
        if normal not in known:
            problems.append(
                f"--address '{text}': give one of {', '.join(known)} or their host names, then '=' and the private "
                "address"
            )
        elif normal in chosen:
            problems.append(f"--address '{text}': '{key}' is given more than once")
        elif not _is_ipv4(address):
            problems.append(f"--address '{text}': '{address}' is not an IPv4 address")
        elif not ipaddress.IPv4Address(address).is_private:
            problems.append(f"--address '{text}': '{address}' is public; a private endpoint has private addresses")
        elif address in chosen.values():
            problems.append(
                f"--address '{text}': '{address}' is given twice; an endpoint has one address for each host"
            )
        else:
            chosen[normal] = address
    if problems:
        raise InputError(problems)
    declared = {host: address for endpoint in registry.private_endpoints for host, address in endpoint.addresses}
    found = [Needed(r, chosen.get(r.region or LOGIN_SERVER) or declared.get(r.host, "")) for r in records]
    return [each if _is_ipv4(each.address) else Needed(each.record, "") for each in found]


def group_of_the_zone(registry: Registry) -> str:
    """The resource group of the registry's zone, where one is known; else what to put there."""
    parsed = (parse_id(zone.id) for zone in registry.zones)
    found = {each.resource_group for each in parsed if each is not None and each.resource_group}
    return found.pop() if len(found) == 1 else UNKNOWN_GROUP


def given_addresses(registries: Sequence[AnyRegistry], given: Sequence[str]) -> dict[str, list[str]]:
    """The addresses that ``allow-list`` was given as ``HOST=CIDR``, by host name. HOST may be a key of ``needed`` too.

    InputError where a key is one of several registries' hosts, which it does not tell apart.
    """
    keys: dict[str, list[str]] = {}
    for registry in registries:
        if isinstance(registry, Registry):
            for record in names.private_dns_records(registry.login_server, registry.home, registry.replicas):
                keys.setdefault(record.region or LOGIN_SERVER, []).append(record.host)
    found: dict[str, list[str]] = {}
    problems: list[str] = []
    for text in given:
        key, equals, block = text.partition("=")
        host = key.strip().lower()
        meant = keys.get(host) or keys.get(normalise_region(host)) or [host]
        if not equals or not host:
            problems.append(f"--address '{text}': give a host name, '{LOGIN_SERVER}' or a region, then '=' and a CIDR")
        elif len(meant) > 1:
            problems.append(f"--address '{text}': '{key}' is {' and '.join(meant)}; name the host")
        else:
            found.setdefault(meant[0], []).append(block)
    if problems:
        raise InputError(problems)
    return found


def _is_ipv4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def rendered(found: Sequence[Needed], form: RecordFormat, group: str) -> str:
    """The zone file, the commands or the configuration; a record whose address is not known is a comment, which creates
    nothing."""
    zone = found[0].record.zone
    quoted = shlex.quote(group)
    if form is RecordFormat.ZONE:
        width = max(len(each.record.name) for each in found)
        lines = [f"{each.record.name:<{width}}  IN  A  {each.address or _missing(each)}" for each in found]
        head = [
            "; Records to include in a zone: a new one also needs its SOA and NS.",
            f"; A name server that holds {zone} finds no other registry that has a private endpoint.",
            f"; To keep those, give each name a zone of its own ({found[0].record.fqdn} with the record @),",
            f"; or forward {zone.partition('.')[2]} to a resolver in a linked network.",
            f"$ORIGIN {zone}.",
            f"$TTL {TTL}",
        ]
        mark = ";"
    elif form is RecordFormat.AZ:
        # Only `create` takes a TTL, and it refuses a record set that is there (If-None-Match: *). `add-record` would
        # put a second address into such a one, so it runs only after a `create` that worked: the commands twice change
        # nothing.
        # learn.microsoft.com/cli/azure/network/private-dns/record-set/a; azure-cli, privatedns/custom.py.
        start, where = "az network private-dns record-set a", f"--resource-group {quoted} --zone-name {zone}"
        lines = [
            f"{start} create {where} --name {each.record.name} --ttl {TTL} && {start} add-record {where} "
            f"--record-set-name {each.record.name} --ipv4-address {each.address or _missing(each)}"
            for each in found
        ]
        head, mark = [], "#"
    elif form is RecordFormat.POWERSHELL:
        lines = [
            f"New-AzPrivateDnsRecordSet -ResourceGroupName {_single(group)} -ZoneName {zone} -Name {each.record.name} "
            f"-RecordType A -Ttl {TTL} -PrivateDnsRecords (New-AzPrivateDnsRecordConfig -IPv4Address "
            f"{each.address or _missing(each)})"
            for each in found
        ]
        head, mark = [], "#"
    else:
        return _on_an_own_server(found, form, zone)
    marked = [line if each.address else f"{mark} {line}" for each, line in zip(found, lines, strict=True)]
    return "\n".join([*head, *marked, ""])


# An own DNS server answers the very names that clients ask, not their aliases in the privatelink zone: unbound 1.17 and
# dnsmasq 2.90 pass an alias on as it comes from upstream, with the public address, whatever they hold for it. And each
# name is all that is taken: a local privatelink zone would answer NXDOMAIN for every other registry with an endpoint.
_OWN_SERVER: dict[RecordFormat, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # nlnetlabs.nl/documentation/unbound/unbound.conf: a transparent zone is asked upstream for all that it has no data
    # for, a name that it has data for excepted.
    RecordFormat.UNBOUND: (
        ("server:",),
        (
            '    local-zone: "{host}." transparent',
            '    local-data: "{host}. {ttl} IN A {address}"',
        ),
    ),
    # thekelleys.org.uk/dnsmasq/docs/dnsmasq-man: host-record is for the name alone, `address=/…/` for all below it too.
    # `local` keeps AAAA questions from upstream, which may answer them with a public address.
    RecordFormat.DNSMASQ: ((), ("local=/{host}/", "host-record={host},{address},{ttl}")),
    # learn.microsoft.com/powershell/module/dnsserver: a zone that is there already may hold another address, to which
    # a second record would be added, so the commands leave it alone.
    RecordFormat.WINDOWS_DNS: (
        ("# With Active Directory: -ReplicationScope Forest in the place of -ZoneFile and its file.",),
        (
            "if (-not (Get-DnsServerZone -Name {host} -ErrorAction SilentlyContinue)) {{ "
            "Add-DnsServerPrimaryZone -Name {host} -ZoneFile {host}.dns; "
            "Add-DnsServerResourceRecordA -ZoneName {host} -Name '@' -IPv4Address {address} "
            "-TimeToLive 00:00:{ttl} }}",
        ),
    ),
}


def _on_an_own_server(found: Sequence[Needed], form: RecordFormat, zone: str) -> str:
    head, shapes = _OWN_SERVER[form]
    lines = [
        "# Each name by itself. Do not hold the whole zone instead: a name server that holds",
        f"# {zone} finds no other registry that has a private endpoint, other companies' too.",
        f"# A conditional forwarder for {zone.partition('.')[2]} to a resolver in a linked network needs none of this.",
        *head,
    ]
    for each in found:
        made = [s.format(host=each.record.host, address=each.address or _missing(each), ttl=TTL) for s in shapes]
        lines += made if each.address else [f"# {line}" for line in made]
    return "\n".join([*lines, ""])


def _single(text: str) -> str:
    """A word for PowerShell, in quotes where it needs them."""
    return text if text.replace("-", "").replace("_", "").isalnum() else "'" + text.replace("'", "''") + "'"


def _missing(each: Needed) -> str:
    return f"<address of {each.record.host}>"
