"""Whether the name of a registry's VPC endpoint resolves in a VPC, by the private zones of an estate."""

from __future__ import annotations

from ...alibaba.editions import Edition
from ...alibaba.names import Role, Way, parse_host, registry_host
from ...estate import alicloud
from ...estate.model import Estate, Resource
from ...estate.values import as_text


def hosts_of(instance: Resource, way: Way) -> list[str]:
    """The registry hosts of an instance: as the cloud answered them, else what they will be; none while neither is
    known."""
    shown = alicloud.shown_hosts(instance, way)
    name, region = as_text(instance.known("instanceName")), alicloud.region_of(instance)
    if shown or not isinstance(name, str) or not isinstance(region, str):
        return shown
    return [registry_host(name, region, way)]


def answers_in(estate: Estate, vpc: str, instance: Resource | None) -> bool | None:
    """Whether a private zone of the estate that a VPC asks has the record of an instance's VPC endpoint.

    None while that cannot be told. Of an instance outside the estate, any registry's VPC host will do.
    """
    wanted = hosts_of(instance, Way.VPC) if instance is not None else []
    doubt = False
    for use in alicloud.zones(estate):
        held = [alicloud.record_host(each, alicloud.zone_name(use.zone)) for each in alicloud.records(estate, use.zone)]
        fits = any(_fits(host, wanted) for host in held)
        if vpc in use.vpcs and fits:
            return True
        if not use.complete and (fits or "" in held):
            doubt = True
        if vpc in use.vpcs and "" in held:
            doubt = True
    return None if doubt else False


def _fits(host: str, wanted: list[str]) -> bool:
    if wanted:
        return host in wanted
    parsed = parse_host(host)
    return (
        parsed is not None
        and parsed.role is Role.REGISTRY
        and parsed.edition is Edition.ENTERPRISE
        and parsed.way is Way.VPC
    )
