"""The pictures of examples/README.md: what `registry-doctor diagram` draws of each example that is deployed.

    python -m tests.components.gallery [NAME...]

deploys the examples into the local cloud and writes their pictures anew. The tests that deploy an example compare them.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import yaml

from tests.rehearsal import ROOT, Rehearsal

PAGE = ROOT / "examples" / "README.md"
PROJECTS = {
    "root project": ROOT,
    "consumers": ROOT / "examples" / "consumers" / "python",
    "platform-and-apps": ROOT / "examples" / "platform-and-apps" / "platform",
    **{
        name: ROOT / "examples" / name
        for name in (
            "switch-to-data-endpoints",
            "strict",
            "alibaba-single-vpc",
            "alibaba-internet-acl",
            "alibaba-cross-region",
            "alibaba-cross-account",
        )
    },
}
_MADE_ANEW = {r"\bcri-[0-9a-f]{16}\b": "cri-…", r"(-endpoint)-[0-9a-f]{6}\b": r"\1-…"}


def _section(name: str) -> re.Pattern[str]:
    return re.compile(rf"^### {re.escape(name)}\n.*?^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def pictured(name: str) -> str:
    """The picture of an example, as the page has it; empty where it has none."""
    found = _section(name).search(PAGE.read_text())
    return found[1] if found else ""


def drawn(rehearsal: Rehearsal) -> str:
    """What the doctor draws of a deployed stack, without what each deployment makes anew."""
    text = rehearsal.run("registry-doctor", "diagram", "--stack", rehearsal.stack).ok().out
    for pattern, instead in _MADE_ANEW.items():
        text = re.sub(pattern, instead, text)
    return text.rstrip("\n") + "\n"


def assert_pictured(rehearsal: Rehearsal, name: str) -> None:
    assert drawn(rehearsal) == pictured(name), f"run `.venv/bin/python -m tests.components.gallery '{name}'`"


def _write(name: str) -> None:
    project = PROJECTS[name]
    with tempfile.TemporaryDirectory() as folder:
        config = yaml.safe_load((project / "Pulumi.local.yaml").read_text())["config"]
        rehearsal = Rehearsal(Path(folder), project=project, config=config).init()
        rehearsal.up().ok()
        picture = drawn(rehearsal)
    text = PAGE.read_text()
    found = _section(name).search(text)
    if found is None:
        sys.exit(f"{PAGE}: it has no '### {name}' with a mermaid block")
    PAGE.write_text(text[: found.start(1)] + picture + text[found.end(1) :])
    print(f"wrote the picture of {name}")


if __name__ == "__main__":
    for each in sys.argv[1:] or PROJECTS:
        _write(each)
