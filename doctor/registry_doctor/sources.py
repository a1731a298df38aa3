"""What was declared: registries read from a stack, from a file of its state or preview, or from a name and regions."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from registry_model.alibaba import names as alibaba
from registry_model.alibaba import regions as alibaba_regions
from registry_model.alibaba.editions import Edition
from registry_model.alibaba.names import Role, Way
from registry_model.azure import names, regions
from registry_model.azure.misnamed import misnamed
from registry_model.estate import documents, files
from registry_model.reach.alibaba.model import AlibabaRegistry
from registry_model.reach.kinds import AnyRegistry, every_registry
from registry_model.reach.model import Registry
from registry_model.suggest import did_you_mean

from . import limits, programs
from .errors import DoctorError, InputError
from .options import Declared, DeclaredOrNamed
from .progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from registry_model.estate.documents import Document
    from registry_model.estate.files import ByteLimit

_Registry = TypeVar("_Registry", bound=AnyRegistry)
_LABEL = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
EXPORT_LIMIT = 120.0
PREVIEW_LIMIT = 1800.0


def _of_alibaba(host: str, bucket: str | None) -> AlibabaRegistry | None:
    """A registry of Alibaba Cloud by its host, which tells its name, its region and the endpoint that clients use.

    None for any other host. ``bucket`` is where its layers are, None while that is not known.
    """
    known = alibaba.parse_host(host)
    if known is None or known.role is not Role.REGISTRY or known.edition is None:
        return None
    region = known.region
    if known.edition is Edition.PERSONAL:
        own = {way: alibaba.personal_host(region, way, known.label) for way in Way}
    else:
        own = {way: alibaba.registry_host(known.label, region, way) for way in Way}
    if bucket is not None and known.edition is Edition.PERSONAL:
        raise InputError("--bucket: Personal Edition gives layers from several buckets; leave it out")
    if bucket is not None and (problem := alibaba.bucket_problem(bucket)):
        raise InputError(f"--bucket '{bucket}': {problem}")
    storage = {
        way: alibaba.storage_host(bucket, region, way) if bucket else alibaba.storage_wildcard(region, way)
        for way in Way
    }
    shared = known.edition is Edition.PERSONAL and not known.label.startswith(alibaba.PERSONAL_PREFIX)
    return AlibabaRegistry(
        f"{known.edition} in {region}" if shared else known.label,
        region,
        own[Way.INTERNET],
        own[Way.VPC],
        storage[Way.INTERNET],
        storage[Way.VPC],
        edition=known.edition,
        internet=None,
        entries=None,
        assumed=() if bucket else ("bucket",),
        asked=known.way if known.edition is Edition.ENTERPRISE else None,
    )


def from_name(registry: str, places: Sequence[str], bucket: str | None = None) -> AnyRegistry:
    """A registry by name or login server and its ``places``, the home region first, with data endpoints; of Alibaba
    Cloud by its host, which tells the region itself, and its ``bucket``.

    InputError names everything that is wrong with them at once. Nothing is known of who may reach it.
    """
    problems: list[str] = []
    cloud, login = names.PUBLIC, registry.strip().lower().removeprefix("https://").rstrip("/")
    if (other := _of_alibaba(login, bucket)) is not None:
        if places:
            raise InputError("--region: a host of Alibaba Cloud tells its region itself; leave it out")
        return other
    if bucket is not None:
        problems.append("--bucket: belongs to a registry of Alibaba Cloud by its host; leave it out")
    if "@" in login:
        problems.append("registry: has an '@', so it is not shown; give the name or the login server alone")
    elif wrong := misnamed(login):
        hint = f"; its registry is {wrong.meant}" if wrong.meant else ""
        problems.append(f"registry '{login}': {wrong.reason}{hint}")
    elif "." in login:
        try:
            label, cloud = names.split_login_server(login)
            if not _LABEL.fullmatch(label):
                problems.append(f"registry '{login}': '{label}' must have letters and digits, with a hash after a '-'")
        except ValueError as error:
            problems.append(f"registry: {error}")
    elif problem := names.registry_name_problem(login):
        problems.append(f"registry '{registry}': {problem}")
    else:
        login = names.login_server(login)
    if not places:
        problems.append(
            "--region: a registry by name needs its regions, first the home region, then those of its replicas; or "
            "choose where it is declared, with --stack, --state or --az"
        )
    for place in places:
        if regions.find(place) is None and (theirs := alibaba_regions.find(place)):
            problems.append(
                f"--region '{place}': is {theirs.display_name} of Alibaba Cloud, and '{registry}' is read as a "
                "registry of Azure; give one of Alibaba Cloud by its host alone, such as "
                f"{alibaba.registry_host('team', theirs.id, Way.INTERNET)}"
            )
        elif problem := regions.region_problem(place, cloud.name):
            known = () if regions.find(place) else regions.of_cloud(cloud.name)
            hint = did_you_mean(names.normalise_region(place), known)
            problems.append(f"--region '{place}': {problem}{hint}")
    normal = [names.normalise_region(r) for r in places]
    problems += [f"--region '{r}': given more than once" for r in dict.fromkeys(normal) if normal.count(r) > 1]
    if problems:
        raise InputError(problems)
    return Registry(
        login,
        normal[0],
        tuple(normal[1:]),
        public_access=None,
        default_allow=None,
        ip_rules=None,
        trusted_bypass=None,
        data_endpoints=True,
        by_name=True,
    )


_PARAMETERS_ALONE = "--parameters: belongs to an ARM template that --state names"


def from_source(source: Declared) -> list[AnyRegistry]:
    """The registries of what was given: declared ones, or where a command takes that, one by its name and regions."""
    regions = source.region or () if isinstance(source, DeclaredOrNamed) else ()
    bucket = source.bucket if isinstance(source, DeclaredOrNamed) else None
    if isinstance(source, DeclaredOrNamed) and not source.somewhere and (source.registry is not None or regions):
        if source.parameters:
            raise InputError(_PARAMETERS_ALONE)
        if source.registry is None:
            raise InputError("--region: belongs to a registry by name, such as: contoso --region japaneast")
        with _or_a_file(source.registry):
            return [from_name(source.registry, regions, bucket)]
    if regions:
        raise InputError("--region: a stack, state file or Azure knows its regions; leave it out")
    if bucket is not None:
        raise InputError("--bucket: belongs to a registry of Alibaba Cloud by its host, without --stack or --state")
    return pick(_registries(documents_from(source)), source.registry)


@contextlib.contextmanager
def _or_a_file(named: str | None) -> Iterator[None]:
    """Around what fails for a registry's name that is none: where it is the name of a file, say how a file is given."""
    try:
        yield
    except DoctorError as error:
        if named is None or not Path(named).exists():
            raise
        what = "a folder" if Path(named).is_dir() else "a file"
        hint = f"registry '{named}': it is {what}; to read what it declares, give --state {named}"
        raise InputError([hint, *str(error).splitlines()]) from error


