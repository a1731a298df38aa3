"""Where a resource is written: the file and line of a program or template."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Location:
    """Where something was written: a path relative to the project (``/`` between folders), and a line from 1."""

    path: str
    line: int = 0

    def within(self, folder: str) -> Location:
        """The same place, seen from outside the folder that its path is relative to."""
        return Location(posixpath.normpath(posixpath.join(folder, self.path)), self.line)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path
