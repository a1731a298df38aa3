"""Each fact has one home: what is known of a cloud stands in one module, and the rooms ask there.

Examples of rules are left out: what is right there is written out by hand, which is what they are for. So is the local
cloud, which must not learn Azure from the functions that it tests.
"""

from __future__ import annotations

import ast
import json
import re
from functools import cache

import pytest
from registry_model.alibaba import limits as alibaba
from registry_model.azure import limits

from tests.rehearsal import ROOT

GROUND = "components/registry_model"
AZURE = f"{GROUND}/azure"
ALIBABA = f"{GROUND}/alibaba"
ROOMS = ("components/private_registry", GROUND, "policies/registry_guard", "doctor/registry_doctor")
RULES = "policies/registry_guard/rules"

# What the rooms may not write out, and the module that has it, or each cloud's own for a rule that both have.
TEXTS = {
    "the resolver of virtual networks": (r"168\.63\.129\.16", f"{AZURE}/names.py"),
    "a suffix of Azure's hosts": (
        r"(?<![\w.-])(?:privatelink\.|\*?\.)?azurecr\.(?:io|us|cn)|blob\.core\.|\bmicrosoftonline\b|^management\.",
        f"{AZURE}/names.py",
    ),
    "a pull role": (r"AcrPull|Repository Reader|7f951dda|b93aa761", f"{AZURE}/roles.py"),
    "the service tag": (r"(?i)AzureContainerRegistry", f"{AZURE}/regions.py"),
    "the bypass for trusted services": (r"AzureServices", f"{AZURE}/defaults.py"),
    "a range that is not public": (r"^(?:172\.16|192\.168|240\.0)\.", f"{AZURE}/limits.py"),
    "a range of no network": (r"^169\.254\.", f"{AZURE}/limits.py", f"{ALIBABA}/limits.py"),
    "a domain of Alibaba's": (r"\baliyuncs\b", f"{ALIBABA}/names.py"),
    "the token service": (r"\bdockerauth\b", f"{ALIBABA}/names.py"),
    "the entry that the service hides": (r"\b127\.0\.0\.1/32\b", f"{ALIBABA}/limits.py"),
    "a private address of Alibaba's services": (r"^100\.(?:9|1)\d+\.", f"{ALIBABA}/limits.py"),
    "HTTPS": (r"\b443\b", f"{AZURE}/names.py"),
    "what was probably meant": (r"did you mean", f"{GROUND}/suggest.py"),
}

# Where each function that answers for a fact is defined.
FUNCTIONS = {
    "addresses_needed": f"{AZURE}/names.py",
    "client_hosts": f"{AZURE}/names.py",
    "data_endpoint": f"{AZURE}/names.py",
    "normalise_region": f"{AZURE}/names.py",
    "private_dns_records": f"{AZURE}/names.py",
    "usable_addresses": f"{AZURE}/names.py",
    "has_zones": f"{AZURE}/regions.py",
    "region_problem": f"{AZURE}/regions.py",
    "service_tag": f"{AZURE}/regions.py",
    "is_id": f"{AZURE}/ids.py",
    "exposure": f"{GROUND}/reach/exposure.py",
    "did_you_mean": f"{GROUND}/suggest.py",
    "nearest": f"{GROUND}/suggest.py",
}

# The modules that may hold a grammar of documents. Each list may only get shorter.
GRAMMARS = {
    "ids": (
        r"(?i)/providers/|/subscriptions/|/?resourcegroups\b",
        {
            f"{AZURE}/ids.py",
            f"{GROUND}/estate/templates/ids.py",
            f"{GROUND}/estate/tokens.py",
            f"{GROUND}/reach/client_firewalls.py",
        },
    ),
    "the dependencies of properties": (
        r"(?i)propertydependencies",
        {
            f"{GROUND}/estate/documents.py",
            f"{GROUND}/estate/plans.py",
            f"{GROUND}/estate/reading.py",
            f"{RULES}/private_endpoint.py",
        },
    ),
    "the rules of firewalls": (
        r"(?i)rulecollections",
        {
            f"{GROUND}/estate/classic.py",
            f"{GROUND}/estate/tokens.py",
            f"{GROUND}/reach/client_firewalls.py",
            f"{RULES}/ignored_changes.py",
        },
    ),
}

