"""The example that passes the guard's preset `strict`, and that each of its three additions is what lets it pass."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.components.gallery import assert_pictured
from tests.rehearsal import ROOT, Finished, Rehearsal

pytestmark = [pytest.mark.engine, pytest.mark.full]

EXAMPLE = ROOT / "examples" / "strict"
STRICT = (
    "--policy-pack",
    str(ROOT / "policies"),
    "--policy-pack-config",
    str(ROOT / "policies/presets/strict.json"),
)


def example(folder: Path) -> Rehearsal:
    config = yaml.safe_load((EXAMPLE / "Pulumi.local.yaml").read_text())["config"]
    project = shutil.copytree(EXAMPLE, folder / "strict", ignore=shutil.ignore_patterns("Pulumi.local.yaml"))
    described = yaml.safe_load((project / "Pulumi.yaml").read_text())
    described["runtime"]["options"]["virtualenv"] = str(ROOT / ".venv")
    (project / "Pulumi.yaml").write_text(yaml.safe_dump(described))
    return Rehearsal(folder / "rehearsal", project=project, config=config).init()


def mandatory(said: Finished) -> set[str]:
    return set(re.findall(r"- \[mandatory\] \[severity: \w+\]  ([\w-]+) ", said.text))


def test_strict_lets_it_pass_and_nothing_of_it_can_be_left_out(tmp_path: Path) -> None:
    stack = example(tmp_path)
    assert mandatory(stack.up(*STRICT).ok()) == set()
    stack.preview("--expect-no-changes", *STRICT).ok()
    assert_pictured(stack, "strict")

    program = stack.project / "__main__.py"
    whole = program.read_text()
    for part, rule in (
        ('            "customer_managed_key": .*\n', "customer-managed-key"),
        (r"authorization.ManagementLockByScope\((?:.|\n)*?\n\)\n", "delete-lock"),
        (r"monitor.DiagnosticSetting\((?:.|\n)*?\n\)\n", "audit-logs"),
    ):
        less = re.sub(part, "", whole)
        assert less != whole
        program.write_text(less)
        assert rule in mandatory(stack.preview(*STRICT).failed())
