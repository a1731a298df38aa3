"""Plain values: what a property holds once protobuf, sentinels, secrets and the letter case of keys are dealt with.

A property is absent, known, or ``UNKNOWN`` (an output that preview cannot know yet, or a secret that cannot be read).
Keys are lower-cased, because Azure Resource Manager compares property names without case, so that a generic resource
with ``AdminUserEnabled`` is judged as one with ``adminUserEnabled``.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeVar

from .jsonc import TextError, parse

_Known = TypeVar("_Known")

SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the wire format's marker, not a secret
OUTPUT_SIGNATURE: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
REFERENCE_SIGNATURE: Final = "5cf8f73096256a8f31e491e813e4eb8e"

# One marker per type of value; pulumi/sdk/go/common/resource/plugin/rpc.go.
UNKNOWN_SENTINELS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
REDACTED: Final = "[secret]"  # what `pulumi policy analyze --file` puts in the place of a secret it cannot decrypt


class Unknown(Enum):
    """The one value that nobody knows yet. Its truth is an error, so that no rule takes it for true or false."""

    VALUE = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        raise TypeError("the truth of an unknown value is unknown; compare it with UNKNOWN first")


UNKNOWN: Final = Unknown.VALUE


@dataclass(frozen=True, slots=True)
class Hidden:
    """Something of a template that cannot be seen; ``registry``: it is certain that a registry hides there;
    ``deployment``: the name of the nested deployment that hides it."""

    text: str
    registry: bool
    deployment: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """On what it depends whether a resource exists, where that is not known.

    ``text`` is how a message says it, ``asked`` are the template's parameters (lower case) that nobody gives and it
    asks for. Two with the same ``key`` hold together or not at all.
    """

    key: Hashable
    text: str = field(compare=False)
    asked: frozenset[str] = field(default=frozenset(), compare=False)


class Ends(NamedTuple):
    """How a text begins and ends of which a part is known, in lower case; with ``whole`` both are all of it."""

    begin: str = ""
    end: str = ""
    whole: bool = False


class SecretText(str):
    """A secret string: compares as what it is, prints as ``[secret]``, and its lower case is as secret."""

    __slots__ = ()

    def __str__(self) -> str:
        return REDACTED

    def __repr__(self) -> str:
        return REDACTED

    def __format__(self, _spec: str) -> str:
        return REDACTED

    def lower(self) -> SecretText:
        return SecretText(str.lower(self))

    def strip(self, chars: str | None = None, /) -> SecretText:
        return SecretText(str.strip(self, chars))


def plain(value: Any, *, secret: bool = False) -> Any:
    """Plain data from what the engine, a state file or a template holds: sentinels, secrets and key case resolved."""
    if isinstance(value, str):
        if value in UNKNOWN_SENTINELS or value == REDACTED:
            return UNKNOWN
        return SecretText(value) if secret else value
    if isinstance(value, dict):
        signature = value.get(SIGNATURE_KEY)
        if signature is not None:
            return _signed(signature, value, secret)
        made = {lower(k): plain(v, secret=secret) for k, v in value.items()}
        return made if len(made) == len(value) else _with_clashes(value, secret)
    if isinstance(value, list):
        return [plain(v, secret=secret) for v in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return plain(dict(value), secret=secret) if isinstance(value, Mapping) else value


def sharing(value: Any, other: Any) -> Any:
    """The value, made of the parts of ``other`` wherever the two are the same: a state writes most inputs again among
    the outputs. Objects and lists of the value are changed for that; what they say stays."""
    kind = type(value)
    if kind is not type(other):
        return value
    if kind is str:
        return other if value == other else value
    if kind is dict:
        pairs: Any = value.items()
        theirs: Any = other.get
    elif kind is list and len(value) == len(other):
        pairs, theirs = enumerate(value), lambda index, _missing: other[index]
    else:
        return value
    same = len(value) == len(other)
    for key, held in pairs:
        found = theirs(key, pairs)
        if found is pairs:
            same = False
            continue
        made = sharing(held, found)
        value[key] = made
        same = same and made is found
    return other if same else value


def _with_clashes(value: Mapping[str, Any], secret: bool) -> dict[str, Any]:
    """Keys that differ in letter case only: which one Azure takes is not documented, and the engine sorts them, so that
    where they differ neither is believed."""
    made: dict[str, Any] = {}
    for raw, item in value.items():
        key, held = lower(raw), plain(item, secret=secret)
        made[key] = held if made.get(key, held) == held else UNKNOWN
    return made


def _signed(signature: object, value: Mapping[str, Any], secret: bool) -> Any:
    if signature == SECRET_SIGNATURE:
        if "value" in value:
            return plain(value["value"], secret=True)
        if "plaintext" in value:  # `pulumi stack export --show-secrets`
            return from_text(value["plaintext"], secret=True)
        return UNKNOWN
    if signature == OUTPUT_SIGNATURE:
        return plain(value["value"], secret=secret) if "value" in value else UNKNOWN
    if signature == REFERENCE_SIGNATURE:
        return plain(value.get("id") or value.get("urn"), secret=secret)
    return {}  # an asset or archive: no rule looks inside


def from_text(text: Any, *, secret: bool = False) -> Any:
    """What a JSON text inside a document says, of a secret text as secret; UNKNOWN for anything else."""
    if not isinstance(text, str):
        return UNKNOWN
    try:
        return plain(parse(str.__str__(text)), secret=secret or isinstance(text, SecretText))
    except (TextError, RecursionError):
        return UNKNOWN


@lru_cache(maxsize=4096)
def lower(key: str) -> str:
    """A key in lower case, one text for all that are equal."""
    return key.lower()


class Partial(dict[str, Any]):
    """An object of which only some keys are known: any other key may be there, so it is UNKNOWN."""

    def get(self, key: str, default: Any = UNKNOWN) -> Any:
        return dict.get(self, key, UNKNOWN if default is None else default)


class Watched(Partial):
    """The properties that a patch sets: any other is as it was, so it is UNKNOWN. ``reads`` tells what was looked at.

    ``reads`` gets the name of each property that the patch sets, at any depth, when its value is read; the names in
    ``quiet`` are no settings. Of a body that is not known, every property may be set.
    """

    def __init__(self, held: Mapping[str, Any], reads: set[str], quiet: Container[str] = ()) -> None:
        super().__init__(held)
        self._reads, self._quiet, self._anything = reads, quiet, isinstance(held, Partial)

    def get(self, key: str, default: Any = UNKNOWN) -> Any:
        value = dict.get(self, key, UNKNOWN if default is None else default)
        if isinstance(value, dict):
            return Watched(value, self._reads, self._quiet)
        if key not in self._quiet and (self._anything or key in self):
            self._reads.add(key)
        return value

    def items(self) -> Any:
        """All of them, which reads all."""
        self._reads.update(self.keys())
        return super().items()

    def values(self) -> Any:
        """All of them, which reads all."""
        self._reads.update(self.keys())
        return super().values()

    def __iter__(self) -> Iterator[str]:
        self._reads.update(self.keys())
        return super().__iter__()


# What ARM reads beside ``properties`` and never inside; of any other key the one inside is what counts.
_ENVELOPE = frozenset({"sku", "location", "tags", "identity", "name", "type", "zones", "kind", "scope", "id"})


def flatten(value: Any) -> Any:
    """Lift each ARM ``properties`` object into its parent, as Pulumi's typed SDK does."""
    if isinstance(value, dict):
        inner = dict.get(value, "properties")
        if inner is UNKNOWN:
            return Partial({k: flatten(v) for k, v in value.items() if k != "properties"})
        if isinstance(inner, dict):
            outer = {k: v for k, v in value.items() if k != "properties"}
            envelope = {k: v for k, v in outer.items() if k in _ENVELOPE}
            lifted = {**outer, **inner, **envelope}
            return flatten(Partial(lifted) if isinstance(inner, Partial) else lifted)
        made = {k: flatten(v) if isinstance(v, dict | list) else v for k, v in value.items()}
        return Partial(made) if isinstance(value, Partial) else made
    if isinstance(value, list):
        return [flatten(v) if isinstance(v, dict | list) else v for v in value]
    return value


