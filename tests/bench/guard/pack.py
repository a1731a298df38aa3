"""What the whole pack costs through ``pulumi policy analyze``, against a pack with as many rules that do nothing.

``python -m tests.bench.guard.pack [STACKS]`` runs it alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from registry_guard.rule import rules

from tests.bench.guard import estate
from tests.bench.pairs import Measure, paired, seconds

ROOT = Path(__file__).resolve().parents[3]
STACKS = 300
STRICT = ROOT / "policies" / "presets" / "strict.json"


def analyze(folder: Path, state: Path, pack: Path, *more: str, rule_count: int = 0) -> None:
    """Run the pack; anything but a clean pass is an error, for then the two would not do the same."""
    words = [str(ROOT / "bin" / "pulumi"), "policy", "analyze", "--file", str(state), "--policy-pack", str(pack), *more]
    env = {
        **os.environ,
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "TRIVIAL_RULES": str(rule_count),
    }
    done = subprocess.run(words, capture_output=True, text=True, env=env, cwd=folder)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}\n{done.stdout}{done.stderr}")


def measures(folder: Path, stacks: int = STACKS, runs: int = 3) -> Iterator[Measure]:
    state = estate.write(folder / "estate.json", stacks)
    count = len(rules()) + 1
    trivial = Path(__file__).parent / "trivial"
    yield paired(
        "guard, whole pack",
        lambda: seconds(lambda: analyze(folder, state, ROOT / "policies", "--policy-pack-config", str(STRICT))),
        lambda: seconds(lambda: analyze(folder, state, trivial, rule_count=count)),
        goal="1.1",
        note=f"{count} rules, {stacks * estate.PER_STACK:,} resources / as many rules that do nothing",
        runs=runs,
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        for measure in measures(Path(name), int(sys.argv[1]) if len(sys.argv) > 1 else STACKS):
            print(measure.line())
