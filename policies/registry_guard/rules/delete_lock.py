"""Asks for a lock against deletion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from registry_model.azure.ids import parse_id
from registry_model.estate import relations, tokens
from registry_model.estate.model import Estate, Resource, Written
from registry_model.estate.templates.values import OWN_GROUP, OWN_SUBSCRIPTION
from registry_model.estate.values import UNKNOWN, as_text

from ..examples import GROUP, example, other, registry, registry_id
from ..rule import MANDATORY, OFF, Config, Declared, Levels, Problems, Rule, Severity, undetermined, violation

LEVELS = {"cannotdelete", "readonly"}


def check(estate: Estate, _config: Config) -> Problems:
    locks = [lock for lock in estate.of(tokens.LOCK) if as_text(lock.get("level")) in (*LEVELS, UNKNOWN)]
    attached, doubtful = relations.attached(estate, tokens.LOCK, "scope")
    certain = _Held(estate, [lock for lock in locks if as_text(lock.get("level")) is not UNKNOWN], attached)
    perhaps = _Held(estate, locks, attached)
    for each in relations.registries(estate):
        if each.options.protect or each in certain:
            continue
        if each in perhaps:
            yield undetermined(each, "the level of its lock")
        elif any(lock in locks and reference.may_mean(each) for lock, reference in doubtful):
            yield undetermined(each, "what a lock is on")
        elif perhaps.may_hold(each):
            yield undetermined(each, "whether its resource group is the one that a lock is on")
        else:
            held = "neither a lock nor protect holds it" if each.written is Written.STACK else "no lock holds it"
            yield violation(
                each,
                f"Registry {each.label} can be deleted: {held}",
                without=(tokens.LOCK,),
            )


class _Held:
    """The registries that these locks hold, on themselves, their resource group or their subscription.

    Each lock is looked at once, so that the work grows with locks and registries and not with their product.
    """

    def __init__(self, estate: Estate, locks: Sequence[Resource], attached: Mapping[Resource, list[Resource]]) -> None:
        self._estate, self._attached = estate, attached
        self._locks = {id(lock) for lock in locks}
        self._subscriptions = {found for lock in locks if (found := _subscription(lock))}
        self._groups = {key for lock in locks for key in _groups(estate, lock)}
        self._named = {id(_by_parts(estate, lock)) for lock in locks} - {id(None)}

    def __contains__(self, registry: Resource) -> bool:
        return (
            any(_may_be_same(registry.subscription, each) for each in self._subscriptions)
            or id(registry) in self._named
            or any(id(lock) in self._locks for lock in self._attached.get(registry, ()))
            or _group_of(self._estate, registry) in self._groups
        )

    def may_hold(self, registry: Resource) -> bool:
        """Whether a lock is on a group of which nobody can tell whether the registry is in it: a template does not say
        what its own group is called."""
        key = _group_of(self._estate, registry)
        if key == OWN_GROUP:
            return any(isinstance(each, str) for each in self._groups)
        return bool({OWN_GROUP, UNKNOWN} & self._groups) or (key is None and registry.embedded and bool(self._groups))


def _may_be_same(one: Any, other: str) -> bool:
    return not isinstance(one, str) or not one or other == OWN_SUBSCRIPTION or one in (other, OWN_SUBSCRIPTION)


def _group_of(estate: Estate, resource: Resource) -> Any:
    """What is equal for two resources of one group. What a template declares without naming a group is in its own."""
    key = relations.group_key(estate, resource)
    own = resource.embedded and resource.props.get("resourcegroupname") is None
    return OWN_GROUP if key is None and own else key


def _groups(estate: Estate, lock: Resource) -> list[Any]:
    """The resource groups that a lock is on: a lock on a group holds every resource in it. UNKNOWN for one of a
    template whose group is not known."""
    scope = lock.get("scope")
    if "atresourcegrouplevel" in lock.token.lower() or (lock.embedded and scope is None):
        key = _group_of(estate, lock)
        return [key] if key is not None else [UNKNOWN] if lock.embedded else []
    if isinstance(scope, str):
        parsed = parse_id(scope)
        name = parsed.as_group if parsed is not None else ""
        if name != OWN_GROUP or isinstance(lock.props.get("resourcegroupname"), str):
            return [name] if name else []
        return [key] if (key := _group_of(estate, lock)) is not None else [UNKNOWN]
    found = estate.refer(lock, scope, "scope", tokens.RESOURCE_GROUP).targets
    return [g.arm_name if isinstance(g.arm_name, str) else id(g) for g in found]


def _subscription(lock: Resource) -> str:
    """The subscription that a lock is on; empty for a lock on something narrower."""
    if "atsubscriptionlevel" in lock.token.lower():
        return OWN_SUBSCRIPTION
    scope = lock.get("scope")
    parsed = parse_id(scope) if isinstance(scope, str) else None
    return parsed.subscription if parsed is not None and not parsed.resource_group and not parsed.type else ""


def _by_parts(estate: Estate, lock: Resource) -> Resource | None:
    """A lock at resource level names its resource in parts."""
    parts = [lock.get(key) for key in ("resourceProviderNamespace", "resourceType")]
    if [as_text(part) for part in parts] != ["microsoft.containerregistry", "registries"]:
        return None
    return estate.refer(lock, lock.get("resourceName"), "resourceName", tokens.REGISTRY).target


def _lock(level: str, scope: str) -> Declared:
    return other(
        "authorization:ManagementLockByScope", "lock", "Microsoft.Authorization/locks/lock", level=level, scope=scope
    )


RULE = Rule(
    id="delete-lock",
    title="Registries cannot be deleted by accident",
    severity=Severity.MEDIUM,
    rationale="A deleted registry takes every image and its global name with it, and nothing brings them back.",
    fix="Declare a ManagementLock with the level CanNotDelete on the registry or its group, or set protect on it.",
    fix_template=(
        "Declare a Microsoft.Authorization/locks with the level CanNotDelete, without a scope (it is then on the "
        "resource group) or with the registry as its scope."
    ),
    fix_live="az lock create --name keep --lock-type CanNotDelete --resource ID, with the registry's id.",
    levels=Levels(baseline=OFF, strict=MANDATORY, no_private_link=MANDATORY),
    references=("KICS container-registry-lock", "Terrascan AC_AZURE_0186"),
    needs=((tokens.LOCK,),),
    check_estate=check,
    compliant=(
        example("a lock on the registry", registry(), _lock("CanNotDelete", registry_id())),
        example("a lock on its group", registry(), _lock("ReadOnly", GROUP)),
        example(
            "a lock at the level of the group",
            registry(),
            other("authorization:ManagementLockAtResourceGroupLevel", "lock", level="CanNotDelete"),
        ),
        example("protect", registry(more={"protect": True})),
    ),
    violating=(
        example("nothing", registry()),
        example(
            "a lock on another registry",
            registry(),
            registry("other", "fabrikam"),
            _lock("CanNotDelete", registry_id("fabrikam")),
        ),
        example("a lock on another group", registry(), _lock("CanNotDelete", GROUP.replace("/rg", "/elsewhere"))),
        example("a lock that locks nothing", registry(), _lock("NotSpecified", registry_id())),
    ),
)
