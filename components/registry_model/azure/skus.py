"""What the SKUs of a registry have.

learn.microsoft.com/azure/container-registry/container-registry-skus, 2026-01.
"""

from __future__ import annotations

PREMIUM = "Premium"

# What makes a registry private, or is asked for beside that, and exists in Premium only.
PREMIUM_FEATURES = (
    "private endpoints",
    "dedicated data endpoints",
    "IP rules",
    "customer-managed keys",
    "geo-replication",
    "switching exports off",
)
