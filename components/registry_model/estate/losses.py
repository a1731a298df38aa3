"""What a preview or plan is about to delete, replace or change, and which registries and replicas are lost by it.

Azure deletes a registry with everything in it, and does not bring it back; a replacement is a deletion too, followed by
a registry that is empty. An update of a registry, or of a template that no longer declares it, deletes nothing, but
for two ways to deploy a template: a deployment in Complete mode deletes what is in its resource group and not in its
template (registries and replicas too: learn.microsoft.com/azure/azure-resource-manager/templates/deployment-modes and
deployment-complete-mode-deletion), and a deployment stack with ``actionOnUnmanage: delete`` what its template no longer
declares. Deleting the deployment itself deletes nothing, and a stack's setting does not hold for its deletion
(Azure/deployment-stacks#226).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from . import classic, deployments, relations, tokens
from .model import Edit, Estate, Loss, Resource
from .templates import COMPLETE
from .values import UNKNOWN, as_text

# As `pulumi preview --json` names them; of a replacement it shows `replace` only, a plan its parts too
# (pulumi/pkg/resource/deploy/step.go).
_DELETES = frozenset({"delete"})
REPLACES = frozenset({"replace", "create-replacement", "delete-replaced"})


@dataclass(frozen=True, slots=True)
class Removal:
    """That an update deletes a resource, or replaces it, and the inputs that force the replacement.

    ``kept``: what is replaced stays in the cloud, and the stack lets go of it.
    """

    replaced: bool
    because: tuple[str, ...] = ()
    kept: bool = False


def removal(operations: Iterable[str], old: Mapping[str, Any], because: Any = None) -> Removal | None:
    """What a resource's steps take from the stack; None when nothing.

    What the stack only reads stays. What has ``retainOnDelete`` may be deleted from the stack on purpose, and stays in
    the cloud; that it is replaced is told, since the stack gets an empty one for it.
    """
    held = set(operations)
    kept, replaced = bool(old.get("retainOnDelete")), bool(held & REPLACES)
    if old.get("external") or not held & (_DELETES | REPLACES) or (kept and not replaced):
        return None
    named = because if isinstance(because, list) else []
    return Removal(replaced, tuple(str(each) for each in named), kept)


def losses(before: Estate, after: Estate, removed: Mapping[str, Removal]) -> tuple[Loss, ...]:
    """The registries and replicas that go with what an update removes; a lost registry's replicas are not listed."""
    told = (*_removed(before, removed), *_left_out(before, after, removed), *_unmanaged(before, after))
    found: dict[int, Loss] = {}
    for loss in told:
        found.setdefault(id(loss.resource), loss)
    groups = {
        relations.group_key(before, group): (group, removed[group.urn].replaced)
        for group in before.of(tokens.RESOURCE_GROUP)
        if group.urn in removed and not removed[group.urn].kept
    }
    for registry in before.read_too(tokens.REGISTRY):
        key = relations.group_key(before, registry)
        if id(registry) not in found and key is not None and key in groups:
            holder, replaced = groups[key]
            found[id(registry)] = Loss(registry, replaced, holder=holder)
    gone = {id(loss.resource) for loss in found.values() if loss.resource.type in tokens.HOLDERS}
    return tuple(
        loss
        for loss in found.values()
        if loss.resource.type in tokens.HOLDERS
        or not any(id(each) in gone for each in relations.registry_of(before, loss.resource).targets)
    )


def _removed(before: Estate, removed: Mapping[str, Removal]) -> Iterator[Loss]:
    for resource in before.of(*tokens.HOLDERS, tokens.REPLICATION):
        step = removed.get(resource.urn)
        # Azure keeps what a deployment has made when the deployment is deleted; Terraform's own deletes it.
        if step is None or (_in_template(resource) and not deployments.is_classic(resource.token)):
            continue
        # A replica that is kept has the same images as the one that the stack gets.
        if not (step.kept and resource.type == tokens.REPLICATION):
            yield Loss(resource, step.replaced, step.because, kept=step.kept)


def _left_out(before: Estate, after: Estate, removed: Mapping[str, Removal]) -> Iterator[Loss]:
    """Replicas that a registry of the classic provider, where they are a list, no longer names."""
    kept = {(each.urn, each.get("location")) for each in after.of(tokens.REPLICATION)}
    for replica in before.of(tokens.REPLICATION):
        listed = replica.embedded and not _in_template(replica) and replica.urn not in removed
        if listed and not {(replica.urn, replica.get("location")), (replica.urn, UNKNOWN)} & kept:
            yield Loss(replica, replaced=False)


