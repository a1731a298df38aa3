"""From what the engine or a file holds to `Resource`: one conversion a resource, shared by every rule.

A declared thing becomes zero resources (nothing about registries), one, or several: a deployment's template and a
generic resource are opened, and the classic provider's registry is read as the one it makes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from . import tokens
from .model import NO_OPTIONS, NO_PROVIDER, Options, Provider, Resource, Stack
from .values import flatten, plain

PROVIDER_PREFIX = "pulumi:providers:"


@lru_cache(maxsize=4096)
def concerns(token: str) -> bool:
    """Whether a resource of this type can be about registries; the cheap test before any conversion."""
    return bool(tokens.canonical(token))


def state_of(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The state's raw values made plain."""
    return flatten(plain(outputs))


def urn_name(urn: str) -> str:
    """The logical name of a resource: what follows the last ``::`` of its URN."""
    return urn.rpartition("::")[2]


def from_state(
    state: Mapping[str, Any],
    provider: Callable[[str], Provider] = lambda _reference: NO_PROVIDER,
) -> list[Resource]:
    """The resources that one entry of a stack export declares (``pulumi stack export``, or a preview's ``newState``).

    ``provider`` finds a provider by the reference that the entry holds (``<urn>::<id>``).
    """
    token = state.get("type", "")
    if not concerns(token):
        return []
    urn = state["urn"]
    options = NO_OPTIONS
    if state.get("protect") or state.get("ignoreChanges"):
        options = Options(bool(state.get("protect")), tuple(state.get("ignoreChanges") or ()))
    return make(
        urn=urn,
        token=token,
        name=urn_name(urn),
        inputs=state.get("inputs") or {},
        outputs={**(state.get("outputs") or {}), **({"id": state["id"]} if state.get("id") else {})},
        options=options,
        dependencies=tuple(state.get("dependencies") or ()),
        property_dependencies={
            key.lower(): tuple(urns or ()) for key, urns in (state.get("propertyDependencies") or {}).items()
        },
        parent=state.get("parent") or "",
        provider=provider(state.get("provider") or ""),
        external=bool(state.get("external")),
    )


def make(
    *,
    urn: str,
    token: str,
    name: str,
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any] | None = None,
    options: Options = NO_OPTIONS,
    dependencies: tuple[str, ...] = (),
    property_dependencies: Mapping[str, tuple[str, ...]] | None = None,
    parent: str = "",
    provider: Provider = NO_PROVIDER,
    external: bool = False,
) -> list[Resource]:
    """The resources that one declaration stands for, from its raw inputs and outputs (sentinels and secrets inside)."""
    kind = tokens.canonical(token)
    props = flatten(plain(inputs))
    known = state_of(outputs or {})
    # The engine does not say `external`; what a program only reads has no inputs, and nothing that it declares can
    # have none, since the resource group is required.
    external = external or not props
    base = Resource(
        urn=urn,
        type=kind,
        name=name,
        props=known if external else props,
        token=token,
        outputs=known,
        options=options,
        dependencies=dependencies,
        property_dependencies=property_dependencies or {},
        parent=parent,
        provider=provider,
        external=external,
    )
    return [base] if kind else []


def stack_from_states(states: Iterable[Mapping[str, Any]]) -> Stack:
    """A stack from the ``resources`` of a stack export, or from the new states of a preview."""
    kept = [state for state in states if not state.get("delete")]
    providers = {
        state["urn"]: Provider(state["urn"], plain(state.get("inputs") or {}))
        for state in kept
        if state.get("type", "").startswith(PROVIDER_PREFIX)
    }

    def provider(reference: str) -> Provider:
        return providers.get(reference.rpartition("::")[0], NO_PROVIDER)

    resources = [resource for state in kept for resource in from_state(state, provider)]
    return Stack(resources, {state["urn"]: state["parent"] for state in kept if state.get("parent")})
