"""Forbids tasks that cannot reach a private registry."""

from __future__ import annotations

from registry_model.estate import facts, relations, tokens
from registry_model.estate.model import Estate
from registry_model.estate.values import UNKNOWN

from ..examples import child, example, registry, subnet_id
from ..rule import ADVISORY, OFF, Config, Levels, Problems, Rule, Severity, undetermined, violation


def check(estate: Estate, _config: Config) -> Problems:
    needs = {
        tokens.TASK: ("agentPoolName", "runs on shared machines: it names no agent pool"),
        tokens.AGENT_POOL: ("virtualNetworkSubnetResourceId", "is in no virtual network"),
    }
    for kind, (path, text) in needs.items():
        for owner, found in relations.children(estate, kind).items():
            closed = (facts.public_access_off(owner), facts.denies_by_default(owner))
            for each in (each for each in found if each.get(path) is None):
                if True in closed:
                    yield violation(each, f"{each.label} {text}, and registry {owner.label} refuses the public network")
                elif UNKNOWN in closed:
                    yield undetermined(owner, "publicNetworkAccess" if closed[0] is UNKNOWN else "defaultAction")
        for owner in relations.registries(estate):
            if facts.public_access_off(owner) is False and facts.denies_by_default(owner) is False:
                continue
            for each in relations.possible_children(estate, owner, kind):
                if each.get(path) is None:
                    yield undetermined(
                        each, f"whether its registry is {owner.label}, which may refuse the public network,"
                    )


RULE = Rule(
    id="tasks-network",
    title="Tasks of a private registry run inside a virtual network",
    severity=Severity.LOW,
    rationale="Since June 2025 tasks on shared machines get 403 from a registry that refuses the public network.",
    fix="Give the task an agentPoolName, and the agent pool a virtualNetworkSubnetResourceId.",
    fix_live=(
        "az acr task update --registry REGISTRY --name TASK --agent-pool POOL; a pool outside a network is made anew: "
        "az acr agentpool create --registry REGISTRY --name POOL --subnet-id SUBNET"
    ),
    levels=Levels(baseline=OFF, strict=ADVISORY, no_private_link=OFF),
    references=("hashicorp/terraform-provider-azurerm#30072",),
    needs=((tokens.TASK,), (tokens.AGENT_POOL,)),
    check_estate=check,
    compliant=(
        example(
            "a pool in a network",
            registry(),
            child("AgentPool", "pool", virtualNetworkSubnetResourceId=subnet_id()),
            child("Task", "build", agentPoolName="pool"),
        ),
        example("a registry that is open", registry(publicNetworkAccess="Enabled"), child("Task", "build")),
    ),
    violating=(
        example("a task without a pool", registry(), child("Task", "build")),
        example("a pool without a network", registry(), child("AgentPool", "pool")),
    ),
)
