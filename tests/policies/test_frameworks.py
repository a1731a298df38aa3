"""Each control that a rule names exists and means what the rule means; from a control to its rules."""

from __future__ import annotations

import json

import pytest
from registry_guard import explain
from registry_guard.cli import app
from registry_guard.frameworks import AZURE_POLICY, CIS, MCSB, NIST
from registry_guard.rule import rules
from typer.testing import CliRunner

# Names of built-in definitions, by hand from built-in-policies/policyDefinitions of github.com/Azure/azure-policy.
BUILT_IN = {
    "090c7b07-b4ed-4561-ad20-e9075f3ccaff": "Azure registry container images should have vulnerabilities resolved",
    "0b60c0b2-2dc2-4e1c-b5c9-abbed971de53": "Key vaults should have deletion protection enabled",
    "0fdf0491-d080-4575-b627-ad0e843cba0f": "Public network access should be disabled for Container registries",
    "42781ec6-6127-4c30-bdfa-fb423a0047d3": "Container registries should have ARM audience token authentication off",
    "524b0254-c285-4903-bee6-bb8126cde579": "Container registries should have exports disabled",
    "56288eb2-4350-461d-9ece-2bb242269dce": "Enable logging by category group for Container registries",
    "5b9159ae-1701-4a6f-9a7a-aa9c8ddd0580": "Container registries should be encrypted with a customer-managed key",
    "696cb1d3-2dcf-4b44-aa7a-caccd18b1b96": "Container Registry should restrict external private endpoints",
    "84497762-32b6-4ab3-80b6-732ea48b85a2": "Container registries should prevent cache rule creation",
    "9d2b0a20-57d6-474c-9d12-44a4a20999c6": "Container Registry should be Zone Redundant",
    "9f2dea28-e834-476c-99c5-3507b4728395": "Container registries should have anonymous authentication disabled",
    "bd560fc0-3c69-498a-ae9f-aa8eb7de0e13": "Container registries should have SKUs that support Private Links",
    "d0793b48-0edc-4296-a390-4c75d1bdfd71": "Container registries should not allow unrestricted network access",
    "dc921057-6b28-4fbe-9b83-f7bec05db6c2": "Container registries should have local admin account disabled",
    "e8eef0a8-67cf-4eb4-9386-14b0e78733d4": "Container registries should use private link",
    "e9585a95-5b8c-4d03-b193-dc7eb5ac4c32": "Configure Container registries to use private DNS zones",
    "ff05e24e-195c-447e-b322-5e90c9f9f366": "Container registries should have repository scoped access token disabled",
}
RULES_OF = {
    "090c7b07": {"scanning-plan"},
    "0b60c0b2": {"cmk-sound"},
    "0fdf0491": {"public-access-off"},
    "42781ec6": {"arm-tokens-off"},
    "524b0254": {"export-off"},
    "56288eb2": {"audit-logs"},
    "5b9159ae": {"customer-managed-key"},
    "696cb1d3": {"endpoint-subscription"},
    "84497762": {"cache-rules"},
    "9d2b0a20": {"zone-redundancy"},
    "9f2dea28": {"no-anonymous-pull"},
    "bd560fc0": {"premium-sku"},
    "d0793b48": {"no-exposed-access", "restricted-ip-rules"},
    "dc921057": {"no-admin-user"},
    "e8eef0a8": {"private-endpoint"},
    "e9585a95": {"zone-group"},
    "ff05e24e": {"repository-tokens-off"},
}
# CIS 4.0.0 is the last benchmark with the controls for services of every kind; 5.0.0 moved those of Defender.
CIS_CONTROLS = {
    ("4.0.0", "2.1.1.2.1"): {"customer-managed-key"},
    ("4.0.0", "2.2.1.1"): {"public-access-off"},
    ("4.0.0", "2.2.1.2"): {"no-exposed-access", "restricted-ip-rules"},
    ("4.0.0", "2.2.2.1"): {"private-endpoint"},
    ("5.0.0", "8.1.4.1"): {"scanning-plan"},
}
# Microsoft cloud security benchmark 1.0: every control that a rule may name, with its title.
MCSB_CONTROLS = {
    "DP-2": "Monitor anomalies and threats targeting sensitive data",
    "DP-3": "Encrypt sensitive data in transit",
    "DP-5": "Use customer-managed key option in data at rest encryption when required",
    "DP-8": "Ensure security of key and certificate repository",
    "DS-2": "Ensure software supply chain security",
    "DS-6": "Enforce security of workload throughout DevOps lifecycle",
    "IM-1": "Use centralized identity and authentication system",
    "IM-3": "Manage application identities securely and automatically",
    "LT-3": "Enable logging for security investigation",
    "NS-1": "Establish network segmentation boundaries",
    "NS-2": "Secure cloud native services with network controls",
    "NS-10": "Ensure Domain Name System (DNS) security",
    "PA-7": "Follow just enough administration (least privilege) principle",
    "PV-5": "Perform vulnerability assessments",
    "PV-6": "Rapidly and automatically remediate vulnerabilities",
}
# NIST SP 800-53, revision 5.
NIST_CONTROLS = {
    "AC-3": "Access Enforcement",
    "AC-4": "Information Flow Enforcement",
    "CM-3": "Configuration Change Control",
    "CP-9": "System Backup",
    "IA-5": "Authenticator Management",
    "SC-7": "Boundary Protection",
    "SC-20": "Secure Name/Address Resolution Service (Authoritative Source)",
}


