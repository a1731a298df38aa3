"""The editions of Container Registry, and the instance types of Enterprise Edition.

help.aliyun.com/zh/acr/product-overview/differences-between-personal-edition-instances-and-enterprise-edition-instances
and the documentation of ``alicloud:cr/registryEnterpriseInstance:RegistryEnterpriseInstance`` in pulumi-alicloud 4.0,
2026-10.
"""

from __future__ import annotations

from enum import StrEnum


class Edition(StrEnum):
    """Personal Edition is free, has no service level and no access control; Enterprise Edition has both."""

    PERSONAL = "Personal Edition"
    ENTERPRISE = "Enterprise Edition"


class InstanceType(StrEnum):
    """What ``instanceType`` of an Enterprise Edition instance may be."""

    ECONOMY = "Economy"
    BASIC = "Basic"
    STANDARD = "Standard"
    ADVANCED = "Advanced"


# The international site sells these two only.
INTERNATIONAL_TYPES = (InstanceType.BASIC, InstanceType.ADVANCED)

# An instance is a prepaid subscription; there is no other way to pay.
PAYMENT_TYPE = "Subscription"

# What ``renewalStatus`` may be; without one the subscription ends, and the instance with it. ``AutoRenewal`` needs
# ``renewPeriod``.
AUTO_RENEWAL, MANUAL_RENEWAL = "AutoRenewal", "ManualRenewal"

# The engines that ``imageScanner`` may name: Trivy, Security Center, none.
SCANNERS = ("ACR", "SAS", "DISABLE")

# What ``repoType`` and ``defaultVisibility`` may be. Anybody who reaches a public repository pulls without signing in.
PUBLIC, PRIVATE = "PUBLIC", "PRIVATE"

# The modules of an instance, each with hosts of its own: images, and Helm charts.
IMAGES, CHARTS = "Registry", "Chart"

# ``type`` of a domain in ``instanceEndpoints``: the service's own, or a customer's.
SYSTEM_DOMAIN, CUSTOM_DOMAIN = "SYSTEM", "USER"

# ``endpointType`` in ``instanceEndpoints``, compared without letter case.
INTERNET, VPC = "internet", "vpc"
