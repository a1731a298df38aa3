"""What every Azure type has in common. A type is a class in ``localcloud.azure``, one a file, with what is its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from localcloud.azure import TYPES, facts

from . import ids
from .shapes import Refused, TypeInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from localcloud.azure.facts import Member

    from .cloud import Cloud
    from .store import Row, Transaction

TENANT = ids.guid("tenant")
CLIENT = ids.guid("client")
WHO = "rehearsal@localcloud.invalid"
_PARAMETER = re.compile(r"\{(\w+)\}")
_SERVED = frozenset(ids.type_of(path).lower() for path, _ in TYPES.values())
_MAY_BE_EMPTY = {"parentResourcePath"}
_MAY_HOLD_SLASHES = {"scope", "scopeId", "resourceUri", "parentResourcePath", "resourceType"}


class Fixed(NamedTuple):
    """A property that an update does not change, and on what it rests that this is so."""

    replaces: bool
    """Whether azure-native replaces the resource for it; otherwise it plans an update."""
    plan: str
    """Where that stands: azure-native's ``forceNewMap``, or a specification, marked (x-ms-mutability) or not."""
    answer: str = ""
    """Where Azure's answer to an update stands; empty when it is not known, and the local cloud refuses by choice."""


FORCE_NEW = "azure-native's forceNewMap (provider/pkg/gen/replacement.go)"
# 409 with these words for an endpoint's, an app service plan's and an interface's region: Azure/bicep#10678 (2023-05),
# pulumi/pulumi-azure-native#3053 (2024-01, where azure-native planned an update), fortinetsolutions/Azure-Templates#8.
LOCATION_ANSWER = "Azure/bicep#10678, pulumi/pulumi-azure-native#3053"


def marked(specification: str, answer: str = "") -> Fixed:
    """A property that a specification marks as read and create only: azure-native replaces for it."""
    return Fixed(True, f"marked x-ms-mutability in {specification}", answer)


def unmarked(specification: str, answer: str = "") -> Fixed:
    """A property without a mark in its specification, and not in azure-native's map: it plans an update."""
    return Fixed(False, f"no x-ms-mutability in {specification}, not in forceNewMap", answer)


class Problems:
    """Everything that is wrong with one request, collected, then refused at once."""

    def __init__(self) -> None:
        self._found: list[tuple[int, str, str]] = []
        self.remark = ""

    def add(self, message: str, code: str = "", status: int = 400) -> None:
        """One problem; said twice it is still one."""
        if (status, code, message) not in self._found:
            self._found.append((status, code, message))

    def __bool__(self) -> bool:
        return bool(self._found)

    def refuse(self) -> None:
        """Raise Refused when there is any problem. The code is given only when all problems share it."""
        if self._found:
            codes = {code for _, code, _ in self._found}
            code = codes.pop() if len(codes) == 1 else ""
            raise Refused(self._found[0][0], [message for _, _, message in self._found], code, self.remark)


def not_found_there(target: str, source: str) -> str:
    """Azure's words for a reference that leads nowhere, or into another region (InvalidResourceReference)."""
    return (
        f"Resource {target} referenced by resource {source} was not found. Please make sure that the referenced "
        "resource exists, and that both resources are in the same region."
    )


@dataclass
class Request:
    """One create or update, as a type's rules see it. ``row`` is the resource before it; None when it is created."""

    tx: Transaction
    id: str
    inputs: dict[str, Any]
    row: Row | None
    problems: Problems
    subscription: str
    cloud: Cloud
    parent: Row | None = None
    pointers: list[tuple[str, str]] = field(default_factory=list)
    later: Problems = field(default_factory=Problems)
    """What is accepted and fails while it is carried out; a failed resource may be left (``Transaction.setting``)."""

    @property
    def name(self) -> str:
        return ids.name_of(self.id)

    @property
    def before(self) -> dict[str, Any]:
        """The state before the request; empty when the resource is created."""
        return self.row.body if self.row else {}

    def refer(self, role: str, target: str | None, where: str) -> Row | None:
        """Point at another resource. A problem when it does not exist; None then, or when the cloud has no such type.

        ``where`` is the input that names it, for the message.
        """
        if not target:
            return None
        self.pointers.append((role, target))
        found = self.tx.get(target)
        if found is None and ids.type_of(target).lower() in _SERVED:
            self.problems.add(not_found_there(target, f"{self.id} ({where})"), "InvalidResourceReference")
        return found


