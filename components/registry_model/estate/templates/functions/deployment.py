"""Functions of the deployment and of where it is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ...values import UNKNOWN, Partial
from ..expressions import Call
from ..ids import scope_of
from ..values import OWN_TENANT, StandIn, stand_in, text_of
from .numbers import whole
from .table import Function

if TYPE_CHECKING:
    from ..scope import Frame


def _parameters(call: Call, frame: Frame, depth: int) -> Any:
    name = frame.run(call.arguments[0], depth + 1)
    if not isinstance(name, str):
        return UNKNOWN
    if frame.arguments is not None:
        return frame.arguments.get(name.lower(), UNKNOWN)
    return frame.scope.parameter(text_of(name), depth + 1)


def _variables(call: Call, frame: Frame, depth: int) -> Any:
    name = frame.run(call.arguments[0], depth + 1)
    return frame.scope.variable(text_of(name), depth + 1) if isinstance(name, str) else UNKNOWN


def _copy_index(call: Call, frame: Frame, depth: int) -> Any:
    """``copyIndex()``, ``copyIndex(offset)``, ``copyIndex('loop')`` and ``copyIndex('loop', offset)``."""
    name, offset = None, 0
    for argument in call.arguments:
        value = frame.run(argument, depth + 1)
        if isinstance(value, str):
            name = value.lower()
        elif value is UNKNOWN:
            return UNKNOWN
        else:
            offset = whole(value)
    index = frame.index(name)
    return UNKNOWN if index is UNKNOWN else index + offset


# learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-deployment, environment, 2026-06.
_CLOUD_NAMES = {"public": "AzureCloud", "usgov": "AzureUSGovernment", "china": "AzureChinaCloud"}


def _environment(_call: Call, frame: Frame, _depth: int) -> Any:
    cloud = frame.scope.world.cloud
    login = {"loginendpoint": f"https://{cloud.sign_in_host}/", "audiences": [f"https://{cloud.management_host}/"]}
    suffixes = {
        "acrloginserver": f".{cloud.registry_suffix}",
        "keyvaultdns": f".{cloud.vault_suffix}",
        "storage": cloud.blob_suffix.removeprefix("blob."),
    }
    return Partial(
        {
            "name": _CLOUD_NAMES.get(cloud.name, UNKNOWN),
            "resourcemanager": f"https://{cloud.management_host}/",
            "authentication": Partial(login),
            "suffixes": Partial(suffixes),
        }
    )


def _resource_group(_call: Call, frame: Frame, _depth: int) -> Any:
    group, subscription = frame.scope.group, frame.scope.subscription
    known = isinstance(group, str) and isinstance(subscription, str)
    path = scope_of(subscription, group) if known else UNKNOWN
    return Partial({"name": group, "id": StandIn(path) if isinstance(path, str) else path})


def _subscription(_call: Call, frame: Frame, _depth: int) -> Any:
    own = frame.scope.subscription
    path = StandIn(scope_of(own)) if isinstance(own, str) else UNKNOWN
    return Partial({"subscriptionid": own, "id": path, "tenantid": OWN_TENANT})


def _deployment(_call: Call, frame: Frame, _depth: int) -> Any:
    return Partial({"name": frame.scope.name})


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "parameters": Function(_parameters, lazy=True),
        "variables": Function(_variables, lazy=True),
        "copyIndex": Function(_copy_index, lazy=True),
        "environment": Function(
            _environment, lazy=True, known="the name, the suffixes of registries, vaults and storage, and the sign-in"
        ),
        "deployment": Function(_deployment, lazy=True, known="the name; a stand-in for that of the whole template"),
        "deployer": Function(
            lambda: Partial({"objectid": stand_in("deployer", length=36), "tenantid": OWN_TENANT}), known="stand-ins"
        ),
        "resourceGroup": Function(_resource_group, lazy=True, known="stand-ins for name and id, nothing else"),
        "subscription": Function(_subscription, lazy=True, known="stand-ins for the ids, nothing else"),
        "tenant": Function(lambda: Partial({"tenantid": OWN_TENANT}), known="a stand-in for the id, nothing else"),
        "managementGroup": Function(
            lambda: Partial({"name": stand_in("managementGroup")}), known="a stand-in for the name, nothing else"
        ),
    }
)
