"""Compares an answer with a recorded one, property by property.

A recorded fact has ``answer`` (value by dotted path, numbers for places in a list), ``absent`` and ``not_served``
(paths that have no value), ``renewed`` and ``kept`` (paths compared with the answer before). ``<pattern>`` stands for
what differs each time.
"""

from __future__ import annotations

import re
from typing import Any

MISSING: Any = object()

_TIMES = {
    "<time Z>": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z",
    "<time +00:00>": r"\d{4}-\d\d-\d\dT[\d:]+\.\d{7}\+00:00",
}


def at(values: Any, path: str) -> Any:
    """A property by its dotted path; MISSING when there is none."""
    for part in path.split("."):
        if isinstance(values, list) and part.isdecimal() and int(part) < len(values):
            values = values[int(part)]
        elif isinstance(values, dict) and part in values:
            values = values[part]
        else:
            return MISSING
    return values


def same(recorded: Any, answered: Any) -> bool:
    """Equal, property by property; a recorded ``<pattern>`` matches any text of that form."""
    if isinstance(recorded, str) and recorded.startswith("<") and recorded.endswith(">"):
        return bool(re.fullmatch(_TIMES.get(recorded, recorded[1:-1]), str(answered)))
    if isinstance(recorded, dict) and isinstance(answered, dict):
        return recorded.keys() == answered.keys() and all(same(recorded[key], answered[key]) for key in recorded)
    if isinstance(recorded, list) and isinstance(answered, list):
        return len(recorded) == len(answered) and all(map(same, recorded, answered))
    return bool(recorded == answered)


def differences(fact: dict[str, Any], before: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    """What an answer has otherwise than a fact, a line for each property."""
    found = [
        f"{path}: recorded {recorded}, answered {'nothing' if at(answer, path) is MISSING else at(answer, path)}"
        for path, recorded in fact.get("answer", {}).items()
        if not same(recorded, at(answer, path))
    ]
    gone = [*fact.get("absent", []), *fact.get("not_served", {})]
    found += [
        f"{path}: answered {at(answer, path)}, and not recorded" for path in gone if at(answer, path) is not MISSING
    ]
    found += [f"{path}: was not renewed" for path in fact.get("renewed", []) if at(before, path) == at(answer, path)]
    found += [f"{path}: was not kept" for path in fact.get("kept", []) if at(before, path) != at(answer, path)]
    return found
