"""What somebody probably meant: the one place that compares words by their letters."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 200  # a longer word is nobody's slip, and comparing it takes time and memory
_ALIKE = 0.6  # difflib's own threshold: a word of eight letters may have two wrong


def nearest(word: str, known: Iterable[str], *, alike: float = _ALIKE) -> list[str]:
    """The known words that are most like this one, as they are written there: several when they are equally near, none
    when none is alike.

    Letter case and the choice between ``-``, ``_`` and nothing do not count. ``alike`` is how much must agree, 0 to 1.
    """
    if len(word) > _LONGEST:
        return []
    plain = _plain(word)
    matcher = difflib.SequenceMatcher(b=plain)
    ratios: dict[str, float] = {}
    for each in known:
        matcher.set_seq1(_plain(each))
        if matcher.real_quick_ratio() >= alike and matcher.quick_ratio() >= alike:
            ratios[each] = matcher.ratio()
    best = max(ratios.values(), default=0.0)
    return [each for each, ratio in ratios.items() if ratio == best and ratio >= alike]


def suggested(word: str, known: Iterable[str], mark: str = "'") -> str:
    """``"'westeurope' or 'eastus'"``: the nearest words between marks; empty when none is alike."""
    return " or ".join(f"{mark}{each}{mark}" for each in nearest(word, known))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``"; did you mean 'japaneast'?"``, to be added to what is wrong with a word; empty when none is alike."""
    meant = suggested(word, known)
    return f"; did you mean {meant}?" if meant else ""


def _plain(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")
