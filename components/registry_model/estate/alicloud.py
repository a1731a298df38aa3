"""How the resources of Alibaba Cloud belong together: by what a property depends on, then by ids.

An id is assigned by the cloud (``cri-…``, ``vpc-…``) or joined from others (``cri-x:vpc-y:vsw-z:Registry``); a region
is the provider's, and no id tells it. The engine does not tell policies the ids of resources, so what a property
depends on comes first: it is told even where the id is known (decision 0042).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from ..alibaba.editions import IMAGES, INTERNET, VPC, Edition
from ..alibaba.names import Way, parse_host
from . import tokens
from .model import Estate, Resource
from .values import UNKNOWN, Unknown, as_bool, as_list, as_text, as_written, known_items, lookup


@dataclass(frozen=True, slots=True)
class Target:
    """What a property refers to: resources of the estate, else the ``id`` of something outside it, else nothing.

    ``undetermined``: it refers to something that is not known yet.
    """

    resources: tuple[Resource, ...] = ()
    id: str = ""
    undetermined: bool = False

    @property
    def one(self) -> Resource | None:
        """The one resource referred to; None when there is none or more than one."""
        return self.resources[0] if len(self.resources) == 1 else None

    @property
    def key(self) -> str:
        """The same as `key_of` the resource, else the id outside the estate; empty while it is not known."""
        return key_of(self.one) if self.one is not None else self.id


def id_of(resource: Resource) -> str:
    """The id that the cloud gave; empty before the resource exists, and where the document does not tell."""
    return resource.state_id or as_written(resource.outputs.get("id"))


def key_of(resource: Resource) -> str:
    """What is the same for a resource and for a reference to it: its id, else its URN."""
    return id_of(resource) or resource.urn


def refer(estate: Estate, resource: Resource, prop: str, *kinds: str) -> Target:
    """What a top-level property of a resource refers to, among resources of these types."""
    return referred(estate, resource, resource.known(prop), prop, *kinds)


def referred(estate: Estate, resource: Resource, value: Any, prop: str, *kinds: str) -> Target:
    """The same for a value inside the property ``prop``."""
    depended = tuple(each for each in estate.dependencies(resource, prop) if each.type in kinds)
    known = as_written(value)
    found = next((each for kind in kinds if known and (each := _by_id(estate).get((kind, known)))), None)
    if found is not None:
        return Target((found,))
    # A known id that none of what it depends on has is that of something else; before a deployment none has one.
    fitting = tuple(each for each in depended if not known or not id_of(each))
    if fitting:
        return Target(fitting)
    if known:
        return Target(id=known)
    if value is None:
        return Target()
    waited = tuple(each for each in estate.dependencies(resource) if each.type in kinds)
    return Target(waited) if waited and not depended else Target(undetermined=True)


def _by_id(estate: Estate) -> dict[tuple[str, str], Resource]:
    """By type and id: an Internet endpoint has the id of its instance, a zone's attachment that of its zone.

    What stands in a transit router has a joined id, and is named by its own part of it.
    """

    def make() -> dict[tuple[str, str], Resource]:
        held = [each for each in estate.resources if each.type.startswith("alibaba:") and id_of(each)]
        own = {(each.type, id_of(each).rpartition(":")[2]): each for each in held if each.type in _JOINED}
        return own | {(each.type, id_of(each)): each for each in held}

    return estate.memo("alibaba_ids", make)


# Ids: <cen>:<router>, <cen or router>:<attachment>, <router>:<table>.
_JOINED = (tokens.ALI_ROUTER, tokens.ALI_ROUTER_VPC, tokens.ALI_ROUTER_PEER, tokens.ALI_ROUTER_TABLE)


def instances(estate: Estate) -> list[Resource]:
    """The Enterprise Edition instances that the stack declares."""
    return list(estate.of(tokens.ALI_INSTANCE))


def of_instance(estate: Estate, kind: str) -> dict[Resource, list[Resource]]:
    """The resources of one type by the instance of the estate that each is certainly of."""

    return estate.held_by(kind, lambda child: instance_of(estate, child).one)


def instance_of(estate: Estate, child: Resource) -> Target:
    """The instance that an endpoint, a link, a namespace … belongs to."""
    return refer(estate, child, "instanceId", tokens.ALI_INSTANCE)


def unplaced(estate: Estate, kind: str) -> list[Resource]:
    """The resources of one type whose instance is not known yet."""
    return [each for each in estate.read_too(kind) if instance_of(estate, each).undetermined]


def region_of(resource: Resource) -> str | Unknown | None:
    """The region of a resource: what the cloud answered, else its provider's; None where neither tells."""
    answered = as_text(resource.observed.get("regionId"))
    return answered if isinstance(answered, str) else as_text(resource.provider.props.get("region"))


