"""What `registry-guard check` accepts, and what it says about the rest: exit code 2, every problem, no traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.policies.check.checkkit import export, guard, guard_process
from tests.policies.guardkit import REGISTRY, states
from tests.policies.report.reportkit import STREAMS

EXPOSED = {
    "type": REGISTRY,
    "name": "open",
    "inputs": {"registryName": "contoso", "resourceGroupName": "rg", "sku": {"name": "Basic"}},
}
TEMPLATE = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "parameters": {"sku": {"type": "string", "defaultValue": "Basic"}},
    "resources": [
        {
            "type": "Microsoft.ContainerRegistry/registries",
            "apiVersion": "2023-07-01",
            "name": "contoso",
            "location": "japaneast",
            "sku": {"name": "[parameters('sku')]"},
            "properties": {"publicNetworkAccess": "Disabled"},
        }
    ],
}


@pytest.fixture
def bad_export(tmp_path: Path) -> Path:
    path = tmp_path / "bad.json"
    path.write_text(export(states([EXPOSED])))
    return path


def rules_of(document: dict[str, Any]) -> set[str]:
    return {finding["rule"] for finding in document["findings"] if finding["fails"]}


def test_a_violation_is_exit_code_1_and_says_rule_resource_and_fix(bad_export: Path) -> None:
    ran = guard_process("check", bad_export)
    assert ran.code == 1
    assert "premium-sku" in ran.out
    assert "Set sku.name to Premium." in ran.out
    assert "FAILED" in ran.out
    assert "\x1b" not in ran.out


def test_nothing_mandatory_is_exit_code_0(bad_export: Path) -> None:
    ran = guard("check", bad_export, "--preset", "audit")
    assert ran.code == 0
    assert "passed" in ran.out


def test_standard_input_is_read(bad_export: Path) -> None:
    ran = guard("check", "-", "--json", stdin=bad_export.read_text())
    assert ran.code == 1
    assert "premium-sku" in rules_of(ran.json())


def test_a_state_file_of_a_self_managed_backend_is_a_stack_too(tmp_path: Path) -> None:
    deployment = json.loads(export(states([EXPOSED])))["deployment"]
    path = tmp_path / "dev.json"
    path.write_text(json.dumps({"version": 3, "checkpoint": {"stack": "dev", "latest": deployment}}))
    assert "premium-sku" in rules_of(guard("check", path, "--json").json())


@pytest.mark.parametrize("deployment", [None, {"manifest": {}}, {"manifest": {}, "resources": None}])
def test_an_empty_stack_passes(tmp_path: Path, deployment: object) -> None:
    path = tmp_path / "empty.json"
    path.write_text(json.dumps({"version": 3, "deployment": deployment}))
    assert guard("check", path).code == 0


def test_resources_that_are_being_deleted_are_not_judged(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text(export([{**state, "delete": True} for state in states([EXPOSED])]))
    assert guard("check", path).code == 0


def test_folders_and_patterns_pass_over_what_declares_nothing(tmp_path: Path, bad_export: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "template.json").write_text(json.dumps(TEMPLATE))
    (tmp_path / "package.json").write_text('{"name": "x"}')
    (tmp_path / "broken.json").write_text("{")
    ran = guard("check", tmp_path, "--json")
    assert [Path(s["name"]).name for s in ran.json()["sources"]] == ["bad.json", "template.json"]
    assert "skipped 2 files that declare nothing" in ran.err
    globbed = guard("check", str(tmp_path / "**" / "t*.json"), "--json")
    assert [s["kind"] for s in globbed.json()["sources"]] == ["ARM template"]


def test_each_file_is_a_stack_of_its_own(tmp_path: Path) -> None:
    """A zone or endpoint of one stack must not vouch for the registry of another."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(export(states([EXPOSED])))
    one = guard("check", tmp_path / "a.json", "--json").json()
    both = guard("check", tmp_path / "a.json", tmp_path / "b.json", "--json").json()
    assert len(both["findings"]) == 2 * len(one["findings"])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("", "it is empty"),
        ("[1]", "neither a stack export"),
        ("{}", "neither a stack export"),
        ("{'a': 1}", "it is not JSON (line 1, column 2)"),
        ('{"version": 3, "deployment": []}', "no list of resources"),
        ('{"version": 3, "deployment": {"resources": [{}]}}', "resource 0 has no URN and type"),
        (export([{"urn": "u", "type": "t", "inputs": 3}]), "its inputs must be an object"),
        ('{"config": {}, "changeSummary": {}, "steps": [3]}', "its steps are no list of objects"),
        (json.dumps({"resourcePlans": {"u": {"goal": {"type": REGISTRY}, "steps": ["update"]}}}), "with --state"),
        ('{"resourcePlans": []}', "no plan of"),
        ("[" * 100_000, "nested too deeply"),
        (json.dumps({"$schema": "https://x/deploymentParameters.json#", "parameters": {}}), "--parameters"),
        ((STREAMS / "preview-violations.ndjson").read_text(), "registry-guard report"),
        ((STREAMS / "digest-hides-unchanged.json").read_text(), "--show-sames"),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_is_refused_with_what_to_do(tmp_path: Path, given: str, says: str) -> None:
    path = tmp_path / "input.json"
    path.write_text(given)
    ran = guard("check", path)
    assert ran.code == 2
    assert says in ran.err
    assert str(path) in ran.err
    assert ran.out == ""


