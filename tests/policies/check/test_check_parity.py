"""`registry-guard check` finds what the pack finds when the real engine runs it, on the same states and previews."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from registry_guard.report import stream
from registry_guard.rule import PRESETS as PRESET_NAMES
from registry_guard.rule import rules

from tests.policies.check.checkkit import PRESETS, analyzed, export, guard, told, told_json
from tests.policies.guardkit import states
from tests.policies.report.record import PROGRAMS
from tests.policies.report.reportkit import STREAMS, report
from tests.rehearsal import Rehearsal

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def every_example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One stack with the examples of all rules: what passes, what does not, what is not known.

    Each example's registries have names of their own, as registries have, so that the examples stay apart.
    """

    def apart(text: str, number: int) -> str:
        return text.replace("contoso", f"contoso{number}x").replace("fabrikam", f"fabrikam{number}x")

    examples = [(rule.id, e) for rule in rules().values() for e in (*rule.compliant, *rule.violating)]
    made = [
        state
        for number, (rule_id, example) in enumerate(examples)
        for state in json.loads(apart(json.dumps(states(example.resources, prefix=f"{rule_id}-{number}-")), number))
    ]
    path = tmp_path_factory.mktemp("examples") / "state.json"
    path.write_text(export(made))
    return path


@pytest.mark.parametrize("preset", PRESET_NAMES)
def test_on_a_state_it_finds_what_policy_analyze_finds(preset: str, every_example: Path) -> None:
    engine = analyzed(every_example, every_example.parent, PRESETS / f"{preset}.json")
    ours = guard("check", every_example, "--preset", preset, "--json")
    assert told_json(ours.json()) == told(engine)
    assert len({rule for rule, *_ in told(engine)}) > 19
    assert ours.code == engine.exit_code


@pytest.mark.full
def test_on_a_preview_it_finds_what_the_preview_with_the_pack_finds(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path, project=PROGRAMS / "shop", stack="dev").init()
    rehearsal.config = {"shop:sku": "Basic"}
    strict = PRESETS / "strict.json"
    rehearsal.env = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "1"}
    packs = ("--policy-pack", str(PRESETS.parent), "--policy-pack-config", str(strict))
    with_pack = stream.read(rehearsal.preview("--json", *packs).failed().out, required=("registry-guard",))
    rehearsal.env = {}
    preview = tmp_path / "preview.json"
    preview.write_text(rehearsal.preview("--json").ok().out)
    ours = guard("check", preview, "--preset", "strict", "--json")
    assert told_json(ours.json()) == told(with_pack)
    assert any(kind == "undetermined" and fails for _, _, kind, fails, _ in told(with_pack))


def test_recorded_documents_of_one_stack_agree(tmp_path: Path) -> None:
    """The preview, its plan and its event stream were recorded of the same program and configuration."""
    config = tmp_path / "config.json"
    config.write_text(
        json.dumps(
            {"all": "disabled", "premium-sku": "mandatory", "no-exposed-access": "mandatory", "export-off": "advisory"}
        )
    )

    def found(*words: str) -> set[tuple[str, str, bool]]:
        return {
            (f["rule"], f["urn"], f["fails"])
            for f in guard("check", "--config", config, "--json", *words).json()["findings"]
        }

    streamed = {(i.rule, i.urn, i.fails) for i in report("preview-passes").items}
    assert found(str(STREAMS / "digest-new.json")) == streamed
    assert found(str(STREAMS / "plan-new.json")) == streamed
    changed = found(str(STREAMS / "digest-changed.json"))
    assert changed == found(str(STREAMS / "plan-changed.json"), "--state", str(STREAMS / "export.json"))
    assert ("no-exposed-access", "urn:pulumi:dev::shop::azure-native:containerregistry:Registry::shop", True) in changed
    assert found(str(STREAMS / "export.json")) == {(i.rule, i.urn, i.fails) for i in report("analyze-passes").items}
