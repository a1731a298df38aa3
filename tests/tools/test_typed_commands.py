"""The commands of the pages that a newcomer follows, typed as they are written there."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.rehearsal import ROOT

# Every block of commands of these pages is typed by a test, or it is said why not. A block is known by its first line.
TYPED = {
    "README.md": {
        "make up": "test_make_up_shows_what_the_readme_shows",
        "make up STACK=alibaba-local": "test_make_up_and_down_in_the_local_alibaba_cloud",
        "../private-registry/bin/local cloud seed seed.yaml": "test_a_program_of_your_own_is_rehearsed",
        "make test": "it is this run",
        "make setup": "it needs an Azure subscription",
        "make dist": "tests/tools/test_distributions.py builds the wheel and installs it, with its extras",
        "../private-registry/bin/local pulumi config set alicloud:protocol localcloud.invalid": (
            "two settings; tests/components/test_alibaba.py deploys with them"
        ),
    },
    "CONTRIBUTING.md": {
        "make setup": "every run begins with it",
        ".venv/bin/pytest tests/model/test_names.py -k login_server": "test_one_test_runs",
        '.venv/bin/pytest tests/policies -k "webhook-https or rule_by_rule"': "tests/tools/test_contributing.py",
        "make reference": "tests/tools/test_api_reference.py; the tests that follow it are a part of this run",
    },
}
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"\s+#\s.*$")
SUBSCRIPTION = "00000000-0000-0000-0000-0000000000f1"


def blocks(page: str) -> list[list[str]]:
    """The commands of each block of a page, without their comments."""
    return [
        [_COMMENT.sub("", line.removeprefix("$ ")) for line in block.splitlines() if line.startswith("$ ")]
        for block in _BLOCK.findall((ROOT / page).read_text())
    ]


def block(page: str, first: str) -> list[str]:
    return next(each for each in blocks(page) if each[0] == first)


@pytest.mark.parametrize("page", TYPED)
def test_every_block_of_commands_is_typed_or_it_is_said_why_not(page: str) -> None:
    found = {each[0] for each in blocks(page)}
    assert found == set(TYPED[page]), f"name each block of {page} in TYPED, and what types it"
    own = {said for said in TYPED[page].values() if re.fullmatch(r"test_\w+", said)}
    assert own <= set(globals()), own - set(globals())


@dataclass
class Terminal:
    """A shell beside the checkout, whose rehearsals have a folder of their own."""

    folder: Path
    at: Path

    def types(self, command: str) -> str:
        """What a command prints. Nobody is there to confirm an update."""
        if re.search(r"\bpulumi (?:up|destroy)\b", command) and "--yes" not in command:
            command += " --yes"
        outside = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "PRIVATE_REGISTRY_"))}
        environment = {**outside, "PRIVATE_REGISTRY_LOCAL": str(self.folder / "rehearsal")}
        done = subprocess.run(
            command, shell=True, cwd=self.at, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    (tmp_path / "private-registry").symlink_to(ROOT)
    return Terminal(tmp_path, tmp_path / "private-registry")


def squeezed(table: str) -> list[str]:
    """The lines of a table, however wide its columns are. In the README … stands for the last column."""
    lines = [re.sub(r"\s*…$", "", line).split() for line in table.splitlines()]
    return [" ".join(words) for words in lines if words]


@pytest.mark.full
@pytest.mark.engine
@pytest.mark.xdist_group("make")
def test_make_up_shows_what_the_readme_shows(terminal: Terminal) -> None:
    (command,) = block("README.md", "make up")
    terminal.types(command)
    shown = squeezed(terminal.types(command))
    promised = (ROOT / "README.md").read_text().partition("ends like this:\n\n```\n")[2].partition("```")[0]
    missing = [line for line in squeezed(promised) if not any(each.startswith(line) for each in shown)]
    assert promised
    assert not missing, "\n".join(shown)
    terminal.types("make down")


@pytest.mark.full
@pytest.mark.engine
@pytest.mark.xdist_group("make")
def test_make_up_and_down_in_the_local_alibaba_cloud(terminal: Terminal) -> None:
    up, down = block("README.md", "make up STACK=alibaba-local")
    assert "contoso-registry-vpc.ap-northeast-1.cr.aliyuncs.com" in terminal.types(up)
    assert "the stack stays, empty" in terminal.types(down)


@pytest.mark.full
@pytest.mark.engine
def test_a_program_of_your_own_is_rehearsed(terminal: Terminal) -> None:
    page = (ROOT / "README.md").read_text()
    program = page.partition("## In your own program")[2].partition("```python\n")[2].partition("```")[0]
    own = terminal.folder / "images"
    own.mkdir()
    (own / "__main__.py").write_text(program)
    (own / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "images", "runtime": "python"}))
    seed = yaml.safe_load((ROOT / "localcloud/estates/prod.yaml").read_text())
    seed["resources"][0]["inputs"]["resourceGroupName"] = "rg-registry"
    seed["resources"][3]["inputs"]["addressSpace"] = {"addressPrefixes": ["10.20.0.0/16"]}
    seed["resources"][4]["inputs"]["addressPrefix"] = "10.20.0.0/27"
    (own / "seed.yaml").write_text(yaml.safe_dump(seed))

    network = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-network-prod/providers/Microsoft.Network"
    zones = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-dns-hub/providers/Microsoft.Network/privateDnsZones"
    given = {
        "azure-native:subscriptionId": SUBSCRIPTION,
        "subnetId": f"{network}/virtualNetworks/vnet-prod/subnets/private-endpoints",
        "zoneId": f"{zones}/privatelink.azurecr.io",
    }
    at = Terminal(terminal.folder, own)
    printed: dict[str, str] = {}
    for command in block("README.md", "../private-registry/bin/local cloud seed seed.yaml"):
        key = command.split()[-2]
        printed[command] = at.types(command.replace("…", given[key]) if command.endswith("…") else command)
    (shown,) = (text for command, text in printed.items() if "registry-doctor reach" in command)
    assert "contoso: who can pull and push" in shown
    assert "VM in vnet-prod" in shown
    assert "contoso.japanwest.data.azurecr.io:443" in at.types("../private-registry/bin/local pulumi stack output")
    at.types(
        "../private-registry/bin/local pulumi preview --expect-no-changes --policy-pack ../private-registry/policies"
    )
    for command in re.findall(r"`(bin/local pulumi (?:state unprotect|destroy)[^`]*)`", page):
        at.types(f"../private-registry/{command}")
    assert at.types("../private-registry/bin/local cloud ls --type Registry --json").strip() == "[]"


@pytest.mark.full
def test_one_test_runs(terminal: Terminal) -> None:
    command = block("CONTRIBUTING.md", ".venv/bin/pytest tests/model/test_names.py -k login_server")[0]
    assert " passed" in terminal.types(command)
