"""Forbids hand-written records that leave a region out."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Iterator
from typing import Any

from registry_model.azure import names, record_sets
from registry_model.estate import facts, relations, tokens
from registry_model.estate.model import Estate, Resource
from registry_model.estate.values import UNKNOWN, as_text, known_items, lookup
from registry_model.reach.firewalls import network_of

from ..examples import endpoint, example, record, registry, replica, zone_group
from ..frameworks import mcsb
from ..rule import MANDATORY, OFF, Config, Declared, Levels, Problems, Rule, Severity, undetermined, violation


def check(estate: Estate, config: Config) -> Problems:
    yield from _public(estate, config)
    written, unplaced = _records(estate)
    if config["dns_mode"] != "manual" and not written and not unplaced:
        return  # records are somebody else's, wherever the registry serves from
    groups = relations.zone_groups(estate)
    for owner, connections in relations.endpoints_of(estate).items():
        if owner.external or any(groups.get(c.endpoint) for c in connections):
            continue
        where, login = relations.regions(estate, owner), facts.login_server(owner, config["cloud"])
        if where is None or not isinstance(login, str):
            yield undetermined(owner, "the registry's login server or region")
            continue
        wanted = names.private_dns_records(login, where.home, where.replicas)
        missing = [
            record for record in wanted if record_sets.answering(written.get(record.zone, ()), record.name) is None
        ]
        if not missing or (config["dns_mode"] != "manual" and len(missing) == len(wanted)):
            continue
        if unplaced:
            yield undetermined(owner, "the name or zone of a record")
        else:
            listed = ", ".join(record.fqdn for record in missing)
            yield violation(
                owner,
                f"Registry {owner.label} has no private record for {listed}",
                without=(tokens.ZONE_GROUP, tokens.PRIVATE_RECORD),
            )


def _public(estate: Estate, config: Config) -> Problems:
    """Records of registries with an address of the internet: a client that asks for them goes past the endpoint."""
    records = [each for each in estate.of(tokens.PRIVATE_RECORD) if as_text(each.get("recordType", "A")) == "a"]
    for owner in relations.registries(estate) if records else ():
        where, login = relations.regions(estate, owner), facts.login_server(owner, config["cloud"])
        if where is None or not isinstance(login, str):
            continue
        wanted = names.private_dns_records(login, where.home, where.replicas)
        own: dict[Any, str] = {(each.zone, each.name): each.fqdn for each in wanted}
        inside = [network for network in map(network_of, _prefixes(estate, owner)) if network is not None]
        for each in records:
            fqdn = own.get((relations.zone_name_of(estate, each), each.arm_name))
            for address in _addresses(each) if fqdn else ():
                if address.is_global and not any(address in network for network in inside):
                    yield violation(
                        owner,
                        f"Registry {owner.label} has a private record for {fqdn} with {address}, an address of the "
                        "internet: clients that ask for it go past the private endpoint",
                    )


def _prefixes(estate: Estate, registry: Resource) -> Iterator[str]:
    """Of the subnets of a registry's endpoints: some networks use public addresses of their owner inside."""
    for each in relations.endpoints_of(estate).get(registry, ()):
        subnet = relations.subnet_of(estate, each.endpoint)
        yield from (text for text in known_items(subnet.prefixes if subnet else None) if isinstance(text, str))


def _addresses(record: Resource) -> Iterator[ipaddress.IPv4Address]:
    for each in known_items(record.get("aRecords")):
        text = lookup(each, "ipv4Address")
        if isinstance(text, str):
            with contextlib.suppress(ValueError):
                yield ipaddress.IPv4Address(text.strip())


def _records(estate: Estate) -> tuple[dict[str, set[str]], bool]:
    """The names of the stack's A and CNAME records by zone; and whether there is one whose name or zone is not
    known."""
    written: dict[str, set[str]] = {}
    unplaced = False
    for each in estate.of(tokens.PRIVATE_RECORD):
        zone, name = relations.zone_name_of(estate, each), each.arm_name
        kind = as_text(each.get("recordType", "A"))
        if kind in ("a", "cname") and isinstance(zone, str) and isinstance(name, str):
            written.setdefault(zone, set()).add(name)
        elif zone is UNKNOWN or name is UNKNOWN:
            unplaced = True
    return written, unplaced


def _every(*replicas: str) -> list[Declared]:
    login = names.login_server("contoso")
    return [record(each.name) for each in names.private_dns_records(login, "japaneast", replicas)]


RULE = Rule(
    id="manual-records",
    title="Hand-written private records cover the login server and every region",
    severity=Severity.HIGH,
    rationale=(
        "Where no zone group writes the records, a replica's data endpoint is easily forgotten: sign-in works, pulls "
        "in that region fail."
    ),
    fix="Add an A record for the registry and one for <registry>.<region>.data of every region.",
    fix_live=(
        "Add the records that registry-doctor records REGISTRY --region REGION --format az prints, one region "
        "after the other."
    ),
    levels=Levels(baseline=OFF, strict=MANDATORY, no_private_link=OFF),
    frameworks=(mcsb("NS-10"),),
    references=("learn.microsoft.com/azure/container-registry/container-registry-private-link",),
    borrows={"dns_mode": "zone-group", "cloud": "zone-name"},
    decision=(
        "With dns_mode manual every record must be there. In the other modes a stack that writes some of a registry's "
        "records itself, without a zone group, must write all. "
        "A record with a public address outside the endpoint's subnet is wrong in every mode, also beside a zone group."
    ),
    needs=((tokens.ENDPOINT,), (tokens.ZONE_GROUP,), (tokens.PRIVATE_RECORD,)),
    check_estate=check,
    compliant=(
        example("every record", registry(), replica("eastus"), endpoint(), *_every("eastus")),
        example("a zone group writes them", registry(), endpoint(), zone_group()),
        example("a private address beside one", registry(), endpoint(), zone_group(), record("contoso")),
        example("somebody else's record", registry(), endpoint(), zone_group(), record("fabrikam", to="20.1.2.3")),
        example(
            "a wildcard for every data endpoint",
            registry(),
            replica("eastus"),
            endpoint(),
            record("contoso"),
            record("*.data"),
        ),
    ),
    violating=(
        example("the replica's record is missing", registry(), replica("eastus"), endpoint(), *_every()),
        example("the data record is missing", registry(), endpoint(), record("contoso")),
        example(
            "a wildcard hidden by a more specific name",
            registry(),
            replica("eastus"),
            endpoint(),
            *_every(),
            record("*"),
        ),
        example(
            "a public address beside a zone group",
            registry(),
            endpoint(),
            zone_group(),
            record("contoso", to="20.1.2.3"),
        ),
    ),
)
