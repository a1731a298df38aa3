"""``make bench``: every speed measure as a ratio, ours against its reference, taken in turn in this one run.

``python -m tests.bench deployment`` runs only the modules whose name has one of the words.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

MODULES = ("deployment", "guard.pack", "guard.check", "guard.hostile", "doctor.whois", "doctor.check")


def main(words: list[str]) -> int:
    for module_name in MODULES:
        module = importlib.import_module(f"tests.bench.{module_name}")
        if words and not any(word in module_name for word in words):
            continue
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            for measure in module.measures(Path(folder)):
                print(measure.line(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
