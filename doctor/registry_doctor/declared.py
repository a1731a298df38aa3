"""What was declared: registries read from a stack, from a file of its state or preview, or from a name and regions."""

from __future__ import annotations

import difflib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from registry_model.azure import names
from registry_model.reach.model import Registry
from registry_model.reach.topology import registries_from_export, registries_from_preview

from .errors import DoctorError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

EXPORT_LIMIT = 120.0
PREVIEW_LIMIT = 1800.0


def from_name(registry: str, regions: Sequence[str]) -> Registry:
    """A registry by name or login server and its regions, the home region first, with data endpoints.

    InputError names everything that is wrong with them at once.
    """
    problems: list[str] = []
    cloud, login = names.PUBLIC, registry.strip().lower().removeprefix("https://").rstrip("/")
    if "." in login:
        try:
            _, cloud = names.split_login_server(login)
        except ValueError as error:
            problems.append(f"registry: {error}")
    elif problem := names.registry_name_problem(login):
        problems.append(f"registry '{registry}': {problem}")
    else:
        login = names.login_server(login)
    if not regions:
        problems.append("--region: a registry by name needs its regions, the home region first, then each replica's")
    for region in regions:
        if problem := names.region_problem(region, cloud.name):
            problems.append(f"--region '{region}': {problem}")
    normal = [names.normalise_region(r) for r in regions]
    problems += [f"--region '{r}': given more than once" for r in dict.fromkeys(normal) if normal.count(r) > 1]
    if problems:
        raise InputError(problems)
    return Registry(login, normal[0], tuple(normal[1:]), data_endpoints=True)


def from_source(registry: str | None, regions: Sequence[str], stack: str | None, state: Path | None) -> list[Registry]:
    """The registries of the one source that was given; with none, of the project's selected stack.

    With ``stack`` or ``state``, ``registry`` picks one of several by its name or login server.
    """
    if stack is not None and state is not None:
        raise InputError("--stack and --state: give one of them")
    if stack is None and state is None and (registry is not None or regions):
        if registry is None:
            raise InputError("--region: belongs to a registry by name, such as: contoso --region japaneast")
        return [from_name(registry, regions)]
    if regions:
        raise InputError("--region: a stack or state file knows its regions; leave it out")
    if state is not None:
        found = read_export(read_json(state, "--state"), f"--state '{state}'")
    else:
        found = read_export(export(stack), f"stack '{stack}'" if stack else "the selected stack")
    return pick(found, registry)


def read_export(document: Any, source: str) -> list[Registry]:
    """The registries of a stack export; InputError when it is none, or has no registry."""
    if isinstance(document, dict) and "steps" in document:
        raise InputError(f"{source}: is a preview; expected the output of `pulumi stack export`")
    try:
        found = registries_from_export(document) if isinstance(document, dict) else []
    except ValueError as error:
        raise InputError(f"{source}: {error}") from error
    if not found:
        raise InputError(f"{source}: declares no container registry")
    return found


def pick(registries: Sequence[Registry], wanted: str | None) -> list[Registry]:
    """All of them, or the one that has this name or login server."""
    if wanted is None:
        return list(registries)
    found = [r for r in registries if wanted.lower() in (r.label.lower(), r.login_server.lower())]
    if not found:
        known = [r.label for r in registries]
        near = difflib.get_close_matches(wanted, known, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise InputError(f"registry '{wanted}': is not declared; there is: {', '.join(known)}{hint}")
    return found


def only_one(registries: Sequence[Registry]) -> Registry:
    """The registry, where a command prints one; InputError lists the names to choose from."""
    if len(registries) > 1:
        raise InputError(f"several registries are declared; name one: {', '.join(r.label for r in registries)}")
    return registries[0]


def read_json(file: Path, option: str) -> Any:
    """JSON from a file, or from standard input for ``-``."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not text"
        raise InputError(f"{option} '{file}': cannot be read ({reason})") from error
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{option} '{file}': is not JSON ({error})") from error


def export(stack: str | None) -> Any:
    """``pulumi stack export`` of a stack of the project in this directory."""
    return _document(_pulumi(["stack", "export", *_stack_arguments(stack)], EXPORT_LIMIT))


def preview(stack: str | None) -> Any:
    """``pulumi preview --json`` of a stack: it runs the program and changes nothing."""
    done = _pulumi(["preview", "--json", "--show-sames", "--non-interactive", *_stack_arguments(stack)], PREVIEW_LIMIT)
    return _document(done)


def changes_of(document: Any, exported: Any, source: str) -> tuple[list[Registry], list[Registry]]:
    """The registries before and after what a preview says; InputError when it is no preview."""
    try:
        if not isinstance(document, dict):
            raise ValueError("expected a JSON object")
        return registries_from_preview(document, exported)
    except ValueError as error:
        raise InputError(f"{source}: {error}") from error


def _stack_arguments(stack: str | None) -> list[str]:
    return ["--stack", stack] if stack else []


def _pulumi(arguments: list[str], limit: float) -> subprocess.CompletedProcess[str]:
    program = shutil.which("pulumi")
    shown = f"pulumi {' '.join(arguments)}"
    if program is None:
        raise DoctorError(
            f"{shown}: pulumi is not on PATH; in a checkout of this project use bin/local or bin/pulumi, or give "
            "--state FILE with what `pulumi stack export` printed"
        )
    env = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        done = subprocess.run(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
            env=env,
        )
    except subprocess.TimeoutExpired as error:
        raise DoctorError(f"{shown}: no answer within {limit:g} s") from error
    except OSError as error:
        raise DoctorError(f"{shown}: cannot be run ({error.strerror})") from error
    if done.returncode != 0:
        raise DoctorError(f"{shown}: failed with exit code {done.returncode}: {_reason(done)}")
    return done


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    """What Pulumi says went wrong: in --json mode its diagnostics, else its last words."""
    try:
        diagnostics = json.loads(done.stdout).get("diagnostics") or []
        said = [str(d.get("message", "")).strip() for d in diagnostics if d.get("severity") == "error"]
    except (ValueError, AttributeError):
        said = []
    lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    return "; ".join(s for s in said if s) or (lines[-1].strip() if lines else "no reason given")


def _document(done: subprocess.CompletedProcess[str]) -> Any:
    try:
        return json.loads(done.stdout)
    except ValueError as error:
        raise DoctorError(f"pulumi did not answer in JSON ({error})") from error
