"""The local cloud in a Pulumi home: written whole, only where it may be, and the same when repeated."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from localcloud.provider import install as installing
from localcloud.provider import naming
from localcloud.provider.install import CannotInstallError, install
from localcloud.sdk import cache

AZURE = naming.surface()
PLUGIN = "plugins/resource-azure-native-v3.29.0/pulumi-resource-azure-native"


def test_the_plugin_starts_this_checkouts_provider(tmp_path: Path) -> None:
    done = install(tmp_path / "a home", AZURE)
    assert done.plugin == tmp_path / "a home" / PLUGIN
    process = subprocess.Popen(
        [str(done.plugin), "127.0.0.1:1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        assert process.stdout.readline().strip().isdigit()
        assert process.stdin
        process.stdin.close()
        assert process.wait(3) == 0
    finally:
        process.kill()


def test_the_plugin_names_the_interpreter_by_its_link(tmp_path: Path) -> None:
    content = install(tmp_path, AZURE).plugin.read_text()
    assert f"python={sys.executable}\n" in content, "so that a virtual environment made anew is found again"


def test_a_plugin_without_its_python_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone" / "python"))
    monkeypatch.setattr(cache, "load", lambda _: None)
    monkeypatch.setattr(cache, "load_schema", lambda _: {})
    ran = subprocess.run([str(install(tmp_path, AZURE).plugin)], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "make setup" in ran.stderr


def test_the_schema_is_newer_than_the_plugin(tmp_path: Path) -> None:
    done = install(tmp_path, AZURE)
    schema = tmp_path / "schemas" / "azure-native-3.29.0.json"
    assert json.loads(schema.read_text())["name"] == "azure-native"
    assert schema.stat().st_mtime_ns >= done.plugin.parent.stat().st_ctime_ns, "the engine ignores an older one"


def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    first = install(tmp_path, AZURE)
    before = first.plugin.read_bytes()
    second = install(tmp_path, AZURE)
    assert (first.changed, second.changed) == (True, False)
    assert second.plugin.read_bytes() == before
    assert sorted(p.name for p in first.plugin.parent.iterdir()) == ["pulumi-resource-azure-native"]


def test_a_plugin_of_another_checkout_is_replaced(tmp_path: Path) -> None:
    plugin = install(tmp_path, AZURE).plugin
    plugin.write_text(plugin.read_text().replace("start.py", "elsewhere.py"))
    assert install(tmp_path, AZURE).changed
    assert "elsewhere" not in plugin.read_text()


def test_a_real_azure_native_is_left_alone(tmp_path: Path) -> None:
    plugin = tmp_path / PLUGIN
    plugin.parent.mkdir(parents=True)
    plugin.write_bytes(b"\x7fELF")
    with pytest.raises(CannotInstallError, match="real azure-native"):
        install(tmp_path, AZURE)
    assert plugin.read_bytes() == b"\x7fELF"


def test_the_users_own_pulumi_home_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    with pytest.raises(CannotInstallError, match="your own Pulumi home"):
        install(tmp_path / ".pulumi", AZURE)
    assert not (tmp_path / ".pulumi").exists()


def test_an_interrupted_installation_leaves_no_half_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "chmod", interrupted)
    with pytest.raises(KeyboardInterrupt):
        installing.install(tmp_path, AZURE)
    assert not (tmp_path / PLUGIN).exists()
