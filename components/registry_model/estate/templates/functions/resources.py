"""Functions of resources: their ids, and what is known of them before they exist."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ...values import UNKNOWN, Partial, SecretText
from ..expressions import Call
from ..ids import foreign_scope_of, management_group, path_of
from ..values import OWN_GROUP, OWN_SUBSCRIPTION, StandIn, text_of
from .table import Function, never

if TYPE_CHECKING:
    from ..scope import Frame


def _values(call: Call, frame: Frame, depth: int) -> list[Any]:
    return [frame.run(argument, depth + 1) for argument in call.arguments]


def _marked_id(text: str, values: list[Any]) -> str:
    if any(isinstance(value, SecretText) for value in values):
        return SecretText(text)
    return StandIn(text) if any(isinstance(value, StandIn) for value in values) else text


def _resource_id(call: Call, frame: Frame, depth: int) -> Any:
    """``resourceId([subscription], [group], type, names…)``.

    The deployment's own subscription and group, which a template does not tell, are left out.
    """
    values = _values(call, frame, depth)
    at = next((i for i, v in enumerate(values) if isinstance(v, str) and "/" in v and not v.startswith("/")), None)
    if at is None or any(value is UNKNOWN for value in values[at:]):
        return UNKNOWN
    frame.scope.world.budget.make_text(sum(len(v) for v in values if isinstance(v, str)))
    places = values[:at]
    if call.name == "subscriptionresourceid" or call.name == "tenantresourceid":
        group: Any = ""
        subscription = places[-1] if places else ""
    else:
        group = places[-1] if places else frame.scope.group
        subscription = places[-2] if len(places) > 1 else (frame.scope.subscription if not places else "")
    if group is UNKNOWN or subscription is UNKNOWN:
        # The same name in another group may be another resource.
        return UNKNOWN if places else _marked_id(path_of(values[at], _names(values[at + 1 :])), values)
    scope = foreign_scope_of(subscription, group)
    known = [value for value in values if value not in (OWN_SUBSCRIPTION, OWN_GROUP)]
    return _marked_id(f"{scope}{path_of(values[at], _names(values[at + 1 :]))}", known)


def _names(values: list[Any]) -> list[str]:
    return [part for value in values for part in text_of(value).split("/")]


def _extension_resource_id(scope: Any, kind: str, *names: Any) -> str:
    return f"{text_of(scope)}{path_of(kind, _names(list(names)))}"


def _management_group_resource_id(*values: Any) -> str:
    at = next(i for i, v in enumerate(values) if "/" in v)
    scope = "".join(management_group(text_of(v)) for v in values[:at])
    return f"{scope}{path_of(values[at], _names(list(values[at + 1 :])))}"


def _reference(call: Call, frame: Frame, depth: int) -> Any:
    modules = frame.scope.modules
    if modules is None or not call.arguments:
        return UNKNOWN
    target, *options = call.arguments
    word = frame.run(options[1], depth + 1) if len(options) > 1 else ""
    full = isinstance(word, str) and word.lower() == "full"
    found = modules.reference(target, frame, depth + 1)
    return Partial({"properties": found}) if full and found is not UNKNOWN else found


def _references(call: Call, frame: Frame, depth: int) -> Any:
    name = frame.run(call.arguments[0], depth + 1)
    modules = frame.scope.modules
    if modules is None or not isinstance(name, str):
        return UNKNOWN
    found = modules.references(name, depth + 1)
    full = len(call.arguments) > 1 and str(frame.run(call.arguments[-1], depth + 1)).lower() == "full"
    return [Partial({"properties": each}) for each in found] if full and isinstance(found, list) else found


def _resource_info(call: Call, frame: Frame, depth: int) -> Any:
    name = frame.run(call.arguments[0], depth + 1)
    modules = frame.scope.modules
    return modules.info(name, depth + 1) if modules is not None and isinstance(name, str) else UNKNOWN


_KEYS = "keys and secrets are the resource's own"

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "resourceId": Function(_resource_id, lazy=True, known="without the deployment's own subscription and group"),
        "subscriptionResourceId": Function(_resource_id, lazy=True, known="without the deployment's own subscription"),
        "tenantResourceId": Function(_resource_id, lazy=True),
        "managementGroupResourceId": Function(
            _management_group_resource_id, known="without the deployment's own management group"
        ),
        "extensionResourceId": Function(_extension_resource_id),
        "reference": Function(
            _reference,
            lazy=True,
            known="outputs of a deployment of the template; the login server of a registry; the URIs of vaults, keys",
        ),
        "references": Function(_references, lazy=True, known="as reference, for each copy"),
        "resourceInfo": Function(_resource_info, lazy=True, known="id, name and type"),
        **{
            name: never(_KEYS)
            for name in (
                "list",
                "listKeys",
                "listSecrets",
                "listCredentials",
                "listConnectionStrings",
                "listAdminKeys",
                "listAccountSas",
                "listServiceSas",
                "listOutputsWithSecureValues",
            )
        },
        "getSecret": never(_KEYS),
        "externalInput": never("given when it is deployed"),
        "pickZones": never("the zones of a region are the subscription's"),
        "providers": never("what a subscription may use"),
        "toLogicalZone": never("the zones of a region are the subscription's"),
        "toLogicalZones": never("the zones of a region are the subscription's"),
        "toPhysicalZone": never("the zones of a region are the subscription's"),
        "toPhysicalZones": never("the zones of a region are the subscription's"),
        "fail": never("the deployment fails"),
    }
)