@lru_cache(maxsize=4096)
def _keys(path: str) -> tuple[str, ...]:
    return tuple(path.lower().split("."))


def lookup(props: Any, path: str, default: Any = None) -> Any:
    """The value at ``policies.exportPolicy.status``; UNKNOWN as soon as a step is unknown; null counts as absent."""
    value = props
    for key in _keys(path):
        if value is UNKNOWN:
            return UNKNOWN
        if not isinstance(value, dict):
            return default
        value = value.get(key)
    return default if value is None else value


def as_bool(value: Any) -> bool | Unknown | None:
    """True, False, UNKNOWN or None (absent). Templates write booleans as text; any other text is not known."""
    if value is None or value is UNKNOWN or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}.get(str.lower(value), UNKNOWN)
    return UNKNOWN


def as_text(value: Any) -> str | Unknown | None:
    """Lower-cased text without outer blanks, UNKNOWN, or None (absent). Azure compares enum values without case."""
    if value is None or value is UNKNOWN:
        return value
    return value.strip().lower() if isinstance(value, str) else str(value).lower()


def as_list(value: Any) -> list[Any] | Unknown:
    """A list, UNKNOWN, or the empty list when absent. A single value is a list of one."""
    if value is UNKNOWN:
        return UNKNOWN
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def as_written(value: Any) -> str:
    """A text in the letters that it is written in, without outer blanks; empty for anything else."""
    return str.__str__(value).strip() if isinstance(value, str) else ""


def or_none(value: _Known | Unknown) -> _Known | None:
    """The value, or None while it is not known: how `reach` writes that."""
    return None if isinstance(value, Unknown) else value


def negated(value: bool | Unknown) -> bool | None:
    """The opposite, or None while the value is not known."""
    return None if isinstance(value, Unknown) else not value


def known_items(value: Any) -> list[Any]:
    """The list's known members; an unknown list has none."""
    items = as_list(value)
    return [] if isinstance(items, Unknown) else [i for i in items if i is not UNKNOWN]


def has_unknown(value: Any) -> bool:
    """Whether an unknown is anywhere inside."""
    return any(v is UNKNOWN for v in walk(value))


def walk(value: Any) -> Iterator[Any]:
    """The value, and every value inside it."""
    estate = [value]
    while estate:
        item = estate.pop()
        yield item
        if isinstance(item, dict):
            estate.extend(item.values())
        elif isinstance(item, list):
            estate.extend(item)


def show(value: Any) -> str:
    """A value as a message names it: text in quotes, secrets hidden, absent as ``(absent)``."""
    if value is None:
        return "(absent)"
    if value is UNKNOWN:
        return "(unknown)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, SecretText):
        return REDACTED
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, list):
        return ", ".join(show(v) for v in value) or "(empty)"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if not isinstance(value, dict) else "{…}"
