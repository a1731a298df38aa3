"""The one shape that every report is written from, whoever found what is in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from registry_model import text as text_model
from registry_model.estate.places import Location

MANDATORY = "mandatory"
ADVISORY = "advisory"

VIOLATION = "violation"
UNDETERMINED = "undetermined"
NOTE = "note"
EXEMPTED = "exempted"
ERROR = "error"  # the policy could not run, so it has judged nothing


class Outcome(StrEnum):
    """What a report comes to. Only ``failed`` stops anything: see decision 0075."""

    PASSED = "passed"
    FAILED = "failed"
    NOTHING = "nothing to judge"


def clean(text: str) -> str:
    """Text of programs, safe to show; line ends stay, as messages of several lines are the custom of policies."""
    return text_model.clean(text, lines=True)


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """What a report tells about a rule beside its findings."""

    id: str
    pack: str
    title: str = ""
    severity: str = ""
    rationale: str = ""
    fix: str = ""
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One finding. ``kind`` is violation, undetermined, note, exempted or error; ``level`` mandatory or advisory."""

    rule: str
    pack: str
    kind: str
    level: str
    severity: str
    urn: str
    message: str
    title: str = ""
    fix: str = ""
    source: str = ""
    location: Location | None = None

    @property
    def fails(self) -> bool:
        """Whether this alone must stop a deployment: a policy that could not run has let everything through."""
        return self.kind == ERROR or (self.level == MANDATORY and self.kind != EXEMPTED)

    @property
    def resource_name(self) -> str:
        return self.urn.rpartition("::")[2] or "(the whole stack)"

    @property
    def resource_type(self) -> str:
        """The type token in the URN, without the types of the parents; of a template's or Azure's its Azure type."""
        parts = self.urn.split("::")
        if parts[0] == "azure":
            return parts[2] if len(parts) > 3 else ""
        if parts[0] == "template":
            return parts[1] if len(parts) > 2 else ""
        return parts[2].rpartition("$")[2] if self.urn.startswith("urn:") and len(parts) > 3 else ""

    @property
    def resource(self) -> str:
        """How a line of text names the resource."""
        return f"{self.resource_name} ({self.resource_type})" if self.resource_type else self.resource_name


@dataclass(frozen=True, slots=True)
class Remediation:
    """An input that a pack corrected in flight: which properties, never their values."""

    rule: str
    pack: str
    urn: str
    properties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """What was judged: the ``preview`` of a stack, a ``stack export``, …; ``resources`` is 0 where it is not told.

    ``judged`` is false where it was read whole and has no registry, nor anything that belongs or leads to one.
    """

    name: str
    kind: str
    resources: int = 0
    judged: bool = True


