"""What every Alibaba Cloud type has in common. A type is a class in a file of its service, with what is its own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from localcloud.model.kind import Problems
from localcloud.model.shapes import Refused

if TYPE_CHECKING:
    from localcloud.model.store import Row, Transaction

GLOBAL = "global"
ACCOUNT = "1000000000000001"
"""The account of a stack that names none; the real provider would ask the login."""

_COUNT = "alicloud.count"


@dataclass(frozen=True)
class Place:
    """Who asks, and where: the account and the region of a provider."""

    account: str
    region: str


@dataclass
class Request:
    """One create or update, as a type's rules see it. ``row`` is the resource before it; None when it is created.

    ``given`` is what a seed says the cloud assigned.
    """

    tx: Transaction
    place: Place
    inputs: dict[str, Any]
    row: Row | None
    id: str = ""
    given: str = ""
    problems: Problems = field(default_factory=Problems)
    pointers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def before(self) -> dict[str, Any]:
        return self.row.body if self.row else {}

    def assigned(self, prefix: str) -> str:
        """What the cloud assigns to an id of its own making."""
        return self.given or assigned(self.tx, prefix)

    def find(self, kind: str, id: object, *, account: str = "", region: str = "") -> Row | None:
        """A resource of the caller's account and region, unless another is named."""
        where = Place(account or self.place.account, region or self.place.region)
        return self.tx.get(path(where, kind, str(id)))

    def refer(self, role: str, kind: str, where: str, *, region: str = "") -> Row | None:
        """Point at a resource that an input names. A problem when it is not there; nothing when none is named."""
        named = self.inputs.get(where)
        if not named:
            return None
        found = self.find(kind, named, region=region)
        if found is None:
            place = self.place.account if region == GLOBAL else f"{self.place.account} in {region or self.place.region}"
            self.problems.add(f"{where} '{named}': account {place} has no such {kind.partition('/')[2]}.", "", 404)
        else:
            self.pointers.append((role, found.id))
        return found


class Kind:
    """One type. Subclasses say what is special."""

    prefix: ClassVar[str] = ""  # of an id that the cloud assigns, or of that part of it
    joined: ClassVar[tuple[str, ...]] = ()  # inputs that make the id, when nothing of it is assigned
    is_global: ClassVar[bool] = False  # belongs to an account, not to a region
    no_effect: ClassVar[frozenset[str]] = frozenset()  # inputs whose change is accepted and does nothing
    read_back: ClassVar[frozenset[str]] = frozenset()  # inputs that are compared with what the cloud has, too
    sets: ClassVar[frozenset[str]] = frozenset()  # lists in which the order means nothing
    named: ClassVar[str] = ""  # the input that is made from the resource's Pulumi name when it is missing

    def __init__(self, token: str, replaces: frozenset[str]) -> None:
        self.token = token
        self.slug = slug(token)
        self.replaces = replaces

    def region(self, place: Place) -> Place:
        return Place(place.account, GLOBAL) if self.is_global else place

    def new_id(self, request: Request) -> str:
        if self.joined:
            return ":".join(str(request.inputs[name]) for name in self.joined)
        return request.assigned(self.prefix)

    def valid(self, inputs: dict[str, Any]) -> list[str]:
        """What the provider itself refuses in its check, of the values that are known."""
        return []

    def check(self, request: Request) -> None:
        """Add what the cloud would refuse to ``request.problems``, and point at what this resource needs."""

    def state(self, request: Request) -> dict[str, Any]:
        """The state to keep: by default the inputs."""
        kept = {name: request.before[name] for name in self.no_effect if name in request.before}
        return {**request.inputs, **kept}

    def stored(self, request: Request, row: Row) -> None:
        """What happens elsewhere once the resource is stored, in the same transaction."""

    def exists(self, tx: Transaction, row: Row) -> bool:
        """Whether the cloud still has what was asked for."""
        return True

    def view(self, tx: Transaction, row: Row) -> dict[str, Any]:
        """What is shown beside the state."""
        return {}

    def check_delete(self, tx: Transaction, row: Row, problems: Problems) -> None:
        """Add what is in the way of a deletion; by default whatever points at the resource."""
        others = sorted({source for source, _ in tx.pointing_at(row.id)})
        if others:
            what = ", ".join(source.split("/", 4)[-1] for source in others)
            problems.add(f"{self.slug} '{id_of(row)}' is in use by {what}.", "", 409)

    def removed(self, tx: Transaction, row: Row) -> None:
        """What happens elsewhere when the resource is deleted, in the same transaction, before its row goes."""


def slug(token: str) -> str:
    """``alicloud:cr/internetEndpoint:InternetEndpoint`` is ``cr/internetEndpoint`` in the cloud's own paths."""
    return token.split(":")[1]


def path(place: Place, kind: str, id: str) -> str:
    """Where the cloud's file keeps a resource: ids are unique within an account, a region and a type only."""
    return f"/alicloud/{place.account}/{place.region}/{kind}/{id}"


def place_of(row: Row) -> Place:
    _, _, account, region, *_ = row.id.split("/")
    return Place(account, region)


def id_of(row: Row) -> str:
    return row.id.split("/", 6)[6]


def assigned(tx: Transaction, prefix: str) -> str:
    """An id such as the cloud assigns; always the same for the same order of requests, so that rehearsals repeat."""
    count = int(tx.setting(_COUNT, "0")) + 1
    tx.set_setting(_COUNT, str(count))
    digest = hashlib.sha256(f"{prefix}{count}".encode()).hexdigest()
    return f"{prefix}-{digest[:16]}" if prefix else digest[:32]


def everywhere(tx: Transaction, kind: str) -> list[Row]:
    """Every resource of a type, of every account and region."""
    return [row for row in tx.below("/alicloud") if row.id.split("/", 4)[4].startswith(f"{kind}/")]


__all__ = [
    "ACCOUNT",
    "GLOBAL",
    "Kind",
    "Place",
    "Problems",
    "Refused",
    "Request",
    "assigned",
    "everywhere",
    "id_of",
    "path",
]