class Kind:
    """One Azure type. Subclasses say what is special; what is not said here is ARM's common behaviour."""

    api_version: ClassVar[str]
    location: ClassVar[str] = ""  # "region", "global", or "" when the type has none
    name_rule: ClassVar[tuple[str, str]] = (
        r".+",
        "must not be empty",
    )  # (pattern of the whole name, the rule in words)
    name_style: ClassVar[str] = "random"  # how azure-native makes a name where none is given: `TypeInfo`
    immutable: ClassVar[Mapping[str, Fixed]] = MappingProxyType({})  # what an update does not change, by input path
    written_once: ClassVar[bool] = False  # an update is accepted and changes nothing
    secret_outputs: ClassVar[frozenset[str]] = frozenset()
    write_only: ClassVar[frozenset[str]] = frozenset()
    auto_name: ClassVar[bool] = True
    has_type: ClassVar[bool] = True  # shows its ARM type
    has_state: ClassVar[bool] = True  # shows provisioningState
    has_etag: ClassVar[bool] = False
    has_system_data: ClassVar[bool] = False

    def __init__(self, token: str, path: str) -> None:
        self.token = token
        self.path = path
        self.arm_type = ids.type_of(path)
        self.scope_properties = tuple(n for n in _PARAMETER.findall(path) if n != "subscriptionId")

    def info(self) -> TypeInfo:
        return TypeInfo(
            token=self.token,
            arm_type=self.arm_type,
            name_property=self.scope_properties[-1],
            scope_properties=self.scope_properties,
            has_location=bool(self.location),
            replaced_for=frozenset(path for path, fixed in self.immutable.items() if fixed.replaces),
            secret_outputs=self.secret_outputs,
            write_only=self.write_only,
            auto_name=self.auto_name,
            name_style=self.name_style,
        )

    def resource_id(self, inputs: dict[str, Any], subscription: str) -> str:
        def value(match: re.Match[str]) -> str:
            name = match.group(1)
            given = subscription if name == "subscriptionId" else inputs.get(name)
            if given is None or (given == "" and name not in _MAY_BE_EMPTY):
                raise Refused(400, f"{name} is missing: the id of a {self.arm_type} needs it")
            if name in _MAY_HOLD_SLASHES:
                return str(given).strip("/")
            if "/" in str(given):
                raise Refused(400, f"{name} '{given}' must not hold a '/'")
            return str(given)

        return "/" + _PARAMETER.sub(value, self.path).lstrip("/").replace("//", "/")

    def validate_name(self, request: Request) -> None:
        pattern, words = self.name_rule
        if not re.fullmatch(pattern, request.name):
            request.problems.add(f"{self.scope_properties[-1]} '{request.name}' {words}")

    def validate_location(self, request: Request) -> None:
        if not self.location:
            return
        given = str(request.inputs.get("location") or "")
        allowed = "'global'" if self.location == "global" else "the Azure regions, e.g. 'japaneast'"
        if not given:
            request.problems.add("The location property is required for this definition.", "LocationRequired")
            return
        region = facts.region(given)
        if region not in (("global",) if self.location == "global" else facts.CLOUD_OF_REGION):
            request.problems.add(
                f"The provided location '{given}' is not available for resource type '{self.arm_type}'. "
                f"List of available regions for the resource type is {allowed}.",
                "LocationNotAvailableForResourceType",
            )

    def check(self, request: Request) -> None:
        """Add what Azure would refuse to ``request.problems``, and point at what this resource needs."""

    def state(self, request: Request) -> dict[str, Any]:
        """The state to keep: by default the inputs that are not part of the id."""
        return self.plain(request.inputs)

    def stored(self, request: Request, row: Row) -> None:
        """What happens elsewhere once the resource is stored, in the same transaction."""

    def view(self, tx: Transaction, row: Row) -> dict[str, Any]:
        """What is shown beside the state: properties that other resources make."""
        return {}

    def check_delete(self, tx: Transaction, row: Row, going: set[str], problems: Problems) -> None:
        """Add what is in the way of a deletion. ``going`` holds the keys of all that is deleted together."""

    def removed(self, tx: Transaction, row: Row, going: set[str]) -> None:
        """What happens elsewhere when the resource is deleted, in the same transaction, before its row goes."""

    def owned(self, tx: Transaction, row: Row) -> list[Row]:
        """Resources elsewhere that live and go with this one."""
        return []

    def serial_scope(self, resource_id: str) -> str:
        """The resource under which Azure does one operation at a time; empty when there is none."""
        return ""

    def hold_after_delete(self) -> float:
        """Seconds for which a deleted id cannot be used again; simulated latency only."""
        return 0.0

    def members(self, tx: Transaction, row: Row) -> list[Member]:
        """The private link members, for a type that private endpoints can connect to."""
        return []

    private_link_group: ClassVar[str] = ""  # the groupId of those members

    def plain(self, inputs: dict[str, Any]) -> dict[str, Any]:
        scope = {*self.scope_properties, "id"}
        return {name: value for name, value in inputs.items() if name not in scope and value is not None}

    def show(self, tx: Transaction, row: Row) -> dict[str, Any]:
        """The resource's outputs: its state, what ARM adds to every resource, and what others make of it."""
        shown = {name: value for name, value in row.body.items() if not name.startswith("_") and value is not None}
        shown["azureApiVersion"] = self.api_version
        shown.setdefault("name", row.name)
        if self.has_type:
            shown["type"] = self.shown_type(row)
        if self.has_state:
            shown["provisioningState"] = self.provisioning(row)
        if self.has_etag:
            shown["etag"] = self.etag(row)
        if self.has_system_data:
            shown["systemData"] = system_data(row)
        shown.update(self.view(tx, row))
        return shown

    def etag(self, row: Row) -> str:
        return f'W/"{version_guid(row)}"'

    def shown_type(self, row: Row) -> str:
        return self.arm_type

    def refuse_change(self, row: Row, path: str, old: Any, new: Any, problems: Problems) -> None:
        """Add what Azure answers to an update that would change one of ``immutable``."""
        if path == "location" and self.immutable[path].answer:
            group = ids.name_of(ids.group_of(row.id))
            problems.add(
                f"The resource '{row.name}' already exists in location '{old}' in resource group '{group}'. A resource "
                f"with the same name cannot be created in location '{new}'. Please select a new resource name.",
                "InvalidResourceLocation",
                409,
            )
            return
        problems.add(f"{path} of {self.arm_type} '{row.name}' cannot be changed after creation: {old} to {new}.")

    def provisioning(self, row: Row) -> str:
        return row.operation if row.in_progress else "Failed" if row.body.get("_failed") else "Succeeded"

    def not_found(self, resource_id: str) -> Refused:
        group = ids.name_of(ids.group_of(resource_id))
        under = f" under resource group '{group}'" if group else ""
        return Refused(
            404,
            f"The Resource '{ids.type_of(resource_id)}/{ids.name_of(resource_id)}'{under} was not found. "
            "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
            "ResourceNotFound",
        )