@pytest.mark.parametrize(
    ("added", "says"),
    [
        ({"version": 3, "deployment": {"resources": []}}, "a stack export and as an ARM template"),
        ({"checkpoint": {"latest": {"resources": []}}}, "a stack export and as an ARM template"),
        ({"resourcePlans": {}}, "a plan and as an ARM template"),
        ({"steps": []}, "a preview and as an ARM template"),
        ({"templateJson": "{}"}, "what `az bicep build-params` prints and as an ARM template"),
        ({"value": []}, "an ARM template and as what `az` prints"),
        ({"count": 0, "data": []}, "an ARM template and as what `az` prints"),
        ({"id": "/subscriptions/s/resourceGroups/g"}, "an ARM template and as what `az` prints"),
    ],
)
def test_a_file_of_two_kinds_is_refused_in_a_folder_too(tmp_path: Path, added: dict[str, Any], says: str) -> None:
    """Azure would deploy nothing of it, and reading it as the kind that declares less would let it pass."""
    (tmp_path / "main.json").write_text(json.dumps({**TEMPLATE, **added}))
    (tmp_path / "other.json").write_text(json.dumps(TEMPLATE))
    for given in (tmp_path, tmp_path / "main.json"):
        ran = guard("check", given)
        assert ran.code == 2
        assert f"it can be read as {says}" in ran.err


def test_a_failed_preview_is_refused(tmp_path: Path) -> None:
    preview = json.loads((STREAMS / "digest-new.json").read_text())
    preview["diagnostics"] = [{"severity": "error", "message": "error: it\nbroke"}]
    path = tmp_path / "preview.json"
    path.write_text(json.dumps(preview))
    ran = guard("check", path)
    assert ran.code == 2
    assert "the preview failed" in ran.err


def test_files_that_are_no_text_or_not_there(tmp_path: Path) -> None:
    binary = tmp_path / "x.json"
    binary.write_bytes(b"\x1f\x8b\x08\x00\xff{")
    ran = guard("check", binary, tmp_path / "missing.json", tmp_path / "none*.json")
    assert ran.code == 2
    assert "not UTF-8" in ran.err
    assert ran.err.count("there is no such file") == 2


def test_an_empty_folder_and_a_folder_with_nothing_to_judge(tmp_path: Path) -> None:
    assert "no .json or .jsonc file" in guard("check", tmp_path).err
    (tmp_path / "x.json").write_text("{}")
    ran = guard("check", tmp_path)
    assert ran.code == 2
    assert "nothing to judge" in ran.err


def test_bicep_is_sent_to_its_compiler(tmp_path: Path) -> None:
    path = tmp_path / "main.bicep"
    path.write_text("param name string\n")
    assert "az bicep build" in guard("check", path).err


def test_parameters_and_state_are_refused_where_they_mean_nothing(bad_export: Path, tmp_path: Path) -> None:
    parameters = tmp_path / "p.json"
    parameters.write_text('{"parameters": {}}')
    assert "--parameters is for ARM templates" in guard("check", bad_export, "--parameters", parameters).err
    assert "--state is for plans" in guard("check", bad_export, "--state", bad_export).err
    assert "no ARM parameters file" in guard("check", bad_export, "--parameters", bad_export).err
    assert "no export" in guard("check", bad_export, "--state", parameters).err


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"premium-skuu": "mandatory"}, "did you mean 'premium-sku'"),
        ({"premium-sku": "mandatry"}, "did you mean 'mandatory'"),
        ({"premium-sku": {"enforcementLevel": "mandatory", "tier": 1}}, "'tier' is not a key"),
        ([], "an object is expected"),
    ],
)
def test_a_wrong_configuration_is_refused(bad_export: Path, tmp_path: Path, document: object, says: str) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps(document))
    ran = guard("check", bad_export, "--config", config)
    assert ran.code == 2
    assert says in ran.err


