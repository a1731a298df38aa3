"""Prints `wire.py` and `wire_lists.py` as az does: the SDK's models through azure-cli-core's own serialiser.

Not part of the tests, which read what it printed. In an environment of its own, from the root of the repository:

    python -m venv /tmp/az && /tmp/az/bin/pip install azure-cli-core==2.91.0 azure-mgmt-containerregistry==14.0.0 \
        azure-mgmt-network==30.0.0 azure-mgmt-privatedns==1.2.0 azure-mgmt-monitor==6.0.2 azure-mgmt-security==7.0.0
    PYTHONPATH=.:components /tmp/az/bin/python tests/model/live/generate.py
"""

# az is not installed where the tests run.
# pyright: reportMissingImports=false
from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

from azure.cli.core.commands import AzCliCommandInvoker
from azure.cli.core.util import todict

from tests.model.live.wire import ANSWERS, file_of
from tests.model.live.wire_lists import LISTS


def printed(model: str, wire: dict[str, Any]) -> dict[str, Any]:
    """One object as az prints it; locks have no SDK of their own here, and az prints them as they are."""
    if not model:
        return wire
    package, _, name = model.partition(".")
    kind = getattr(importlib.import_module(f"azure.mgmt.{package}.models"), name)
    made = todict(kind.deserialize(wire), AzCliCommandInvoker.remove_additional_prop_layer)
    group = wire["id"].split("/")
    return {**made, "resourceGroup": group[4]} if group[3].lower() == "resourcegroups" else made


def write(folder: str, command: str, model: str, objects: list[dict[str, Any]]) -> None:
    """Print a command's answer into its file."""
    path = Path(__file__).parent / folder
    path.mkdir(exist_ok=True)
    text = json.dumps([printed(model, each) for each in objects], indent=2)
    (path / file_of(command)).write_text(text + "\n")


def main() -> None:
    for command, (model, objects) in ANSWERS.items():
        write("printed", command, model, objects)
    for command, listed in LISTS.items():
        write("printed_lists", command, listed.model, [listed.wire])


if __name__ == "__main__":
    main()
