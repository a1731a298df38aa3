"""Stacks for the guard's tests: from a rule's examples to states, and through the real engine."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry_guard.engine import Finding, evaluate
from registry_guard.rule import Example, Rule
from registry_model.estate.documents import load
from registry_model.estate.model import Estate
from registry_model.estate.reading import estate_from_states

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "policies"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
REGISTRY = "azure-native:containerregistry:Registry"
STACK = "urn:pulumi:dev::app::pulumi:pulumi:Stack::app-dev"


def urn(kind: str, name: str, stack: str = "dev") -> str:
    return f"urn:pulumi:{stack}::app::{kind}::{name}"


def states(resources: Iterable[Mapping[str, Any]], prefix: str = "") -> list[dict[str, Any]]:
    """Example resources as entries of a stack export; ``prefix`` keeps the names of several examples apart."""
    given = list(resources)
    urns = {r["name"]: urn(r["type"], prefix + r["name"]) for r in given}

    def resolved(names: Sequence[str]) -> list[str]:
        return [urns[name] for name in names]

    made = []
    for each in given:
        outputs = dict(each.get("outputs", {}))
        state = {
            "urn": urns[each["name"]],
            "custom": True,
            "id": outputs.pop("id", "") or each["name"],
            "type": each["type"],
            "inputs": each.get("inputs", {}),
            "outputs": {**each.get("inputs", {}), **outputs},
            "dependencies": resolved(each.get("dependencies", ())),
            "propertyDependencies": {k: resolved(v) for k, v in each.get("propertyDependencies", {}).items()},
        }
        state |= {key: each[key] for key in ("protect", "ignoreChanges", "external", "retainOnDelete") if key in each}
        if "parent" in each:
            state["parent"] = urns[each["parent"]]
        if "provider" in each:
            state["provider"] = f"{urns[each['provider']]}::{each['provider']}"
        made.append(state)
    return made


def stack(*resources: Mapping[str, Any]) -> Estate:
    return estate_from_states(states(resources))


def judge(example: Example, rule: Rule, level: str = "mandatory") -> list[Finding]:
    """What one rule, and no other, finds in an example."""
    config = {"all": "disabled", rule.id: {"enforcementLevel": level, **example.config}}
    return evaluate(previewed(example) if example.steps or example.edits else stack(*example.resources), config=config)


def previewed(example: Example) -> Estate:
    """The estate of a preview that takes the example's steps; what it does not name is the same."""
    made = states(example.resources)
    steps = []
    for declared, state in zip(example.resources, made, strict=True):
        edit = example.edits.get(declared["name"])
        operation = example.steps.get(declared["name"], "update" if edit else "same")
        inputs = {key: value for key, value in {**state["inputs"], **(edit or {})}.items() if value is not None}
        step = {"op": operation, "urn": state["urn"], "oldState": state}
        steps.append(step if operation == "delete" else {**step, "newState": {**state, "inputs": inputs}})
    return load("preview.json", json.dumps({"config": {}, "steps": steps, "changeSummary": {}})).estate


def apart(example: Example, key: str) -> list[dict[str, Any]]:
    """An example's states with names that no other example shares, so that many fit into one stack."""
    text = json.dumps(states(example.resources, prefix=f"{key}-"))
    for word in ("contoso", "CONTOSO", "fabrikam"):
        text = text.replace(word, word + key)
    text = re.sub(r'(resourceGroups/|"resourceGroupName": ")rg\b', rf"\1rg{key}", text)
    text = re.sub(r'(firewallPolicies/|"firewallPolicyName": ")policy\b', rf"\1policy{key}", text)
    text = re.sub(r'(networkSecurityGroups/|"networkSecurityGroupName": ")clients\b', rf"\1clients{key}", text)
    return json.loads(text)


def deployment(resources: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A stack export, as ``pulumi policy analyze --file`` reads it."""
    root = {"urn": STACK, "custom": False, "type": "pulumi:pulumi:Stack"}
    held = [{"parent": STACK, **each} for each in resources]
    manifest = {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""}
    return {"version": 3, "deployment": {"manifest": manifest, "resources": [root, *held]}}


@dataclass(frozen=True)
class Analysis:
    """What ``pulumi policy analyze`` said: its exit code, its policy events, and what it printed on stderr."""

    code: int
    events: list[dict[str, Any]]
    err: str

    @property
    def findings(self) -> set[tuple[str, str, str, str]]:
        """(urn, rule, level, message below the title), as `as_engine` gives them for our own findings."""
        return {
            (e["resourceUrn"], e["policyName"], e["enforcementLevel"], e["message"].partition("\n")[2])
            for e in self.events
        }

    def pairs(self, level: str | None = None) -> set[tuple[str, str]]:
        """(rule, logical name) of each event."""
        return {
            (e["policyName"], e["resourceUrn"].rpartition("::")[2])
            for e in self.events
            if level in (None, e["enforcementLevel"])
        }


def as_engine(findings: Iterable[Finding]) -> set[tuple[str, str, str, str]]:
    return {(f.urn, f.rule, f.level.value, f.text) for f in findings}


def analyze(
    folder: Path,
    resources: Iterable[Mapping[str, Any]],
    config: Mapping[str, Any] | Path | None = None,
    pack: Path = POLICIES,
) -> Analysis:
    """Judge states with the pack through the real engine, as ``pulumi policy analyze --file`` does."""
    file = folder / "state.json"
    file.write_text(json.dumps(deployment(resources)))
    words = [
        str(ROOT / "bin" / "pulumi"),
        "policy",
        "analyze",
        "--file",
        str(file),
        "--policy-pack",
        str(pack),
        "--json",
    ]
    if config is not None:
        path = config if isinstance(config, Path) else folder / "config.json"
        if not isinstance(config, Path):
            path.write_text(json.dumps(config))
        words += ["--policy-pack-config", str(path)]
    env = {**os.environ, "PULUMI_HOME": str(folder / "home"), "PULUMI_SKIP_UPDATE_CHECK": "1"}
    done = subprocess.run(words, capture_output=True, text=True, env=env, cwd=folder, timeout=240)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return Analysis(done.returncode, [line["policyEvent"] for line in lines if "policyEvent" in line], done.stderr)
