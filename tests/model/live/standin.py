"""A stand-in for `az` on PATH: it answers with what `generate.py` printed, and writes down what it was asked."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

PRINTED = Path(__file__).parent / "printed"

# The words that tell one command from another, and the file with its answer.
_SCRIPT = """#!{python}
import json, pathlib, sys, time
folder, printed = pathlib.Path({folder!r}), pathlib.Path({printed!r})
words = sys.argv[1:]
with (folder / "calls").open("a") as calls:
    calls.write(" ".join(words) + "\\n")
broken = json.loads((folder / "broken").read_text())
verb = " ".join(words[: next(i for i, word in enumerate(words) if word.startswith("--"))])
if verb in broken:
    sys.stderr.write(broken[verb] + "\\n")
    sys.exit(1)
if words[-2:] != ["--output", "json"]:
    sys.exit("no JSON was asked for")
options = dict(zip(words[len(verb.split()) :: 2], words[len(verb.split()) + 1 :: 2]))
listed = verb.replace("acr show", "acr list").replace(" show", " list")
file = printed / ("-".join(w for w in listed.split() if w != "network") + ".json")
answer = json.loads(file.read_text()) if file.exists() else []
owner = options.get("--registry") or options.get("--resource", "").rpartition("/")[2]
if owner:
    answer = [each for each in answer if "/registries/" + owner + "/" in each["id"]]
if verb == "security pricing list":
    answer = {{"value": []}}
if verb.endswith(" show"):
    wanted = options.get("--name", ""), options.get("--ids", "")
    found = [e for e in answer if e["name"] == wanted[0] or e["id"].lower() == wanted[1].lower()]
    if not found:
        sys.exit("ERROR: (ResourceNotFound) The resource was not found.")
    answer = found[0]
print(json.dumps(answer))
"""


def install(folder: Path, broken: dict[str, str] | None = None) -> str:
    """Put the stand-in into a folder and return the PATH that finds it first. ``broken``: what a command (its words
    before the options) says on stderr as it fails."""
    program = folder / "az"
    program.write_text(_SCRIPT.format(python=sys.executable, folder=str(folder), printed=str(PRINTED)))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (folder / "broken").write_text(json.dumps(broken or {}))
    return f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin"


def calls(folder: Path) -> list[str]:
    """What was asked, in order of arrival."""
    file = folder / "calls"
    return file.read_text().splitlines() if file.exists() else []
