"""What a rule is, and how rules are found: one file a rule in ``rules/``, each with a ``RULE``."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any

from registry_model.estate import facts, tokens
from registry_model.estate.model import Estate, Resource, Written

from .frameworks import Framework

_OF_REGISTRIES = tokens.REGISTRY.partition(":")[0] + ":"
_NAME = re.compile("[A-Za-z0-9]{5,50}")


class Severity(Enum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Level(Enum):
    """What a finding of a rule does: stop the deployment, warn, be repaired in flight, or not be looked for."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"
    REMEDIATE = "remediate"
    DISABLED = "disabled"


MANDATORY, ADVISORY, OFF = Level.MANDATORY, Level.ADVISORY, Level.DISABLED
PRESETS = ("baseline", "strict", "no-private-link", "audit")
DEFAULT_PRESET = "baseline"
DOCUMENTATION = "learn.microsoft.com/"


@dataclass(frozen=True, slots=True)
class Levels:
    """A rule's level in each preset; in ``audit`` every rule is advisory."""

    baseline: Level
    strict: Level
    no_private_link: Level

    def of(self, preset: str) -> Level:
        return Level.ADVISORY if preset == "audit" else getattr(self, preset.replace("-", "_"))


@dataclass(frozen=True)
class Option:
    """One configuration key of a rule: its JSON schema, default and meaning; ``presets`` where a preset differs."""

    schema: Mapping[str, Any]
    default: Any
    description: str
    presets: Mapping[str, Any] = field(default_factory=dict)

    def engine_schema(self) -> dict[str, Any]:
        """The schema for the engine, which checks ``format: regex`` with Go's expressions, that lack some of Python's;
        our own check is the one that counts."""
        return {word: value for word, value in self.schema.items() if word != "format"}

    def of(self, preset: str) -> Any:
        return self.presets.get(preset, self.default)


Config = Mapping[str, Any]


class Kind(Enum):
    """Why a finding is one: a broken rule, a value that nobody can know yet, or something worth a note."""

    VIOLATION = "violation"
    UNDETERMINED = "undetermined"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Problem:
    """What a rule found. ``scalar``: an unknown scalar of the registry itself, which strict presets refuse.

    ``without`` are the types whose absence makes it a problem: live documents may not tell of them. ``also`` are
    properties of other resources that decide it with the resource's own.
    """

    resource: Resource
    text: str
    kind: Kind = Kind.VIOLATION
    scalar: bool = False
    without: tuple[str, ...] = ()
    also: tuple[tuple[Resource, str], ...] = ()


NOT_YET = "is not known yet"
NOT_TOLD = "is not in this folder"


def violation(resource: Resource, text: str, *, without: tuple[str, ...] = ()) -> Problem:
    return Problem(resource, text, without=without)


def note(resource: Resource, text: str) -> Problem:
    """Worth knowing, and advisory whatever the rule's level."""
    return Problem(resource, text, Kind.NOTE)


def undetermined(
    resource: Resource, what: str, *, scalar: bool = False, also: Iterable[tuple[Resource, str]] = ()
) -> Problem:
    """``what`` (a property or a relation) cannot be known before the deployment, or has a value that Azure refuses."""
    text = f"{what} {facts.unheard_of(resource, what) or NOT_YET}, so this cannot be judged"
    return Problem(resource, text, Kind.UNDETERMINED, scalar, also=tuple(also))


def undecided(resource: Resource, what: str, why: str) -> Problem:
    """``what`` cannot be told although everything that is declared is known: what decides it is Azure's to know."""
    return Problem(resource, f"Nobody can tell from here {what}: {why}", Kind.UNDETERMINED)


def _registry_of(resource: Resource) -> str:
    """The name of the registry that a live resource is or belongs to, to write into a command; REGISTRY where it is not
    known, or is none that Azure gives: what somebody pastes into a shell must be nothing but a name."""
    name = resource.arm_names[0] if resource.type.startswith(_OF_REGISTRIES) and resource.arm_names else None
    return name if isinstance(name, str) and _NAME.fullmatch(name) else "REGISTRY"


Problems = Iterable[Problem]
Declared = Mapping[str, Any]