def version_guid(row: Row) -> str:
    """A GUID that changes with every operation on a resource."""
    return ids.guid(row.key, str(row.body.get("_version", 0)))


def timestamp() -> str:
    """Now, as ARM writes it, e.g. ``2026-01-31T12:00:00.0000000Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def marks(before: Row | None = None) -> dict[str, Any]:
    """What a resource's state notes about itself: its version, when it was made, when it was last changed."""
    now, old = timestamp(), before.body if before else {}
    return {"_version": old.get("_version", 0) + 1, "_created": old.get("_created", now), "_modified": now}


def _with_offset(moment: str) -> str:
    return moment.removesuffix("Z") + "+00:00"


def timestamp_with_offset() -> str:
    """Now, as registries write some of their times: ``2026-01-31T12:00:00.0000000+00:00`` (recorded 2026-09)."""
    return _with_offset(timestamp())


def system_data(row: Row) -> dict[str, str]:
    created, modified = (_with_offset(row.body[each]) for each in ("_created", "_modified"))
    who = {"createdBy": WHO, "createdByType": "User", "lastModifiedBy": WHO, "lastModifiedByType": "User"}
    return {"createdAt": created, "lastModifiedAt": modified, **who}


def dig(values: dict[str, Any], path: str) -> Any:
    """``dig(inputs, "policies.exportPolicy.status")``; None when anything on the way is missing."""
    found: Any = values
    for part in path.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(part)
    return found


def is_on(status: object) -> bool:
    """Azure writes ``enabled`` in one API and ``Enabled`` in the next."""
    return str(status).lower() == "enabled"


def duplicates(values: Iterable[str]) -> list[str]:
    """The values that occur more than once, compared without case, each once."""
    seen: set[str] = set()
    twice: dict[str, str] = {}
    for value in values:
        if value.lower() in seen:
            twice.setdefault(value.lower(), value)
        seen.add(value.lower())
    return list(twice.values())
