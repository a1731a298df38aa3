"""A report from the guard's own findings: what `registry-guard check` judged without the engine."""

from __future__ import annotations

from collections.abc import Iterable

from registry_model.estate.documents import LIVE, TEMPLATE, Document

from ..engine import Finding, concerns_registries
from ..rule import Level
from ..settings import GUARD, Settings
from .catalogue import PACK, rule_infos
from .model import Item, Report, Source, clean, in_order


def report_of(
    judged: Iterable[tuple[Document, list[Finding]]], settings: Settings, *, version: str, project: str
) -> Report:
    """One report on all documents; each was judged by itself, as the stack it is. Where a document concerns no registry
    and nothing was found, there was nothing to judge in it.

    ``project`` is the folder of the Pulumi project, which program locations are relative to.
    """
    report = Report(packs={PACK: version})
    report.rules = {(PACK, info.id): info for info in rule_infos()}
    active = [rule for rule, level in settings.levels.items() if level is not Level.DISABLED and rule != GUARD]
    report.idle = not active
    items: list[Item] = []
    for document, findings in judged:
        concerned = bool(active) and (bool(findings) or concerns_registries(document.estate))
        report.sources.append(Source(clean(document.name), document.kind, document.resources, concerned))
        items += [_item(finding, document, project) for finding in findings]
    report.items = in_order(items)
    if not report.judged:
        return report
    report.passed = {(PACK, rule) for rule in active} - {(PACK, item.rule) for item in items}
    return report


def _item(finding: Finding, document: Document, project: str) -> Item:
    place = document.locate(finding.urn)
    fixable = finding.kind in ("violation", "undetermined")
    return Item(
        rule=finding.rule,
        pack=PACK,
        kind=finding.kind,
        level=finding.level.value,
        severity=finding.severity.value,
        urn=clean(finding.urn),
        message=clean(finding.message),
        title=finding.title,
        fix=finding.fix if fixable else "",
        source=clean(document.name),
        location=place.within(project) if place and document.kind not in (TEMPLATE, LIVE) else place,
    )
