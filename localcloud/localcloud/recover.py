"""Puts right what a killed run left in a rehearsal's state: ``python -m localcloud.recover STATE_DIR``.

A ``kill -9`` of the engine leaves a lock file whose process is gone, and *pending creates*: resources that it had asked
for and never heard of again. A ``kill -9`` of the local cloud's provider loses the answer: the resource exists and the
state does not know; the provider's journal does. Pulumi leaves such things to the user. Here the cloud is at hand, so
each creation without an answer is looked up in it: what exists is taken into the state, what does not is forgotten, and
Pulumi's own refresh reads the rest. Nothing in the cloud is created or deleted.
(`pulumi refresh --import-pending-creates` is meant for this, and in 3.259 drops what it is told to import.)

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
from typing import TYPE_CHECKING, Any

import yaml

from localcloud.model import Cloud, CloudFileError
from localcloud.provider import journal

if TYPE_CHECKING:
    from localcloud.provider.journal import Asked

Deployment = dict[str, Any]
_PROVIDER = "pulumi:providers:azure-native"


def main() -> int:
    try:
        return _recover(Path(sys.argv[1]))
    except CloudFileError as problem:
        print(f"local: {problem}", file=sys.stderr)
        return 1


def _recover(state: Path) -> int:
    held = _unlock(state)
    cloud_file = Path(os.environ["LOCALCLOUD_FILE"])
    journals = list(journal.left_behind(cloud_file))
    asked = [entry for _, entries in journals for entry in entries]
    here = _project_here()
    for state_file in sorted(state.glob(f".pulumi/stacks/{here}/*.json")):
        stack = state_file.stem
        if (here, stack) not in held:
            mine = [entry for entry in asked if entry.urn.startswith(f"urn:pulumi:{stack}::{here}::")]
            failed = _settle(state_file, stack, mine, Cloud.open(cloud_file))
            if failed:
                return failed
    for file, entries in journals:
        stacks = {(entry.urn.split("::")[1], entry.urn.split("::")[0].rpartition(":")[2]) for entry in entries}
        if all(project == here and (project, stack) not in held for project, stack in stacks):
            file.unlink()
    return 0


def _unlock(state: Path) -> set[tuple[str, str]]:
    """Removes the locks of killed runs; the project and stack of every lock that stays."""
    held: set[tuple[str, str]] = set()
    for lock in sorted(state.glob(".pulumi/locks/*/*/*/*.json")):
        project, stack = lock.parent.parent.name, lock.parent.name
        if _is_stale(lock):
            print(f"local: an earlier run of stack '{stack}' was killed; removing its lock", file=sys.stderr)
            lock.unlink(missing_ok=True)
        else:
            held.add((project, stack))
    return held


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


def _project_here() -> str:
    for folder in (Path.cwd(), *Path.cwd().parents):
        project_file = folder / "Pulumi.yaml"
        if project_file.exists():
            return str(yaml.safe_load(project_file.read_text())["name"])
    return ""


def unanswered(deployment: Deployment, asked: list[Asked]) -> list[dict[str, Any]]:
    """Every resource whose creation was asked for and not confirmed: pending creates, then what only a journal knows.

    Those of a journal have an id and no inputs: a refresh reads them, as it does for an import.
    """
    resources = deployment.get("resources") or []
    pending = [op["resource"] for op in deployment.get("pending_operations") or [] if op["type"] == "creating"]
    known = {r["urn"] for r in pending}
    ids = {r.get("id") for r in resources}
    provider = _provider(deployment)
    return [
        *(r for r in pending if r.get("custom")),
        *(
            {
                "urn": entry.urn,
                "custom": True,
                "id": entry.id,
                "type": entry.token,
                "inputs": {},
                "provider": f"{provider['urn']}::{provider['id']}",
            }
            for entry in asked
            if provider and entry.urn not in known and entry.id not in ids
        ),
    ]


def _settle(state_file: Path, stack: str, asked: list[Asked], cloud: Cloud) -> int:
    checkpoint = json.loads(state_file.read_text())
    deployment: Deployment = checkpoint["checkpoint"].get("latest") or {}
    lost = unanswered(deployment, asked)
    if not lost:
        return 0
    subscription = str(((_provider(deployment) or {}).get("inputs") or {}).get("subscriptionId", ""))
    for resource in lost:
        token = resource["type"]
        if token not in cloud.served():
            continue  # a provider, say: the next run makes it again
        found = cloud.read(token, resource.get("id") or cloud.resource_id(token, resource["inputs"], subscription))
        verb = "exists: taking it into the state" if found else "was never created: forgetting it"
        print(f"local: {resource['urn'].rsplit('::', 1)[-1]} ({token}) {verb}", file=sys.stderr)
        if found:
            deployment["resources"].append({**resource, "id": found.id, "outputs": {}})
    others = [op for op in deployment.get("pending_operations") or [] if op["type"] != "creating"]
    deployment["pending_operations"] = others
    # Written beside its place and renamed into it, so that a kill here too leaves one whole state.
    fresh = state_file.with_suffix(".recovered")
    fresh.write_text(json.dumps(checkpoint, indent=4))
    fresh.replace(state_file)
    command = ["pulumi", "refresh", "--yes", "--skip-preview", "--stack", stack]
    return subprocess.run(command, stdout=sys.stderr, check=False).returncode


def _provider(deployment: Deployment) -> dict[str, Any] | None:
    """The state's azure-native provider; None before there is one."""
    return next((r for r in deployment.get("resources") or [] if r["type"] == _PROVIDER), None)


if __name__ == "__main__":
    sys.exit(main())
