"""What Azure adds and orders by itself changes no answer of the doctor: home replication, order of addresses."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from tests.doctor import stacks
from tests.model.live.standin import PRINTED
from tests.model.reordered import reordered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.doctor.conftest import Result

    Doctor = Callable[..., Result]

COMMANDS = {
    "show": ("show",),
    "endpoints": ("endpoints",),
    "allow-list": ("allow-list", "--json"),
    "records": ("records",),
    "reach": ("reach", "--json"),
    "diagram": ("diagram", "--format", "svg"),
}


def answers(doctor: Doctor, source: Path) -> dict[str, tuple[int, str, str]]:
    """What each command says of a state file or a live folder, but for its path."""
    found = {}
    for name, (command, *options) in COMMANDS.items():
        result = doctor(command, "--state", str(source), "contoso", *options)
        found[name] = (result.code, result.out.replace(str(source), "…"), result.err.replace(str(source), "…"))
    assert all(out for _, out, _ in found.values())
    return found


def state(folder: Path, name: str, *regions: str, change: Callable[[Any], Any] = lambda document: document) -> Path:
    resources = [*stacks.registry(replicas=regions), *stacks.private_path("contoso", stacks.ADDRESSES)]
    file = folder / name
    file.write_text(json.dumps(change(stacks.export(*resources))))
    return file


def live(folder: Path, name: str, change: Callable[[str, Any], Any]) -> Path:
    copy = folder / name
    shutil.copytree(PRINTED, copy)
    for file in copy.glob("*.json"):
        file.write_text(json.dumps(change(file.name, json.loads(file.read_text()))))
    return copy


def _without_home(file: str, answer: Any) -> Any:
    if file != "acr-replication-list.json":
        return answer
    rest = [each for each in answer if each["name"] != "japaneast"]
    assert len(rest) == len(answer) - 1
    return rest


class TestHomeReplication:
    def test_in_a_state(self, doctor: Doctor, tmp_path: Path) -> None:
        without = answers(doctor, state(tmp_path, "without.json", "westus"))
        assert answers(doctor, state(tmp_path, "with.json", "japaneast", "westus")) == without
        assert answers(doctor, state(tmp_path, "other.json", "eastus", "westus")) != without

    def test_in_a_live_folder(self, doctor: Doctor, tmp_path: Path) -> None:
        whole = answers(doctor, live(tmp_path, "whole", lambda _, answer: answer))
        assert answers(doctor, live(tmp_path, "without", _without_home)) == whole


class TestOrder:
    """Which member has which place in a list is Azure's affair."""

    def test_in_a_state(self, doctor: Doctor, tmp_path: Path) -> None:
        as_is = answers(doctor, state(tmp_path, "as-is.json", "westus"))
        assert answers(doctor, state(tmp_path, "turned.json", "westus", change=reordered)) == as_is

    def test_in_a_live_folder(self, doctor: Doctor, tmp_path: Path) -> None:
        whole = answers(doctor, live(tmp_path, "whole", lambda _, answer: answer))
        assert answers(doctor, live(tmp_path, "turned", lambda _, answer: reordered(answer))) == whole
