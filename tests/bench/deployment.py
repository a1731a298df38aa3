"""What a command on the stack costs, against the same resources without our code and against an empty program.

- ``component preview``, ``component up``: the first of each with ``PrivateRegistry``, against a flat program that
  declares the same resources. Both pay for azure-native's modules, about a second (docs/decisions/0030).
- ``preview``: ``bin/local pulumi preview -s local`` of the deployed stack, against an empty Python program's.
- ``ordering``: with simulated latency, the time that latency adds, against the longest chain of dependencies.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from localcloud.model.latency import seconds as latency_of

from tests.bench.pairs import Measure, Timed, paired, seconds
from tests.rehearsal import ROOT, Rehearsal, stack_config

FLAT = Path(__file__).parent / "flat"
LATENCY_SCALE = "0.05"


def measures(folder: Path) -> Iterator[Measure]:
    ours = Rehearsal(folder / "ours", config=stack_config("local")).init()
    flat = Rehearsal(folder / "flat", project=FLAT, config=stack_config("local")).init()
    yield paired(
        "component preview",
        _preview(ours),
        _preview(flat),
        goal="1.05",
        note="first preview of PrivateRegistry / of a flat program with the same resources",
        runs=9,
    )
    yield paired(
        "component up",
        _first_up(folder / "ours-up"),
        _first_up(folder / "flat-up", project=FLAT),
        goal="1.05",
        note="first update of PrivateRegistry / of a flat program with the same resources",
        runs=9,
    )

    ours.up().ok()
    empty = Rehearsal(folder / "empty", project=_empty_program(folder)).init()
    empty.up().ok()
    yield paired(
        "preview",
        _preview(ours),
        _preview(empty),
        goal="at most 3",
        note="preview of the deployed local stack / of an empty Python program",
        runs=9,
    )
    yield _ordering(folder)


def _empty_program(folder: Path) -> Path:
    program = folder / "empty-program"
    program.mkdir(parents=True)
    options = {"toolchain": "pip", "virtualenv": os.path.relpath(ROOT / ".venv", program)}
    runtime = {"name": "python", "options": options}
    (program / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "empty", "runtime": runtime}))
    (program / "__main__.py").write_text("")
    return program


def _preview(rehearsal: Rehearsal) -> Timed:
    return lambda: seconds(lambda: rehearsal.preview().ok())


def _first_up(folder: Path, project: Path = ROOT) -> Timed:
    def timed() -> float:
        shutil.rmtree(folder, ignore_errors=True)
        rehearsal = Rehearsal(folder, project=project, config=stack_config("local")).init()
        return seconds(lambda: rehearsal.up().ok())

    return timed


def _ordering(folder: Path) -> Measure:
    path = 0.0

    def deploy(latency: str) -> float:
        nonlocal path
        place = folder / "ordering"
        shutil.rmtree(place, ignore_errors=True)
        env = {"LOCALCLOUD_LATENCY": latency, "LOCALCLOUD_LATENCY_SCALE": LATENCY_SCALE}
        rehearsal = Rehearsal(place, config=stack_config("local"), env=env).init()
        took = seconds(lambda: rehearsal.up().ok())
        path = critical_path(rehearsal.resources())
        return took

    os.environ["LOCALCLOUD_LATENCY_SCALE"] = LATENCY_SCALE  # latency_of reads it, as the cloud does
    return paired(
        "ordering",
        lambda: deploy("realistic") - deploy("off"),
        lambda: path,
        goal="1.05",
        note="seconds that simulated latency adds to a deployment / its longest chain of dependencies",
        runs=5,
    )


def critical_path(resources: list[dict[str, Any]]) -> float:
    """The longest chain of create times along the state's dependencies, in seconds."""
    needs = {r["urn"]: r.get("dependencies", []) for r in resources}
    cost = {
        r["urn"]: latency_of(r["type"], "create") if r["type"].startswith("azure-native:") else 0.0 for r in resources
    }
    done: dict[str, float] = {}

    def until(urn: str) -> float:
        if urn not in done:
            done[urn] = cost[urn] + max((until(need) for need in needs[urn]), default=0.0)
        return done[urn]

    return max(until(urn) for urn in needs)
