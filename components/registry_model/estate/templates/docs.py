"""The tables of docs/templates.md and docs/limits.md, from the functions and limits themselves.

``python -m registry_model.estate.templates.docs`` writes them between their markers; a test holds the pages to them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from .budget import LIMITS
from .functions import FAMILIES


def table() -> str:
    """Which functions are known, a row each."""
    rows = ["| function | family | known |", "|---|---|---|"]
    rows += [
        f"| `{name}` | {family} | {function.known} |"
        for family, functions in FAMILIES.items()
        for name, function in sorted(functions.items(), key=lambda pair: pair[0].lower())
    ]
    return "\n".join(rows)


def limits() -> str:
    """What one template may cost, a row each."""
    rows = ["| limit | most | beyond |", "|---|---|---|"]
    rows += [f"| {limit.name} | {limit.value:,} {limit.unit} | {limit.beyond} |" for limit in LIMITS]
    return "\n".join(rows)


def main(folder: Path) -> None:
    for name, text in (("templates", table()), ("limits", limits())):
        page = folder / f"{name}.md"
        made = re.sub(
            r"(<!-- table -->\n).*?(\n<!-- end -->)",
            lambda m, text=text: m[1] + text + m[2],
            page.read_text(),
            flags=re.S,
        )
        page.write_text(made)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
