"""The hosts of a registry of Alibaba Cloud.

A pull touches three: the registry, the token service that all customers share, and OSS, which has the layers. Each has
an Internet and a VPC form, which are names of their own: none is made by replacing text in another. Those of a deployed
instance are read from ``instanceEndpoints[].domains[]``; the functions here say what they will be before that, and
what a host that somebody shows is.

help.aliyun.com/zh/acr/use-cases/access-enterprise-edition-instances-across-regions-or-from-idc, 2026-01;
alibabacloud.com/blog/reverse-proxy-to-access-alibaba-cloud-container-registry_597957. Personal Edition:
alibabacloud.com/help/en/acr/user-guide/individual-edition-instance-independent-domain-name-capacity-limit, 2026-11.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from .editions import Edition

if TYPE_CHECKING:
    from collections.abc import Mapping

DOMAIN = "aliyuncs.com"
ENTERPRISE_SUFFIX = f"cr.{DOMAIN}"
PERSONAL_SUFFIX = f"personal.{ENTERPRISE_SUFFIX}"


class Way(StrEnum):
    """The endpoint that a client uses: each has hosts of its own."""

    INTERNET = "Internet endpoint"
    VPC = "VPC endpoint"


class Role(StrEnum):
    """What a host does in a pull."""

    REGISTRY = "registry"
    TOKEN = "token service"  # noqa: S105 - a word for people
    STORAGE = "layer storage"


# What the label of a host of Personal Edition begins with where it is the instance's own, and what it is where a region
# shares it.
PERSONAL_PREFIX, SHARED = "crpi-", "registry"

# The one region whose token service has another Internet name. Shown by registries there, 2026-05.
_TOKEN_EXCEPTIONS: Mapping[str, str] = MappingProxyType({"cn-zhangjiakou": f"dockerauth-cn-zhangjiakou.{DOMAIN}"})


@dataclass(frozen=True)
class AlibabaHost:
    """What a host name says about itself: ``label`` is the instance's name or the bucket's, empty where it has none;
    of Personal Edition it is what `personal_host` takes. ``edition`` is None where both use it."""

    role: Role
    way: Way
    region: str
    label: str = ""
    edition: Edition | None = None


def registry_host(instance: str, region: str, way: Way) -> str:
    """The registry host that an Enterprise Edition instance of that name will get: ``team-registry-vpc.…``."""
    infix = "-vpc" if way is Way.VPC else ""
    return f"{instance.lower()}-registry{infix}.{region}.{ENTERPRISE_SUFFIX}"


def personal_host(region: str, way: Way, label: str = SHARED) -> str:
    """The registry host of Personal Edition: one of its own (``label`` is ``crpi-…``), or one that a region shares.

    Instances have a host of their own since 2024-09-09. Older ones share ``registry.…``, or ``registry-intl.…`` on the
    international site.
    """
    infix = "-vpc" if way is Way.VPC else ""
    own = label.startswith(PERSONAL_PREFIX)
    return f"{label.lower()}{infix}.{region}.{PERSONAL_SUFFIX if own else DOMAIN}"


def token_host(region: str, way: Way, edition: Edition = Edition.ENTERPRISE) -> str:
    """The host of the token service of a region: ``dockerauth-ee-vpc.ap-northeast-1.aliyuncs.com``."""
    if way is Way.INTERNET and region in _TOKEN_EXCEPTIONS:
        return _TOKEN_EXCEPTIONS[region]
    kind = "-ee" if edition is Edition.ENTERPRISE else ""
    infix = "-vpc" if way is Way.VPC else ""
    return f"dockerauth{kind}{infix}.{region}.{DOMAIN}"


def api_host(region: str) -> str:
    """The host of the service's API in a region, where ``GetAuthorizationToken`` gives passwords for an hour."""
    return f"cr.{region}.{DOMAIN}"


def is_token_host(realm: str, registry: str) -> bool:
    """Whether a host is the token service of a registry's own region, in any of its forms.

    Which of ``dockerauth`` and ``dockerauth-ee`` an instance names differs by region and age, so that both are right.
    """
    token, own = parse_host(realm), parse_host(registry)
    return (
        token is not None
        and own is not None
        and token.role is Role.TOKEN
        and own.role is Role.REGISTRY
        and token.region == own.region
    )


