"""What `registry-doctor report` shows after the networks: whether registries are exposed, and what the guard says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from registry_model.reach.kinds import every_registry, exposure_of_any

from .errors import InputError
from .html import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from registry_guard.engine import Finding
    from registry_model.estate.documents import Document
    from registry_model.reach.kinds import AnyRegistry

EXPOSURE_COLUMNS = ("registry", "exposed", "why")
FINDING_COLUMNS = ("rule", "severity", "found", "resource", "what", "fix")
_WORDS = {
    "error": ("rule that could not run", "rules that could not run"),
    "violation": ("violation", "violations"),
    "note": ("note", "notes"),
}
_ORDER = ("error", "violation", "undetermined", "exempted", "note")


@dataclass(frozen=True)
class Overview:
    """The registries of some documents, and what the guard finds in them."""

    registries: list[AnyRegistry]
    findings: list[Finding]
    preset: str

    def only(self, wanted: Sequence[AnyRegistry]) -> Overview:
        """The same without the registries that were not asked for, and what the guard says of those."""
        others = {each.key for each in self.registries if each not in wanted}
        return Overview(list(wanted), [f for f in self.findings if f.urn not in others], self.preset)


def of(documents: Sequence[Document], preset: str) -> Overview:
    """Judge documents by the guard's rules. InputError for a preset that is none, and where there is no registry."""
    from registry_guard.engine import Evaluator
    from registry_guard.settings import ConfigError, load

    try:
        evaluator = Evaluator(load({}, preset=preset))
    except ConfigError as error:
        raise InputError([f"--preset: {problem}" for problem in error.problems]) from None
    registries = [registry for document in documents for registry in every_registry(document.estate)]
    if not registries:
        raise InputError(f"{', '.join(d.name for d in documents)}: declares no container registry")
    findings = [finding for document in documents for finding in evaluator.judge(document.estate)]
    findings.sort(key=lambda f: (_ORDER.index(f.kind), f.rule, f.resource))
    return Overview(registries, findings, preset)


def exposure_rows(registries: Sequence[AnyRegistry]) -> list[list[str]]:
    """Whether each registry is exposed to the internet, and why."""
    rows: list[list[str]] = []
    for each in registries:
        found = exposure_of_any(each)
        word = "yes" if found.reason else "unknown" if found.unknown else "no"
        why = found.reason or (f"{found.unknown} is not known" if found.unknown else "")
        rows.append([each.label, word, why])
    return rows


def sections(overview: Overview) -> list[str]:
    """The last sections of the page, after what networks need."""
    rows = [[f.rule, f.severity.value, f.kind, f.resource, f.message, f.fix] for f in overview.findings]
    heading = f"What registry-guard says (preset {overview.preset})"
    return [
        table("Exposure to the internet", EXPOSURE_COLUMNS, exposure_rows(overview.registries), ()),
        table(heading, FINDING_COLUMNS, rows, ("found",)),
    ]


def lines(overview: Overview) -> list[str]:
    """The same in a few lines of text."""
    found = Counter(finding.kind for finding in overview.findings)
    told = ", ".join(f"{found[word]} {_word(word, found[word])}" for word in _ORDER if found[word])
    exposed = [
        f"{label}: exposed to the internet: {word}{f' ({why})' if why else ''}"
        for label, word, why in exposure_rows(overview.registries)
    ]
    return [*exposed, f"registry-guard, preset {overview.preset}: {told or 'nothing found'}"]


def _word(kind: str, count: int) -> str:
    return _WORDS[kind][count > 1] if kind in _WORDS else kind
