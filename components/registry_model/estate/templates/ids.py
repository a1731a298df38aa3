"""The ids of resources as templates write them: put together, and taken apart at ``providers``."""

from __future__ import annotations

from typing import Any

from .values import OWN_GROUP, OWN_SUBSCRIPTION, text_of


def path_of(kind: str, names: list[str]) -> str:
    """``/providers/Microsoft.X/type/name[/type/name]``."""
    namespace, *types = kind.split("/")
    pairs = "/".join(part for pair in zip(types, names, strict=False) for part in pair)
    return f"/providers/{namespace}/{pairs}"


def scope_of(subscription: Any = "", group: Any = "") -> str:
    """``/subscriptions/…/resourceGroups/…``, without the parts that are empty."""
    scope = f"/subscriptions/{text_of(subscription)}" if subscription else ""
    return f"{scope}/resourceGroups/{text_of(group)}" if group else scope


def foreign_scope_of(subscription: Any, group: Any) -> str:
    """The same, without the deployment's own subscription and group, which a template does not tell."""
    return scope_of("" if subscription == OWN_SUBSCRIPTION else subscription, "" if group == OWN_GROUP else group)


def management_group(name: str) -> str:
    return f"/providers/Microsoft.Management/managementGroups/{name}"


def split_extension(kind: str) -> tuple[str, str]:
    """``Microsoft.X/registries/providers/locks``: the type of its target and its own; without a target, ("", kind)."""
    target, found, own = kind.partition("/providers/")
    return (target, own) if found else ("", kind)


def absolute(scope: str) -> str:
    """A resource's ``scope`` as an id: ``Microsoft.X/y/z`` is relative to where it is deployed."""
    return scope if scope.startswith("/") else f"/providers/{scope}"
