"""Puts right what a killed run left in a rehearsal's state: ``python -m localcloud.recover STATE_DIR``.

A ``kill -9`` of the engine leaves a lock file whose process is gone, and *pending creates*: resources that it had asked
for and never heard of again. A ``kill -9`` of the local cloud's provider loses the answer: the resource exists and the
state does not know; the provider's journal does. Pulumi leaves such things to the user. Here the cloud is at hand, so
each creation without an answer is looked up in it, by the id that Azure's names give or by the mark that a request to
Alibaba Cloud was made with: what exists is taken into the state, what does not is forgotten, and Pulumi's own refresh
reads the rest. Nothing in the cloud is created or deleted.
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

from localcloud.alibaba.cloud import AlibabaCloud
from localcloud.alibaba.kind import ACCOUNT, Place
from localcloud.model import Cloud, CloudFileError
from localcloud.provider import journal

if TYPE_CHECKING:
    from localcloud.provider.journal import Asked

Deployment = dict[str, Any]
_ORPHANS_LEAVE_WITHIN = 5.0  # seconds: a provider ends with its engine, on a busy machine a moment later
_PROVIDER = "pulumi:providers:azure-native"
_ALIBABA_PROVIDER = "pulumi:providers:alicloud"


def main() -> int:
    try:
        return _recover(Path(sys.argv[1]))
    except CloudFileError as problem:
        print(f"local: {problem}", file=sys.stderr)
        return 1


def _recover(state: Path) -> int:
    cloud_file = Path(os.environ["LOCALCLOUD_FILE"])
    before = len(_locks(state))
    held = _unlock(state)
    if len(_locks(state)) < before:
        journal.wait_for_orphans(cloud_file, _ORPHANS_LEAVE_WITHIN)
    journals = list(journal.left_behind(cloud_file))
    asked = [entry for _, entries in journals for entry in entries]
    here = _project_here()
    for state_file in sorted(state.glob(f".pulumi/stacks/{here}/*.json")):
        stack = state_file.stem
        if (here, stack) not in held:
            mine = [entry for entry in asked if entry.urn.startswith(f"urn:pulumi:{stack}::{here}::")]
            failed = _settle(state_file, stack, mine, Cloud.open(cloud_file), AlibabaCloud.open(cloud_file))
            if failed:
                return failed
    for file, entries in journals:
        stacks = {(entry.urn.split("::")[1], entry.urn.split("::")[0].rpartition(":")[2]) for entry in entries}
        if all(project == here and (project, stack) not in held for project, stack in stacks):
            file.unlink()
    return 0


def _locks(state: Path) -> list[Path]:
    return sorted(state.glob(".pulumi/locks/*/*/*/*.json"))


def _unlock(state: Path) -> set[tuple[str, str]]:
    """Removes the locks of killed runs; the project and stack of every lock that stays."""
    held: set[tuple[str, str]] = set()
    for lock in _locks(state):
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

    Those of a journal have an id and no inputs: a refresh reads them, as it does for an import. A mark of Alibaba
    Cloud stands where the id does (`Asked`).
    """
    resources = deployment.get("resources") or []
    pending = [op["resource"] for op in deployment.get("pending_operations") or [] if op["type"] == "creating"]
    marks = {entry.urn: entry.id for entry in asked if _is_alibaba(entry.token)}
    known = {r["urn"] for r in pending}
    ids = {r.get("id") for r in resources}
    provider = _provider(deployment)
    return [
        *({**r, "id": marks.get(r["urn"], "")} if _is_alibaba(r["type"]) else r for r in pending if r.get("custom")),
        *(
            {
                "urn": entry.urn,
                "custom": True,
                "id": entry.id,
                "type": entry.token,
                "inputs": {},
                "provider": "" if provider is None or _is_alibaba(entry.token) else _reference(provider),
            }
            for entry in asked
            if (provider or _is_alibaba(entry.token)) and entry.urn not in known and entry.id not in ids
        ),
    ]


def _settle(state_file: Path, stack: str, asked: list[Asked], cloud: Cloud, alibaba: AlibabaCloud) -> int:
    checkpoint = json.loads(state_file.read_text())
    deployment: Deployment = checkpoint["checkpoint"].get("latest") or {}
    lost = unanswered(deployment, asked)
    if not lost:
        return 0
    subscription = str(((_provider(deployment) or {}).get("inputs") or {}).get("subscriptionId", ""))
    for resource in lost:
        token = resource["type"]
        if token not in cloud.served() and not _is_alibaba(token):
            continue  # a provider, say: the next run makes it again
        if _is_alibaba(token):
            found = _made(deployment, alibaba, resource)
            if found and any(r.get("id") == found["id"] and r["urn"] == found["urn"] for r in deployment["resources"]):
                continue  # its answer did arrive
        else:
            wanted = resource.get("id") or cloud.resource_id(token, resource["inputs"], subscription)
            read = cloud.read(token, wanted)
            found = {**resource, "id": read.id, "outputs": {}} if read else None
        verb = "exists: taking it into the state" if found else "was never created: forgetting it"
        print(f"local: {resource['urn'].rsplit('::', 1)[-1]} ({token}) {verb}", file=sys.stderr)
        if found:
            deployment["resources"].append(found)
    others = [op for op in deployment.get("pending_operations") or [] if op["type"] != "creating"]
    deployment["pending_operations"] = others
    # Written beside its place and renamed into it, so that a kill here too leaves one whole state.
    fresh = state_file.with_suffix(".recovered")
    fresh.write_text(json.dumps(checkpoint, indent=4))
    fresh.replace(state_file)
    command = ["pulumi", "refresh", "--yes", "--skip-preview", "--stack", stack]
    return subprocess.run(command, stdout=sys.stderr, check=False).returncode


def _is_alibaba(token: str) -> bool:
    return token.startswith("alicloud:")


def _made(deployment: Deployment, alibaba: AlibabaCloud, resource: dict[str, Any]) -> dict[str, Any] | None:
    """What came of a creation in Alibaba Cloud, with its id and the provider of its account and region."""
    answer = alibaba.made(resource["id"]) if resource["id"] else None
    if answer is None:
        return None
    place, made = answer
    providers = [r for r in deployment.get("resources") or [] if r["type"] == _ALIBABA_PROVIDER]
    provider = resource.get("provider") or next((_reference(r) for r in providers if _place(r) == place), "")
    return {**resource, "id": made.id, "provider": provider, "outputs": made.outputs} if provider else None


def _reference(provider: dict[str, Any]) -> str:
    return f"{provider['urn']}::{provider['id']}"


def _place(provider: dict[str, Any]) -> Place:
    inputs = provider.get("inputs") or {}
    return Place(str(inputs.get("accountId") or ACCOUNT), str(inputs.get("region") or ""))


def _provider(deployment: Deployment) -> dict[str, Any] | None:
    """The state's azure-native provider; None before there is one."""
    return next((r for r in deployment.get("resources") or [] if r["type"] == _PROVIDER), None)


if __name__ == "__main__":
    sys.exit(main())
