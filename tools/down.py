"""Destroys a stack's resources, and says what to do when something stands in the way.

    python tools/down.py STACK [--yes]

runs `pulumi destroy`; of a stack that is marked local in the local cloud. A protected registry and a lock are named, a
lock with whose it is: a central DNS zone that is locked keeps the endpoints whose records it holds from being deleted.

Exit codes: those of `pulumi destroy`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
_MARKER = "localcloud.invalid"
_LOCKED = re.compile(r"following scope\(s\) are locked: '([^']+)'")
_ALIBABA = "$alicloud:"  # in the URN of a registry inside its component
# By whether it is Alibaba Cloud's. An instance there is also kept when it is destroyed, unless that is turned off too.
_UNPROTECT = {
    False: "  private-registry:protect: false",
    True: "  protect: false\n  retainOnDelete: false\nunder private-registry:alibaba",
}


def advice(errors: str, stack: str, own: set[str]) -> list[str]:
    """What to do about the errors of a deletion. ``own`` has the ids of the stack's resources, in lower case."""
    found: list[str] = []
    for scope in dict.fromkeys(part for scopes in _LOCKED.findall(errors) for part in scopes.split(",")):
        subscription, group = scope.split("/")[2], (scope.split("/") + [""] * 3)[4]
        whose = "this stack's own" if scope.lower() in own else f"not this stack's, but of whoever owns {_place(scope)}"
        where = f"--subscription {subscription}" + (f" --resource-group {group}" if group else "")
        found.append(
            f"a lock keeps something from being deleted. It is on {scope}, which is {whose}.\n"
            f"  See it and its notes: az lock list {where} --output table\n"
            "  Have its owner take it away for the time, then run this again: what is deleted already stays deleted."
        )
    if "protected" in errors:
        found.append(
            "a registry is protected by default. To destroy it with its images, set\n"
            f"{_UNPROTECT[_ALIBABA in errors]}\n"
            f"in Pulumi.{stack}.yaml, then: make up STACK={stack} && make down STACK={stack}"
        )
    return found


def cli(stack: str) -> list[str]:
    """The Pulumi CLI of a stack: a stack whose configuration has the local cloud's marker is deployed there."""
    file = ROOT / f"Pulumi.{stack}.yaml"
    config = (yaml.safe_load(file.read_text()) or {}).get("config") if file.exists() else {}
    local = _MARKER in (config or {}).values()
    return [str(ROOT / "bin" / "local"), "pulumi"] if local else [str(ROOT / "bin" / "pulumi")]


def _place(scope: str) -> str:
    parts = scope.split("/")
    return f"the resource group '{parts[4]}'" if len(parts) > 4 else f"the subscription {parts[2]}"


def main() -> int:
    stack, *options = sys.argv[1:]
    pulumi = cli(stack)
    env = {**os.environ, "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "events"
        told = {"PULUMI_OPTION_EVENT_LOG": str(log), "PULUMI_DEBUG_COMMANDS": "true"}
        command = [*pulumi, "destroy", "--stack", stack, *options]
        code = subprocess.run(command, check=False, env={**env, **told}).returncode
        errors = _errors(log) if code else ""
    if code:
        export = [*pulumi, "stack", "export", "--stack", stack]
        exported = subprocess.run(export, capture_output=True, text=True, check=False, env=env).stdout
        for each in advice(errors, stack, _ids(exported)):
            print(f"make down: {each}", file=sys.stderr)
    elif "local" in map(os.path.basename, pulumi):
        # Pulumi's own advice, `pulumi stack rm`, would look for the stack in the user's own backend.
        again, end = f"make up STACK={stack}", f"bin/local pulumi stack rm {stack}"
        print(f"make down: the stack stays, empty, for `{again}`; `{end}` removes it.")
    return code


def _errors(log: Path) -> str:
    """The messages of what failed, as Pulumi wrote them into its event log."""
    if not log.exists():
        return ""
    events = [json.loads(line) for line in log.read_text().splitlines() if line.strip()]
    told = [event["diagnosticEvent"] for event in events if "diagnosticEvent" in event]
    return "\n".join(each["message"] for each in told if each.get("severity") == "error")


def _ids(exported: str) -> set[str]:
    try:
        resources = json.loads(exported)["deployment"].get("resources", [])
    except (ValueError, KeyError):
        return set()
    return {str(each["id"]).lower() for each in resources if each.get("id")}


if __name__ == "__main__":
    sys.exit(main())
