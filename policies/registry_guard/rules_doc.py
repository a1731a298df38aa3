"""Writes what is generated from the rules: ``policies/RULES.md`` and ``policies/presets/*.json``.

``make reference`` writes them, ``--check`` fails when they are not what the rules say.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from .frameworks import NAMES
from .rule import PRESETS, Level, Option, Rule, Severity, rules
from .settings import GUARD, GUARD_OPTIONS, preset_config

POLICIES = Path(__file__).resolve().parent.parent
_WORST_FIRST = list(reversed(Severity))
_CHECKERS = ("Azure Quick Review", "Checkov", "CloudSploit", "KICS", "Prowler", "PSRule", "Terrascan")
_MARKS = {Level.MANDATORY: "**M**", Level.ADVISORY: "A", Level.DISABLED: "off"}

_INTRODUCTION = """\
# The rules of the registry guard

Generated from `registry_guard/rules/` by `make reference`; CI fails when it is out of date.

Levels: **M** mandatory (stops the deployment), A advisory, off. In `audit` every rule is advisory.
The table has the most severe rules first; the sections below it are in alphabetical order.

| severity | rule | baseline | strict | no-private-link | forbids or requires |
|---|---|---|---|---|---|
"""


def documents() -> dict[Path, str]:
    """Every generated file with the text it must have."""
    files = {POLICIES / "RULES.md": rules_markdown()}
    for preset in PRESETS:
        files[POLICIES / "presets" / f"{preset}.json"] = json.dumps(preset_config(preset), indent=2) + "\n"
    return files


def rules_markdown() -> str:
    """RULES.md: the table of levels by severity, the notes that hold for all rules, then one section a rule."""
    table = "".join(
        f"| {r.severity.value} | [{r.id}](#{r.id}) | {_MARKS[r.levels.baseline]} | {_MARKS[r.levels.strict]} "
        f"| {_MARKS[r.levels.no_private_link]} | {r.title} |\n"
        for r in sorted(rules().values(), key=lambda r: (_WORST_FIRST.index(r.severity), r.id))
    )
    notes = (Path(__file__).parent / "rules_notes.md").read_text(encoding="utf-8")
    sections = "\n".join(_section(rule) for rule in rules().values())
    return f"{_INTRODUCTION}{table}\n{notes}\n{_guard_section()}\n{_controls()}\n{sections}"


def _controls() -> str:
    """From a control, or another tool's check, to the rules that answer for it."""
    found: dict[str, list[str]] = {}
    for rule in rules().values():
        for each in rule.compare:
            if each.startswith((*NAMES, *_CHECKERS)):
                found.setdefault(each, []).append(f"[{rule.id}](#{rule.id})")
    rows = "".join(f"| {each} | {', '.join(ids)} |\n" for each, ids in sorted(found.items()))
    names = "CIS is the CIS Microsoft Azure Foundations Benchmark, MCSB the Microsoft cloud security benchmark."
    return f"## Rules by control\n\n{names}\n\n| control or other tool's check | rules |\n|---|---|\n{rows}"


def _guard_section() -> str:
    return f"## Settings of the pack: `{GUARD}`\n\n{_options(GUARD_OPTIONS)}\n"


def _section(rule: Rule) -> str:
    lines = [f"## {rule.id}", "", f"{rule.title}. Severity: {rule.severity.value}.", "", rule.rationale, ""]
    lines += [f"**Fix.** {rule.fix}", ""]
    if rule.fix_template:
        lines += [f"**In a template.** {rule.fix_template}", ""]
    if rule.fix_live:
        lines += [f"**Where it runs already.** {rule.fix_live}", ""]
    if rule.options:
        lines += [_options(rule.options), ""]
    if rule.remediate is not None:
        lines += ["**Remediation.** At the level `remediate` the guard corrects the input itself.", ""]
    if rule.decision:
        lines += [f"**Decision.** {rule.decision}", ""]
    lines += [f"Passes: {'; '.join(e.title for e in rule.compliant)}.", ""]
    lines += [f"Does not pass: {'; '.join(e.title for e in rule.violating)}.", ""]
    if rule.compare:
        lines += [f"Compare: {'; '.join(rule.compare)}.", ""]
    return "\n".join(lines)


def _options(options: Mapping[str, Option]) -> str:
    rows = ["| key | default | meaning |", "|---|---|---|"]
    for key, option in options.items():
        differing = "".join(f"; {preset}: `{json.dumps(value)}`" for preset, value in option.presets.items())
        rows.append(f"| `{key}` | `{json.dumps(option.default)}`{differing} | {option.description} |")
    return "\n".join(rows)


def main(arguments: list[str] | None = None) -> int:
    """Write the generated files, or with ``--check`` name those out of date or foreign; 1 where there is one."""
    parser = argparse.ArgumentParser(prog="registry_guard.rules_doc", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is out of date")
    check = parser.parse_args(arguments).check
    stray = sorted({*(POLICIES / "presets").glob("*.json")} - documents().keys())
    for path in stray if check else ():
        print(f"{path.relative_to(POLICIES.parent)} is no preset of the rules: remove it", file=sys.stderr)
    stale = [path for path, text in documents().items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        if check:
            print(f"{path.relative_to(POLICIES.parent)} is out of date: run `make reference`", file=sys.stderr)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(documents()[path], "utf-8")
            print(f"wrote {path.relative_to(POLICIES.parent)}")
    return int(check and bool(stale or stray))


if __name__ == "__main__":
    sys.exit(main())
