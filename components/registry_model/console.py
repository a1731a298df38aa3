"""How the command lines of this project start and stop."""

from __future__ import annotations

import importlib
import os
import select
import signal
import sys

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
            f'pip install "private-registry[{extra}]"',
            file=sys.stderr,
        )
        sys.exit(UNUSABLE)


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
