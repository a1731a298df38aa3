"""The documentation site: built from the repository's pages, searchable, and refused with a link that leads nowhere."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import site as _standard_library  # noqa: E402, F401
