"""SARIF 2.1.0: what GitHub code scanning and other viewers show beside the code.

A run for each policy pack; a rule for each policy with findings, with its help; a result for each finding, at the line
of the program where it is known, else at the program as a whole, and always with the URN as logical location.
docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os, and GitHub's "SARIF support for code scanning".
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from registry_model.estate.places import Location

from .catalogue import PACK
from .model import ERROR, EXEMPTED, NOTE, UNDETERMINED, Item, Report, RuleInfo

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MAX_RESULTS = 5000  # GitHub keeps this many of a run and drops the rest: what fails comes first

# GitHub sorts by this number: 9 and more critical, 7 high, 4 medium (docs.github.com, SARIF support, 2026-01).
_SECURITY_SEVERITY = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0"}


def render(report: Report, *, program: Location | None = None) -> str:
    """The report as SARIF text. ``program`` is where a finding without a location is shown."""
    fallback = program or Location("Pulumi.yaml")
    packs = sorted({*report.packs, *(item.pack for item in report.items)}) or [PACK]
    runs = [_run(report, pack, fallback, first=pack == packs[0]) for pack in packs]
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": runs}, indent=2) + "\n"


def _run(report: Report, pack: str, fallback: Location, *, first: bool) -> dict[str, Any]:
    items = [item for item in report.items if item.pack == pack][:MAX_RESULTS]
    rules = {item.rule: report.rule(item) for item in items}
    index = {rule: number for number, rule in enumerate(rules)}
    notifications = [_broken(item) for item in items if item.kind == ERROR]
    if first:
        notifications += [{"level": "error", "message": {"text": problem}} for problem in report.problems]
    successful = not notifications
    if first:
        said = report.remarks if report.judged else [report.verdict(), *report.remarks]
        notifications += [{"level": "note", "message": {"text": text}} for text in said]
    driver: dict[str, Any] = {"name": pack, "rules": [_rule(rule) for rule in rules.values()]}
    if report.packs.get(pack):
        driver["version"] = report.packs[pack]
    return {
        "tool": {"driver": driver},
        # What stands before the last slash is GitHub's category, which it keeps alerts by.
        "automationDetails": {"id": f"{pack}/{report.category}/"},
        "invocations": [
            {
                "executionSuccessful": successful,
                "exitCode": report.exit_code,
                "toolExecutionNotifications": notifications,
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": _results(items, index, fallback),
    }


def _rule(rule: RuleInfo) -> dict[str, Any]:
    described: dict[str, Any] = {"id": rule.id, "name": "".join(w.capitalize() for w in rule.id.split("-"))}
    if rule.title:
        described["shortDescription"] = {"text": rule.title}
    if rule.rationale:
        described["fullDescription"] = {"text": rule.rationale}
    text, markdown = _help(rule)
    if text:
        described["help"] = {"text": text, "markdown": markdown}
    properties: dict[str, Any] = {"tags": ["security", "container-registry"]}
    if rule.severity in _SECURITY_SEVERITY:
        properties["security-severity"] = _SECURITY_SEVERITY[rule.severity]
    described["properties"] = properties
    return described


def _help(rule: RuleInfo) -> tuple[str, str]:
    parts: Iterable[tuple[str, str]] = (
        ("Why", rule.rationale),
        ("Fix", rule.fix),
        ("Compare", "; ".join(rule.references)),
    )
    given = [(head, text) for head, text in parts if text]
    return "\n".join(f"{h}: {t}" for h, t in given), "\n\n".join(f"**{h}.** {t}" for h, t in given)


def _results(items: list[Item], index: dict[str, int], fallback: Location) -> list[dict[str, Any]]:
    seen: Counter[str] = Counter()
    results: list[dict[str, Any]] = []
    for item in items:
        fingerprint = _fingerprint(item)
        seen[fingerprint] += 1
        results.append(_result(item, index[item.rule], fallback, f"{fingerprint}:{seen[fingerprint]}"))
    return results


def _result(item: Item, rule_index: int, fallback: Location, fingerprint: str) -> dict[str, Any]:
    text = f"{item.resource}: {item.message}"
    if item.fix:
        text += f" Fix: {item.fix}"
    result: dict[str, Any] = {
        "ruleId": item.rule,
        "ruleIndex": rule_index,
        "level": _level(item),
        "message": {"text": text},
        "locations": [_location(item, fallback)],
        "partialFingerprints": {"registryGuard/v1": fingerprint},
        "properties": {"kind": item.kind, "enforcementLevel": item.level, "source": item.source},
    }
    if item.kind == EXEMPTED:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": item.message}]
    return result


def _level(item: Item) -> str:
    if item.fails:
        return "error"
    return "note" if item.kind in (NOTE, UNDETERMINED, EXEMPTED) else "warning"


def _location(item: Item, fallback: Location) -> dict[str, Any]:
    place = item.location or fallback
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(place.path), "uriBaseId": "%SRCROOT%"}}
    physical["region"] = {"startLine": place.line or 1}
    logical = {"name": item.resource_name, "fullyQualifiedName": item.urn or "stack", "kind": "resource"}
    return {"physicalLocation": physical, "logicalLocations": [logical]}


def _broken(item: Item) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": f"{item.rule} could not run on {item.resource}: {item.message}"},
        "associatedRule": {"id": item.rule},
    }


def _fingerprint(item: Item) -> str:
    """The same for the same rule on the same resource, whatever line it is on and however the message is worded."""
    place = item.location.path if item.location is not None else ""
    return hashlib.sha256("\0".join((item.pack, item.rule, place, item.urn)).encode()).hexdigest()[:32]
