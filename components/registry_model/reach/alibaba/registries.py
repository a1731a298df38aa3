"""The registries of Alibaba Cloud in an estate, with what stands around each: the model that reach is judged from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...alibaba import limits, names, provider
from ...alibaba.editions import IMAGES, Edition
from ...alibaba.names import Way
from ...estate import alicloud, tokens
from ...estate.model import Estate, Resource
from ...estate.values import UNKNOWN, Unknown, as_text, as_written
from ..firewalls import network_of
from ..model import NO_REGION, Host, HostKind, Operation, PrivateEndpoint, VNetLink, Zone
from .client_firewalls import meant_for
from .model import AlibabaRegistry, OwnName
from .networks import vpcs


def registries(estate: Estate) -> list[AlibabaRegistry]:
    """Every instance that the estate declares or reads, and Personal Edition in each region that it is used in."""
    found = [registry_of(estate, each) for each in estate.read_too(tokens.ALI_INSTANCE)]
    return [*found, *_personal(estate)]


def registry_of(estate: Estate, instance: Resource) -> AlibabaRegistry:
    """The model of one instance of the estate."""
    notes: list[str] = []
    bare = _with_domains(estate, instance, _bare(instance, notes), notes)
    on, entries = _internet(estate, instance, notes)
    links, zones = _around(estate, instance, bare.vpc_host)
    found = replace(
        bare,
        internet=on,
        entries=entries,
        links=tuple(links),
        zones=tuple(zones),
        networks=tuple(vpcs(estate).values()),
        notes=tuple(dict.fromkeys(notes)),
    )
    return replace(found, firewalls=tuple(meant_for(estate, found)))


def _bare(instance: Resource, notes: list[str]) -> AlibabaRegistry:
    assumed: list[str] = []
    name, region = as_text(instance.known("instanceName")), alicloud.region_of(instance)
    if not isinstance(name, str):
        name = instance.name.lower()
        assumed.append("name")
        notes.append(f"the instance's name is not known yet: '{name}' stands for it")
    if not isinstance(region, str):
        region = NO_REGION
        assumed.append("region")
        notes.append(f"the region is the provider's, and not told here: '{region}' stands for it")
    shown = {way: next(iter(alicloud.shown_hosts(instance, way)), "") for way in Way}
    bucket = _bucket(instance)
    if not bucket:
        assumed.append("bucket")
        notes.append("the bucket is not known yet, so that the host of the layers is a wildcard here")
    own = {way: shown[way] or names.registry_host(name, region, way) for way in Way}
    storage = {
        way: names.storage_host(bucket, region, way) if bucket else names.storage_wildcard(region, way) for way in Way
    }
    return AlibabaRegistry(
        name,
        region,
        own[Way.INTERNET],
        own[Way.VPC],
        storage[Way.INTERNET],
        storage[Way.VPC],
        key=instance.urn,
        assumed=tuple(assumed),
    )


def _with_domains(estate: Estate, instance: Resource, bare: AlibabaRegistry, notes: list[str]) -> AlibabaRegistry:
    """The registry with the storage domains that it sends pulls to, and the domains by which clients may name it."""
    hosts = {Way.INTERNET: bare.internet_host, Way.VPC: bare.vpc_host}
    storage = {Way.INTERNET: bare.internet_storage, Way.VPC: bare.vpc_storage}
    assumed = list(bare.assumed)
    regions = (bare.region,)
    own = {
        domain: Host(domain, HostKind.LOGIN, regions, (Operation.PUSH, Operation.PULL))
        for domain in alicloud.custom_domains(estate, instance)
    }
    notes += [
        f"clients may name it {domain} too: your own DNS says to which endpoint that leads, which is a condition here"
        for domain in own
    ]
    named = list(own)
    layers: dict[tuple[str, Way], str] = {}
    for route in alicloud.storage_routes(estate, instance):
        domain = route.storage_domain
        if UNKNOWN in (route.way, route.instance_domain, domain):
            assumed.append("storage domain")
            notes.append(
                f"what '{route.rule}' puts in place of the bucket's host is not known, so that one stands here"
            )
        elif isinstance(domain, str) and route.instance_domain in own:
            own[domain] = Host(domain, HostKind.BUCKET, regions, (Operation.PULL,))
            if isinstance(route.way, Way):
                layers[str(route.instance_domain), route.way] = domain
        elif isinstance(route.way, Way) and isinstance(domain, str) and route.instance_domain == hosts[route.way]:
            storage[route.way] = domain
        else:
            notes.append(
                f"'{route.rule}' has a route for {route.instance_domain} by the {route.way}, which is no host of that "
                "endpoint: it is not judged here"
            )
    # The bucket need not be known any more where no endpoint sends anybody there.
    if not any(each.startswith("*") for each in storage.values()) and "bucket" in assumed:
        assumed.remove("bucket")
    return replace(
        bare,
        internet_storage=storage[Way.INTERNET],
        vpc_storage=storage[Way.VPC],
        own_domains=tuple(own.values()),
        own_names=tuple(OwnName(n, *(layers.get((n, way), storage[way]) for way in Way)) for n in named),
        assumed=tuple(dict.fromkeys(assumed)),
    )


def _bucket(instance: Resource) -> str:
    """The bucket of an instance: its own, else the one that the service names after its id; empty while unknown."""
    own = instance.known("customOssBucket")
    if own is UNKNOWN:
        return ""
    written = as_written(own).lower()
    identity = alicloud.id_of(instance)
    return written or (names.bucket_of(identity) if identity.startswith("cri-") else "")


def _internet(estate: Estate, instance: Resource, notes: list[str]) -> tuple[bool | None, tuple[str, ...] | None]:
    """Whether the Internet endpoint is on, and what its access control list admits."""
    declared = alicloud.of_instance(estate, tokens.ALI_INTERNET).get(instance, [])
    policies = alicloud.of_instance(estate, tokens.ALI_ACL_POLICY).get(instance, [])
    answered = alicloud.switched_on(instance)
    if not declared and not policies:
        if alicloud.unplaced(estate, tokens.ALI_INTERNET):
            return None, None
        if answered is True:
            notes.append("the Internet endpoint is on, but it is not declared here, so whom it admits is not known")
            return True, None
        return (None if isinstance(answered, Unknown) else False), ()
    held = [
        each for endpoint in declared if not isinstance(found := alicloud.entries(endpoint), Unknown) for each in found
    ]
    unknown = any(isinstance(alicloud.entries(endpoint), Unknown) for endpoint in declared)
    held += [entry if entry is UNKNOWN else as_written(entry) for entry in (p.known("entry") for p in policies)]
    if unknown or UNKNOWN in held:
        return True, None
    kept = [each for each in held if isinstance(each, str) and not limits.is_hidden(each) and network_of(each)]
    # A policy of the older kind takes the endpoint for running; something beside the stack switched it on.
    return True, tuple(kept)


def _around(estate: Estate, instance: Resource, host: str) -> tuple[list[PrivateEndpoint], list[Zone]]:
    """The bound VPCs of an instance, and the private zones that may answer for it."""
    links = [
        link
        for link in alicloud.of_instance(estate, tokens.ALI_VPC_LINK).get(instance, [])
        if as_text(link.known("moduleName")) in (IMAGES.lower(), UNKNOWN)
    ]
    told = dict(_told(estate, links))
    endpoints = {link: _endpoint(estate, link, host, told.get(link, "")) for link in links}
    zones = [
        Zone(
            host,
            (("@", endpoint.address_of(host) or ""),),
            (VNetLink(endpoint.vnet, declared=written is True),),
            link.urn,
        )
        for link, endpoint in endpoints.items()
        if (written := alicloud.writes_record(link)) is not False
    ]
    for use in alicloud.zones(estate):
        name = alicloud.zone_name(use.zone)
        # A zone that is named after the instance's host has that name once the host is known.
        stands = name or (host if instance in estate.dependencies(use.zone, "zoneName") else "")
        if stands and (host == stands or host.endswith(f".{stands}")):
            zones.append(_zone(estate, use, stands, endpoints, host))
    return list(endpoints.values()), zones


def _told(estate: Estate, links: list[Resource]) -> Iterator[tuple[Resource, str]]:
    """The addresses of links, by the records whose values are taken from them."""
    for use in alicloud.zones(estate):
        for record in alicloud.records(estate, use.zone):
            sources = [each for each in estate.dependencies(record, "value") if each in links]
            value = as_written(record.known("value"))
            if len(sources) == 1 and value:
                yield sources[0], value


def _endpoint(estate: Estate, link: Resource, host: str, address: str) -> PrivateEndpoint:
    vpc = alicloud.refer(estate, link, "vpcId", tokens.ALI_VPC).key
    switch = alicloud.refer(estate, link, "vswitchId", tokens.ALI_VSWITCH)
    block = as_written(switch.one.known("cidrBlock")) if switch.one is not None else ""
    shown = alicloud.shown_name(switch.one) if switch.one is not None else switch.id
    standing = address or f"(address of the registry in {vpc})"
    return PrivateEndpoint(link.name, vpc, shown, ((host, standing),), prefixes=(block,) if block else ())


def _zone(
    estate: Estate, use: alicloud.ZoneUse, name: str, endpoints: dict[Resource, PrivateEndpoint], host: str
) -> Zone:
    pairs: list[tuple[str, str]] = []
    for record in alicloud.records(estate, use.zone):
        relative = as_text(record.known("rr"))
        value = as_written(record.known("value"))
        if not value:
            sources = [each for each in estate.dependencies(record, "value") if each in endpoints]
            holders = [endpoints[each] for each in sources or endpoints]
            value = (holders[0].address_of(host) or "") if len(holders) == 1 else ""
        pairs.append((relative if isinstance(relative, str) else "@", value))
    redirect = as_text(use.zone.known("proxyPattern")) == "record"
    links = tuple(VNetLink(vpc, redirect) for vpc in use.vpcs)
    return Zone(name, tuple(pairs), links, alicloud.key_of(use.zone), complete=use.complete)


def _personal(estate: Estate) -> Iterator[AlibabaRegistry]:
    """Personal Edition in each region where the estate has a namespace or repository of it.

    What the cloud has answered for a repository names the instance; a namespace tells nothing of it.
    """
    found: dict[str, list[Resource]] = {}
    for each in estate.read_too(tokens.ALI_PERSONAL_NAMESPACE, tokens.ALI_PERSONAL_REPOSITORY):
        region = alicloud.region_of(each)
        found.setdefault(region if isinstance(region, str) else NO_REGION, []).append(each)
    for region, held in found.items():
        shown = {label: each for each in held if (label := alicloud.personal_label(each))}
        for label, first in (shown or {"": held[0]}).items():
            name = label if label.startswith(names.PERSONAL_PREFIX) else f"{Edition.PERSONAL} in {region}"
            hosts = {way: names.personal_host(region, way, label or names.SHARED) for way in Way}
            # A host becomes known with the first repository, and the registry stays what it was.
            own = f"::{label}" if len(shown) > 1 else ""
            guess = f"{hosts[Way.INTERNET]} stands for its host, which is one of its own (crpi-…) since 2024-09"
            made = AlibabaRegistry(
                name,
                region,
                hosts[Way.INTERNET],
                hosts[Way.VPC],
                names.storage_wildcard(region, Way.INTERNET),
                names.storage_wildcard(region, Way.VPC),
                edition=Edition.PERSONAL,
                internet=True,
                networks=tuple(vpcs(estate).values()),
                key=f"{first.provider.urn}::{provider.PERSONAL_NAMESPACE}::{region}{own}",
                assumed=("bucket",) if label else ("name", "bucket"),
                notes=() if label else (guess,),
            )
            yield replace(made, firewalls=tuple(meant_for(estate, made)))
