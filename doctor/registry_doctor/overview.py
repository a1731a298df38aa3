"""What `registry-doctor report` shows first: whether each registry is exposed, and what the guard says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from registry_model.estate import relations
from registry_model.reach.exposure import exposure
from registry_model.reach.registries import registry_of

from .errors import InputError
from .html import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from registry_guard.engine import Finding
    from registry_model.estate.documents import Document
    from registry_model.reach.model import Registry

EXPOSURE_COLUMNS = ("registry", "exposed", "why")
FINDING_COLUMNS = ("rule", "severity", "found", "resource", "what", "fix")
_ORDER = ("error", "violation", "undetermined", "exempted", "note")


@dataclass(frozen=True)
class Overview:
    """The registries of some documents, and what the guard finds in them."""

    registries: list[Registry]
    findings: list[Finding]
    preset: str


def of(documents: Sequence[Document], preset: str) -> Overview:
    """Judge documents by the guard's rules. InputError for a preset that is none, and where there is no registry."""
    from registry_guard.engine import Evaluator
    from registry_guard.settings import ConfigError, load

    try:
        evaluator = Evaluator(load({}, preset=preset))
    except ConfigError as error:
        raise InputError([f"--preset: {problem}" for problem in error.problems]) from None
    registries = [registry_of(d.estate, each) for d in documents for each in relations.registries(d.estate)]
    if not registries:
        raise InputError(f"{', '.join(d.name for d in documents)}: declares no container registry")
    findings = [finding for document in documents for finding in evaluator.judge(document.estate)]
    findings.sort(key=lambda f: (_ORDER.index(f.kind), f.rule, f.resource))
    return Overview(registries, findings, preset)


def exposure_rows(registries: Sequence[Registry]) -> list[list[str]]:
    """Whether each registry is exposed to the internet, and why."""
    rows: list[list[str]] = []
    for each in registries:
        found = exposure(each.public_access, each.default_allow, each.ip_rules)
        word = "yes" if found.reason else "unknown" if found.unknown else "no"
        why = found.reason or (f"{found.unknown} is not known" if found.unknown else "")
        rows.append([each.label, word, why])
    return rows


def sections(overview: Overview, registries: Sequence[Registry]) -> list[str]:
    """The first sections of the page."""
    rows = [[f.rule, f.severity.value, f.kind, f.resource, f.message, f.fix] for f in overview.findings]
    heading = f"What registry-guard says (preset {overview.preset})"
    return [
        table("Exposure to the internet", EXPOSURE_COLUMNS, exposure_rows(registries), ()),
        table(heading, FINDING_COLUMNS, rows, ("found",)),
    ]


def lines(overview: Overview, registries: Sequence[Registry]) -> list[str]:
    """The same in a few lines of text."""
    counts = {kind: sum(f.kind == kind for f in overview.findings) for kind in _ORDER}
    told = ", ".join(f"{number} {kind}{'s' if number > 1 else ''}" for kind, number in counts.items() if number)
    exposed = [
        f"{row[0]}: exposed to the internet: {row[1]}{f' ({row[2]})' if row[2] else ''}"
        for row in exposure_rows(registries)
    ]
    return [*exposed, f"registry-guard, preset {overview.preset}: {told or 'nothing found'}"]
