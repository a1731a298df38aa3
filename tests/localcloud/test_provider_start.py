"""The provider's process: how it starts, what it imports, where it listens, and how it leaves."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest
from localcloud.provider import start
from pulumi.runtime.proto import provider_pb2_grpc

from tests.localcloud.provider_kit import EMPTY

if TYPE_CHECKING:
    from collections.abc import Iterator

HANGS_AFTER_SECONDS = 30.0


class Process:
    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", start.__file__, "azure-native", "127.0.0.1:1"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())

    def leaves(self) -> None:
        """Asserts that it ends by itself and without a word."""
        self.process.wait(HANGS_AFTER_SECONDS)
        assert self.process.stderr
        assert self.process.stderr.read() == ""


@pytest.fixture
def started() -> Iterator[Process]:
    process = Process()
    yield process
    process.process.kill()
    process.process.wait()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_leaves_on_a_signal(started: Process, sign: signal.Signals) -> None:
    started.process.send_signal(sign)
    started.leaves()


def test_it_leaves_when_the_engine_is_gone(started: Process) -> None:
    assert started.process.stdin
    started.process.stdin.close()  # what the kernel does for an engine that was killed
    started.leaves()


def test_it_leaves_on_cancel_after_it_has_answered(started: Process) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{started.port}") as channel:
        provider_pb2_grpc.ResourceProviderStub(channel).Cancel(EMPTY, timeout=HANGS_AFTER_SECONDS)
    started.leaves()


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="the kernel's list of sockets is Linux's")
def test_it_listens_on_loopback_only(started: Process) -> None:
    listening = "0A"
    sockets = [line.split() for name in ("tcp", "tcp6") for line in _lines(Path("/proc/net") / name)]
    addresses = {
        s[1].split(":")[0] for s in sockets if s[3] == listening and int(s[1].split(":")[1], 16) == started.port
    }
    loopback = f"{int.from_bytes(socket.inet_aton('127.0.0.1'), sys.byteorder):08X}"
    assert addresses in ({loopback}, {f"0000000000000000FFFF0000{loopback}"}), "127.0.0.1, as IPv4 or IPv6 writes it"


def _lines(file: Path) -> list[str]:
    with contextlib.suppress(OSError):
        return file.read_text().splitlines()[1:]
    return []


def test_started_by_hand_it_stays() -> None:
    with Path(os.devnull).open() as nothing:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", start.__file__, "azure-native"],
            stdin=nothing,
            stdout=subprocess.PIPE,
            text=True,
        )
    try:
        assert process.stdout
        assert process.stdout.readline().strip().isdigit()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.3)
    finally:
        process.kill()
        process.wait()


def test_it_imports_pulumis_messages_and_nothing_else_of_pulumi() -> None:
    """What makes a start take a tenth of a second: Pulumi's SDK, site hooks and the SDK's classes stay out."""
    program = (
        "import sys; sys.argv = ['start.py']; from runpy import run_path; "
        f"module = run_path({start.__file__!r}); module['_find_packages'](); "
        "import localcloud.provider.service; "
        "print(*sorted(n for n in sys.modules if n.startswith('pulumi')))"
    )
    ran = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True)
    parts = set(ran.stdout.split())
    assert {"pulumi", "pulumi.runtime", "pulumi.runtime.proto", "pulumi.runtime.proto.provider_pb2"} <= parts
    assert not any(name.startswith("pulumi_azure_native") for name in parts)
    assert {name for name in parts if not name.startswith("pulumi.runtime.proto.")} == {
        "pulumi",
        "pulumi.runtime",
        "pulumi.runtime.proto",
    }
