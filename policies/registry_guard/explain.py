"""What the guard knows, told: its rules, its presets, and a preset with changes merged into it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from registry_model.suggest import did_you_mean

from .report.tables import print_sections, print_table
from .rule import PRESETS, Rule, rules

_MARKS = {"mandatory": "M", "advisory": "A", "disabled": "-", "remediate": "R"}
_MEANING = {
    "baseline": "what no registry may ship with",
    "strict": "private registries of regulated organisations",
    "no-private-link": "strict, for registries that clients reach over the internet",
    "audit": "every rule on, all advisory",
}


def find(rule_id: str) -> tuple[Rule | None, str]:
    """The rule of that id, or None and what to say."""
    known = rules()
    if rule_id in known:
        return known[rule_id], ""
    if len(rule_id) > 2 and of_control(rule_id):
        return (
            None,
            f"'{rule_id}' is no rule but a control: `registry-guard rules --control '{rule_id}'` lists its rules.",
        )
    hint = did_you_mean(rule_id, known) or "."
    return None, f"'{rule_id}' is not a rule{hint} `registry-guard rules` lists them."


def of_control(text: str | None) -> list[Rule]:
    """The rules with that text, in any letter case, in a control or another tool's check; without a text all rules.

    Of a control, words may be left out: ``CIS 2.2.1.2`` without the version, ``NIST SC-7`` without the publication.
    """
    if text is None:
        return list(rules().values())
    return [r for r in rules().values() if any(_names(text.lower(), each.lower()) for each in r.compare)]


def _names(text: str, control: str) -> bool:
    if text in control:
        return True
    words = iter(control.split())
    asked = text.split()
    return len(asked) > 1 and asked[-1] == control.split()[-1] and all(word in words for word in asked)


def rule_document(rule: Rule) -> dict[str, Any]:
    """A rule as data."""
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity.value,
        "rationale": rule.rationale,
        "fix": rule.fix,
        "fix_template": rule.fix_template,
        "fix_live": rule.fix_live,
        "levels": {preset: rule.levels.of(preset).value for preset in PRESETS},
        "options": {
            key: {"description": option.description, "default": option.default, "presets": dict(option.presets)}
            for key, option in rule.options.items()
        },
        "frameworks": [asdict(framework) for framework in rule.frameworks],
        "references": list(rule.references),
        "decision": rule.decision,
    }


def _levels_of(preset: str) -> dict[str, int]:
    counted = Counter(rule.levels.of(preset).value for rule in rules().values())
    return {level: counted.get(level, 0) for level in ("mandatory", "advisory", "disabled")}


def preset_counts() -> dict[str, dict[str, int]]:
    """How many rules each preset has at each level."""
    return {preset: _levels_of(preset) for preset in PRESETS}


def print_rules(chosen: Sequence[Rule]) -> None:
    """The list of these rules."""
    print_table(
        ("rule", "severity", *PRESETS, "forbids or requires"),
        [(r.id, r.severity.value, *(_MARKS[r.levels.of(p).value] for p in PRESETS), r.title) for r in chosen],
        note="M mandatory, A advisory, - off. `registry-guard rules RULE` explains one.",
    )


def print_presets() -> None:
    """The list of presets."""
    print_table(
        ("preset", "mandatory", "advisory", "off", "for"),
        [
            (name, *(str(levels[k]) for k in ("mandatory", "advisory", "disabled")), _MEANING[name])
            for name, levels in preset_counts().items()
        ],
        note="`registry-guard presets NAME` prints one as a file for --policy-pack-config.",
    )


def print_rule(rule: Rule) -> None:
    """Everything about one rule."""
    options = [
        f"{key} (default {json.dumps(option.default)}): {option.description}" for key, option in rule.options.items()
    ]
    print_sections(
        f"{rule.id}: {rule.title}",
        [
            ("Severity", [rule.severity.value]),
            ("Why", [rule.rationale]),
            ("Fix", [rule.fix]),
            ("In a template", [rule.fix_template] if rule.fix_template else []),
            ("Where it runs already", [rule.fix_live] if rule.fix_live else []),
            ("Levels", [", ".join(f"{preset} {rule.levels.of(preset).value}" for preset in PRESETS)]),
            ("Configuration", options),
            ("Decision", [rule.decision] if rule.decision else []),
            ("Passes", [example.title for example in rule.compliant]),
            ("Does not pass", [example.title for example in rule.violating]),
            ("Compare", list(rule.compare)),
        ],
    )


def merged(base: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """The preset's document with another on top; ``all`` sets every level before the rules' own entries do."""
    made = {key: _entry(value) for key, value in base.items()}
    if "all" in document:
        for entry in made.values():
            entry["enforcementLevel"] = _entry(document["all"])["enforcementLevel"]
    for key, value in document.items():
        if key != "all":
            made[key] = {**made.get(key, {}), **_entry(value)}
    return {
        key: entry["enforcementLevel"] if set(entry) == {"enforcementLevel"} else entry for key, entry in made.items()
    }


def _entry(value: Any) -> dict[str, Any]:
    return {"enforcementLevel": value} if isinstance(value, str) else dict(value)