@dataclass(frozen=True)
class Example:
    """A small stack that must pass or must not; it is documentation and test at once.

    ``resources`` are state-like dicts: ``type``, ``name``, ``inputs``, and where they matter ``outputs``, ``protect``,
    ``ignoreChanges``, and by logical names ``dependencies``, ``propertyDependencies`` and ``provider``. ``config`` is
    the rule's own. ``steps`` is what an update is about to do to it, by logical name: ``delete`` or ``replace``;
    ``edits`` are the inputs that it changes in place, None for one that it takes away.
    """

    title: str
    resources: tuple[Declared, ...]
    config: Mapping[str, Any] = field(default_factory=dict)
    steps: Mapping[str, str] = field(default_factory=dict)
    edits: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """One rule: what it forbids, why, how to fix it, its levels and configuration, and the functions that judge.

    ``check_resource`` sees one resource of the types in ``applies_to``; ``check_estate`` sees all of them.
    ``frameworks`` are the controls that it carries out, the one to be known by first; ``references`` are pages of
    documentation (without their scheme) and the rules of other tools, to compare.
    ``needs`` are the types that a verdict rests on, each with those that serve as well: where live documents do not
    list them, the rule says so. A rule on resources needs the types that it applies to.
    ``borrows`` are keys of other rules' configuration that this one reads as well (key → rule id).
    ``fix`` speaks of a Pulumi stack, in Azure's own property names where it can. Where that does not help the reader of
    another document, ``fix_template`` says it for an ARM template, ``fix_live`` by commands for what runs already.
    ``remediate`` returns the inputs to set (dotted path → value) so that the resource complies.
    """

    id: str
    title: str
    severity: Severity
    rationale: str
    fix: str
    levels: Levels
    fix_template: str = ""
    fix_live: str = ""
    frameworks: tuple[Framework, ...] = ()
    references: tuple[str, ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict)
    borrows: Mapping[str, str] = field(default_factory=dict)
    applies_to: tuple[str, ...] = ()
    needs: tuple[tuple[str, ...], ...] = ()
    check_resource: Callable[[Resource, Config], Problems] | None = None
    check_estate: Callable[[Estate, Config], Problems] | None = None
    remediate: Callable[[Resource, Config], Mapping[str, Any]] | None = None
    compliant: tuple[Example, ...] = ()
    violating: tuple[Example, ...] = ()
    decision: str = ""

    def fix_for(self, resource: Resource) -> str:
        """What to do about a finding, in the language of the document that declares the resource."""
        if resource.written is Written.TEMPLATE:
            return self.fix_template or self.fix
        if resource.written is Written.LIVE and self.fix_live:
            return self.fix_live.replace("REGISTRY", _registry_of(resource))
        return self.fix

    @property
    def compare(self) -> tuple[str, ...]:
        """Every control and reference, for people."""
        return (*(framework.label for framework in self.frameworks), *self.references)

    @property
    def tags(self) -> tuple[str, ...]:
        """What a policy's tags hold: the controls beyond the first, which has a field of its own, and other tools'
        rules."""
        labels = (framework.label for framework in self.frameworks[1:])
        return (*labels, *(each for each in self.references if not each.startswith(DOCUMENTATION)))

    @property
    def url(self) -> str:
        """The first page of Azure's documentation among the references; empty where there is none."""
        return next((f"https://{each}" for each in self.references if each.startswith(DOCUMENTATION)), "")

    def defaults(self, preset: str = DEFAULT_PRESET) -> dict[str, Any]:
        return {key: option.of(preset) for key, option in self.options.items()}


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by id, sorted. A file of ``rules/`` without a RULE of its own name is a mistake of ours: TypeError."""
    from . import rules as package

    found: dict[str, Rule] = {}
    for module in pkgutil.iter_modules(package.__path__):
        rule = getattr(importlib.import_module(f"{package.__name__}.{module.name}"), "RULE", None)
        if not isinstance(rule, Rule) or rule.id.replace("-", "_") != module.name:
            raise TypeError(f"rules/{module.name}.py must define RULE with the id '{module.name.replace('_', '-')}'")
        found[rule.id] = rule
    return dict(sorted(found.items()))
