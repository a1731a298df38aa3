"""What the model and its front ends exchange: refusals, resources, and what is fixed about each type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class Refused(Exception):  # noqa: N818 - the word that front ends know
    """What Azure Resource Manager answers when it does not do something.

    ``status`` is the HTTP status (400, 403, 404 or 409); ``code`` is Azure's error code, empty where it is not
    documented (never invented); ``problems`` are plain messages, every one that the request has. ``remark`` is what the
    local cloud adds to Azure's words; else empty.
    """

    def __init__(self, status: int, problems: list[str] | str, code: str = "", remark: str = "") -> None:
        self.status = status
        self.code = code
        self.remark = remark
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class CloudFileError(OSError):
    """The cloud's file cannot be used: it is damaged, another program's, or there is no room; the message says what."""


@dataclass
class Resource:
    """One resource in the SDK's shape: camelCase, flattened as pulumi-azure-native does, not ARM's ``properties``."""

    id: str
    token: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


@dataclass(frozen=True)
class TypeInfo:
    """What is fixed about one type.

    ``token`` is Pulumi's (``azure-native:containerregistry:Registry``), ``arm_type`` ARM's
    (``Microsoft.ContainerRegistry/registries``), ``name_property`` the input that names the resource (empty when it has
    none), ``scope_properties`` the inputs that are part of its id, in the id's order, the name included.
    ``replaced_for`` are the input paths (dotted; a list's elements are not told apart) whose change replaces the
    resource, beside those of its id. ``secret_outputs`` are output paths that hold secrets, ``write_only`` input paths
    that Azure never returns. ``auto_name`` says whether a missing name is made from the resource's Pulumi name, and
    ``name_style`` how: ``random`` (a random suffix), ``copy`` (the name itself, for children), ``uuid``.
    """

    token: str
    arm_type: str
    name_property: str
    scope_properties: tuple[str, ...]
    has_location: bool = False
    replaced_for: frozenset[str] = field(default_factory=frozenset)
    secret_outputs: frozenset[str] = field(default_factory=frozenset)
    write_only: frozenset[str] = field(default_factory=frozenset)
    auto_name: bool = True
    name_style: str = "random"
