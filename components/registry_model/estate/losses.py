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
    """What deployments delete when the update runs them again, for their templates do not declare it any more."""
    there = {_key(each) for each in after.read_too(tokens.REGISTRY, tokens.REPLICATION)} - {None}
    held = _Grouped(before, before.read_too(tokens.REGISTRY, tokens.REPLICATION))
    old_groups = _Grouped(before, before.of(tokens.RESOURCE_GROUP))
    kept_groups = {relations.group_key(after, group) for group in after.of(tokens.RESOURCE_GROUP)} | {None}
    for deployment in after.of(tokens.DEPLOYMENT):
        complete = as_text(deployment.get("mode")) == COMPLETE
        deletes = as_text(deployment.get(tokens.UNMANAGED_RESOURCES)) == "delete"
        if not deployment.planned or deployment.embedded:
            continue
        declared = deployment.get("declares")
        group = relations.group_key(after, deployment)
        groups: set[Any] = set()
        if as_text(deployment.get(tokens.UNMANAGED_GROUPS)) == "delete":
            # A deployment stack deletes the resource groups that its template no longer declares.
            groups = {old_groups.keys[n] for n in old_groups.by_urn[deployment.urn]} - kept_groups
        near = {group} if complete and isinstance(group, str) else set[Any]()
        for number in held.numbers(near | groups, deployment.urn):
            lost, own = held.members[number], held.keys[number]
            key = _key(lost)
            swept = own in near
            dropped = (complete or deletes) and lost.embedded and lost.urn == deployment.urn
            if own in groups:
                yield Loss(lost, replaced=False, holder=deployment)
            elif (swept or dropped) and key not in declared and key not in there:
                yield Loss(lost, replaced=False, holder=deployment, sure=key is not None and UNKNOWN not in declared)


class _Grouped:
    """Resources by the key of their resource group and by URN: a deployment is held against those near it only."""

    def __init__(self, estate: Estate, members: Iterable[Resource]) -> None:
        self.members = list(members)
        self.keys = [relations.group_key(estate, member) for member in self.members]
        self.by_key: defaultdict[Any, list[int]] = defaultdict(list)
        self.by_urn: defaultdict[str, list[int]] = defaultdict(list)
        for number, (member, key) in enumerate(zip(self.members, self.keys, strict=True)):
            self.by_key[key].append(number)
            self.by_urn[member.urn].append(number)
        self._unnamed = [number for number, key in enumerate(self.keys) if not isinstance(key, str)]

    def numbers(self, keys: Iterable[Any], urn: str) -> list[int]:
        """The positions of those in one of these groups, or with this URN, in the order of the document."""
        found = {number for key in keys for number in self.by_key.get(key, ())}
        return sorted(found.union(self.by_urn.get(urn, ())))

    def perhaps_in(self, key: Any) -> Iterator[Resource]:
        """All but those that are known to be in another resource group than the one with this key."""
        if not isinstance(key, str):
            return iter(self.members)
        return (self.members[number] for number in sorted([*self.by_key.get(key, ()), *self._unnamed]))


@dataclass(frozen=True, slots=True)
class Danger:
    """A deployment that deletes a ``victim`` which its template does not declare; without one, whatever is there.

    ``sure``: the victim is in the deployment's group, and not in its template; otherwise that cannot be told.
    """

    deployment: Resource
    victim: Resource | None
    sure: bool


def dangers(estate: Estate) -> Iterator[Danger]:
    """The registries and replicas that deployments in Complete mode delete whenever they run."""
    victims = _Grouped(estate, estate.read_too(tokens.REGISTRY, tokens.REPLICATION))
    groups = _Grouped(estate, estate.of(tokens.RESOURCE_GROUP))
    for deployment in estate.of(tokens.DEPLOYMENT):
        mode = as_text(deployment.get("mode"))
        if mode not in (COMPLETE, UNKNOWN) or _has_no_group(deployment):
            continue
        key = relations.group_key(estate, deployment)
        found = list(_in_danger(estate, deployment, victims.perhaps_in(key), certain=mode == COMPLETE))
        yield from found
        # Only resources of equal keys are in one group for certain.
        own = any(_same_group(estate, deployment, groups.members[number]) for number in groups.by_key.get(key, ()))
        if not found and not own:
            yield Danger(deployment, None, sure=False)


def _in_danger(estate: Estate, deployment: Resource, victims: Iterable[Resource], *, certain: bool) -> Iterator[Danger]:
    declared = deployment.get("declares")
    gone: set[str] = set()
    for victim in victims:
        key = _key(victim) or ""
        same = _same_group(estate, deployment, victim)
        if same is False or key in declared or key.partition("/")[0] in gone:
            continue
        gone.add(key)
        sure = certain and same is True and key != "" and UNKNOWN not in declared
        yield Danger(deployment, victim, sure)


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