@contextlib.contextmanager
def _or_a_name_alone(named: str | None) -> Iterator[None]:
    """Around the export of the selected stack: where there is none, a name needs something that declares it."""
    try:
        yield
    except DoctorError as error:
        if named is None:
            raise
        hint = f"registry '{named}': its declaration is needed: give --stack, --state or --az"
        raise type(error)(f"{hint}; {error}") from error


def described(source: Declared) -> str:
    """What `from_source` reads, in words, as a report names it."""
    if source.az is not None:
        return f"Azure, asked for {source.az}"
    if source.state is not None:
        return "standard input" if str(source.state) == files.STDIN else str(source.state)
    if source.stack is not None:
        return f"the stack {source.stack}"
    if isinstance(source, DeclaredOrNamed) and source.registry is not None:
        return f"the name {source.registry}, without a declaration"
    return "the selected stack"


def documents_from(source: Declared) -> list[Document]:
    """The documents of what was source. InputError names every option and file that does not fit."""
    several = {"--stack": source.stack, "--state": source.state, "--az": source.az}
    if sum(value is not None for value in several.values()) > 1:
        raise InputError(
            " and ".join(name for name, value in several.items() if value is not None) + ": give one of them"
        )
    if source.parameters and source.state is None:
        raise InputError(_PARAMETERS_ALONE)
    most = limits.most_bytes(source.max_size)
    if source.az is not None:
        from . import az

        return [az.ask(source.az, az.say, most)]
    if source.state is None:
        stack = source.stack
        named = source.registry if stack is None else None
        with _or_a_file(named), _or_a_name_alone(named):
            text = export(stack, most)
        return [document_of(text, f"stack '{stack}'" if stack else "the selected stack")]
    return _in_files(source.state, source.parameters or [], most)


def _in_files(state: Path, parameters: list[Path], limit: ByteLimit) -> list[Document]:
    values = _parameters(parameters, limit)
    with Progress() as progress:
        found = files.read_all(
            [str(state)], _stdin, lambda name: progress.say(f"reading {name}"), limit=limit, parameters=values
        )
    if found.problems:
        raise InputError([f"--state {problem}" for problem in found.problems])
    if not found.documents:
        raise InputError([f"--state {state}: no file in it declares resources", *found.passed_over[:10]])
    if parameters and all(each.kind != documents.TEMPLATE for each in found.documents):
        raise InputError(f"--parameters: is for ARM templates, and --state {state} is none")
    return found.documents


def _registries(found: Sequence[Document]) -> list[AnyRegistry]:
    declared = [_noted(registry, document) for document in found for registry in every_registry(document.estate)]
    if not declared:
        raise InputError(f"{', '.join(document.name for document in found)}: declares no container registry")
    return declared


