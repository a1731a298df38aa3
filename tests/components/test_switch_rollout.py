"""The switch to data endpoints on the real engine, start to end: no update breaks a client's pulls.

After every step the reachability model is read back from the stack, so what is judged is what was deployed.
"""

from __future__ import annotations

import datetime
import json
import subprocess
from pathlib import Path

import pytest
from registry_model.estate.documents import load
from registry_model.reach.changes import compare
from registry_model.reach.clients import default_clients
from registry_model.reach.judgement import summary
from registry_model.reach.model import Ability, Change, Registry, Summary
from registry_model.reach.registries import registries

from tests.components.gallery import assert_pictured
from tests.model.asked import missing_hosts
from tests.rehearsal import ROOT, Rehearsal

pytestmark = pytest.mark.engine

PROJECT = ROOT / "examples" / "switch-to-data-endpoints"
LOGIN = "contosoedge.azurecr.io"
HOME = "contosoedge.japaneast.data.azurecr.io"
REPLICA = "contosoedge.westus2.data.azurecr.io"
BLOBS = "*.blob.core.windows.net"
LATER = (datetime.date.today() + datetime.timedelta(days=30)).isoformat()
YESTERDAY = (datetime.date.today() - datetime.timedelta(days=1)).isoformat()
CLIENT = "client behind site-firewall"
GUARD = str(ROOT / ".venv" / "bin" / "registry-guard")