def named(framework: str) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for rule in rules().values():
        for each in rule.frameworks:
            if each.name == framework:
                found.setdefault((each.version, each.reference), set()).add(rule.id)
    return found


def test_definitions_of_azure_policy_are_built_in_ones_of_the_same_purpose() -> None:
    assert named(AZURE_POLICY) == {("", definition): RULES_OF[definition[:8]] for definition in BUILT_IN}


def test_cis_controls_stand_with_the_version_that_numbers_them_so() -> None:
    assert named(CIS) == CIS_CONTROLS


@pytest.mark.parametrize(("framework", "version", "known"), [(MCSB, "1.0", MCSB_CONTROLS), (NIST, "5", NIST_CONTROLS)])
def test_a_control_is_one_of_its_benchmark(framework: str, version: str, known: dict[str, str]) -> None:
    found = {control for _, control in named(framework)}
    assert {version for version, _ in named(framework)} == {version}
    for control in sorted(found - known.keys()):
        rules_of = sorted(named(framework)[version, control])
        pytest.fail(
            f"{framework} {control}, which {', '.join(rules_of)} names, is not in the table: look the control up in "
            "the benchmark, and write its title into tests/policies/test_frameworks.py"
        )
    assert not known.keys() - found, "no rule names these any more: shorten the table"


@pytest.mark.parametrize(
    ("control", "found"),
    [
        ("CKV_AZURE_139", ["public-access-off"]),
        ("cis 4.0.0 2.2.1.2", ["no-exposed-access", "restricted-ip-rules"]),
        ("524b0254-c285", ["export-off"]),
    ],
)
def test_the_rules_of_a_control(control: str, found: list[str]) -> None:
    told = CliRunner().invoke(app, ["rules", "--control", control, "--json"])
    assert [rule["id"] for rule in json.loads(told.output)] == found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rules", "CKV_AZURE_139"], "registry-guard rules --control 'CKV_AZURE_139'"),
        (["rules", "--control", "CKV_AZURE_999"], "no rule has 'CKV_AZURE_999' among its controls"),
        (["rules", "premium-sku", "--control", "CIS"], "exclude each other"),
    ],
)
def test_a_control_in_the_wrong_place(words: list[str], said: str) -> None:
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 2
    assert said in " ".join(told.output.split())


@pytest.mark.parametrize(
    ("asked", "control"),
    [
        ("CIS 2.2.1.2", "CIS 4.0.0 2.2.1.2"),
        ("cis 4.0.0 2.2.1.2", "CIS 4.0.0 2.2.1.2"),
        ("NIST SC-7", "NIST SP 800-53 SC-7"),
        ("NIST 800-53 SC-7", "NIST SP 800-53 SC-7"),
        ("MCSB NS-2", "MCSB NS-2"),
    ],
)
def test_a_control_is_found_with_or_without_its_version(asked: str, control: str) -> None:
    whole = [each.id for each in explain.of_control(control)]
    assert whole
    assert [each.id for each in explain.of_control(asked)] == whole


@pytest.mark.parametrize("asked", ["CIS 2.2.1", "NIST 2.2.1.2", "CIS 5.0.0 2.2.1.2", "SC-7 NIST", "CIS SC-7"])
def test_another_control_is_not_found(asked: str) -> None:
    assert not {each.id for each in explain.of_control(asked)} & {"restricted-ip-rules", "ali-internet-off"}
