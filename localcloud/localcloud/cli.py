"""``bin/local cloud``, or ``python -m localcloud``: attaches the local cloud to Pulumi, changes it behind its back."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from localcloud import seeds
from localcloud.alibaba.cloud import AlibabaCloud
from localcloud.alibaba.kind import Place
from localcloud.model import Cloud, CloudFileError, Refused, Resource
from localcloud.model.seal import key_file
from localcloud.model.store import is_local_cloud
from localcloud.provider import journal, naming
from localcloud.provider.install import CannotInstallError, install, surfaces

_ALIBABA = "alicloud:"

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The local cloud: look at it, and change it behind Pulumi's back, as someone in the portal would.\n\n"
    "The cloud is the file that LOCALCLOUD_FILE names; bin/local cloud COMMAND sets it.",
)
_WIDEST = 10_000  # columns; wider than any row of `cloud ls`
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Id = Annotated[
    str,
    typer.Argument(help="The resource's id, or the end of it, e.g. contoso or registries/contoso.", metavar="ID"),
]


def main() -> None:
    try:
        app(prog_name="bin/local cloud")
    except CloudFileError as problem:
        _failed(str(problem))
        raise SystemExit(1) from None


@app.command(name="install")
def install_command(
    home: Annotated[Path, typer.Option(help="The Pulumi home to attach the local cloud to (PULUMI_HOME).")],
    as_json: Json = False,
) -> None:
    """Put the local cloud into a Pulumi home, where the engine looks for providers. Safe to repeat."""
    try:
        done = [install(home, surface) for surface in surfaces()]
    except (CannotInstallError, OSError, RuntimeError) as problem:
        raise _failed(str(problem)) from None
    lines = (f"the local cloud is {'attached' if d.changed else 'already attached'}: {d.plugin}" for d in done)
    _tell(as_json, [{"plugin": str(d.plugin), "changed": d.changed} for d in done], "\n".join(lines))


@app.command(name="ls")
def list_command(
    type_: Annotated[str, typer.Option("--type", help="Only types whose token has this word, e.g. Registry.")] = "",
    as_json: Json = False,
) -> None:
    """List every resource of the cloud."""
    found = [r for r in _everything() if type_.lower() in r.token.lower()]
    if as_json:
        print(json.dumps([_plain(r) for r in found], indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("TYPE", "NAME", "GROUP", "LOCATION", "STATE", "SUBSCRIPTION"):
        table.add_column(column, overflow="fold")
    for resource in found:
        outputs = resource.outputs
        parts = resource.id.split("/")
        if resource.token.startswith(_ALIBABA):
            kind = f"{parts[4]}:{resource.token.rsplit(':', 1)[-1]}"
            row = (kind, parts[-1], "", parts[3], str(outputs.get("status", "")), f"account {parts[2]}")
            table.add_row(*(escape(cell) for cell in row))
            continue
        group = parts[4] if len(parts) > 5 and parts[3].lower() == "resourcegroups" else ""
        name = "/".join(parts[1:][7::2]) or parts[-1]
        state = outputs.get("provisioningState", "")
        kind, subscription = resource.token.removeprefix("azure-native:"), parts[2] if len(parts) > 2 else ""
        row = (kind, name, group, outputs.get("location", ""), state, subscription)
        table.add_row(*(escape(str(cell)) for cell in row))
    # A pipe gets each resource on one line, for grep and awk.
    out = _out if _out.is_terminal else Console(highlight=False, width=_WIDEST)
    out.print(table if found else "the cloud is empty")


@app.command()
def show(id: Id, as_json: Json = False) -> None:
    """Show one resource as it is in the cloud."""
    resource = _one(id)
    if as_json:
        print(json.dumps(_plain(resource), indent=2))
        return
    _out.print(f"[bold]{escape(resource.id)}[/bold]\n{resource.token}", style=None)
    _out.print(escape(yaml.safe_dump(resource.outputs, sort_keys=True, allow_unicode=True).rstrip()))


@app.command(name="set")
def set_command(
    id: Id,
    changes: Annotated[
        list[str],
        typer.Argument(
            metavar="PROPERTY=VALUE...",
            help="Dotted paths; values as JSON or plain text, e.g. tags.owner=me; null removes.",
        ),
    ],
    as_json: Json = False,
) -> None:
    """Change properties of a resource, with no checks: drift, as a refresh will find it."""
    resource = _one(id)
    cloud = _alibaba() if resource.token.startswith(_ALIBABA) else _cloud()
    parsed: list[tuple[str, Any]] = []
    problems: list[str] = []
    for change in changes:
        path, equals, text = change.partition("=")
        if not (path and equals):
            problems.append(f"{change}: must be PROPERTY=VALUE, e.g. publicNetworkAccess=Enabled")
        try:
            parsed.append((path, json.loads(text)))
        except ValueError:
            parsed.append((path, text))
    if problems:
        raise _failed(*problems)
    for path, value in parsed:
        try:
            cloud.set(resource.id, path, value)
        except (KeyError, ValueError, IndexError, TypeError, AttributeError) as problem:
            raise _failed(f"{path}: cannot be set: {problem.args[0] if problem.args else problem}") from None
    changed = _one(resource.id)
    _tell(as_json, _plain(changed), f"changed {', '.join(path for path, _ in parsed)} of {resource.id}")


@app.command()
def rm(id: Id, as_json: Json = False) -> None:
    """Delete a resource and what is in it, as Azure would: not while it is in use or locked."""
    resource = _one(id)
    try:
        if resource.token.startswith(_ALIBABA):
            _, _, account, region, _, _, plain = resource.id.split("/", 6)
            _alibaba().delete(resource.token, plain, Place(account, region))
        else:
            _cloud().delete(resource.token, resource.id)
    except Refused as refused:
        raise _failed(*refused.problems) from None
    _tell(as_json, {"deleted": resource.id}, f"deleted {resource.id}")


@app.command()
def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Forget the whole cloud. Pulumi's state stays: its next refresh finds everything gone."""
    file = _file()
    if file.exists() and file.stat().st_size and not is_local_cloud(file):
        raise _failed(
            f"LOCALCLOUD_FILE: '{file}' is not a local cloud, or is damaged; nothing was deleted. If it is yours to "
            "delete, delete it with its -wal, -shm and .key files."
        )
    if not yes and not typer.confirm(f"Forget everything in {file}?"):
        raise typer.Exit(1)
    for part in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm"), key_file(file)):
        part.unlink(missing_ok=True)
    shutil.rmtree(journal.folder(file), ignore_errors=True)
    _tell(as_json, {"reset": str(file)}, f"the cloud is empty: {file}")


