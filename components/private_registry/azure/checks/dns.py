"""The private DNS zone, its network links, and who keeps the records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry_model.azure import ids, names, regions

from ...checks import check_choice
from ...problems import UNKNOWN, Problem, inside, key, known
from ..settings import AZURE_POLICY, CREATE, DNS_MODES, EXISTING, MANUAL, Settings
from .fields import check_id, check_resource_group_name, check_tags


def check_zone(args: Settings) -> list[Problem]:
    """Everything that is wrong with the settings of a ``PrivateDnsZone``."""
    problems = check_choice("cloud", args.get("cloud"), tuple(names.CLOUDS))
    problems += check_resource_group_name(args.get("resource_group_name"))
    problems += check_links(args.get("virtual_network_links") or {}, "virtual_network_links")
    problems += check_tags(args.get("tags"), "tags")
    return problems


def check_dns(dns: Settings, args: Settings) -> list[Problem]:
    mode = dns.get("mode") or CREATE
    problems = check_choice("dns.mode", mode, DNS_MODES)
    zone_id = dns.get("zone_id")
    if mode == EXISTING and zone_id is None:
        problems.append(Problem("dns.zone_id", None, "is needed with the mode 'existing'", "give the zone's id"))
    if mode != EXISTING and zone_id is not None and mode in DNS_MODES:
        problems.append(
            Problem(
                "dns.zone_id",
                None if zone_id is UNKNOWN else zone_id,
                f"is not used in the mode '{mode}'",
                "set `dns.mode` to 'existing', or remove it",
            )
        )
    problems += check_zone_id(zone_id, "dns.zone_id", args.get("location"))
    links = dns.get("virtual_network_links") or {}
    if mode in (EXISTING, AZURE_POLICY, MANUAL):
        problems += [
            Problem(
                f"dns.{name}",
                None,
                f"belongs to a zone that is created here, and the mode is '{mode}'",
                "remove it: the zone's owner links networks to it",
            )
            for name in ("virtual_network_links", "link_endpoint_network")
            if dns.get(name)
        ]
    problems += check_links(links, "dns.virtual_network_links")
    network = args.get("network") or {}
    if mode == CREATE and dns.get("link_endpoint_network") is not False and known(network.get("subnet_id")):
        own = ids.network_of_subnet(str(network["subnet_id"])).lower()
        problems += [
            Problem(
                inside(key("dns.virtual_network_links", name), "virtual_network_id"),
                link["virtual_network_id"],
                "is the endpoint's own network, which is linked already",
                f"remove '{name}', or set `dns.link_endpoint_network` to false",
            )
            for name, link in links.items()
            if known((link or {}).get("virtual_network_id")) and str(link["virtual_network_id"]).lower() == own
        ]
    if mode == CREATE and "endpoint" in links and dns.get("link_endpoint_network") is not False:
        problems.append(
            Problem(
                key("dns.virtual_network_links", "endpoint"),
                None,
                "is the name of the link to the endpoint's own network",
                "choose another key, or set `dns.link_endpoint_network` to false",
            )
        )
    return problems


def check_links(links: Mapping[str, Any], field: str) -> list[Problem]:
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for name, link in links.items():
        path = inside(key(field, name), "virtual_network_id")
        network = (link or {}).get("virtual_network_id")
        problems += check_id(network, path, "virtual network")
        if not known(network):
            continue
        twin = seen.setdefault(str(network).lower(), name)
        if twin != name:
            problems.append(
                Problem(
                    path, network, f"is linked by '{twin}' already: one zone of a name per network", f"remove '{name}'"
                )
            )
    return problems


def check_zone_id(zone_id: object, field: str, home: object) -> list[Problem]:
    problems = check_id(zone_id, field, "private DNS zone")
    if problems or not known(zone_id) or not known(home) or regions.find(str(home)) is None:
        return problems
    wanted = regions.cloud_of(str(home)).private_link_zone
    name = str(zone_id).rsplit("/", 1)[-1].lower()
    if name == wanted:
        return []
    rule = f"must be a zone named {wanted}"
    if name.endswith("." + wanted):
        rule += ", one for all regions: a zone for one region's data endpoint breaks pulls"
    return [Problem(field, zone_id, rule, f"use the zone {wanted}")]
