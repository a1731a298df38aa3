"""The pages that the Pulumi Registry shows, and the examples in them."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def example(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", (DOCS / "_index.md").read_text(), re.S | re.M)
    return found