def test_a_wrong_preset_format_or_option_is_refused(bad_export: Path, tmp_path: Path) -> None:
    assert "did you mean 'strict'" in guard("check", bad_export, "--preset", "stict").err
    assert "not one of table, json" in guard("check", bad_export, "--format", "html").err
    assert "contradict" in guard("check", bad_export, "--format", "sarif", "--json").err
    assert "the ending must be" in guard("check", bad_export, "--output", tmp_path / "a.html").err
    assert "several" in guard("check", bad_export, "-f", "json", "-o", tmp_path / "a", "-o", tmp_path / "b").err
    for ran in (guard("check"), guard("check", bad_export, "--colour"), guard("chek")):
        assert ran.code == 2


def test_an_exemption_counts_and_shows(bad_export: Path, tmp_path: Path) -> None:
    exemption = {"rule": "premium-sku", "resource": "open", "reason": "pilot", "owner": "ops", "expires": "2999-01-01"}
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"registry-guard": {"exemptions": [exemption]}}))
    with_it = guard("check", bad_export, "--config", config, "--json").json()
    assert "premium-sku" not in rules_of(with_it)
    assert with_it["counts"]["exempted"] == 1
    exemption["expires"] = "2001-01-01"
    config.write_text(json.dumps({"registry-guard": {"exemptions": [exemption]}}))
    assert "premium-sku" in rules_of(guard("check", bad_export, "--config", config, "--json").json())


def test_reports_of_several_formats_from_one_run(bad_export: Path, tmp_path: Path) -> None:
    names = ("r.sarif", "r.xml", "r.md", "r.json", "r.txt")
    outputs = [word for name in names for word in ("--output", tmp_path / name)]
    ran = guard("check", bad_export, *outputs)
    assert ran.code == 1
    assert "FAILED" in ran.out
    assert json.loads((tmp_path / "r.sarif").read_text())["version"] == "2.1.0"
    assert (tmp_path / "r.xml").read_text().startswith("<?xml")
    assert "<!-- registry-guard -->" in (tmp_path / "r.md").read_text()
    assert json.loads((tmp_path / "r.json").read_text())["passed"] is False
    named = guard("check", bad_export, "--format", "sarif", "--output", tmp_path / "report.json")
    assert named.out == ""
    assert "runs" in json.loads((tmp_path / "report.json").read_text())


@pytest.mark.parametrize(
    ("words", "ending"),
    [
        (["--json"], "y.sarif"),
        (["--format", "json"], "y.xml"),
        (["--format", "junit"], "y.json"),
        (["--format", "sarif"], "y.md"),
        (["--format", "table"], "y.sarif.json"),
    ],
)
def test_a_file_is_not_written_in_another_format_than_its_ending_says(
    bad_export: Path, tmp_path: Path, words: list[str], ending: str
) -> None:
    ran = guard("check", bad_export, *words, "--output", tmp_path / ending)
    assert ran.code == 2
    assert "contradict each other: the ending asks for" in ran.err
    assert not (tmp_path / ending).exists()


def test_who_asks_for_a_page_of_html_is_told_what_writes_one(bad_export: Path, tmp_path: Path) -> None:
    for ending, told in (("r.html", True), ("r.HTM", True), ("r.doc", False)):
        ran = guard("check", bad_export, "--output", tmp_path / ending)
        assert ran.code == 2
        assert ("registry-doctor report --state FILE --html report.html" in ran.err) is told


@pytest.mark.parametrize(
    ("words", "ending", "begin"),
    [
        (["--json"], "y.json", "{"),
        (["--json"], "y.txt", "{"),
        (["--json"], "y.out", "{"),
        (["--format", "sarif"], "y.json", "{"),
        (["--format", "sarif"], "y.sarif.json", "{"),
        (["--format", "junit"], "y.xml", "<?xml"),
        (["--format", "markdown"], "y", "<!--"),
    ],
)
def test_a_file_whose_ending_fits_or_says_nothing_is_written(
    bad_export: Path, tmp_path: Path, words: list[str], ending: str, begin: str
) -> None:
    assert guard("check", bad_export, *words, "--output", tmp_path / ending).code == 1
    assert (tmp_path / ending).read_text().startswith(begin)


BICEP_PARAMETERS = "// of the registry\nusing './main.bicep'\n\nparam name = 'contoso'\n"
BICEP = "param name string\n\nresource acr 'Microsoft.ContainerRegistry/registries@2023-07-01' = {\n  name: name\n}\n"


@pytest.mark.parametrize("name", ["main.bicepparam", "parameters.txt"])
def test_bicep_parameters_are_told_how_to_become_json(tmp_path: Path, name: str) -> None:
    template, file = tmp_path / "main.json", tmp_path / name
    template.write_text(json.dumps(TEMPLATE))
    file.write_text(BICEP_PARAMETERS)
    for words in (["check", template, "--parameters", file], ["check", file]):
        ran = guard(*words)
        assert ran.code == 2
        assert "az bicep build-params --file FILE --outfile" in ran.err


