"""What ``registry-guard check`` costs: against Checkov on the same ARM template, from 25,000 to 50,000 resources, and
in memory against ``json.load`` of the same file.

``python -m tests.bench.guard.check [STACKS]`` runs it alone. Checkov is installed for this once, into a cached
environment of its own: it is a reference here and no dependency of the project.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.guard import estate, templates
from tests.bench.pairs import Measure, paired

CHECKOV = "3.3.30"
STACKS = 300
LARGE = 50_000 // estate.PER_STACK
ALLOWED = (0, 1)  # exit codes of a run that judged everything


def run(*words: str, allowed: tuple[int, ...] = ALLOWED) -> tuple[float, float]:
    """Seconds that a command takes, and the most memory it held, in MiB. Raises RuntimeError for other exit codes."""
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        child = subprocess.Popen(words, stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
        took = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in allowed:
            said.seek(0)
            raise RuntimeError(f"{' '.join(words)}\n{said.read().decode(errors='replace')[-2000:]}")
    return took, usage.ru_maxrss / 1024


def check(file: Path, *allowed: int) -> tuple[float, float]:
    words = (sys.executable, "-m", "registry_guard", "check", str(file), "--preset", "strict", "--json")
    return run(*words, allowed=allowed or ALLOWED)


def checkov_command() -> str:
    """Checkov's own command, installed when it is not there yet."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "private-registry" / "checkov" / CHECKOV
    command = folder / "bin" / "checkov"
    if not command.exists():
        print(f"bench: installing checkov {CHECKOV}, the reference of this measure (once)", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, f"checkov=={CHECKOV}"], check=True)
    return str(command)


def measures(folder: Path, stacks: int = STACKS, runs: int = 5) -> Iterator[Measure]:
    template = templates.write_one(folder / "template.json", stacks)
    state = estate.write(folder / "state.json", stacks)
    reference = (checkov_command(), "--framework", "arm", "--skip-download", "--compact", "--quiet", "-o", "json", "-f")
    size = f"{stacks} stacks, {stacks * estate.PER_STACK:,} resources"
    for name, ours in (("ARM template", template), ("stack export", state)):
        yield paired(
            f"guard check, {name}",
            lambda ours=ours: check(ours)[0],
            lambda: run(*reference, str(template))[0],
            goal="0.15",
            note=f"{size} / Checkov {CHECKOV} on the ARM template",
            runs=runs,
        )
    half, whole = (estate.write(folder / f"{n}.json", n) for n in (LARGE // 2, LARGE))
    yield paired(
        "guard check, growth",
        lambda: check(whole)[0] / 2,
        lambda: check(half)[0],
        goal="1.1",
        note=f"half the time for {LARGE * estate.PER_STACK:,} resources / the time for half of them",
        runs=runs,
    )
    load = (sys.executable, "-c", "import json, sys; held = json.load(open(sys.argv[1]))", str(whole))
    yield paired(
        "guard check, memory",
        lambda: check(whole)[1],
        lambda: run(*load)[1],
        goal="1.2",
        note=f"the most for {LARGE * estate.PER_STACK:,} resources / that of Python's json.load of the file",
        runs=1,
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        for measure in measures(Path(name), int(sys.argv[1]) if len(sys.argv) > 1 else STACKS, runs=3):
            print(measure.line())