@dataclass
class Report:
    """Everything found, in the order in which it is shown.

    ``problems`` are reasons to fail that no policy reported: an operation that broke off, a pack that did not run.
    ``remarks`` are about the configuration and fail nothing: an exemption that exempts nothing.
    ``passed`` are packs and policies that were judged and found nothing, where that is known: events do not tell a
    policy that found nothing from one that is switched off. ``idle``: every rule is disabled, so that nothing was
    judged. ``category`` tells reports apart that must not replace each other: of the engine's events their stack,
    whatever was done with it; of files none, so that one more file moves no finding elsewhere.
    """

    sources: list[Source] = field(default_factory=list)
    packs: dict[str, str] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    remediations: list[Remediation] = field(default_factory=list)
    passed: set[tuple[str, str]] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    idle: bool = False
    rules: dict[tuple[str, str], RuleInfo] = field(default_factory=dict)
    category: str = "check"

    @property
    def failing(self) -> list[Item]:
        return [item for item in self.items if item.fails]

    @property
    def ok(self) -> bool:
        return not self.failing and not self.problems

    @property
    def exit_code(self) -> int:
        return 0 if self.ok else 1

    @property
    def judged(self) -> bool:
        """Whether there was anything to judge; a report without sources does not tell, and counts as judged."""
        return not self.idle and (not self.sources or any(source.judged for source in self.sources))

    def passing(self, kind: str) -> list[Item]:
        """What fails nothing, of one kind: advisory violations, what is undetermined, notes, or what is exempted."""
        return [item for item in self.items if not item.fails and item.kind == kind]

    @property
    def outcome(self) -> Outcome:
        if not self.ok:
            return Outcome.FAILED
        return Outcome.PASSED if self.judged else Outcome.NOTHING

    def rule(self, item: Item) -> RuleInfo:
        """What is known about the rule of an item."""
        known = self.rules.get((item.pack, item.rule))
        return known or RuleInfo(item.rule, item.pack, item.title, item.severity, fix=item.fix)

    def verdict(self) -> str:
        """One line: what was found, and whether it passes."""
        if self.outcome is Outcome.NOTHING:
            nothing = "no registry is declared here, nor anything that belongs or leads to one"
            return f"{Outcome.NOTHING}: {'every rule is disabled' if self.idle else nothing}"
        failing = self.failing
        broken = sum(item.kind == ERROR for item in failing)
        unknown = sum(item.kind == UNDETERMINED for item in failing)
        parts = [
            _count(len(failing) - broken - unknown, "mandatory violation"),
            _count(unknown, "mandatory rule undetermined", "mandatory rules undetermined"),
            _count(broken, "policy that could not run", "policies that could not run"),
            _count(len(self.problems), "problem of the run", "problems of the run"),
            _count(len(self.passing(VIOLATION)), "advisory finding"),
            _count(len(self.passing(UNDETERMINED)), "undetermined finding"),
            _count(len(self.passing(NOTE)), "note"),
            _count(len(self.passing(EXEMPTED)), "exempted violation"),
            _count(len(self.remediations), "remediation"),
        ]
        found = ", ".join(part for part in parts if part) or "nothing found"
        return f"passed{self._but()}: {found}" if self.ok else f"FAILED: {found}"

    def _but(self) -> str:
        """How many rules could not be judged: of the gravest severity that is among them."""
        open_rules = {(i.pack, i.rule): _SEVERITIES.get(i.severity, _LEAST) for i in self.passing(UNDETERMINED)}
        if not open_rules:
            return ""
        worst = min(open_rules.values())
        severity = next((name for name, rank in _SEVERITIES.items() if rank == worst <= _GRAVE), "")
        number = sum(rank == worst for rank in open_rules.values()) if severity else len(open_rules)
        return f", but {_count(number, f'{severity} rule'.strip())} could not be judged"

    def describe(self) -> str:
        """One line: what was judged, by which packs, and where there was nothing to judge."""
        packs = ", ".join(f"{name} {version}".strip() for name, version in sorted(self.packs.items()))
        judged = [each for each in self.sources if each.judged]
        rest = [each for each in self.sources if not each.judged]
        parts = [f"Judged {_shown(judged)} by {packs or 'no policy pack'}."] if judged or not rest else []
        parts += [f"Nothing to judge in {_shown(rest)}."] if rest else []
        return " ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """The report as data; the shape is documented in docs/guard.md and versioned."""
        return {
            "version": 1,
            "passed": self.ok,
            "outcome": str(self.outcome),
            "verdict": self.verdict(),
            "sources": [
                {"name": s.name, "kind": s.kind, "resources": s.resources, "judged": s.judged} for s in self.sources
            ],
            "packs": self.packs,
            "counts": {
                "failing": len(self.failing),
                "advisory": len(self.passing(VIOLATION)),
                "undetermined": len(self.passing(UNDETERMINED)),
                "undetermined_by_severity": {
                    severity: sum(item.severity == severity for item in self.passing(UNDETERMINED))
                    for severity in _SEVERITIES
                },
                "notes": len(self.passing(NOTE)),
                "exempted": len(self.passing(EXEMPTED)),
                "remediations": len(self.remediations),
                "problems": len(self.problems),
            },
            "problems": self.problems,
            "remarks": self.remarks,
            "findings": [_json_item(item) for item in self.items],
            "remediations": [
                {"rule": r.rule, "pack": r.pack, "urn": r.urn, "properties": list(r.properties)}
                for r in self.remediations
            ],
        }


def _json_item(item: Item) -> dict[str, Any]:
    document: dict[str, Any] = {
        "rule": item.rule,
        "pack": item.pack,
        "kind": item.kind,
        "level": item.level,
        "fails": item.fails,
        "severity": item.severity,
        "urn": item.urn,
        "title": item.title,
        "message": item.message,
        "fix": item.fix,
        "source": item.source,
    }
    if item.location is not None:
        document["location"] = {"path": item.location.path, "line": item.location.line}
    return document


def _shown(sources: list[Source]) -> str:
    shown = ", ".join(
        f"{s.kind} {s.name}" + (f" ({_count(s.resources, 'resource')})" if s.resources else "") for s in sources[:3]
    )
    return shown + (f" and {len(sources) - 3} more" if len(sources) > 3 else "")


def _count(number: int, one: str, many: str = "") -> str:
    if not number:
        return ""
    return f"{number} {one if number == 1 else many or one + 's'}"


_ORDER: Mapping[str, int] = {ERROR: 0, VIOLATION: 1, UNDETERMINED: 2, NOTE: 3, EXEMPTED: 4}
_SEVERITIES: Mapping[str, int] = {"critical": 0, "high": 1, "medium": 2, "low": 3}
_GRAVE = 1  # of these severities the verdict says which
_LEAST = 4


def in_order(items: Iterable[Item]) -> list[Item]:
    """Items without duplicates: what fails first, then by severity, file, resource and rule."""
    return sorted(
        dict.fromkeys(items),
        key=lambda i: (
            not i.fails,
            _ORDER.get(i.kind, 9),
            _SEVERITIES.get(i.severity, _LEAST),
            i.source,
            i.urn,
            i.rule,
            i.message,
        ),
    )