class Rollout:
    """The example's stack, with the questions that a rollout asks after each step."""

    def __init__(self, folder: Path) -> None:
        self.rehearsal = Rehearsal(folder, project=PROJECT).init()
        self.plan = folder / "plan.json"

    def set(self, **config: object) -> Rollout:
        for key, value in config.items():
            if value is None:
                self.rehearsal.config.pop(f"switch-to-data-endpoints:{key}", None)
            else:
                self.rehearsal.config[f"switch-to-data-endpoints:{key}"] = value
        return self

    def registry(self) -> Registry:
        shown = self.rehearsal.run("pulumi", "stack", "export", "--stack", self.rehearsal.stack).ok()
        (found,) = registries(load("state.json", shown.out).estate)
        return found

    def preview(self) -> tuple[dict[str, str], dict[str, Change]]:
        """What the next update would do, by resource, and what it would change, by client."""
        shown = self.rehearsal.preview("--json", "--show-sames").ok().out
        self.plan.write_text(shown)
        plan = json.loads(shown)
        found = load("preview.json", shown)
        assert found.before is not None
        before, after = registries(found.before), registries(found.estate)
        steps = {s["urn"].rsplit("::", 1)[-1]: s["op"] for s in plan["steps"] if s["op"] != "same"}
        return steps, {change.client: change for change in compare(before, after)}

    def guard(self, expires: str | None = None) -> set[str]:
        """The rules of the policy pack that refuse the update previewed last.

        ``expires`` is the last day of the exemptions that the runbook has the platform team grant.
        """
        config = json.loads((PROJECT / "policy-config.json").read_text())
        for exemption in config["registry-guard"]["exemptions"]:
            exemption["expires"] = expires
        file = self.plan.with_name("policy.json")
        file.write_text(json.dumps(config if expires else {}))
        words = [GUARD, "check", str(self.plan), "--config", str(file), "--json"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
        return {finding["rule"] for finding in json.loads(done.stdout)["findings"] if finding["fails"]}

    def up(self) -> Summary:
        """Deploys, and says how the client behind the firewall fares now."""
        self.rehearsal.up().ok()
        return self.line()

    def line(self) -> Summary:
        registry = self.registry()
        (client,) = [c for c in default_clients(registry) if c.name == CLIENT]
        return summary(registry, client)

    def missing(self) -> list[str]:
        registry = self.registry()
        (firewall,) = registry.firewalls
        return missing_hosts(registry, firewall)

    def open_hosts(self) -> set[str]:
        """What the firewall lets out, asked from the cloud's side."""
        return {
            host
            for resource in self.rehearsal.resources()
            if resource["type"].endswith(":FirewallPolicyRuleCollectionGroup")
            for collection in resource["outputs"]["ruleCollections"]
            for rule in collection["rules"]
            for host in rule["targetFqdns"]
        }


@pytest.fixture
def rollout(tmp_path: Path) -> Rollout:
    return Rollout(tmp_path)


def hosts(line: Summary) -> set[str]:
    return {r.host for r in line.reaches}


@pytest.mark.full
@pytest.mark.timeout(600)
def test_the_whole_rollout_never_breaks_a_pull(rollout: Rollout) -> None:
    before = rollout.set(phase="before").up()
    assert_pictured(rollout.rehearsal, "switch-to-data-endpoints")
    assert (before.pull, hosts(before)) == (Ability.YES, {LOGIN, BLOBS})
    assert rollout.missing() == [HOME]

    # What would happen without the rollout: the preview tells.
    steps, changes = rollout.set(switched="true").preview()
    assert steps["contosoedge-registry"] == "update"
    assert changes[CLIENT].breaks
    assert f"allow {HOME} on TCP 443" in changes[CLIENT].text
    assert rollout.guard(LATER) == {"switch-order", "firewall-no-wildcard"}, "the guard says the same"

    # Announcing and switching in one update is refused.
    refused = rollout.set(phase="announce", wildcardExpires=LATER).rehearsal.preview().failed()
    assert "comes after the hosts are announced" in refused.text

    steps, changes = rollout.set(switched="false").preview()
    assert steps == {
        "clients": "create",
        "clients-rules": "create",
        "clients-migration": "create",
        "clients-today": "delete",
    }
    assert not any(change.breaks for change in changes.values())
    assert rollout.guard() == {"firewall-no-wildcard", "dedicated-data-endpoints"}
    assert rollout.guard(YESTERDAY) == {"firewall-no-wildcard", "dedicated-data-endpoints"}
    assert rollout.guard(LATER) == set()
    announced = rollout.up()
    assert (announced.pull, hosts(announced)) == (Ability.YES, {LOGIN, BLOBS})
    assert rollout.open_hosts() == {LOGIN, HOME, BLOBS}
    assert rollout.missing() == []

    # Cleaning up before the switch is refused.
    refused = rollout.set(phase="clean_up", wildcardExpires=None).rehearsal.preview().failed()
    assert "pulls would break" in refused.text

    steps, changes = rollout.set(phase="switch", wildcardExpires=LATER, switched="true").preview()
    assert steps == {"contosoedge-registry": "update"}
    assert not changes[CLIENT].breaks
    assert changes[CLIENT].new_hosts == (HOME,)
    assert rollout.guard(LATER) == set()
    switched = rollout.up()
    assert (switched.pull, hosts(switched)) == (Ability.YES, {LOGIN, HOME})
    assert rollout.open_hosts() == {LOGIN, HOME, BLOBS}

    # Going back is the registry's setting alone: both rule sets are still there.
    steps, changes = rollout.set(switched="false").preview()
    assert steps == {"contosoedge-registry": "update"}
    assert not any(change.breaks for change in changes.values())
    back = rollout.up()
    assert (back.pull, hosts(back)) == (Ability.YES, {LOGIN, BLOBS})
    rollout.set(switched="true").up()

    steps, changes = rollout.set(phase="clean_up", wildcardExpires=None).preview()
    assert steps == {"clients-migration": "delete"}
    assert changes == {}
    assert rollout.guard() == set(), "no exemption is needed any more"
    cleaned = rollout.up()
    assert (cleaned.pull, hosts(cleaned)) == (Ability.YES, {LOGIN, HOME})
    assert rollout.open_hosts() == {LOGIN, HOME}

    rollout.rehearsal.preview("--expect-no-changes").ok()
    rollout.rehearsal.pulumi("destroy", "--yes", "--skip-preview").ok()
    assert rollout.rehearsal.cloud_ids() == []


@pytest.mark.full
def test_a_new_replica_is_announced_first(rollout: Rollout) -> None:
    rollout.set(phase="clean_up", switched="true").up()

    steps, changes = rollout.set(announcedReplicas=["westus2"]).preview()
    assert steps == {"clients-rules": "update"}
    assert changes == {}
    rollout.up()
    assert rollout.open_hosts() == {LOGIN, HOME, REPLICA}

    steps, changes = rollout.set(announcedReplicas=None, replicas=["westus2"]).preview()
    assert steps == {"contosoedge-replica-westus2": "create"}, "the rules are as they were"
    assert changes[CLIENT].new_hosts == (REPLICA,)
    assert not any(change.breaks for change in changes.values())
    after = rollout.up()
    assert (after.pull, hosts(after)) == (Ability.YES, {LOGIN, HOME, REPLICA})


@pytest.mark.full
def test_the_first_private_endpoint_is_the_switch_too(rollout: Rollout) -> None:
    rollout.set(phase="before").up()
    steps, changes = rollout.set(privateEndpoint="true").preview()
    assert "contosoedge-registry" not in steps, "nothing about the registry itself changes"
    assert changes[CLIENT].breaks
    assert "switch-order" in rollout.guard(LATER)

    refused = rollout.set(phase="announce", wildcardExpires=LATER).rehearsal.preview().failed()
    assert "comes after the hosts are announced" in refused.text
    rollout.set(privateEndpoint=None).up()

    _, changes = rollout.set(phase="switch", privateEndpoint="true").preview()
    assert not changes[CLIENT].breaks
    assert changes[CLIENT].new_hosts == (HOME,)
    assert "switch-order" not in rollout.guard(LATER)
    switched = rollout.up()
    assert (switched.pull, hosts(switched)) == (Ability.YES, {LOGIN, HOME})


def test_an_expired_wildcard_stops_the_next_update(rollout: Rollout) -> None:
    refused = rollout.set(phase="switch", wildcardExpires=YESTERDAY, switched="true").rehearsal.preview().failed()
    assert f'wildcard_expires = "{YESTERDAY}": has passed' in refused.text
    assert "agree on a new day" in refused.text


SECURITY_GROUP = """
import json
import pulumi
from private_registry import ClientFirewall
from pulumi_azure_native import network, resources

settings = json.loads(pulumi.Config().require("settings"))
group = resources.ResourceGroup("group", resource_group_name="rg-agents")
agents = network.NetworkSecurityGroup(
    "agents", network_security_group_name="agents", resource_group_name=group.name, location="japaneast"
)
ClientFirewall(
    "agents",
    {
        "registries": {
            "contoso": {"login_server": "contoso.azurecr.io", "location": "japaneast", **settings["registry"]}
        },
        "resource_group_name": group.name,
        "network_security_group_name": agents.name,
        **settings["firewall"],
    },
)
"""


@pytest.mark.full
def test_security_groups_take_the_rules_and_a_new_region_moves_none(raw: Rehearsal) -> None:
    (raw.project / "__main__.py").write_text(SECURITY_GROUP)

    def set_(registry: dict[str, object], **firewall: object) -> None:
        raw.config["raw:settings"] = json.dumps({"registry": registry, "firewall": firewall})

    set_({"replicas": ["westeurope"]}, phase="announce", wildcard_expires=LATER, sign_in=True)
    raw.up().ok()
    names = {i.rpartition("/")[2] for i in raw.cloud_ids() if "/securityRules/" in i}
    assert len(names) == 6

    set_({"replicas": ["westeurope"], "announced_replicas": ["eastasia"]}, sign_in=True)
    assert raw.steps() == {
        "agents-eastasia": "create",
        "agents-blob-japaneast": "delete",
        "agents-blob-westeurope": "delete",
    }
    raw.up().ok()
    raw.preview("--expect-no-changes").ok()
