"""What the rules cost through ``pulumi policy analyze``, against as many rules that do nothing: in our own pack, and as
policies of the SDK in another pack.

``python -m tests.bench.guard.pack [STACKS]`` runs it alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from pulumi_policy import EnforcementLevel, ResourceValidationPolicy, StackValidationPolicy
from registry_guard import policies
from registry_guard.rule import rules

from tests.bench.guard import estate
from tests.bench.pairs import Measure, paired, seconds

ROOT = Path(__file__).resolve().parents[3]
STACKS = 300
STRICT = ROOT / "policies" / "presets" / "strict.json"


def analyze(folder: Path, state: Path, pack: Path, *more: str, **environment: str) -> None:
    """Run the pack; anything but a clean pass is an error, for then the two would not do the same."""
    words = [str(ROOT / "bin" / "pulumi"), "policy", "analyze", "--file", str(state), "--policy-pack", str(pack), *more]
    env = {
        **os.environ,
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        **environment,
    }
    done = subprocess.run(words, capture_output=True, text=True, env=env, cwd=folder)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}\n{done.stdout}{done.stderr}")


def measures(folder: Path, stacks: int = STACKS, runs: int = 3) -> Iterator[Measure]:
    state = estate.write(folder / "estate.json", stacks)
    count = len(rules()) + 1
    trivial = Path(__file__).parent / "trivial"
    run = partial(analyze, folder, state)
    yield paired(
        "guard, whole pack",
        lambda: seconds(lambda: run(ROOT / "policies", "--policy-pack-config", str(STRICT))),
        lambda: seconds(lambda: run(trivial, TRIVIAL_RULES=str(count), TRIVIAL_STACK_RULES="0")),
        goal="0.5",
        note=f"{count} rules, {stacks * estate.PER_STACK:,} resources / as many rules that do nothing",
        runs=runs,
    )
    made = [policy for policy in policies("strict") if policy.enforcement_level is not EnforcementLevel.DISABLED]
    of_resources = sum(isinstance(policy, ResourceValidationPolicy) for policy in made)
    of_stacks = sum(isinstance(policy, StackValidationPolicy) for policy in made)
    own = ROOT / "tests" / "policies" / "own_pack"
    yield paired(
        "guard, in another pack",
        lambda: seconds(lambda: run(own, OWN_POLICIES='{"preset": "strict"}')),
        lambda: seconds(
            lambda: run(trivial, TRIVIAL_RULES=str(of_resources), TRIVIAL_STACK_RULES=str(of_stacks)),
        ),
        goal="1.2",
        note=f"{of_resources} policies on resources and {of_stacks} on stacks / as many that do nothing",
        runs=runs,
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        for measure in measures(Path(name), int(sys.argv[1]) if len(sys.argv) > 1 else STACKS):
            print(measure.line())
