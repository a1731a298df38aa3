"""What Alibaba Cloud allows, as data: numbers, ranges and name rules, each with its source and date."""

from __future__ import annotations

import re
from ipaddress import IPv4Network

# Where the shared services have their private addresses: the token service, OSS, DNS. Every VPC has a route to those of
# its own region; from elsewhere it takes routes of one's own.
# help.aliyun.com/zh/vpc/user-guide/route-table-overview, 2026-01.
SERVICE_RANGE = IPv4Network("100.64.0.0/10")

# What a VPC's own range must not touch, and how long its prefix and that of a vSwitch may be:
# help.aliyun.com/en/vpc/vpc-and-vswitch and alibabacloud.com/help/doc-detail/100380.htm, 2026-11.
NO_VPC_RANGES = (
    SERVICE_RANGE,
    IPv4Network("127.0.0.0/8"),
    IPv4Network("169.254.0.0/16"),
    IPv4Network("224.0.0.0/4"),
)
VPC_PREFIX = (8, 28)
VSWITCH_PREFIX = (16, 29)

# The name servers of every VPC, which know the private zones that are attached to it. They lie in the service range, so
# that a route for the whole range to another region would take them along.
# help.aliyun.com/zh/pvtz/, 2026-01.
VPC_NAME_SERVERS = ("100.100.2.136", "100.100.2.138")

# The entry that the service adds to the access control list of every Internet endpoint, with the comment "default". It
# is not shown, cannot be given or deleted, and given in ``entries`` is a difference in every preview: documentation of
# ``alicloud:cr/internetEndpoint:InternetEndpoint`` in pulumi-alicloud 4.0, 2026-10.
HIDDEN_ENTRY = "127.0.0.1/32"


def is_hidden(entry: object) -> bool:
    """Whether an entry is the service's own, with its prefix or without."""
    return isinstance(entry, str) and entry in (HIDDEN_ENTRY, HIDDEN_ENTRY.removesuffix("/32"))


# Steps in which further namespaces and repositories are bought: documentation of RegistryEnterpriseInstance in
# pulumi-alicloud 4.0, 2026-10.
NAMESPACE_QUOTA_STEP = 5
REPOSITORY_QUOTA_STEP = 1000

# The provider's own check of ``vpcQuota``, 1.286, 2026-08. Links of VPCs are bought one by one; a new instance may have
# none: help.aliyun.com/zh/acr/user-guide/configure-access-over-vpcs, 2026-02.
VPC_QUOTA = (0, 100)

# help.aliyun.com/zh/acr/user-guide/create-a-container-registry-enterprise-edition-instance, 2026-01.
INSTANCE_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,28})[a-z0-9]")
INSTANCE_NAME_RULE = "3 to 30 lower-case letters, digits and hyphens, not starting or ending with a hyphen"

# Documentation of RegistryEnterpriseNamespace in pulumi-alicloud 4.0, 2026-10.
NAMESPACE_NAME = re.compile(r"(?=.{2,120}$)[a-z0-9]+(?:[._-]+[a-z0-9]+)*")
NAMESPACE_NAME_RULE = "2 to 120 lower-case letters, digits, '_', '-' and '.', not starting or ending with one of these"

# help.aliyun.com/zh/acr/developer-reference/api-cr-2018-12-01-createrepository, 2026-01.
REPOSITORY_NAME = re.compile(r"(?=.{2,64}$)[a-z0-9]+(?:[._-]+[a-z0-9]+)*")
REPOSITORY_NAME_RULE = "2 to 64 lower-case letters, digits, '_', '-' and '.', not starting or ending with one of these"

# help.aliyun.com/en/oss/user-guide/bucket-naming-conventions, 2026-11.
BUCKET_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]")
BUCKET_NAME_RULE = "3 to 63 lower-case letters, digits and hyphens, not starting or ending with a hyphen"

# ``password`` of an instance: documentation of RegistryEnterpriseInstance in pulumi-alicloud 4.0, 2026-10.
PASSWORD_LENGTH = (8, 32)

# help.aliyun.com, tag limits of most services, 2026-01.
MAX_TAGS = 20
TAG_MAX = 128

# The TTL of a record in a private zone, in seconds, unless it is given: documentation of ``alicloud:pvtz/zoneRecord:
# ZoneRecord`` in pulumi-alicloud 4.0, 2026-10.
RECORD_TTL = 60