def _noted(registry: AnyRegistry, document: Document) -> AnyRegistry:
    """The registry with what its kind of document cannot tell."""
    if isinstance(registry, AlibabaRegistry):
        return registry
    notes = registry.notes
    if document.kind == documents.EXPORT and (untold := registry.untold_hosts):
        notes = (*notes, f"the private addresses of {', '.join(untold)} are unknown until `pulumi refresh`")
    return replace(registry, document=document.kind, notes=notes)


def document_of(text: str, source: str, *, before: list[Mapping[str, Any]] | None = None) -> Document:
    """One document that declares resources; InputError when it is none or does not hold the whole."""
    try:
        return documents.load(source, text, state=before)
    except documents.InputError as error:
        raise InputError(f"{source}: {error}") from error


def states_of(text: str, source: str) -> list[Mapping[str, Any]]:
    """The resources of a stack export, which a preview starts from."""
    try:
        return documents.states_in(text)
    except documents.InputError as error:
        raise InputError(f"{source}: {error}") from error


def _parameters(paths: list[Path], limit: ByteLimit) -> Mapping[str, Any]:
    try:
        return files.parameters_in(map(str, paths), _stdin, limit)
    except documents.InputError as error:
        raise InputError(str(error).splitlines()) from error


def pick(registries: Sequence[_Registry], wanted: str | None) -> list[_Registry]:
    """All of them, or the one that has this name or login server."""
    if wanted is None:
        return list(registries)
    found = [r for r in registries if wanted.lower() in (r.label.lower(), *map(str.lower, login_hosts(r)))]
    if not found:
        known = [r.label for r in registries]
        hint = did_you_mean(wanted, known)
        raise InputError(f"registry '{wanted}': is not declared; there is: {', '.join(known)}{hint}")
    return found


def login_hosts(registry: AnyRegistry) -> list[str]:
    """The hosts that images of a registry are named by: one, or one of each endpoint of Alibaba Cloud."""
    if isinstance(registry, AlibabaRegistry):
        return [registry.internet_host, registry.vpc_host]
    return [registry.login_server]


def only_one(registries: Sequence[AnyRegistry]) -> AnyRegistry:
    """The registry, where a command prints one; InputError lists the names to choose from."""
    if len(registries) > 1:
        raise InputError(f"several registries are declared; name one: {', '.join(r.label for r in registries)}")
    return registries[0]


def read_text(file: Path, option: str, limit: ByteLimit) -> str:
    """The text of a file, or of standard input for ``-``."""
    try:
        return files.read(str(file), _stdin, limit)
    except documents.InputError as error:
        raise InputError(f"{option} {file}: {error}") from error


def _stdin(most: int) -> bytes:
    if sys.stdin.isatty():
        raise InputError("standard input is a terminal; name a file, or pipe into the command")
    return sys.stdin.buffer.read(most)


def export(stack: str | None, most: ByteLimit) -> str:
    """What ``pulumi stack export`` prints of a stack of the project in this directory."""
    return _pulumi(["stack", "export", *_stack_arguments(stack)], EXPORT_LIMIT, most)


def preview(stack: str | None, most: ByteLimit) -> str:
    """What ``pulumi preview --json`` prints of a stack: it runs the program and changes nothing."""
    words = ["preview", "--json", "--show-sames", "--non-interactive", *_stack_arguments(stack)]
    return _pulumi(words, PREVIEW_LIMIT, most)


def changes_of(text: str, before: list[Mapping[str, Any]] | None) -> tuple[list[AnyRegistry], list[AnyRegistry]]:
    """The registries before and after what a preview or plan says; InputError when it is neither."""
    found = document_of(text, "--preview", before=before)
    if found.before is None:
        raise InputError(
            f"--preview: it is a {found.kind}, not a preview; expected the output of `pulumi preview --json`"
        )
    return every_registry(found.before), every_registry(found.estate)


def _stack_arguments(stack: str | None) -> list[str]:
    return ["--stack", stack] if stack else []


def _pulumi(arguments: list[str], limit: float, most: ByteLimit) -> str:
    program = shutil.which("pulumi")
    shown = f"pulumi {' '.join(arguments)}"
    if program is None:
        raise DoctorError(
            f"{shown}: pulumi is not on PATH; in a checkout of this project use bin/local or bin/pulumi, or give "
            "--state FILE with what `pulumi stack export` printed"
        )
    env = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    with Progress(f"waiting for {shown}"):
        done = programs.run([program, *arguments], "", env, limit, shown, most)
    if done.code != 0:
        raise DoctorError(f"{shown}: failed with exit code {done.code}: {_reason(done)}")
    return done.out


def _reason(done: programs.Done) -> str:
    """What Pulumi says went wrong: in --json mode its diagnostics, else its last words."""
    try:
        diagnostics = json.loads(done.out).get("diagnostics") or []
        said = [str(d.get("message", "")).strip() for d in diagnostics if d.get("severity") == "error"]
    except (ValueError, AttributeError):
        said = []
    lines = [line for line in (done.err or done.out).splitlines() if line.strip()]
    return "; ".join(s for s in said if s) or (lines[-1].strip() if lines else "no reason given")
