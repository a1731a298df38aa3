"""What importing costs: names without Pulumi, components without azure-native."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import private_registry
import pytest
from private_registry import package


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
    ],
)
def test_pure_modules_do_not_import_pulumi(module: str) -> None:
    modules = imported_by(f"import private_registry.{module}")
    assert f"private_registry.{module}" in modules
    assert "pulumi" not in modules


def test_components_do_not_load_azure_natives_modules() -> None:
    modules = imported_by("from private_registry import PrivateRegistry")
    assert "private_registry.azure.private_registry" in modules
    assert [m for m in modules if m.startswith("pulumi_azure_native")] == []


def test_one_component_does_not_load_the_others() -> None:
    modules = imported_by("from private_registry import PrivateDnsZone")
    assert "private_registry.azure.private_registry" not in modules


def test_everything_public_is_there() -> None:
    for name in private_registry.__all__:
        assert getattr(private_registry, name).__name__ == name
    assert set(private_registry.__all__) <= set(dir(private_registry))


def test_type_checkers_see_the_names_of_the_table() -> None:
    seen: dict[str, str] = {}
    tree = ast.parse(Path(private_registry.__file__).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            assert all(alias.asname == alias.name for alias in node.names), "a plain import is private to type checkers"
            seen |= {alias.name: str(node.module) for alias in node.names}
    assert seen == private_registry._HOMES


def test_the_plugin_serves_every_public_component() -> None:
    served = {component.__name__ for component in package.components()}
    assert served == {name for name in private_registry.__all__ if not name.endswith("Args")}


def test_a_wrong_name_is_told_as_usual() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'PrivateRegistri'"):
        private_registry.PrivateRegistri  # noqa: B018
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        import_module("private_registry.azure").Nothing  # noqa: B018
