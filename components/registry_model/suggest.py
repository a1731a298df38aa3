"""What somebody probably meant: the one place that compares words by their letters."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_ALIKE = 0.6  # difflib's own threshold: a word of eight letters may have two wrong


def nearest(word: str, known: Iterable[str], *, alike: float = _ALIKE) -> str | None:
    """The known word that is most like this one, as it is written there; None when none is alike.

    Letter case and the choice between ``-``, ``_`` and nothing do not count. ``alike`` is how much must agree, 0 to 1.
    """
    written = {_plain(each): each for each in known}
    found = difflib.get_close_matches(_plain(word), list(written), n=1, cutoff=alike)
    return written[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``"; did you mean 'japaneast'?"``, to be added to what is wrong with a word; empty when none is alike."""
    meant = nearest(word, known)
    return f"; did you mean '{meant}'?" if meant else ""


def _plain(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")
