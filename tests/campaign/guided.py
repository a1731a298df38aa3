"""Feeds one reader with inputs that its coverage guides, by libFuzzer: ``python -m tests.campaign.guided``.

Needs atheris, which there are wheels of for some platforms only; `make campaign` installs it there.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

atheris: Any = importlib.import_module("atheris")  # no type checker finds it where it is not installed

with atheris.instrument_imports(include=["registry_model", "registry_guard", "registry_doctor"]):
    from tests.campaign.readers import READERS
    from tests.campaign.worker import Terms

LONGEST = 1 << 16  # bytes of an input
HELD = 512  # MB that the process holds before it reads anything, instrumented


def main(name: str, terms: str, folder: str) -> None:
    reader, given = READERS[name], Terms(**json.loads(terms))
    corpus = Path(folder) / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(reader.seeds):
        (corpus / str(number)).write_bytes(seed)
    options = {
        "max_total_time": int(given.seconds),
        "timeout": int(given.patience),
        "malloc_limit_mb": given.megabytes,
        "rss_limit_mb": HELD + given.megabytes,
        "artifact_prefix": f"{folder}/",
        "seed": given.seed % 2**31,
        "max_len": LONGEST,
    }
    atheris.Setup([sys.argv[0], *(f"-{key}={value}" for key, value in options.items()), str(corpus)], reader.read)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
