"""The cloud: what a front end may ask of the model.

An operation is one transaction: what it needs is checked, taken and stored at once, with the time at which it will be
done. Until then the resource shows as provisioning. Nobody has to finish an operation, so a process that is killed in
the middle of one leaves nothing half done (docs/decisions/0025).
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from localcloud.azure import TYPES, facts

from . import ids, locks
from .kind import CLIENT, TENANT, Kind, Problems, Request, dig, marks
from .latency import PROFILES, scale, seconds
from .shapes import Refused, Resource, TypeInfo
from .store import Row, Store, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .seal import Seal

FAILED_REPLICAS = "failedReplicas"
LEFT = "left"
ROLLED_BACK = "rolledBack"
_CLIENT_CONFIG = "azure-native:authorization:getClientConfig"
_WAIT_STEP_SECONDS = 0.25  # how often a waiting operation looks again: the one it waits for may be undone


_T = TypeVar("_T")


class _Wait(Exception):  # noqa: N818 - not an error: another operation goes first
    def __init__(self, until: float) -> None:
        self.until = until
        super().__init__()


class Cloud:
    """A local Azure in one SQLite file, which many threads and processes may open at the same time."""

    def __init__(self, store: Store, slow: bool) -> None:
        self._store = store
        self._slow = slow
        self._kinds: dict[str, Kind] = {}

    @classmethod
    def open(cls, path: Path, latency: str = "off") -> Cloud:
        """Open the file, made when it is missing. ``latency`` is ``off`` or ``realistic``.

        OSError when the file cannot be used (CloudFileError says why: damaged, another program's, no room), ValueError
        when ``latency`` or LOCALCLOUD_LATENCY_SCALE is not understood.
        """
        if latency not in PROFILES:
            raise ValueError(f"the latency profile '{latency}' is unknown: it must be one of {', '.join(PROFILES)}")
        scale()
        return cls(Store(path), latency == "realistic")

    def close(self) -> None:
        self._store.close()

    def served(self) -> Mapping[str, TypeInfo]:
        """Every type that the cloud has, by its Pulumi token."""
        return _Served(self)

    def resource_id(self, token: str, inputs: dict[str, Any], subscription: str) -> str:
        """The ARM id that these inputs give. Refused when one that it needs is missing."""
        return self.kind(token).resource_id(inputs, subscription)

    def create(self, token: str, inputs: dict[str, Any], subscription: str) -> Resource:
        """Create a resource. Refused when Azure would refuse it."""
        kind = self.kind(token)
        resource_id = kind.resource_id(inputs, subscription)

        def attempt(tx: Transaction) -> tuple[Row, Resource, Problems]:
            if tx.exists(resource_id):
                raise Refused(409, f"cannot create already existing resource '{resource_id}'")
            departed = tx.departed_until(resource_id)
            held = departed > 0 and kind.hold_after_delete() > 0
            self._wait_for(0.0 if held else departed, self._scope_busy(tx, kind, resource_id))
            return self._put(tx, kind, Row(resource_id, token, {}, {}), inputs, subscription, "Creating", held=held)

        return self._finish(self._patiently(attempt))

    def read(self, token: str, id: str) -> Resource | None:
        """The resource as it is now; None when it is gone."""
        kind = self.kind(token)
        with self._store.read() as tx:
            row = tx.get(id)
            if row is None or self.kind(row.token).arm_type != kind.arm_type:
                return None
            return self._shown(tx, row)

    def update(self, token: str, id: str, inputs: dict[str, Any]) -> Resource:
        """Bring a resource to these inputs. Refused when Azure would refuse it."""
        kind = self.kind(token)

        def attempt(tx: Transaction) -> tuple[Row, Resource, Problems]:
            row = tx.get(id)
            if row is None:
                raise kind.not_found(id)
            self._wait_for(row.ready_at, self._scope_busy(tx, kind, id))
            return self._put(tx, self.kind(row.token), row, inputs, ids.segments(id)[1], "Updating")

        return self._finish(self._patiently(attempt))

    def delete(self, token: str, id: str) -> None:
        """Delete a resource and what is in it; deleting what is gone is fine. Refused while it is in use or locked."""
        kind = self.kind(token)

        def attempt(tx: Transaction) -> float:
            row = tx.get(id)
            if row is None:
                return tx.departed_until(id) - kind.hold_after_delete()
            self._wait_for(tx.busy_until(id), self._scope_busy(tx, kind, id))
            return self._remove(tx, row)

        done = self._patiently(attempt)
        _sleep_until(done)

    def invoke(self, token: str, args: dict[str, Any], subscription: str) -> dict[str, Any]:
        """Answer a function such as ``azure-native:containerregistry:getRegistry``. Refused when it finds nothing."""
        module, _, function = token.rpartition(":")
        if token == _CLIENT_CONFIG:
            return {"clientId": CLIENT, "objectId": CLIENT, "subscriptionId": subscription, "tenantId": TENANT}
        type_token = f"{module}:{function.removeprefix('get')}"
        if not function.startswith("get") or type_token not in TYPES:
            raise Refused(404, f"the local cloud does not serve the function '{token}'")
        kind = self.kind(type_token)
        resource_id = kind.resource_id(args, subscription)
        found = self.read(type_token, resource_id)
        if found is None:
            raise kind.not_found(resource_id)
        return {**found.outputs, "id": found.id}

    def kept_inputs(self, token: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """Inputs as the cloud keeps them and ``read`` gives them: digests for what Azure never gives back."""
        with self._store.read() as tx:
            return _without_secrets(self.kind(token), inputs, tx.seal)

    def set_failed_replicas(self, value: str) -> None:
        """What becomes of a replica whose creation fails: ``left`` as ``Failed``, or ``rolledBack``.

        Authors have seen the first, Microsoft's documentation says the second (docs/rehearsal.md). ValueError for
        anything else.
        """
        if value not in (LEFT, ROLLED_BACK):
            raise ValueError(f"{FAILED_REPLICAS} is '{value}': it must be '{LEFT}' or '{ROLLED_BACK}'")
        with self._store.write() as tx:
            tx.set_setting(FAILED_REPLICAS, value)

    def list(self) -> list[Resource]:
        """Every resource, sorted by id."""
        with self._store.read() as tx:
            # The second cloud lives in the same file.
            return [self._shown(tx, row) for row in tx.all() if row.token in TYPES]

    def set(self, id: str, path: str, value: object) -> None:
        """Drift: change one property (dotted path; numbers index lists) as someone would in the portal.

        No checks beyond existence; None removes the property. KeyError when there is no such resource, ValueError
        when the path leads nowhere, or the property is made from other resources: change those.
        """
        with self._store.write() as tx:
            row = tx.get(id)
            if row is None:
                raise KeyError(f"there is no resource '{id}'")
            parts = path.split(".")
            try:
                _assign(row.body, parts, value)
                if any(part.isdecimal() for part in parts):
                    row.inputs[parts[0]] = row.body[parts[0]]
                else:
                    _assign(row.inputs, parts, value)
                tx.put(row)
                shown = _find(self._shown(tx, row).outputs, parts)
            except (AttributeError, IndexError, TypeError, ValueError):
                raise ValueError(f"'{path}' is no property of '{id}'") from None
            if shown != value:
                raise ValueError(f"'{path}' of '{id}' is made from other resources: change those instead")

    def kind(self, token: str) -> Kind:
        """The rules of a type. Refused when the local cloud does not have it."""
        if token not in self._kinds:
            if token not in TYPES:
                raise Refused(404, f"the local cloud does not serve the type '{token}'")
            path, rules = TYPES[token]
            module, _, name = rules.partition(".")
            self._kinds[token] = getattr(import_module(f"localcloud.azure.{module}"), name)(token, path)
        return self._kinds[token]

    def _put(
        self,
        tx: Transaction,
        kind: Kind,
        row: Row,
        inputs: dict[str, Any],
        subscription: str,
        operation: str,
        *,
        held: bool = False,
    ) -> tuple[Row, Resource, Problems]:
        before = row if operation == "Updating" else None
        request = Request(tx, row.id, inputs, before, Problems(), subscription, cloud=self)
        self._check(kind, request)
        if held:
            request.later.add(f"{kind.arm_type} '{request.name}' was just deleted; try again later.", "", 409)
        request.problems.refuse()
        if before and kind.written_once:
            return before, self._shown(tx, before), request.later
        if request.later and tx.setting(FAILED_REPLICAS, LEFT) == ROLLED_BACK:
            request.later.refuse()
        body = kind.state(request)
        if kind.location:
            body["location"] = facts.region(inputs["location"])
        if before:
            _refuse_immutable(kind, before, body)
        body.update(marks(before))
        if request.later:
            body["_failed"] = True
        ready_at = self._ready_at(kind, operation)
        kept = _without_secrets(kind, inputs, tx.seal)
        after = Row(row.id, row.token, kept, body, operation, ready_at, request.pointers)
        tx.put(after)
        if not request.later:
            kind.stored(request, after)
        return after, self._shown(tx, after), request.later

    def _check(self, kind: Kind, request: Request) -> None:
        if request.row is None:
            kind.validate_name(request)
        kind.validate_location(request)
        parent = ids.parent_of(request.id)
        if not ids.is_tenant_scope(parent):
            request.parent = request.tx.get(parent)
            if request.parent is None:
                _add_missing_parent(kind, request, parent)
                return  # every further rule is about what is there
        locks.check_write(request.tx, request.id, kind.arm_type, request.problems)
        kind.check(request)

    def _remove(self, tx: Transaction, row: Row) -> float:
        going = self._going(tx, row)
        keys = {each.key for each in going}
        problems = Problems()
        locks.check_delete(tx, row, going, problems)
        for each in going:
            self.kind(each.token).check_delete(tx, each, keys, problems)
        problems.refuse()
        kind = self.kind(row.token)
        for each in reversed(going):
            self.kind(each.token).removed(tx, each, keys)
        done = self._ready_at(kind, "Deleting")
        for each in going:
            tx.remove(each.id, done + kind.hold_after_delete() if done and each is row else 0.0)
        return done

    def _going(self, tx: Transaction, row: Row) -> list[Row]:
        going: dict[str, Row] = {}
        rest = [row]
        while rest:
            each = rest.pop(0)
            if each.key not in going:
                going[each.key] = each
                rest += tx.below(each.id)
                rest += self.kind(each.token).owned(tx, each)
        return list(going.values())

    def _ready_at(self, kind: Kind, operation: str) -> float:
        verb = {"Creating": "create", "Updating": "update", "Deleting": "delete"}[operation]
        return time.time() + seconds(kind.token, verb) if self._slow else 0.0

    def _scope_busy(self, tx: Transaction, kind: Kind, resource_id: str) -> float:
        scope = kind.serial_scope(resource_id)
        return tx.busy_until(scope) if scope else 0.0

    def _wait_for(self, *moments: float) -> None:
        until = max(moments)
        if until > time.time():
            raise _Wait(until)

    def _patiently(self, attempt: Callable[[Transaction], _T]) -> _T:
        while True:
            try:
                with self._store.write() as tx:
                    return attempt(tx)
            except _Wait as wait:
                _sleep_until(min(wait.until, time.time() + _WAIT_STEP_SECONDS))

    def _finish(self, made: tuple[Row, Resource, Problems]) -> Resource:
        row, shown, later = made
        if row.in_progress:
            _sleep_until(row.ready_at)
            shown = self.read(row.token, row.id) or shown
        later.refuse()
        return shown

    def _shown(self, tx: Transaction, row: Row) -> Resource:
        return Resource(row.id, row.token, row.inputs, self.kind(row.token).show(tx, row))


class _Served(Mapping[str, TypeInfo]):
    """Types are imported when they are asked for: a program uses few of them, and start-up time counts."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def __getitem__(self, token: str) -> TypeInfo:
        if token not in TYPES:
            raise KeyError(token)
        return self._cloud.kind(token).info()

    def __contains__(self, token: object) -> bool:
        return token in TYPES

    def __iter__(self) -> Iterator[str]:
        return iter(TYPES)

    def __len__(self) -> int:
        return len(TYPES)


def _without_secrets(kind: Kind, inputs: dict[str, Any], seal: Seal) -> dict[str, Any]:
    """The inputs with a digest for each that ARM takes and never shows: enough to see that it changed."""
    kept = inputs
    for path in sorted(kind.write_only):
        value = dig(kept, path)
        if value is not None:
            kept = _with(kept, path.split("."), seal.digest(value))
    return kept


def _with(values: dict[str, Any], path: list[str], value: object) -> dict[str, Any]:
    """A copy with another value at a path that exists."""
    first, *rest = path
    return {**values, first: _with(values[first], rest, value) if rest else value}


def _refuse_immutable(kind: Kind, before: Row, body: dict[str, Any]) -> None:
    problems = Problems()
    for path in sorted(kind.immutable):
        old, new = dig(before.body, path), dig(body, path)
        if json.dumps(old, sort_keys=True).lower() != json.dumps(new, sort_keys=True).lower():
            kind.refuse_change(before, path, old, new, problems)
    problems.refuse()


def _add_missing_parent(kind: Kind, request: Request, parent: str) -> None:
    group = ids.group_of(request.id)
    if group and not request.tx.exists(group):
        request.problems.add(f"Resource group '{ids.name_of(group)}' could not be found.", "ResourceGroupNotFound", 404)
        request.problems.remark = _where(group, request.tx)
        return
    request.problems.add(
        f"Failed to perform 'write' on resource(s) of type '{kind.arm_type.partition('/')[2]}', because the parent "
        f"resource '{parent}' could not be found.",
        "ParentResourceNotFound",
        404,
    )


def _where(group: str, tx: Transaction) -> str:
    """In which subscription a resource group was looked for, and in which there is one of that name."""
    asked, name = ids.segments(group)[1], ids.name_of(group).lower()
    groups = [row.id for row in tx.all() if ids.group_of(row.id) == row.id]
    others = [ids.segments(each)[1] for each in groups if ids.name_of(each).lower() == name]
    there = f"; there is one in subscription {' and '.join(others)}" if others else ""
    return f"looked for in subscription {asked}{there}"


def _sleep_until(moment: float) -> None:
    rest = moment - time.time()
    if rest > 0:
        time.sleep(rest)


def _find(values: dict[str, Any], path: list[str]) -> Any:
    here: Any = values
    for part in path:
        here = here[int(part)] if isinstance(here, list) else (here or {}).get(part)
    return here


def _assign(values: dict[str, Any], path: list[str], value: object) -> None:
    here: Any = values
    for part in path[:-1]:
        here = here[int(part)] if isinstance(here, list) else here.setdefault(part, {})
    if isinstance(here, list):
        here[int(path[-1])] = value
    elif value is None:
        here.pop(path[-1], None)
    else:
        here[path[-1]] = value
