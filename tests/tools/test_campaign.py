"""The campaign itself: what it kept is read, it is short here, and what it should find it finds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings

from tests.campaign import __main__ as campaign
from tests.campaign import readers
from tests.campaign.readers import READERS, ROOT
from tests.campaign.worker import Terms
from tests.conftest import UNHURRIED

QUICK = 25
SEEDS = [(reader, seed) for reader, each in READERS.items() for seed in sorted(each.folder.glob("*"))]


@pytest.mark.parametrize(("reader", "seed"), SEEDS, ids=[f"{reader}-{seed.name}" for reader, seed in SEEDS])
def test_what_once_broke_a_reader_does_so_no_more(reader: str, seed: Path) -> None:
    READERS[reader].read(seed.read_bytes())


@pytest.mark.parametrize("reader", READERS)
def test_any_input_is_answered(reader: str) -> None:
    @settings(max_examples=QUICK, suppress_health_check=UNHURRIED, deadline=None, phases=[Phase.generate, Phase.shrink])
    @given(READERS[reader].inputs())
    def answered(data: bytes) -> None:
        READERS[reader].read(data)

    answered()


@pytest.mark.full
@pytest.mark.parametrize("reader", READERS)
def test_a_short_run(reader: str) -> None:
    """In a process of its own with little memory, as `make campaign` does it at length."""
    done = run(reader, "--seconds", "15")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 faults in 1 readers" in done.stdout


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.campaign", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)


def test_every_reader_has_seeds_of_its_own() -> None:
    assert {folder.name for folder in readers.SEEDS.iterdir()} <= set(READERS)
    for reader in READERS.values():
        assert all(reader.seeds), reader.name


def test_an_unknown_reader_is_refused_with_the_known_ones() -> None:
    done = run("stat")
    assert done.returncode == 2
    assert "no reader stat; there is: state, preview" in done.stderr


# Readers that are wrong, each in its way; the campaign runs them as it runs the real ones.
WRONG = {
    "crash": ("    if len(data) > 20:\n        raise KeyError(1)", "KeyError: 1"),
    "memory": ("    bytearray(400 << 20)", "MemoryError"),
    "end": ("    if len(data) > 20:\n        import os\n        os._exit(9)", "the process ended with code 9"),
    "hang": ("    while len(data) > 20:\n        pass", "no answer within 1 s"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_is_found_and_kept(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body, said = WRONG[kind]
    patched = tmp_path / "sitecustomize.py"
    patched.write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from tests.campaign import readers\n"
        f"def wrong(data):\n{body}\n"
        "readers.READERS['links'] = readers.Reader('links', wrong, readers.READERS['links'].made)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    reader = readers.Reader("links", READERS["links"].read, READERS["links"].made)
    kept = tmp_path / "kept"
    monkeypatch.setattr(readers, "SEEDS", kept)
    monkeypatch.setattr(campaign, "ROOT", tmp_path)
    fault = campaign.attack(reader, Terms(seconds=10, megabytes=128, patience=1), campaign.Progress("links"))
    assert said in fault
    (found,) = (kept / "links").iterdir()
    assert found.name.startswith("found-")
    assert str(found.relative_to(tmp_path)) in fault
