"""Builds the documentation site into dist/site from the pages of the repository; fails on a link that leads nowhere.

    python tools/documentation_site.py

The pages stay where they are: mkdocs gets copies at the same paths, with the files that they link to beside them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")
# Pages of the Pulumi Registry, which has a syntax of its own.
ELSEWHERE = ("docs/_index.md", "docs/installation-configuration.md")


def pages() -> list[Path]:
    """Every page of the repository, as paths below it."""
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in listed.split("\n") if name and name not in ELSEWHERE and not name.startswith(".")]


def stage(folder: Path) -> None:
    """Copy the pages and what they link to."""
    for page in pages():
        linked = {(ROOT / page.parent / target).resolve() for target in LINK.findall((ROOT / page).read_text())}
        for file in (ROOT / page, *linked):
            if file.is_file():
                copy = folder / file.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)
        text = (folder / page).read_text()
        # Python-Markdown takes it for the start of a marked section, in code too, and fails.
        (folder / page).write_text(text.replace("<![", "<\u200b!["))


def build(pages: Path, into: Path) -> int:
    """Build the site of a folder of pages; the exit code of mkdocs, which is not 0 for a link that leads nowhere."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "mkdocs.yml"
        given = {"INHERIT": str(ROOT / "mkdocs.yml"), "docs_dir": str(pages), "site_dir": str(into)}
        config.write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in given.items()))
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(config)]
        return subprocess.run(command, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, check=False).returncode


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        stage(Path(folder))
        return build(Path(folder), ROOT / "dist" / "site")


if __name__ == "__main__":
    sys.exit(main())