def shown_name(resource: Resource) -> str:
    """The name in the cloud, as it is written there; the logical one where it has none or it is not known yet."""
    for key in reversed(tokens.NAME_INPUTS.get(resource.type, ())):
        if written := as_written(resource.known(key)):
            return written
    return resource.name


def entries(internet: Resource) -> list[str | Unknown] | Unknown:
    """The entries of an Internet endpoint's access control list; UNKNOWN while the list is not known."""
    items = as_list(internet.known("entries"))
    if isinstance(items, Unknown):
        return UNKNOWN
    return [UNKNOWN if (entry := lookup(item, "entry", UNKNOWN)) is UNKNOWN else as_written(entry) for item in items]


def writes_record(link: Resource) -> bool | Unknown:
    """Whether the service writes the record into a private zone of a bound VPC, which it does only when asked."""
    value = as_bool(link.known("enableCreateDnsRecordInPvzt"))
    return False if value is None else value


def shown_hosts(instance: Resource, way: Way) -> list[str]:
    """The registry hosts of an instance as the cloud answered them, its own before a customer's; none before that."""
    wanted = INTERNET if way is Way.INTERNET else VPC
    domains = [
        domain
        for endpoint in known_items(instance.observed.get("instanceEndpoints"))
        if as_text(lookup(endpoint, "endpointType")) == wanted
        for domain in known_items(lookup(endpoint, "domains"))
    ]
    found = [str(as_text(name)) for domain in domains if isinstance(name := lookup(domain, "domain"), str)]
    return sorted(found, key=lambda host: parse_host(host) is None)


def personal_label(repository: Resource) -> str:
    """What the hosts of a repository of Personal Edition are named after, as the cloud answered it (``crpi-…``, or
    ``registry`` where a region shares them); empty before that."""
    for shown in known_items(repository.observed.get("domainLists")):
        parsed = parse_host(as_written(lookup(shown, "public")))
        if parsed is not None and parsed.edition is Edition.PERSONAL:
            return parsed.label
    return ""


@dataclass(frozen=True, slots=True)
class StorageRoute:
    """Where an instance sends pulls for their layers in place of its bucket's own host.

    ``way`` is the endpoint and ``instance_domain`` the host by which the client came; ``storage_domain`` is the host of
    the layers. Each is UNKNOWN while it is not known, ``storage_domain`` also when it is no host name.
    """

    rule: str
    way: Way | Unknown
    instance_domain: str | Unknown
    storage_domain: str | Unknown


def storage_routes(estate: Estate, instance: Resource) -> list[StorageRoute]:
    """The routes of an instance's storage domain rules.

    help.aliyun.com/en/acr/user-guide/custom-image-pull-oss-domain-routing-rules, 2026-11: without one, the VPC endpoint
    leads to the bucket's internal host, and the Internet endpoint to its public one.
    """
    ways = {INTERNET: Way.INTERNET, VPC: Way.VPC}
    found: list[StorageRoute] = []
    for rule in of_instance(estate, tokens.ALI_STORAGE_DOMAIN).get(instance, []):
        routes = as_list(rule.known("routes"))
        if isinstance(routes, Unknown):
            found.append(StorageRoute(rule.name, UNKNOWN, UNKNOWN, UNKNOWN))
            continue
        for each in routes:
            kind = as_text(lookup(each, "endpointType", UNKNOWN))
            way = ways.get(kind) if isinstance(kind, str) else UNKNOWN
            if way is not None:
                domains = (_host(lookup(each, key, UNKNOWN)) for key in ("instanceDomain", "storageDomain"))
                found.append(StorageRoute(rule.name, way, *domains))
    return found


