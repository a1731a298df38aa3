"""What Azure allows, as data: every number and list that moves, in one place, each with its source and date.

Nothing here is logic. Code elsewhere reads these tables; when Azure moves a limit, only this file changes.
"""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Azure keeps the first four addresses and the last of every subnet.
# learn.microsoft.com/azure/virtual-network/virtual-networks-faq, 2026-01.
RESERVED_IPS_PER_SUBNET = 5

# The smallest IPv4 subnet that Azure accepts. Same page, 2026-01.
SMALLEST_SUBNET_PREFIX = 29

# What the documentation asks of the subnet of a geo-replicated registry's endpoint, as a minimum.
# learn.microsoft.com/azure/container-registry/container-registry-private-endpoints, 2026-08.
GEO_REPLICATED_SUBNET_PREFIX = 27

# Azure/acr#854: 400 by the end of August 2026, and 1,000 announced (10 in 2021, then 200). A limit that moves: where it
# matters it is told, and nothing is refused for it.
MAX_PRIVATE_ENDPOINTS_PER_REGISTRY = 400

# learn.microsoft.com/azure/container-registry/container-registry-skus, 2026-01.
MAX_IP_RULES = 200

# learn.microsoft.com/azure/container-registry/container-registry-dedicated-data-endpoints, 2026-01.
DATA_ENDPOINT_LINK_MINUTES = 20

# Microsoft.ContainerRegistry/registries in the ARM specification, 2026-01.
REGISTRY_NAME_MIN = 5
REGISTRY_NAME_MAX = 50

# learn.microsoft.com/azure/azure-resource-manager/management/tag-resources, 2026-01.
MAX_TAGS = 50
TAG_NAME_MAX = 512
TAG_VALUE_MAX = 256
TAG_NAME_FORBIDDEN = "<>%&\\?/"

# learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules, 2026-01.
RESOURCE_GROUP_NAME_MAX = 90
PRIVATE_ENDPOINT_NAME_MAX = 64

# PrivateLinkServiceConnection.requestMessage in the ARM network specification, 2024-05-01.
MANUAL_APPROVAL_MESSAGE_MAX = 140

# learn.microsoft.com/azure/container-registry/container-registry-retention-policy, 2026-01.
RETENTION_DAYS = (0, 365)

# learn.microsoft.com/azure/container-registry/container-registry-soft-delete-policy, 2026-01.
SOFT_DELETE_DAYS = (1, 90)

# What a private endpoint can have, each block with what it is in words: RFC 1918, RFC 6598 (virtual networks may use
# it), and IPv6 unique local addresses (RFC 4193).
MEANINGS = tuple(
    (ip_network(block), what)
    for block, what in (
        ("10.0.0.0/8", "private (RFC 1918)"),
        ("172.16.0.0/12", "private (RFC 1918)"),
        ("192.168.0.0/16", "private (RFC 1918)"),
        ("100.64.0.0/10", "shared address space (RFC 6598): private in Azure, services of Alibaba Cloud in its VPCs"),
        ("fc00::/7", "private (RFC 4193)"),
    )
)
PRIVATE_NETWORKS = tuple(network for network, _ in MEANINGS)

# Nobody's addresses: what resolvers answer to block a name (0.0.0.0, ::) or to catch it for a local proxy (198.18/15),
# and what IANA's special-purpose registry reserves, 2026-01.
RESERVED_NETWORKS = tuple(
    ip_network(text) for text in ("0.0.0.0/8", "198.18.0.0/15", "240.0.0.0/4", "::/128", "ff00::/8")
)

# Sources that no registry sees from the internet: IANA's special-purpose registry, 2026-01, without the ranges for
# documentation, which nothing routes and examples use.
NOT_PUBLIC = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)

# The widest public source range that still counts as narrow, by IP version: this project's own line, and the guard's
# until its configuration says otherwise.
NARROW_PREFIX: Mapping[str, int] = MappingProxyType({"ipv4": 24, "ipv6": 48})

# Priorities of a firewall policy's rule collection group, and of a network security group's rule.
# learn.microsoft.com/azure/firewall/policy-rule-sets, virtual-network/network-security-groups-overview, 2026-01.
RULE_GROUP_PRIORITIES = (100, 65000)
SECURITY_RULE_PRIORITIES = (100, 4096)

# Where this project's own rules begin unless they are told otherwise, and what one set of them spreads over.
FIRST_PRIORITY = 200
RULE_SPAN = 1000
