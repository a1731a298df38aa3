"""What is wrong with somebody's settings: every problem at once, each with its field, value, rule and fix.

Pure: the standard library only.

Texts name settings in backquotes (```subnet_prefix```), so that one text serves Python, where settings are written
``subnet_prefix``, and stack configuration and the other languages, where they are written ``subnetPrefix``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class _Unknown:
    """A setting whose value is not known yet: another resource's output, at preview."""

    def __repr__(self) -> str:
        return "(not known yet)"


UNKNOWN: Final = _Unknown()


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    ``field`` is the setting's path (``replicas["Japan East"].tags``), ``value`` what was given (None when a setting is
    missing), ``rule`` says what must hold, as a sentence whose subject is the field, ``fix`` what to do, an imperative.
    """

    field: str
    value: object
    rule: str
    fix: str

    def text(self, spelling: Callable[[str], str] = str) -> str:
        shown = "" if self.value is None else f" = {_shown(self.value)}"
        return f"{self.path(spelling)}{shown}: {self.reason(spelling)}"

    def path(self, spelling: Callable[[str], str] = str) -> str:
        return spell_path(self.field, spelling)

    def reason(self, spelling: Callable[[str], str] = str) -> str:
        fix = spell(self.fix, spelling)
        return f"{spell(self.rule, spelling)}. {fix[:1].upper()}{fix[1:]}."


class InvalidArgumentsError(ValueError):
    """Settings that would not make a sound registry. Raised before anything is registered.

    ``problems`` has every one of them; the exception's text lists them all.
    """

    def __init__(self, what: str, problems: Sequence[Problem], spelling: Callable[[str], str] = str) -> None:
        self.what = what
        self.problems = tuple(problems)
        super().__init__(listed(what, problems, "nothing was registered", spelling))


def listed(what: str, problems: Sequence[Problem], outcome: str, spelling: Callable[[str], str] = str) -> str:
    """Every problem with its number, under a line that says whose they are and what came of them."""
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    lines = [f"  {number}. {p.text(spelling)}" for number, p in enumerate(problems, 1)]
    return "\n".join([f"{what}: {count}, {outcome}", *lines])


def camel(name: str) -> str:
    """``subnet_prefix`` → ``subnetPrefix``: how stack configuration and the other languages write a setting."""
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def snake(name: str) -> str:
    """``subnetPrefix`` → ``subnet_prefix``: the way back."""
    return re.sub(r"(?<!^)([A-Z])", lambda m: "_" + m[1].lower(), name)


def spell(text: str, spelling: Callable[[str], str]) -> str:
    """Write the settings that a text names in backquotes the reader's way."""
    return re.sub(r"`([a-z_][a-z0-9_.]*)`", lambda m: "`" + spell_path(m[1], spelling) + "`", text)


def spell_path(path: str, spelling: Callable[[str], str]) -> str:
    """The same for a path; what is in quotes is the caller's own key and stays as it is."""
    parts = re.split(r'("(?:[^"\\]|\\.)*")', path)
    return "".join(part if part.startswith('"') else re.sub(r"\w+", lambda m: spelling(m[0]), part) for part in parts)


def key(path: str, name: object) -> str:
    """The path of one entry of a map: ``replicas["Japan East"]``."""
    return f"{path}[{json.dumps(str(name), ensure_ascii=False)}]"


def inside(path: str, name: str) -> str:
    """The path of a setting inside another: ``network.subnet_id``."""
    return f"{path}.{name}" if path else name


def known(value: Any) -> bool:
    """Whether a setting was given and can be judged now."""
    return value is not None and value is not UNKNOWN


def _shown(value: object) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."
