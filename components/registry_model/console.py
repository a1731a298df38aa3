"""How the command lines of this project start and stop."""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import sys
from importlib import metadata

_OWN = ("registry_model", "registry_guard", "registry_doctor", "private_registry")
UNUSABLE = 3


def start(module: str, command: str, extra: str) -> None:
    """Run ``main`` of a module of commands. Where a package of the extra that it needs is not installed, say which one,
    and how to install it."""
    try:
        importlib.import_module(module).main()
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if not package or package in _OWN:
            raise
        print(
            f"{command}: needs the package '{package}', which is not installed; install the extra '{extra}': "
            + how_to_install(extra),
            file=sys.stderr,
        )
        sys.exit(UNUSABLE)


def how_to_install(extra: str) -> str:
    """The command that adds an extra to this installation, from where it came from.

    No package index is assumed to know the name: whoever owned it there would be trusted. Where an installation came
    from is in ``direct_url.json`` (packaging.python.org/specifications/direct-url), except when an index or a folder of
    wheels (``--find-links``) served it: then the file is named, since pip would look up a name at PyPI.
    """
    try:
        here = metadata.distribution("private-registry")
    except metadata.PackageNotFoundError:  # its folders alone, such as a copy of the pack
        return f'make dist, in a checkout of private-registry, then pip install "$(ls dist/*.whl)[{extra}]"'
    origin = json.loads(here.read_text("direct_url.json") or "{}")
    if "dir_info" in origin:
        return "make setup, in the checkout"
    if "url" in origin:
        return f'pip install "private-registry[{extra}] @ {origin["url"]}"'
    wheel = f"private_registry-{here.version}-py3-none-any.whl"
    return f'pip install "PATH/{wheel}[{extra}]", PATH being where the wheel lies that this was installed from'


def let_the_reader_leave() -> None:
    """End with exit code 0 once nobody reads standard output any more, as in ``registry-doctor show | head``.

    For commands that judge nothing: one that does must not end with 0 before it has said what it found.
    """
    if not hasattr(signal, "SIGPIPE"):  # Windows
        return

    def leave(_signal: int, _frame: object) -> None:
        # Another pipe may be the one that broke, such as that of a program which this command has started.
        watch = select.poll()
        watch.register(1, 0)
        if any(event & select.POLLERR for _, event in watch.poll(0)):
            os._exit(0)

    signal.signal(signal.SIGPIPE, leave)
