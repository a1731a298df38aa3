"""Container Registry of Alibaba Cloud, Enterprise Edition. Needs the extra ``alibaba``.

    from private_registry.alibaba import EnterpriseRegistry

Importing this package loads neither Pulumi nor pulumi-alicloud; a component does, when it is first asked for.
"""

from typing import TYPE_CHECKING

from private_registry.lazy import loader

if TYPE_CHECKING:  # what ``_HOMES`` says, for type checkers; a test holds the two equal
    from .enterprise_registry import EnterpriseNamespaceArgs as EnterpriseNamespaceArgs
    from .enterprise_registry import EnterpriseRegistry as EnterpriseRegistry
    from .enterprise_registry import EnterpriseRegistryArgs as EnterpriseRegistryArgs
    from .enterprise_registry import EnterpriseRepositoryArgs as EnterpriseRepositoryArgs
    from .enterprise_registry import EnterpriseSettingsArgs as EnterpriseSettingsArgs
    from .enterprise_registry import InternetAccessArgs as InternetAccessArgs
    from .enterprise_registry import SyncRuleArgs as SyncRuleArgs
    from .enterprise_registry import VpcLinkArgs as VpcLinkArgs
    from .shared_vpc_access import ClientProviderArgs as ClientProviderArgs
    from .shared_vpc_access import SharedVpcAccess as SharedVpcAccess
    from .shared_vpc_access import SharedVpcAccessArgs as SharedVpcAccessArgs
    from .shared_vpc_access import SharedVpcArgs as SharedVpcArgs

_HOMES = {
    name: module
    for module, names in {
        "enterprise_registry": (
            "EnterpriseNamespaceArgs",
            "EnterpriseRegistry",
            "EnterpriseRegistryArgs",
            "EnterpriseRepositoryArgs",
            "EnterpriseSettingsArgs",
            "InternetAccessArgs",
            "SyncRuleArgs",
            "VpcLinkArgs",
        ),
        "shared_vpc_access": ("ClientProviderArgs", "SharedVpcAccess", "SharedVpcAccessArgs", "SharedVpcArgs"),
    }.items()
    for name in names
}

__all__ = sorted(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


__getattr__ = loader(__name__, _HOMES, globals())


def __dir__() -> list[str]:
    return [*__all__]
