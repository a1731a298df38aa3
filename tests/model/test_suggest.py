"""What somebody probably meant."""

from __future__ import annotations

import pytest
from registry_model.suggest import did_you_mean, nearest, suggested


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("japaneas", ["japaneast", "japanwest"], ["japaneast"]),
        ("clean-up", ["announce", "switch", "clean_up"], ["clean_up"]),
        ("no_admin_user", ["no-admin-user", "no-anonymous-pull"], ["no-admin-user"]),
        ("REGISTRYNAME", ["registryName", "location"], ["registryName"]),
        ("atlantis", ["japaneast", "japanwest"], []),
        ("anything", [], []),
        ("easteurope", ["westeurope", "northeurope", "eastus"], ["westeurope"]),
        ("usa1", ["usa2", "usa3", "japan"], ["usa2", "usa3"]),
        ("x" * 1_000_000, ["x"], []),
    ],
)
def test_the_nearest_word_as_it_is_written(word: str, known: list[str], meant: list[str]) -> None:
    assert nearest(word, known) == meant


def test_it_is_asked_or_nothing_is_said() -> None:
    assert did_you_mean("strickt", ["strict"]) == "; did you mean 'strict'?"
    assert did_you_mean("atlantis", ["strict"]) == ""


def test_equally_near_words_are_all_named() -> None:
    assert did_you_mean("usa1", ["usa2", "usa3", "japan"]) == "; did you mean 'usa2' or 'usa3'?"
    assert suggested("usa1", ["usa2", "usa3"], "`") == "`usa2` or `usa3`"