def custom_domains(estate: Estate, instance: Resource) -> list[str]:
    """The customer's own domains by which clients may name an instance for images, as far as they are known."""
    declared = of_instance(estate, tokens.ALI_DOMAIN).get(instance, [])
    images = [each for each in declared if as_text(each.known("moduleName")) in (IMAGES.lower(), UNKNOWN)]
    found = [_host(each.known("domain")) for each in images]
    return [host for host in dict.fromkeys(found) if isinstance(host, str)]


# What a name may be that others write into the rules of their firewalls.
_HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+")


def _host(value: Any) -> str | Unknown:
    """A host name in lower case; the service shows storage domains with ``https://`` before them."""
    text = as_text(value)
    host = text.removeprefix("https://").rstrip("/").rstrip(".") if isinstance(text, str) else ""
    return host if _HOST_NAME.fullmatch(host) else UNKNOWN


def switched_on(instance: Resource) -> bool | Unknown | None:
    """Whether the Internet endpoint is on as the cloud answered it; None where the document does not tell."""
    for endpoint in known_items(instance.observed.get("instanceEndpoints")):
        if as_text(lookup(endpoint, "endpointType")) == INTERNET:
            return as_bool(lookup(endpoint, "enable"))
    return None


@dataclass(frozen=True, slots=True)
class ZoneUse:
    """A private zone with the VPCs that ask it: ``vpcs`` are their keys, ``complete`` when all are known."""

    zone: Resource
    vpcs: tuple[str, ...]
    complete: bool


def zone_name(zone: Resource) -> str:
    """The name of a private zone, lower case; empty while it is not known."""
    for key in ("zoneName", "name"):
        if isinstance(value := as_text(zone.known(key)), str):
            return value.rstrip(".")
    return ""


def zones(estate: Estate) -> list[ZoneUse]:
    """The private zones of the estate, with the VPCs that each is attached to."""

    def make() -> list[ZoneUse]:
        found: dict[str, tuple[list[str], bool]] = {}
        for attachment in estate.read_too(tokens.ALI_ZONE_ATTACHMENT):
            zone = refer(estate, attachment, "zoneId", tokens.ALI_ZONE)
            held, complete = found.get(zone.key, ([], True))
            attached, whole = _attached(estate, attachment)
            found[zone.key] = ([*held, *attached], complete and whole)
        return [
            ZoneUse(zone, *_frozen(found.get(key_of(zone), ([], True)))) for zone in estate.read_too(tokens.ALI_ZONE)
        ]

    return estate.memo("alibaba_zones", make)


def _frozen(held: tuple[list[str], bool]) -> tuple[tuple[str, ...], bool]:
    return tuple(dict.fromkeys(held[0])), held[1]


def _attached(estate: Estate, attachment: Resource) -> tuple[list[str], bool]:
    whole = True
    keys: list[str] = []
    for prop in ("vpcs", "vpcIds"):
        value = attachment.known(prop)
        items = [UNKNOWN] if value is UNKNOWN else as_list(value)
        depended = [each for each in estate.dependencies(attachment, prop) if each.type == tokens.ALI_VPC]
        for item in items if isinstance(items, list) else ():
            written = as_written(lookup(item, "vpcId") if prop == "vpcs" else item)
            known = _by_id(estate).get((tokens.ALI_VPC, written))
            unnamed = [key_of(each) for each in depended if not written or not id_of(each)]
            if known is not None:
                keys.append(key_of(known))
            elif unnamed:
                keys += unnamed
            elif written:
                keys.append(written)
            else:
                whole = False
    return keys, whole


def records(estate: Estate, zone: Resource) -> list[Resource]:
    """The A records of a private zone of the estate."""

    def make() -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for record in estate.read_too(tokens.ALI_RECORD):
            if as_text(record.known("type")) in ("a", UNKNOWN) and as_text(record.known("status")) != "disable":
                found[refer(estate, record, "zoneId", tokens.ALI_ZONE).key].append(record)
        return found

    return estate.memo("alibaba_records", make).get(key_of(zone), [])


def record_host(record: Resource, zone: str) -> str:
    """The host that a record of a zone of that name answers for; empty while it is not known."""
    name = as_text(record.known("rr"))
    if name is None:
        name = as_text(record.known("resourceRecord"))
    if not isinstance(name, str) or not zone:
        return ""
    return zone if name == "@" else f"{name}.{zone}"
