"""The reference in docs/ is generated, says what the source says, and its check notices when it does not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "api_reference.py"


def generate(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, TOOL, *words], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("reference")
    assert generate("--into", folder).returncode == 0
    return {path.name: path.read_text() for path in (folder / "docs" / "reference").glob("*.md")}


def test_the_pages_are_what_the_source_says() -> None:
    checked = generate("--check")
    assert checked.returncode == 0, checked.stderr


def test_a_stale_or_foreign_page_is_noticed_and_put_right(tmp_path: Path) -> None:
    assert generate("--into", tmp_path).returncode == 0
    page = tmp_path / "docs" / "reference" / "components.md"
    schema = tmp_path / "schema" / "private-registry.json"
    gone = page.with_name("gone.md")
    right = page.read_text(), schema.read_text()
    page.write_text(right[0].replace("required", "wanted"))
    schema.write_text(right[1].replace("string", "integer", 1))
    gone.write_text("of a module that is no more")
    told = generate("--check", "--into", tmp_path)
    assert told.returncode == 1
    stale = "docs/reference/components.md, docs/reference/gone.md, schema/private-registry.json"
    assert f"not what the source says: {stale}. Run `make reference`" in told.stderr
    assert (page.read_text(), schema.read_text()) != right
    assert generate("--into", tmp_path).stdout.splitlines() == [
        "wrote docs/reference/components.md",
        "removed docs/reference/gone.md",
        "wrote schema/private-registry.json",
    ]
    assert (page.read_text(), schema.read_text()) == right
    assert not gone.exists()
    assert generate("--into", tmp_path).stdout == ""


def test_what_has_no_docstring_is_named_with_its_file(tmp_path: Path) -> None:
    patched = tmp_path / "undescribed.py"
    patched.write_text(
        "import runpy, sys\nfrom private_registry import package\nmade = package.schema()\n"
        "for entry in [*made['resources'].values(), *made['types'].values()]:\n"
        "    for held in (entry.get('inputProperties', {}), entry.get('properties', {})):\n"
        "        held.get('retentionDays', {}).pop('description', None)\n"
        "package.schema = lambda: made\n"
        f"sys.argv = ['api_reference.py', '--check']\nrunpy.run_path({str(TOOL)!r}, run_name='__main__')\n"
    )
    told = subprocess.run([sys.executable, patched], capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 1
    assert told.stderr == (
        "api reference: components/private_registry/azure/premium_registry.py: RegistrySettingsArgs: "
        "retention_days has no docstring\n"
    )


def test_every_input_and_output_of_every_component_is_there(pages: dict[str, str]) -> None:
    schema = json.loads((ROOT / "schema" / "private-registry.json").read_text())
    for token, entry in {**schema["resources"], **schema["types"]}.items():
        section = re.split(r"^## ", pages["components.md"], flags=re.MULTILINE)
        (own,) = [part for part in section if part.startswith(token.rsplit(":", 1)[-1] + "\n")]
        for name in {**entry.get("inputProperties", {}), **entry["properties"]}:
            assert f"| `{name}`" in own, f"{token}.{name}"


def test_links_lead_somewhere(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        for target, anchor in re.findall(r"\]\(([\w.]*)#([\w-]+)\)", text):
            assert re.search(rf"^#+ {anchor}$", pages[target or name], re.MULTILINE | re.IGNORECASE), (
                f"{name}: {anchor}"
            )
        for target in re.findall(r"\]\(([\w.]+\.md)\)", text):
            assert target in pages, f"{name}: {target}"