@app.command()
def seed(
    file: Annotated[Path, typer.Argument(help="YAML or JSON: a list of {type, inputs}.", exists=True, dir_okay=False)],
    subscription: Annotated[
        str, typer.Option(help="The subscription, unless the file names one; the default is that of the stack `local`.")
    ] = naming.SUBSCRIPTION,
    as_json: Json = False,
) -> None:
    """Create what exists before a rehearsal, in the file's order. Safe to repeat: what is there is brought up to date.

    \b
    - type: azure-native:resources:ResourceGroup
      inputs: {resourceGroupName: rg-network, location: japaneast}

    Or {subscription: ID, failedReplicas: left|rolledBack, resources: [...]}. failedReplicas says what becomes of a
    replica whose creation fails: Azure's documentation and its users tell it differently. Inputs are checked as a
    program's are, all before the first is made.

    Resources of Alibaba Cloud are in a region, and have an id that the cloud assigned:

    \b
    account: "1000000000000001"
    region: ap-northeast-1
    resources:
      - type: alicloud:vpc/network:Network
        id: vpc-apps
        inputs: {vpcName: apps, cidrBlock: 10.4.0.0/16}

    account is that of a stack which names none, unless it is given. An entry may have an account and a region of its
    own. The route table of vpc-apps is vtb-apps.
    """
    try:
        done = seeds.plant(seeds.read(file, subscription), _cloud(), _alibaba())
    except seeds.SeedError as wrong:
        raise _failed(*(f"{file}: {problem}" for problem in wrong.problems)) from None
    lines = "\n".join(f"{entry['result']:<10}{entry['id']}" for entry in done)
    _tell(as_json, done, lines or "nothing to create")


def _file() -> Path:
    file = os.environ.get("LOCALCLOUD_FILE")
    if not file:
        raise _failed("LOCALCLOUD_FILE: not set; it names the cloud's file; run bin/local cloud COMMAND, which sets it")
    return Path(file)


def _cloud() -> Cloud:
    file = _file()
    try:
        return Cloud.open(file)
    except (OSError, ValueError) as problem:
        raise _failed(f"LOCALCLOUD_FILE: {file} cannot be opened: {problem}") from None


def _alibaba() -> AlibabaCloud:
    return AlibabaCloud.open(_file())


def _everything() -> list[Resource]:
    return [*_cloud().list(), *_alibaba().list()]


def _one(wanted: str) -> Resource:
    """The resource with that id, or the only one whose id ends so."""
    everything = _everything()
    exact = [r for r in everything if r.id.lower() == wanted.rstrip("/").lower()]
    tail = "/" + wanted.strip("/").lower()
    found = exact or [r for r in everything if r.id.lower().endswith(tail)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise _failed(f"ID: the cloud has no resource '{wanted}'; `bin/local cloud ls` lists them")
    raise _failed(f"ID: '{wanted}' is the end of {len(found)} ids; give more of one:", *(f"  {r.id}" for r in found))


def _plain(resource: Resource) -> dict[str, Any]:
    return {"id": resource.id, "type": resource.token, "inputs": resource.inputs, "outputs": resource.outputs}


def _tell(as_json: bool, result: Any, text: str) -> None:
    if as_json:
        print(json.dumps(result, indent=2))
    else:
        _out.print(escape(text))


def _failed(*problems: str) -> typer.Exit:
    for problem in problems:
        _err.print(f"[red]error:[/red] {escape(problem)}")
    return typer.Exit(1)
