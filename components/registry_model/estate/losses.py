"""What a preview or plan is about to delete, replace or change, and which registries and replicas are lost by it.

Azure deletes a registry with everything in it, and does not bring it back; a replacement is a deletion too, followed by
a registry that is empty. An update of a registry, or of a template that no longer declares it, deletes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import classic, deployments, relations, tokens
from .model import Edit, Estate, Loss, Resource
from .values import UNKNOWN

# As `pulumi preview --json` names them; of a replacement it shows `replace` only, a plan its parts too
# (pulumi/pkg/resource/deploy/step.go).
_DELETES = frozenset({"delete"})
_REPLACES = frozenset({"replace", "create-replacement", "delete-replaced"})


@dataclass(frozen=True, slots=True)
class Removal:
    """That an update deletes a resource, or replaces it, and the inputs that force the replacement."""

    replaced: bool
    because: tuple[str, ...] = ()


def removal(operations: Iterable[str], old: Mapping[str, Any], because: Any = None) -> Removal | None:
    """What a resource's steps remove of the cloud; None when it stays there.

    What the stack only reads stays, and so does what has ``retainOnDelete``.
    """
    held = set(operations)
    if old.get("retainOnDelete") or old.get("external") or not held & (_DELETES | _REPLACES):
        return None
    named = because if isinstance(because, list) else []
    return Removal(bool(held & _REPLACES), tuple(str(each) for each in named))


def losses(before: Estate, after: Estate, removed: Mapping[str, Removal]) -> tuple[Loss, ...]:
    """The registries and replicas that go with what an update removes; a lost registry's replicas are not listed."""
    found = {id(loss.resource): loss for loss in (*_removed(before, removed), *_left_out(before, after, removed))}
    groups = {
        relations.group_key(before, group): (group, removed[group.urn].replaced)
        for group in before.of(tokens.RESOURCE_GROUP)
        if group.urn in removed
    }
    for registry in before.read_too(tokens.REGISTRY):
        key = relations.group_key(before, registry)
        if id(registry) not in found and key is not None and key in groups:
            holder, replaced = groups[key]
            found[id(registry)] = Loss(registry, replaced, holder=holder)
    gone = [loss.resource for loss in found.values() if loss.resource.type in tokens.HOLDERS]
    return tuple(
        loss
        for loss in found.values()
        if loss.resource.type in tokens.HOLDERS
        or not any(each in gone for each in relations.registry_of(before, loss.resource).targets)
    )


def _removed(before: Estate, removed: Mapping[str, Removal]) -> Iterator[Loss]:
    for resource in before.of(*tokens.HOLDERS, tokens.REPLICATION):
        step = removed.get(resource.urn)
        # Azure keeps what a deployment has made when the deployment is deleted; Terraform's own deletes it.
        if step is not None and (not _in_template(resource) or deployments.is_classic(resource.token)):
            yield Loss(resource, step.replaced, step.because)


def _left_out(before: Estate, after: Estate, removed: Mapping[str, Removal]) -> Iterator[Loss]:
    """Replicas that a registry of the classic provider, where they are a list, no longer names."""
    kept = {(each.urn, each.get("location")) for each in after.of(tokens.REPLICATION)}
    for replica in before.of(tokens.REPLICATION):
        listed = replica.embedded and not _in_template(replica) and replica.urn not in removed
        if listed and not {(replica.urn, replica.get("location")), (replica.urn, UNKNOWN)} & kept:
            yield Loss(replica, replaced=False)


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
