"""What hostile files cost ``registry-guard check``, against plain files of their size: time and memory.

``python -m tests.bench.guard.hostile [NAME]`` runs it alone; every file is named that is beyond the goal.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.guard import estate, templates
from tests.bench.guard.check import check
from tests.bench.pairs import Measure
from tests.policies.check.hostile_files import REFUSED, STATES, TEMPLATES

TIME, MEMORY = 5.0, 3.0
FILES = {
    **{f"state, {name}": (make, False) for name, make in STATES.items()},
    **{f"template, {name}": (make, True) for name, make in TEMPLATES.items()},
    **{f"refused, {name}": (make, True) for name, make in REFUSED.items()},
}


def plain(file: Path, size: int, as_template: bool) -> Path:
    """A valid file of about this size, of as many whole stacks as fit, at least one."""
    stacks = 1
    while True:
        made = estate.resources(stacks)
        document = templates.template(made) if as_template else {"version": 3, "deployment": {"resources": made}}
        text = json.dumps(document)
        if len(text) >= size or len(text) * (stacks + 1) > stacks * size:
            file.write_text(text)
            return file
        stacks = max(stacks + 1, stacks * size // len(text))


def measures(folder: Path, runs: int = 3, only: str = "") -> Iterator[Measure]:
    worst = {"time": ("", 0.0), "memory": ("", 0.0)}
    found: dict[str, list[float]] = {"time": [], "memory": []}
    for name, (make, as_template) in FILES.items():
        if only not in name:
            continue
        hostile = folder / "hostile.json"
        hostile.write_text(make())
        valid = plain(folder / "plain.json", hostile.stat().st_size, as_template)
        pairs = [(check(hostile, 1, 2), check(valid)) for _ in range(runs)]
        for index, kind in enumerate(("time", "memory")):
            ratio = statistics.median(ours[index] / theirs[index] for ours, theirs in pairs)
            found[kind].append(ratio)
            worst[kind] = max(worst[kind], (name, ratio), key=lambda pair: pair[1])
            goal = (TIME, MEMORY)[index]
            if ratio > goal or only:
                print(f"bench: {name}: {kind} {ratio:.2f}, goal at most {goal:g}", flush=True)
    for kind, goal in (("time", TIME), ("memory", MEMORY)):
        name, ratio = worst[kind]
        note = f"the worst of {len(found[kind])} hostile files, '{name}' / a plain file of its size"
        yield Measure(f"guard, hostile, {kind}", ratio, (min(found[kind]), ratio), f"at most {goal:g}", note)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        for measure in measures(Path(name), runs=1, only=sys.argv[1] if len(sys.argv) > 1 else ""):
            print(measure.line())
