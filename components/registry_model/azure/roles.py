"""The built-in roles that let an identity pull from a registry.

learn.microsoft.com/azure/role-based-access-control/built-in-roles and
/azure/container-registry/container-registry-rbac-abac-repository-permissions, 2026-01.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Role:
    """A built-in role: its name, and the id of its definition, which is the same in every tenant."""

    name: str
    id: str


# A registry's roleAssignmentMode: permissions for the whole registry, or for each repository.
REGISTRY_PERMISSIONS = "LegacyRegistryPermissions"
REPOSITORY_PERMISSIONS = "AbacRepositoryPermissions"

# By that mode. With permissions for repositories AcrPull grants nothing.
PULL_ROLES: Mapping[str, Role] = MappingProxyType(
    {
        REGISTRY_PERMISSIONS: Role("AcrPull", "7f951dda-4ed3-4680-a7ca-43fe172d538d"),
        REPOSITORY_PERMISSIONS: Role("Container Registry Repository Reader", "b93aa761-3e63-49ed-ac28-beffa264f7ac"),
    }
)
