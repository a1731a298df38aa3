"""What is known about the guard's own rules, for reports made from events that name only the rule."""

from __future__ import annotations

from ..rule import rules
from .model import RuleInfo

PACK = "registry-guard"


def rule_infos() -> list[RuleInfo]:
    """Every rule of this version of the guard."""
    return [RuleInfo(r.id, PACK, r.title, r.severity.value, r.rationale, r.fix, r.compare) for r in rules().values()]
