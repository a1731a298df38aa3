"""Which command of ``az`` lists the resources of a type, and what a reader is told to add where a folder lacks it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from . import tokens
from .model import Resource

# Commands that list what belongs to one registry, and those that list what stands around it.
COMMANDS: Mapping[str, str] = {
    tokens.REGISTRY: "az acr show",
    tokens.REPLICATION: "az acr replication list",
    tokens.WEBHOOK: "az acr webhook list",
    tokens.TOKEN: "az acr token list",
    tokens.CACHE_RULE: "az acr cache list",
    tokens.CONNECTED_REGISTRY: "az acr connected-registry list",
    tokens.TASK: "az acr task list",
    tokens.AGENT_POOL: "az acr agentpool list",
    tokens.ENDPOINT_CONNECTION: "az acr show",
    tokens.ENDPOINT: "az network private-endpoint list",
    tokens.ZONE_GROUP: "az network private-endpoint dns-zone-group list",
    tokens.PRIVATE_ZONE: "az network private-dns zone list",
    tokens.ZONE_LINK: "az network private-dns link vnet list",
    tokens.PRIVATE_RECORD: "az network private-dns record-set list",
    tokens.VIRTUAL_NETWORK: "az network vnet list",
    tokens.SECURITY_GROUP: "az network nsg list",
    tokens.FIREWALL_RULES: "az network firewall policy rule-collection-group list",
    tokens.DIAGNOSTICS: "az monitor diagnostic-settings list",
    tokens.LOCK: "az lock list",
    tokens.PRICING: "az security pricing list",
}
_OF_A_REGISTRY = frozenset(
    {
        tokens.REPLICATION,
        tokens.WEBHOOK,
        tokens.TOKEN,
        tokens.CACHE_RULE,
        tokens.CONNECTED_REGISTRY,
        tokens.TASK,
        tokens.AGENT_POOL,
        tokens.ENDPOINT_CONNECTION,
        tokens.ENDPOINT,
        tokens.DIAGNOSTICS,
        tokens.LOCK,
        tokens.PRICING,
    }
)
_HELD_BY: Mapping[str, str] = {tokens.ZONE_GROUP: tokens.ENDPOINT, tokens.ZONE_LINK: tokens.PRIVATE_ZONE}


def holder(kind: str, resource: Resource) -> Resource | None:
    """The resource whose own ones of a type must be listed, where a rule judges ``resource``; None where any list of
    the type will do."""
    if resource.type == tokens.REGISTRY:
        return resource if kind in _OF_A_REGISTRY else None
    return resource if _HELD_BY.get(kind) == resource.type else None


def what_is_missing(kinds: Iterable[str]) -> str:
    """The commands whose output would tell of these types."""
    return ", ".join(f"`{COMMANDS[kind]}`" for kind in dict.fromkeys(kinds))