def _unmanaged(before: Estate, after: Estate) -> Iterator[Loss]:
    """What deployments delete when the update runs them again, for their templates do not declare it any more.

    A registry that one deployment deletes is not looked for in the next one of its group.
    """
    there = {_key(each) for each in after.read_too(tokens.REGISTRY, tokens.REPLICATION)} - {None}
    held = list(before.read_too(tokens.REGISTRY, tokens.REPLICATION))
    by_group: defaultdict[Any, list[Resource]] = defaultdict(list)
    swept_from: defaultdict[Any, dict[str | None, list[Resource]]] = defaultdict(dict)
    by_urn: defaultdict[str, list[Resource]] = defaultdict(list)
    for each in held:
        key = relations.group_key(before, each)
        by_group[key].append(each)
        by_urn[each.urn].append(each)
        if _key(each) not in there:
            swept_from[key].setdefault(_key(each), []).append(each)
    old_groups: defaultdict[str, list[Any]] = defaultdict(list)
    for group in before.of(tokens.RESOURCE_GROUP):
        old_groups[group.urn].append(relations.group_key(before, group))
    kept_groups = {relations.group_key(after, group) for group in after.of(tokens.RESOURCE_GROUP)} | {None}
    for deployment in after.of(tokens.DEPLOYMENT):
        complete = as_text(deployment.get("mode")) == COMPLETE
        deletes = as_text(deployment.get(tokens.UNMANAGED_RESOURCES)) == "delete"
        if not deployment.planned or deployment.embedded:
            continue
        declared = deployment.get("declares")

        def loss(lost: Resource, deployment: Resource = deployment, declared: Any = declared) -> Loss:
            return Loss(
                lost, replaced=False, holder=deployment, sure=_key(lost) is not None and UNKNOWN not in declared
            )

        if as_text(deployment.get(tokens.UNMANAGED_GROUPS)) == "delete":
            # A deployment stack deletes the resource groups that its template no longer declares.
            for key in set(old_groups[deployment.urn]) - kept_groups:
                yield from (Loss(lost, replaced=False, holder=deployment) for lost in by_group.pop(key, ()))
        group = relations.group_key(after, deployment)
        if complete and isinstance(group, str):
            for name in [name for name in swept_from[group] if name not in declared]:
                yield from map(loss, swept_from[group].pop(name))
        if complete or deletes:
            for lost in by_urn.get(deployment.urn, ()):
                if lost.embedded and _key(lost) not in declared and _key(lost) not in there:
                    yield loss(lost)


_ANY = "any"
MOST_VICTIMS = 5  # registries and replicas that are named for one deployment


class _Victims:
    """The registries and replicas of an estate by what is known of where they are.

    A deployment is held against those near it only, and one that is many times in the estate counts once.
    """

    def __init__(self, estate: Estate) -> None:
        self._near: defaultdict[Any, dict[Any, Resource]] = defaultdict(dict)
        self._elsewhere: defaultdict[Any, dict[Any, Resource]] = defaultdict(dict)
        # Registries first, and then by name: which of many are told must not depend on the order of the document.
        found = estate.read_too(tokens.REGISTRY, tokens.REPLICATION)
        for victim in sorted(found, key=lambda each: (each.type != tokens.REGISTRY, each.urn, str(_key(each)))):
            group = relations.group_key(estate, victim)
            own = victim.subscription if isinstance(victim.subscription, str) else None
            name = _key(victim) or id(victim)
            for subscription in (own, _ANY):
                self._near[group, subscription].setdefault(name, victim)
                for known in {_ANY, isinstance(group, str)}:
                    self._elsewhere[known, subscription].setdefault(name, victim)

    def near(self, deployment: Resource, group: Any) -> Iterator[Resource]:
        """Those whose group has the same key, in what may be the same subscription; in a template that was given as a
        file all are where it is deployed to."""
        if group is None and not _of_file(deployment):
            return
        for subscription in self._subscriptions(deployment):
            yield from self._near.get((group, subscription), {}).values()

    def perhaps_near(self, deployment: Resource, group: Any) -> Iterator[Resource]:
        """All but those that are known to be in another group or subscription."""
        known = False if isinstance(group, str) else _ANY
        for subscription in self._subscriptions(deployment):
            yield from self._elsewhere.get((known, subscription), {}).values()

    @staticmethod
    def _subscriptions(deployment: Resource) -> tuple[str | None, ...]:
        own = deployment.subscription
        return (own, None) if isinstance(own, str) else (_ANY,)


