"""What a provider process was asked to create, kept until it leaves in good order.

A provider that is killed takes its answers with it: the cloud has the resource, and the engine, which saw the call
fail, has forgotten that it asked. The journal is the only trace; ``localcloud.recover`` reads those of dead processes.
"""

from __future__ import annotations

import json
import os
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Asked(NamedTuple):
    """One creation that was asked for: by which resource of which stack, and what its id is in the cloud.

    Alibaba Cloud assigns ids, so that there ``id`` is the mark that the request was made with (`AlibabaCloud.made`).
    """

    urn: str
    token: str
    id: str


class Journal:
    """One process's journal, a line for each creation, beside the cloud's file."""

    def __init__(self, cloud_file: Path) -> None:
        self._file = folder(cloud_file) / f"{os.getpid()}.jsonl"
        self._lock = threading.Lock()

    def asked(self, urn: str, token: str, id: str) -> None:
        """Writes a creation down before it begins."""
        with self._lock:
            self._file.parent.mkdir(mode=0o700, exist_ok=True)
            with self._file.open("a") as lines:
                lines.write(json.dumps(Asked(urn, token, id)) + "\n")

    def close(self) -> None:
        """Forgets everything: the engine has had every answer."""
        self._file.unlink(missing_ok=True)


def folder(cloud_file: Path) -> Path:
    return cloud_file.with_name(cloud_file.name + ".asked")


def wait_for_orphans(cloud_file: Path, seconds: float) -> None:
    """Waits until no provider that has a journal is left: one whose engine was killed ends a moment after it.

    Those of other engines stay, so that ``seconds`` is the limit.
    """
    deadline = time.monotonic() + seconds
    while any(_is_alive(int(file.stem)) for file in folder(cloud_file).glob("*.jsonl")):
        if time.monotonic() > deadline:
            return
        time.sleep(0.05)


def left_behind(cloud_file: Path) -> Iterator[tuple[Path, list[Asked]]]:
    """The journals of processes that are gone, with what is in them."""
    for file in sorted(folder(cloud_file).glob("*.jsonl")):
        if _is_alive(int(file.stem)):
            continue
        whole = [line for line in file.read_text().splitlines(keepends=True) if line.endswith("\n")]
        yield file, [Asked(*json.loads(line)) for line in whole]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