@pytest.mark.parametrize("name", ["main.bicep", "template"])
def test_bicep_is_told_how_to_become_a_template(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text(BICEP)
    ran = guard("check", file)
    assert ran.code == 2
    assert "az bicep build --file FILE" in ran.err


def test_a_text_that_is_no_bicep_is_not_called_so(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("We make this registry by using 'main', and a resource group.\nparameters follow\n")
    ran = guard("check", file)
    assert (ran.code, "az bicep" in ran.err, "it is not JSON" in ran.err) == (2, False, True)


def test_a_report_that_cannot_be_written_is_said(bad_export: Path, tmp_path: Path) -> None:
    ran = guard("check", bad_export, "--output", tmp_path / "no" / "r.json")
    assert ran.code == 2
    assert "cannot be written" in ran.err


def test_locations_are_those_of_the_program_below_the_projects_folder() -> None:
    ran = guard("check", STREAMS / "digest-new.json", "--project", "infra", "--json")
    assert {f["location"]["path"] for f in ran.json()["findings"]} == {"infra/__main__.py"}
    lines = {f["location"]["line"] for f in ran.json()["findings"]}
    program = (STREAMS.parent / "programs" / "shop" / "__main__.py").read_text().splitlines()
    assert all("Registry(" in program[line - 1] for line in lines)


def test_an_arm_template_is_judged_with_its_defaults_and_parameters(tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_text(json.dumps(TEMPLATE, indent=2))
    plain = guard("check", path, "--json").json()
    finding = next(f for f in plain["findings"] if f["rule"] == "premium-sku")
    type_line = next(n for n, line in enumerate(path.read_text().splitlines(), 1) if '"type": "Microsoft' in line)
    assert finding["location"]["line"] == type_line
    parameters = tmp_path / "parameters.json"
    parameters.write_text(json.dumps({"parameters": {"sku": {"value": "Premium"}}}))
    given = guard("check", path, "--parameters", parameters, "--json").json()
    assert "premium-sku" not in rules_of(given)


def test_what_a_template_keeps_out_of_sight_does_not_pass_strict(tmp_path: Path) -> None:
    linked = {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2022-09-01",
        "name": "registries",
        "properties": {
            "mode": "Incremental",
            "templateLink": {"uri": "https://store.example/microsoft.containerregistry.json"},
        },
    }
    path = tmp_path / "template.json"
    path.write_text(json.dumps({**TEMPLATE, "resources": [linked]}))
    ran = guard("check", path, "--preset", "strict", "--json")
    assert ran.code == 1
    assert "escape-hatch" in rules_of(ran.json())


def test_help_names_the_exit_codes_and_every_command() -> None:
    text = guard("--help").out
    for word in ("report", "check", "rules", "presets", "pack-path", "Exit codes"):
        assert word in text
    for command in ("report", "check", "rules", "presets", "pack-path"):
        assert guard(command, "--help").code == 0


def test_check_needs_neither_pulumi_nor_a_table_to_write_json(bad_export: Path) -> None:
    code = (
        "import sys; from registry_guard import cli; sys.argv = ['x', 'check', sys.argv[1], '--json']\n"
        "try: cli.main()\n"
        "finally: print(sorted({m.split('.')[0] for m in sys.modules} & {'pulumi', 'grpc', 'rich'}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(bad_export)], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "[]"


def test_a_reader_that_leaves_ends_it_quietly_and_lets_nothing_unsafe_pass(bad_export: Path) -> None:
    for words, passes in (("rules --json", True), (f"check {bad_export}", False)):
        command = f"set -o pipefail; {sys.executable} -m registry_guard {words} | true"
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
        assert done.stderr == ""
        assert (done.returncode == 0) == passes


def test_skipped_files_are_named_and_a_parameters_file_with_what_it_is_for(tmp_path: Path) -> None:
    (tmp_path / "template.json").write_text(json.dumps(TEMPLATE))
    given = tmp_path / "a.parameters.json"
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"
    given.write_text(json.dumps({"$schema": schema, "parameters": {}}))
    told = guard("check", tmp_path, "--json").err
    assert "skipped 1 file that declares nothing to judge:" in told
    assert f"{given}: it is a parameters file; judge its template with `--parameters {given}`" in told
    for number in range(6):
        (tmp_path / f"package{number}.json").write_text('{"name": "x"}')
    told = guard("check", tmp_path, "--json").err
    assert "skipped 7 files that declare nothing to judge:" in told
    assert "package3.json" in told
    assert "package4.json" not in told
    assert told.rstrip().endswith("and 2 more")