def bucket_of(instance_id: str) -> str:
    """The bucket that the service makes for an instance that brings none: ``cri-…-registry``."""
    return f"{instance_id.lower()}-registry"


def bucket_problem(bucket: str) -> str | None:
    """What is wrong with the name of a bucket; None for a good one (help.aliyun.com/zh/oss: bucket naming)."""
    if _BUCKET.fullmatch(bucket):
        return None
    return "must be 3 to 63 lowercase letters, digits and hyphens, with no hyphen at either end"


def storage_host(bucket: str, region: str, way: Way) -> str:
    """The host of a bucket in OSS: ``cri-…-registry.oss-ap-northeast-1-internal.aliyuncs.com``."""
    infix = "-internal" if way is Way.VPC else ""
    return f"{bucket.lower()}.oss-{region}{infix}.{DOMAIN}"


def storage_way(host: str) -> Way | None:
    """Whether a host of layers is OSS's public or internal one.

    None for a storage domain of another kind (a customer's own, an accelerator's): its record says where it leads.
    """
    parsed = parse_host(host)
    return parsed.way if parsed is not None and parsed.role is Role.STORAGE else None


def storage_wildcard(region: str, way: Way) -> str:
    """What a firewall needs while the bucket is not known: every bucket of the region, whoever owns it."""
    return storage_host("*", region, way)


_BUCKET = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]")
_REGION = r"(?P<region>[a-z]{2}-[a-z0-9-]+?)"
_END = re.escape(f".{DOMAIN}")
_FORMS: tuple[tuple[re.Pattern[str], Role, Edition | None], ...] = (
    (
        re.compile(rf"(?P<label>[a-z0-9-]+?)-registry(?P<vpc>-vpc)?\.{_REGION}\.cr{_END}"),
        Role.REGISTRY,
        Edition.ENTERPRISE,
    ),
    (
        re.compile(rf"(?P<label>crpi-[a-z0-9-]+?)(?P<vpc>-vpc)?\.{_REGION}\.personal\.cr{_END}"),
        Role.REGISTRY,
        Edition.PERSONAL,
    ),
    (re.compile(rf"(?P<label>registry(?:-intl)?)(?P<vpc>-vpc)?\.{_REGION}{_END}"), Role.REGISTRY, Edition.PERSONAL),
    (re.compile(rf"dockerauth-ee(?P<vpc>-vpc)?\.{_REGION}{_END}"), Role.TOKEN, Edition.ENTERPRISE),
    (re.compile(rf"dockerauth(?P<vpc>-vpc)?\.{_REGION}{_END}"), Role.TOKEN, None),
    (re.compile(rf"(?P<label>[a-z0-9*-]+)\.oss-{_REGION}(?P<vpc>-internal)?{_END}"), Role.STORAGE, None),
)


def parse_host(host: str) -> AlibabaHost | None:
    """What a host of a pull is; None when it is none of Alibaba's, and for a domain of a customer's own."""
    lowered = host.lower().rstrip(".")
    for region, exception in _TOKEN_EXCEPTIONS.items():
        if lowered == exception:
            return AlibabaHost(Role.TOKEN, Way.INTERNET, region)
    for pattern, role, edition in _FORMS:
        if found := pattern.fullmatch(lowered):
            way = Way.VPC if found["vpc"] else Way.INTERNET
            return AlibabaHost(role, way, found["region"], found.groupdict().get("label") or "", edition)
    return None


def is_wildcard(pattern: str) -> bool:
    """Whether a host pattern opens what others own: ``*.aliyuncs.com``, ``*.oss-<region>…``, ``*.cr.aliyuncs.com``.

    The counterpart of Azure's blob wildcard: whoever may reach every bucket can carry data out into a bucket of his.
    """
    lowered = pattern.strip().lower().rstrip(".")
    if not lowered.startswith("*"):
        return False
    tail = lowered.lstrip("*").lstrip(".")
    if not tail or tail == DOMAIN or DOMAIN.endswith(f".{tail}"):
        return True
    inside = tail.removesuffix(f".{DOMAIN}")
    if inside == tail:
        return False
    registries = r"(?:[a-z]{2}-[a-z0-9-]+\.)?(?:personal\.)?cr"
    return bool(re.fullmatch(rf"oss-[a-z0-9-]+|(?:[a-z0-9-]+\.)?oss|{registries}", inside))
