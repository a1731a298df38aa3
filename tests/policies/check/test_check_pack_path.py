"""`registry-guard pack-path`: the pack for repositories that only install the wheel."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from registry_guard.rule import PRESETS

from tests.policies.check.checkkit import PACK, analyzed, export, guard, told
from tests.policies.guardkit import REGISTRY, states


def test_the_folder_runs_this_installation_and_holds_the_presets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache dir"))
    first = guard("pack-path")
    folder = Path(first.out.strip())
    assert folder.is_relative_to(tmp_path)
    policy = yaml.safe_load((folder / "PulumiPolicy.yaml").read_text())
    assert policy["runtime"] == {"name": "python", "options": {"toolchain": "pip", "virtualenv": sys.prefix}}
    assert guard("pack-path").out == first.out
    for preset in PRESETS:
        assert json.loads((folder / "presets" / f"{preset}.json").read_text()) == json.loads(
            (PACK / "presets" / f"{preset}.json").read_text()
        )
    assert sorted(p.name for p in folder.iterdir()) == ["PulumiPolicy.yaml", "__main__.py", "presets"]


def test_a_damaged_folder_is_mended(tmp_path: Path) -> None:
    guard("pack-path", "--output", tmp_path)
    (tmp_path / "__main__.py").write_text("")
    guard("pack-path", "--output", tmp_path)
    assert "serve()" in (tmp_path / "__main__.py").read_text()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = guard("pack-path", "--output", tmp_path / "file")
    assert ran.code == 2
    assert "cannot be written" in ran.err


@pytest.mark.engine
def test_the_engine_runs_it_from_anywhere(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    inputs = {"registryName": "contoso", "resourceGroupName": "rg", "sku": {"name": "Basic"}}
    state.write_text(export(states([{"type": REGISTRY, "name": "shop", "inputs": inputs}])))
    folder = tmp_path / "another repository" / "pack"
    assert guard("pack-path", "--output", folder).code == 0
    strict = folder / "presets" / "strict.json"
    assert told(analyzed(state, tmp_path, strict, pack=folder)) == told(analyzed(state, tmp_path, strict))


def test_presets_are_listed_printed_and_merged(tmp_path: Path) -> None:
    assert set(json.loads(guard("presets", "--json").out)) == set(PRESETS)
    assert json.loads(guard("presets", "strict").out) == json.loads((PACK / "presets" / "strict.json").read_text())
    mine = tmp_path / "mine.json"
    mine.write_text(
        json.dumps({"all": "advisory", "premium-sku": "mandatory", "replica-region": {"allowed": ["japaneast"]}})
    )
    merged = json.loads(guard("presets", "strict", "--config", mine).out)
    assert merged["premium-sku"] == "mandatory"
    assert merged["no-exposed-access"] == "advisory"
    assert merged["replica-region"] == {"enforcementLevel": "advisory", "allowed": ["japaneast"]}
    assert guard("presets", "stict").code == 2
    assert guard("presets", "--config", mine).code == 2


def test_rules_are_listed_and_explained() -> None:
    listed = json.loads(guard("rules", "--json").out)
    assert {"premium-sku", "no-exposed-access"} <= {rule["id"] for rule in listed}
    text = guard("rules", "premium-sku").out
    for word in ("Why", "Fix", "Levels", "Compare", "Azure Policy"):
        assert word in text
    text = " ".join(guard("rules", "delete-lock").out.split())
    assert "In a template Declare a Microsoft.Authorization/locks" in text
    assert "Where it runs already az lock create" in text
    assert "In a template" not in guard("rules", "premium-sku").out, "it has one fix for both"
    explained = json.loads(guard("rules", "delete-lock", "--json").out)
    assert explained["fix_live"].startswith("az lock create")
    assert explained["fix_template"].startswith("Declare a Microsoft.Authorization/locks")
    assert json.loads(guard("rules", "premium-sku", "--json").out)["levels"]["audit"] == "advisory"
    wrong = guard("rules", "premium_skuu")
    assert wrong.code == 2
    assert "did you mean 'premium-sku'" in wrong.err


# A pack that carries its own code


@pytest.fixture
def standalone(tmp_path: Path) -> Path:
    ran = guard("pack-path", "--standalone", tmp_path / "pack")
    assert ran.code == 0, ran.err
    return Path(ran.out.strip())


def test_a_standalone_folder_names_third_party_packages_and_nothing_of_this_machine(standalone: Path) -> None:
    project = tomllib.loads((PACK.parent / "pyproject.toml").read_text())["project"]
    assert (standalone / "requirements.txt").read_text().split() == [
        line for line in project["dependencies"] if line.startswith("pulumi>")
    ]
    options = yaml.safe_load((standalone / "PulumiPolicy.yaml").read_text())["runtime"]["options"]
    assert options == {"toolchain": "pip", "virtualenv": "venv"}
    texts = [file.read_text() for file in standalone.rglob("*") if file.is_file()]
    assert len(texts) > 80
    assert not [text for text in texts if sys.prefix in text or str(PACK.parent) in text]


def test_a_standalone_pack_imports_nothing_but_what_it_carries_and_requires(standalone: Path) -> None:
    """Isolated from this checkout, and with the packages of no extra: only what `pulumi` itself brings."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from registry_guard import pack\n"
        "analyzer = pack.Analyzer('1.2.3')\n"
        "assert len(analyzer.GetAnalyzerInfo(None, None).policies) > 40\n"
        "print(*sorted({(getattr(m, '__file__', '') or '') for n, m in sys.modules.items()"
        " if n.startswith('registry_')}), sep='\\n')\n"
        "print(*{n.partition('.')[0] for n in sys.modules}, file=sys.stderr)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program, standalone], capture_output=True, text=True, cwd="/")
    assert ran.returncode == 0, ran.stderr
    assert all(Path(line).is_relative_to(standalone) for line in ran.stdout.split()), ran.stdout
    assert not {"typer", "rich", "pulumi_policy", "private_registry"} & set(ran.stderr.split())


def test_a_standalone_folder_is_never_written_over_something(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    ran = guard("pack-path", "--standalone", tmp_path)
    assert ran.code == 2
    assert "cannot be written here: Directory not empty" in ran.err
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]
    assert guard("pack-path", "--standalone", tmp_path / "a", "--output", tmp_path / "b").code == 2


@pytest.mark.engine
@pytest.mark.full
def test_a_standalone_pack_runs_in_an_environment_of_its_own(standalone: Path, tmp_path: Path) -> None:
    """An empty environment, the packages of requirements.txt from the registry, and the real engine."""
    subprocess.run([sys.executable, "-m", "venv", standalone / "venv"], check=True)
    pip = [standalone / "venv" / "bin" / "python", "-m", "pip", "install", "--quiet", "-r"]
    done = subprocess.run([*pip, standalone / "requirements.txt"], capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    state = tmp_path / "state.json"
    inputs = {"registryName": "contoso", "resourceGroupName": "rg", "sku": {"name": "Basic"}}
    state.write_text(export(states([{"type": REGISTRY, "name": "shop", "inputs": inputs}])))
    strict = standalone / "presets" / "strict.json"
    assert told(analyzed(state, tmp_path, strict, pack=standalone)) == told(analyzed(state, tmp_path, strict))
