"""What importing costs: names without Pulumi, components without the modules of azure-native, which cost a second."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import private_registry
import pytest
from private_registry import alibaba, package


def imported_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "module",
    [
        "problems",
        "declared",
        "azure.settings",
        "azure.rollout",
        "azure.checks.private_registry",
        "azure.checks.client_firewall",
        "checks",
        "alibaba.checks",
        "alibaba.changes",
    ],
)
def test_pure_modules_do_not_import_pulumi(module: str) -> None:
    modules = imported_by(f"import private_registry.{module}")
    assert f"private_registry.{module}" in modules
    assert "pulumi" not in modules


@pytest.mark.parametrize(
    "statement",
    [
        "import private_registry",
        "from private_registry import *",
        "import private_registry.stack, private_registry.package",
        "import registry_guard.cli, registry_guard.pack",
        "import registry_doctor.cli",
    ],
)
def test_importing_runs_no_module_of_the_sdk(statement: str) -> None:
    """The SDK puts its modules into ``sys.modules`` unloaded; what they import is there only once one was used."""
    loaded = {m for m in imported_by(statement) if m.startswith("pulumi_azure_native.") and m.count(".") > 1}
    assert loaded == set()
    assert "pulumi_azure_native.network.subnet" in imported_by(f"{statement}; {_USE}")


def test_a_deployment_does_not_pay_for_reading_documents() -> None:
    """A program declares; the evaluator of templates and the readers of documents are the guard's and the doctor's."""
    loaded = imported_by("import private_registry.stack")
    assert "registry_model.reach.judgement" in loaded
    assert not {m for m in loaded if m.startswith(("registry_model.estate.templates", "registry_model.estate.reading"))}


@pytest.mark.parametrize(
    "statement",
    [
        "import private_registry",
        "from private_registry import *",
        "import private_registry.alibaba",
        "import private_registry.stack, private_registry.package",
        "import registry_guard.cli, registry_guard.pack",
    ],
)
def test_importing_needs_nothing_of_alibabas_sdk(statement: str) -> None:
    """It is an extra: with it not there, as here, all else works."""
    absent = "import sys; sys.modules['pulumi_alicloud'] = None"
    assert "pulumi_alicloud.cr" not in imported_by(f"{absent}; {statement}")
    with pytest.raises(subprocess.CalledProcessError):
        imported_by(f"{absent}; from private_registry.alibaba import EnterpriseRegistry")


_USE = "from pulumi_azure_native import network; network.Subnet"


@pytest.mark.parametrize("room", ["registry_guard.cli", "registry_guard.pack", "registry_doctor.cli", "registry_model"])
def test_other_rooms_do_not_import_the_sdk(room: str) -> None:
    modules = imported_by(f"import {room}")
    assert room in modules
    assert "pulumi_azure_native" not in modules


def test_one_component_does_not_load_the_others() -> None:
    modules = imported_by("from private_registry import PrivateDnsZone")
    assert "private_registry.azure.private_registry" not in modules


@pytest.mark.parametrize("home", [private_registry, alibaba])
def test_everything_public_is_there(home: ModuleType) -> None:
    for name in home.__all__:
        assert getattr(home, name).__name__ == name
    assert set(home.__all__) <= set(dir(home))


@pytest.mark.parametrize("home", [private_registry, alibaba])
def test_type_checkers_see_the_names_of_the_table(home: ModuleType) -> None:
    seen: dict[str, str] = {}
    tree = ast.parse(Path(str(home.__file__)).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            assert all(alias.asname == alias.name for alias in node.names), "a plain import is private to type checkers"
            seen |= {alias.name: str(node.module) for alias in node.names}
    assert seen == home._HOMES


def test_the_plugin_serves_every_public_component() -> None:
    served = {component.__name__ for component in package.components()}
    public = {*private_registry.__all__, *alibaba.__all__}
    assert served == {name for name in public if not name.endswith("Args")}


def test_a_wrong_name_is_told_as_usual() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'PrivateRegistri'"):
        private_registry.PrivateRegistri  # noqa: B018
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        import_module("private_registry.azure").Nothing  # noqa: B018