# The modules that read JSON: documents, configuration, settings, and answers of other programs.
READ_JSON = {
    "components/private_registry/arguments.py",
    "components/private_registry/package.py",
    "components/private_registry/stack.py",
    f"{GROUND}/console.py",
    f"{GROUND}/estate/jsonc.py",
    "policies/registry_guard/cli.py",
    "policies/registry_guard/report/stream.py",
    "doctor/registry_doctor/credentials.py",
    "doctor/registry_doctor/sources.py",
    "doctor/registry_doctor/service_tags.py",
    "doctor/registry_doctor/trace.py",
}


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the rooms, by its path; those that build examples are left out."""
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if path.name != "examples.py"]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in sorted(paths)}


def constants(tree: ast.Module) -> list[ast.Constant]:
    """The constants of a module, docstrings and examples of rules left out."""
    found: list[ast.Constant] = []
    left: list[ast.AST] = [tree]
    while left:
        node = left.pop()
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "example":
            continue
        if isinstance(node, ast.Constant):
            found.append(node)
        left += ast.iter_child_nodes(node)
    return found


@cache
def written_out() -> list[tuple[str, int, str | int]]:
    """Every text and number of the rooms: module, line and value."""
    return [
        (module, constant.lineno, constant.value)
        for module, tree in modules().items()
        for constant in constants(tree)
        if isinstance(constant.value, str | int) and not isinstance(constant.value, bool)
    ]


def written(pattern: str) -> list[tuple[str, int, str]]:
    """Where a text stands: module, line and the text, numbers as text."""
    return [(module, line, str(value)) for module, line, value in written_out() if re.search(pattern, str(value))]


@pytest.mark.parametrize("what", TEXTS)
def test_a_fact_is_written_in_its_home_alone(what: str) -> None:
    pattern, *homes = TEXTS[what]
    found = written(pattern)
    for home in homes:
        assert any(module == home for module, _, _ in found), f"{what} is no longer in {home}: mend the table"
    elsewhere = [f"{module}:{line}: {text!r}" for module, line, text in found if module not in homes]
    assert not elsewhere, f"{what} has its home in {homes[0]}; take it from there:\n" + "\n".join(elsewhere)


def test_checks_and_rules_hold_no_numbers_of_azures() -> None:
    # 32 and 128 are the bits of an address; what is below 5 counts things of the code.
    found = [
        f"{module}:{line}: {value}"
        for module, line, value in written_out()
        if "/azure/checks/" in module or module.startswith(RULES)
        if isinstance(value, int) and value > 4 and value not in (32, 128)
    ]
    assert not found, f"numbers that Azure sets belong into {AZURE}/limits.py:\n" + "\n".join(found)


def test_no_message_writes_out_the_width_of_a_network() -> None:
    found = [f"{module}:{line}: {text!r}" for module, line, text in written(r"(?<![\d>])/(?:24|27|29|48)\b")]
    assert not found, f"take the prefix from {AZURE}/limits.py:\n" + "\n".join(found)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_question_has_one_answer(name: str) -> None:
    homes = [
        module
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.lstrip("_") == name
    ]
    assert homes == [FUNCTIONS[name]], f"{name} is defined in {homes}"


@pytest.mark.parametrize(("table", "home"), [("REGIONS", AZURE), ("ALIBABA_REGIONS", ALIBABA)])
def test_regions_are_looked_up_in_one_module(table: str, home: str) -> None:
    found = [
        f"{module}:{node.lineno}"
        for module, tree in modules().items()
        if module != f"{home}/regions.py"
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id == table) or (isinstance(node, ast.Attribute) and node.attr == table)
    ]
    assert not found, f"ask {home}/regions.py (find and others) instead of its table: {found}"


def test_words_are_compared_in_one_module() -> None:
    found = {
        module
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(alias.name == "difflib" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "difflib")
    }
    assert found == {f"{GROUND}/suggest.py"}, "use registry_model.suggest"


@pytest.mark.parametrize("what", GRAMMARS)
def test_a_grammar_is_in_no_other_module(what: str) -> None:
    pattern, homes = GRAMMARS[what]
    found = {module for module, _, _ in written(pattern)}
    assert not found - homes, f"the grammar of {what} has its homes: {sorted(homes)}"
    assert not homes - found, "shorten the list by what no longer holds it"


def test_json_is_read_in_no_other_module() -> None:
    found = {
        module
        for module, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in (("json", "load"), ("json", "loads"))
    }
    assert not found - READ_JSON, "documents are read in the estate"
    assert not READ_JSON - found, "shorten the list by what no longer reads any"


ALIBABAS_TAGS = f"At most {alibaba.MAX_TAGS}, name and value up to {alibaba.TAG_MAX} characters"

# Descriptions cannot be computed: each phrase that repeats a fact, by the input and in the words that users read.
DESCRIBED = {
    "registryName": f"{limits.REGISTRY_NAME_MIN} to {limits.REGISTRY_NAME_MAX} letters and digits",
    "retentionDays": "{} to {}".format(*limits.RETENTION_DAYS),
    "softDeleteDays": "{} to {}".format(*limits.SOFT_DELETE_DAYS),
    "ipRules": f"/{limits.NARROW_PREFIX['ipv4']} or narrower each, at most {limits.MAX_IP_RULES}",
    "allowWideIpRules": f"wider than /{limits.NARROW_PREFIX['ipv4']}.",
    "manualApprovalMessage": f"up to {limits.MANUAL_APPROVAL_MESSAGE_MAX} characters",
    "tags": f"At most {limits.MAX_TAGS}, name up to {limits.TAG_NAME_MAX} and value up to {limits.TAG_VALUE_MAX}",
    "EnterpriseRegistry.tags": ALIBABAS_TAGS,
    "SharedVpcAccess.tags": ALIBABAS_TAGS,
    "priority": (
        f"{limits.RULE_GROUP_PRIORITIES[0]} to {limits.RULE_GROUP_PRIORITIES[1] - 1}; the migration's group takes the "
        f"next number. On a network security group the rules take numbers between it and {limits.RULE_SPAN - 1} more, "
        f"so {limits.SECURITY_RULE_PRIORITIES[0]} to {limits.SECURITY_RULE_PRIORITIES[1] - limits.RULE_SPAN}. "
        f"Default: {limits.FIRST_PRIORITY}."
    ),
}


@pytest.mark.parametrize("name", DESCRIBED)
def test_a_description_says_what_the_checks_ask(name: str) -> None:
    schema = json.loads((ROOT / "schema" / "private-registry.json").read_text())
    inputs = {
        f"{token.rpartition(':')[2]}.{key}": re.sub(r"\s+", " ", described["description"])
        for token, entry in [*schema["resources"].items(), *schema["types"].items()]
        for key, described in entry.get("inputProperties", entry.get("properties", {})).items()
    }
    # An input of one component alone is named with it.
    texts = {
        path: text
        for path, text in inputs.items()
        if name in (path, path.partition(".")[2] if path not in DESCRIBED else path)
    }
    assert texts, f"no component has an input {name}"
    wrong = sorted(path for path, text in texts.items() if DESCRIBED[name] not in text)
    assert not wrong, (
        f"the description of {', '.join(wrong)} must say, as the checks ask: '{DESCRIBED[name]}'; an input that means "
        "something else has a line of its own in DESCRIBED"
    )


def test_the_configuration_says_what_the_checks_ask() -> None:
    text = re.sub(r"\s+", " ", (ROOT / "Pulumi.yaml").read_text())
    for name in ("registryName", "retentionDays", "softDeleteDays", "manualApprovalMessage"):
        assert re.search(rf"{name}[^.]*{re.escape(DESCRIBED[name])}", text), name


def test_a_rule_example_may_be_written_by_hand() -> None:
    tree = ast.parse('"""443"""\nA = example("x", rule("443"))\nB = f"port {C} or 443"\n')
    assert [constant.value for constant in constants(tree) if "443" in str(constant.value)] == [" or 443"]
