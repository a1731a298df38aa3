"""Puts right what a killed Pulumi run left in a rehearsal's state: ``python -m localcloud.recover STATE_DIR``.

A ``kill -9`` leaves a lock file whose process is gone, and *pending creates*: resources that the engine had asked for
and never heard of again. Pulumi leaves both to the user. Here the cloud is at hand, so each pending create is looked
up in it: what exists is taken into the state, what does not is forgotten. Nothing is created or deleted.

Locks of a process that still runs, or of another machine, are left alone, and so are their stacks: Pulumi then says
who holds them. Only the project of the current folder is settled, since Pulumi reads the project from there.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from localcloud.model import Cloud


def main() -> int:
    state = Path(sys.argv[1])
    held: set[tuple[str, str]] = set()
    for lock in sorted(state.glob(".pulumi/locks/*/*/*/*.json")):
        project, stack = lock.parent.parent.name, lock.parent.name
        if _is_stale(lock):
            print(f"local: an earlier run of stack '{stack}' was killed; removing its lock", file=sys.stderr)
            lock.unlink(missing_ok=True)
        else:
            held.add((project, stack))
    here = _project_here()
    for state_file in sorted(state.glob(".pulumi/stacks/*/*.json")):
        project, stack = state_file.parent.name, state_file.stem
        if project == here and (project, stack) not in held:
            failed = _settle_pending(state_file, stack)
            if failed:
                return failed
    return 0


def _project_here() -> str:
    for folder in (Path.cwd(), *Path.cwd().parents):
        project_file = folder / "Pulumi.yaml"
        if project_file.exists():
            return str(yaml.safe_load(project_file.read_text())["name"])
    return ""


def _is_stale(lock: Path) -> bool:
    try:
        holder = json.loads(lock.read_text())
    except (OSError, ValueError):
        return True  # the process was killed while it wrote its lock
    if holder.get("hostname") != platform.node():
        return False
    command = subprocess.run(
        ["ps", "-o", "command=", "-p", str(holder.get("pid"))], capture_output=True, text=True, check=False
    ).stdout
    return "pulumi" not in command  # nobody has that process id any more, or somebody else has


def pending_creates(checkpoint: dict[str, Any]) -> list[dict[str, Any]]:
    """The resources whose creation was asked for and not confirmed, as the state holds them."""
    latest = (checkpoint.get("checkpoint") or {}).get("latest") or {}
    return [op["resource"] for op in latest.get("pending_operations") or [] if op.get("type") == "creating"]


def _settle_pending(state_file: Path, stack: str) -> int:
    checkpoint = json.loads(state_file.read_text())
    pending = [r for r in pending_creates(checkpoint) if r.get("custom")]
    if not pending:
        return 0
    cloud = Cloud.open(Path(os.environ["LOCALCLOUD_FILE"]))
    subscription = _subscription(checkpoint)
    answers: list[str] = []
    for resource in pending:
        token = str(resource["type"])
        if token not in cloud.served():
            continue
        identifier = cloud.resource_id(token, resource.get("inputs") or {}, subscription)
        found = cloud.read(token, identifier)
        verb = "exists: taking it into the state" if found else "was never created: forgetting it"
        print(f"local: {resource['urn'].rsplit('::', 1)[-1]} ({token}) {verb}", file=sys.stderr)
        if found:
            for word in (resource["urn"], found.id):
                answers += ["--import-pending-creates", word]
    command = ["pulumi", "refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--stack", stack, *answers]
    return subprocess.run(command, stdout=sys.stderr, check=False).returncode


def _subscription(checkpoint: dict[str, Any]) -> str:
    for resource in checkpoint["checkpoint"]["latest"].get("resources") or []:
        if resource["type"] == "pulumi:providers:azure-native":
            return str((resource.get("inputs") or {}).get("subscriptionId", ""))
    return ""


if __name__ == "__main__":
    sys.exit(main())
