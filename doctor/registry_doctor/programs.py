"""Runs other programs (credential helpers, az, pulumi) within a time and an amount of output, whatever they do."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from registry_model.estate.files import ByteLimit

from .errors import DoctorError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# What a helper may print; an answer has some thousand bytes.
HELPERS_OUTPUT = ByteLimit(1_000_000, "that is no answer of a credential helper")


@dataclass(frozen=True)
class Done:
    """How a program ended. Output is text with what is no UTF-8 replaced."""

    code: int
    out: str
    err: str


def run(
    command: Sequence[str],
    stdin: str,
    env: Mapping[str, str],
    limit: float,
    name: str = "",
    most: ByteLimit = HELPERS_OUTPUT,
) -> Done:
    """Run a program to its end; DoctorError when it takes more than ``limit`` seconds, prints more than ``most``, or
    cannot be run.

    What it started itself is ended with it: a grandchild that keeps the pipe open holds up nothing.
    """
    name = name or command[0]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(env),
            start_new_session=sys.platform != "win32",
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise DoctorError(f"{name}: cannot be run ({reason})") from error
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    streams = [_Reader(each, process, most.most) for each in (process.stdout, process.stderr)]
    writer = threading.Thread(target=_write, args=(process.stdin, stdin.encode("utf-8", "replace")), daemon=True)
    writer.start()
    try:
        code = process.wait(limit)
    except subprocess.TimeoutExpired as error:
        raise DoctorError(f"{name}: no answer within {limit:g} s") from error
    finally:
        for stream in streams:
            stream.join(0.2)  # what it has printed is read; what it left running may print on
        _end(process)
    if any(stream.full for stream in streams):
        raise DoctorError(f"{name}: printed more than {most.megabytes:g} MB; {most.hint}")
    return Done(code, *(stream.data.decode("utf-8", "replace") for stream in streams))


class _Reader(threading.Thread):
    """Reads a stream up to the limit, and ends the program that goes on printing."""

    def __init__(self, stream: IO[bytes], process: subprocess.Popen[bytes], most: int) -> None:
        super().__init__(daemon=True)
        self.data = bytearray()
        self.full = False
        self._stream = stream
        self._process = process
        self._most = most
        self.start()

    def run(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while chunk := os.read(self._stream.fileno(), 1 << 16):
                self.data += chunk
                if len(self.data) > self._most:
                    self.full = True
                    _end(self._process)
                    return


def _write(stream: IO[bytes], data: bytes) -> None:
    with contextlib.suppress(OSError), stream:
        stream.write(data)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program and its session, if anything of it still runs."""
    with contextlib.suppress(OSError):
        if sys.platform != "win32":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
