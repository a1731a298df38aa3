"""Alibaba Cloud: what its provider may ask of the model. One operation is one transaction, as in Azure's model."""

from __future__ import annotations

import dataclasses
import time
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from localcloud.model.latency import scale, seconds
from localcloud.model.shapes import Refused, Resource
from localcloud.model.store import Row, Store

from . import TYPES
from .kind import Kind, Place, Problems, Request, id_of, path, place_of

if TYPE_CHECKING:
    from pathlib import Path

    from localcloud.model.store import Transaction

_ASKED = "_asked"


@cache
def rules_of(token: str) -> Kind:
    """The rules of a type that the local cloud has."""
    entry = TYPES[token]
    module, _, name = entry.rules.partition(".")
    return getattr(import_module(f"localcloud.alibaba.{module}"), name)(token, frozenset(entry.replaces))


class AlibabaCloud:
    """Alibaba Cloud in the same SQLite file as the local Azure, which many processes may open at the same time."""

    def __init__(self, store: Store, slow: bool = False) -> None:
        self._store = store
        self._slow = slow

    @classmethod
    def open(cls, path: Path, latency: str = "off") -> AlibabaCloud:
        """Open the file, made when it is missing. ``latency`` is ``off`` or ``realistic``.

        OSError when the file cannot be used, ValueError when LOCALCLOUD_LATENCY_SCALE is not understood.
        """
        scale()
        return cls(Store(path), latency == "realistic")

    def kind(self, token: str) -> Kind:
        """The rules of a type. Refused when the local cloud does not have it."""
        if token not in TYPES:
            raise Refused(404, f"the local cloud does not serve the type '{token}'")
        return rules_of(token)

    def create(self, token: str, inputs: dict[str, Any], place: Place, asked: str = "") -> Resource:
        """Create a resource. Refused when the cloud would refuse it.

        ``asked`` is the caller's own mark on this request, by which `made` finds what came of it: ids are assigned.
        """
        kind = self.kind(token)
        with self._store.write() as tx:
            request = Request(tx, place, inputs, None)
            kind.check(request)
            request.problems.refuse()
            request.id = kind.new_id(request)
            where = path(kind.region(place), kind.slug, request.id)
            if tx.exists(where):
                raise Refused(409, f"{kind.slug} '{request.id}' exists already.")
            created = self._put(tx, kind, request, where, asked)
        self._take_time(token, "create")
        return created

    def made(self, asked: str) -> tuple[Place, Resource] | None:
        """What came of a creation, by the mark that it was asked for with; None when nothing did, or it is gone."""
        with self._store.read() as tx:
            row = next((row for row in tx.below("/alicloud") if row.body.get(_ASKED) == asked), None)
            return (place_of(row), self._shown(tx, row)) if row is not None else None

    def bring(self, token: str, inputs: dict[str, Any], place: Place, given: str = "") -> tuple[str, str]:
        """What exists before a rehearsal: create a resource, or bring the one with that id to these inputs.

        ``given`` is what the cloud assigned to its id. Returns where it is, as in `list`, and what was done:
        ``created``, ``updated`` or ``unchanged``. Refused when the cloud would refuse it.
        """
        kind = self.kind(token)
        with self._store.write() as tx:
            request = Request(tx, place, inputs, None, given=given)
            request.id = kind.new_id(request)
            where = path(kind.region(place), kind.slug, request.id)
            request.row = tx.get(where)
            if request.row is not None and request.row.inputs == inputs:
                return where, "unchanged"
            kind.check(request)
            request.problems.refuse()
            self._put(tx, kind, request, where)
            return where, "updated" if request.row else "created"

    def read(self, token: str, id: str, place: Place) -> Resource | None:
        """The resource as it is now; None when it is gone."""
        kind = self.kind(token)
        with self._store.read() as tx:
            row = tx.get(path(kind.region(place), kind.slug, id))
            return self._shown(tx, row) if row and kind.exists(tx, row) else None

    def update(self, token: str, id: str, inputs: dict[str, Any], place: Place) -> Resource:
        """Bring a resource to these inputs. Refused when the cloud would refuse it."""
        kind = self.kind(token)
        with self._store.write() as tx:
            row = tx.get(path(kind.region(place), kind.slug, id))
            if row is None:
                raise Refused(404, f"{kind.slug} '{id}' was not found in {place.region}.")
            request = Request(tx, place, inputs, row, id)
            kind.check(request)
            request.problems.refuse()
            updated = self._put(tx, kind, request, row.id)
        self._take_time(token, "update")
        return updated

    def delete(self, token: str, id: str, place: Place) -> None:
        """Delete a resource; deleting what is gone is fine. Refused while it is in use."""
        kind = self.kind(token)
        with self._store.write() as tx:
            row = tx.get(path(kind.region(place), kind.slug, id))
            if row is None:
                return
            problems = Problems()
            kind.check_delete(tx, row, problems)
            problems.refuse()
            kind.removed(tx, row)
            tx.remove(row.id)
        self._take_time(token, "delete")

    def invoke(self, token: str, args: dict[str, Any], place: Place) -> dict[str, Any]:
        """Answer a function. Refused when it would change something, or finds nothing."""
        if token == "alicloud:index/getAccount:getAccount":  # noqa: S105 - a type's name
            return {"id": place.account}
        if token == "alicloud:cr/getVpcEndpointLinkedVpcs:getVpcEndpointLinkedVpcs":  # noqa: S105
            from .vpc_endpoint import linked_vpcs

            with self._store.read() as tx:
                return linked_vpcs(tx, args, place)
        from .internet import endpoint_acl_service

        with self._store.read() as tx:
            return endpoint_acl_service(tx, args, place)

    def list(self) -> list[Resource]:
        """Every resource; its id here is where it is: account, region, type, and the id that Pulumi knows."""
        with self._store.read() as tx:
            found = [(row.id, self._shown(tx, row)) for row in tx.below("/alicloud")]
        return [dataclasses.replace(resource, id=where) for where, resource in found]

    def set(self, where: str, name: str, value: object) -> None:
        """Drift: change a property as someone in the console would. ``where`` is the id that ``list`` gives.

        No checks beyond existence; None removes the property. KeyError when there is no such resource.
        """
        with self._store.write() as tx:
            row = tx.get(where)
            if row is None:
                raise KeyError(f"there is no resource '{where}'")
            for values in (row.body, row.inputs):
                values.pop(name, None)
                if value is not None:
                    values[name] = value
            tx.put(row)

    def _take_time(self, token: str, operation: str) -> None:
        """Waits as long as the cloud works on what it has accepted: who is killed meanwhile never hears of it."""
        if self._slow:
            time.sleep(seconds(token, operation))

    def _put(self, tx: Transaction, kind: Kind, request: Request, where: str, asked: str = "") -> Resource:
        hidden = {name: value for name, value in request.before.items() if name.startswith("_")}
        if asked:
            hidden[_ASKED] = asked
        row = Row(where, kind.token, request.inputs, {**hidden, **kind.state(request)}, pointers=request.pointers)
        tx.put(row)
        kind.stored(request, row)
        return self._shown(tx, tx.get(where) or row)

    def _shown(self, tx: Transaction, row: Row) -> Resource:
        kind = self.kind(row.token)
        shown = {name: value for name, value in row.body.items() if not name.startswith("_") and value is not None}
        return Resource(id_of(row), row.token, row.inputs, {**shown, **kind.view(tx, row)})
