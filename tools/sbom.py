"""Writes what an installation of the wheel with its extras consists of, as CycloneDX: part of ``make dist``.

    python tools/sbom.py [--out dist/sbom.cdx.json]

The packages are those of uv.lock, with their hashes. The same commit gives the same file: no random serial number, and
the time is the last commit's.
"""

from __future__ import annotations

import argparse
import datetime
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from distributions import ROOT, epoch


def bill() -> dict[str, Any]:
    words = [
        str(ROOT / "tools" / "uv"),
        "export",
        "--frozen",
        "--quiet",
        "--format",
        "cyclonedx1.5",
        "--all-extras",
        "--no-dev",
    ]
    exported = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if exported.returncode:
        raise SystemExit(f"sbom: uv could not read uv.lock:\n{exported.stderr}")
    told = json.loads(exported.stdout)
    source = (ROOT / "components" / "private_registry" / "__init__.py").read_text(encoding="utf-8")
    version = re.search(r'^__version__ = "(.+)"$', source, re.MULTILINE)
    assert version is not None, "the package says no version"
    told.pop("serialNumber", None)
    told["metadata"]["timestamp"] = datetime.datetime.fromtimestamp(int(epoch()), datetime.UTC).isoformat()
    told["metadata"]["component"] |= {"version": version[1], "purl": f"pkg:pypi/private-registry@{version[1]}"}
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "sbom.cdx.json", help="where to")
    given = parser.parse_args()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    told = bill()
    given.out.write_text(json.dumps(told, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{given.out}: {len(told['components'])} packages", file=sys.stderr)


if __name__ == "__main__":
    main()
