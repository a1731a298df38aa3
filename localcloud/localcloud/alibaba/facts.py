"""What the local cloud knows of Alibaba Cloud, with sources; the other rooms have a table of their own."""

from __future__ import annotations

import ipaddress
import re

# Regions of Container Registry Enterprise Edition, alibabacloud.com/help/en/acr/product-overview/supported-regions.
REGIONS = frozenset(
    {
        *("cn-hangzhou", "cn-shanghai", "cn-qingdao", "cn-beijing", "cn-zhangjiakou", "cn-huhehaote"),
        *("cn-wulanchabu", "cn-shenzhen", "cn-heyuan", "cn-guangzhou", "cn-chengdu", "cn-hongkong"),
        *("ap-northeast-1", "ap-northeast-2", "ap-southeast-1", "ap-southeast-3", "ap-southeast-5", "ap-southeast-6"),
        *("ap-southeast-7", "us-east-1", "us-west-1", "eu-west-1", "eu-central-1", "me-east-1"),
    }
)

EDITIONS = ("Basic", "Standard", "Advanced", "Economy")  # cr_ee_instance, instance_type
# pulumi-alicloud 4.0, RegistryEnterpriseInstance: "has no effect when modified post-creation".
NO_EFFECT = frozenset(
    {
        "customOssBucket",
        "defaultOssBucket",
        "imageScanner",
        "instanceType",
        "namespaceQuota",
        "period",
        "repoQuota",
        "vpcQuota",
    }
)
PERIODS = (1, 2, 3, 6, 12, 24, 36, 48, 60)  # months; cr_ee_instance's validation

LOOPBACK = "127.0.0.1/32"  # cr_internet_endpoint: the service adds it, with the comment "default"
LOOPBACK_COMMENT = "default"

# vswitch: a block of /16 to /29 within the VPC's; the first and the last three addresses are the system's.
VSWITCH_PREFIXES = (16, 29)
VPC_PREFIXES = (8, 28)
PRIVATE_RANGES = tuple(ipaddress.IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))

NAMESPACE_NAME = re.compile(r"(?=.{2,120}$)[a-z0-9]+(?:[._-][a-z0-9]+)*")  # pulumi-alicloud 4.0, namespace `name`
REPOSITORY_NAME = re.compile(r"(?=.{2,64}$)[a-z0-9]+(?:[._-][a-z0-9]+)*")  # cr_ee_repo, `name`: 2 to 64 characters
INSTANCE_NAME = re.compile(r"(?=.{3,30}$)[a-z0-9]+(?:-[a-z0-9]+)*")  # console: 3 to 30, lowercase, digits, hyphens


def internet_host(instance_name: str, region: str) -> str:
    """A recorded one: ``demo-registry.cn-hangzhou.cr.aliyuncs.com`` (help/en/acr, "Push and pull images")."""
    return f"{instance_name}-registry.{region}.cr.aliyuncs.com"


def vpc_host(instance_name: str, region: str) -> str:
    """``demo-registry-vpc.cn-hangzhou.cr.aliyuncs.com``, from the same page."""
    return f"{instance_name}-registry-vpc.{region}.cr.aliyuncs.com"


def zone_region(zone_id: str) -> str:
    """``cn-hangzhou-j`` is in ``cn-hangzhou``, ``ap-northeast-1a`` in ``ap-northeast-1``; empty for what is no zone."""
    region, found = re.subn(r"(?<=\d)[a-z]$|-[a-z]$", "", zone_id)
    return region if found else ""


def free_addresses(cidr: str, taken: set[str]) -> list[str]:
    """The addresses of a vSwitch that are free, the lowest first."""
    usable = list(ipaddress.IPv4Network(cidr))[1:-3]
    return [str(address) for address in usable if str(address) not in taken]