@dataclass(frozen=True, slots=True)
class Danger:
    """A deployment that deletes a ``victim`` which its template does not declare; without one, whatever is there.

    ``sure``: the victim is in the deployment's group, and not in its template; otherwise that cannot be told.
    ``more``: there are others than the ``MOST_VICTIMS`` that are told for this deployment.
    """

    deployment: Resource
    victim: Resource | None
    sure: bool
    more: bool = False


def dangers(estate: Estate) -> Iterator[Danger]:
    """The registries and replicas that deployments in Complete mode delete whenever they run.

    Of each deployment ``MOST_VICTIMS`` are told, the certain ones first: the work grows with the resources, and not
    with deployments times registries.
    """
    victims = _Victims(estate)
    groups: defaultdict[Any, set[Any]] = defaultdict(set)
    for group in estate.of(tokens.RESOURCE_GROUP):
        groups[relations.group_key(estate, group)].add(
            group.subscription if isinstance(group.subscription, str) else None
        )
    for deployment in estate.of(tokens.DEPLOYMENT):
        mode = as_text(deployment.get("mode"))
        if mode not in (COMPLETE, UNKNOWN) or _has_no_group(deployment):
            continue
        group = relations.group_key(estate, deployment)
        found = list(islice(_in_danger(estate, deployment, victims, group), MOST_VICTIMS + 1))
        certain = mode == COMPLETE and UNKNOWN not in deployment.get("declares")
        for victim, same in found[:MOST_VICTIMS]:
            yield Danger(deployment, victim, certain and same and _key(victim) is not None)
        if len(found) > MOST_VICTIMS:
            yield Danger(deployment, None, sure=False, more=True)
        # Only resources of equal keys are in one group for certain.
        if not found and not (group is not None and _may_be_one(deployment, groups.get(group, set()))):
            yield Danger(deployment, None, sure=False)


def _may_be_one(deployment: Resource, subscriptions: set[Any]) -> bool:
    own = deployment.subscription
    return bool(subscriptions & {own, None} if isinstance(own, str) else subscriptions)


def _in_danger(estate: Estate, deployment: Resource, victims: _Victims, group: Any) -> Iterator[tuple[Resource, bool]]:
    """What the deployment may delete, and whether it is in the deployment's group for certain."""
    declared = deployment.get("declares")
    told: set[str] = set()
    for candidates, wanted in ((victims.near, True), (victims.perhaps_near, None)):
        for victim in candidates(deployment, group):
            key = _key(victim) or ""
            if (
                key in declared
                or key.partition("/")[0] in told
                or _same_group(estate, deployment, victim) is not wanted
            ):
                continue
            told.add(key)
            yield victim, wanted is True


def _key(resource: Resource) -> str | None:
    """``contoso`` or ``contoso/japanwest``, as a deployment's ``declares`` has it; None while it is not known."""
    names = (*resource.arm_names[:-1], resource.arm_name)
    return "/".join(names) if all(isinstance(name, str) for name in names) else None


def _has_no_group(deployment: Resource) -> bool:
    """At subscriptions and above there is no Complete mode."""
    return not _of_file(deployment) and deployment.props.get("resourcegroupname") is None


def _of_file(resource: Resource) -> bool:
    """Whether it is declared in an ARM template that was given as a file, where no group is the file's own."""
    return resource.embedded and not resource.token


def _same_group(estate: Estate, one: Resource, other: Resource) -> bool | None:
    """Whether two resources are in one resource group; None where that is not known."""
    subscriptions = {each.subscription for each in (one, other) if isinstance(each.subscription, str)}
    if len(subscriptions) > 1:
        return False
    keys = [relations.group_key(estate, each) for each in (one, other)]
    if _of_file(one) and _of_file(other) and keys == [None, None]:
        return True
    if None in keys:
        return None
    return keys[0] == keys[1] or (False if all(isinstance(key, str) for key in keys) else None)


def _in_template(resource: Resource) -> bool:
    return resource.embedded and not classic.is_classic(resource.token)


def edits(before: Estate, after: Estate) -> tuple[Edit, ...]:
    """The inputs of Alibaba's instances that an update changes in place; most of them do nothing there."""
    old = {each.urn: each for each in before.of(tokens.ALI_INSTANCE)}
    found: list[Edit] = []
    for instance in after.of(tokens.ALI_INSTANCE):
        was = old.get(instance.urn)
        if was is None:
            continue
        names = dict.fromkeys([*was.props, *instance.props])
        changed = tuple(name for name in names if was.props.get(name) != instance.props.get(name))
        if changed:
            found.append(Edit(instance, changed))
    return tuple(found)
