"""Which command of ``az`` lists the resources of a type, and what a reader is told to add where a folder lacks it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..azure.ids import parse_id, scope_of
from . import facts, live, relations, tokens
from .model import Estate, Resource

# Commands that list what belongs to one registry, and those that list what stands around it. Words in capitals are for
# the reader to fill in.
COMMANDS: Mapping[str, str] = {
    tokens.REGISTRY: "az acr show --name {name}",
    tokens.REPLICATION: "az acr replication list --registry {name}",
    tokens.WEBHOOK: "az acr webhook list --registry {name}",
    tokens.TOKEN: "az acr token list --registry {name}",
    tokens.CACHE_RULE: "az acr cache list --registry {name}",
    tokens.CONNECTED_REGISTRY: "az acr connected-registry list --registry {name}",
    tokens.TASK: "az acr task list --registry {name}",
    tokens.AGENT_POOL: "az acr agentpool list --registry {name}",
    tokens.ENDPOINT_CONNECTION: "az acr show --name {name}",
    tokens.ENDPOINT: "az network private-endpoint list",
    tokens.ZONE_GROUP: (
        "az network private-endpoint dns-zone-group list --endpoint-name ENDPOINT --resource-group GROUP"
    ),
    tokens.PRIVATE_ZONE: "az network private-dns zone list",
    tokens.ZONE_LINK: "az network private-dns link vnet list --zone-name {zone} --resource-group GROUP",
    tokens.PRIVATE_RECORD: "az network private-dns record-set list --zone-name {zone} --resource-group GROUP",
    tokens.VIRTUAL_NETWORK: "az network vnet list",
    tokens.SECURITY_GROUP: "az network nsg list",
    tokens.ROUTE_TABLE: "az network route-table list",
    tokens.FIREWALL_RULES: (
        "az network firewall policy rule-collection-group list --policy-name POLICY --resource-group GROUP"
    ),
    tokens.DIAGNOSTICS: "az monitor diagnostic-settings list --resource {id}",
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
_REGISTRIES = tokens.ARM_NAME_OF[tokens.REGISTRY].lower()
_HELD_BY: Mapping[str, str] = {tokens.ZONE_GROUP: tokens.ENDPOINT, tokens.ZONE_LINK: tokens.PRIVATE_ZONE}


def holder(kind: str, resource: Resource) -> Resource | None:
    """The resource whose own ones of a type must be listed, where a rule judges ``resource``; None where any list of
    the type will do."""
    if resource.type == tokens.REGISTRY:
        return resource if kind in _OF_A_REGISTRY else None
    return resource if _HELD_BY.get(kind) == resource.type else None


def only_named(estate: Estate) -> list[Resource]:
    """The registries that live documents name, by a private endpoint or by what belongs to one, and do not show. Those
    that a list of registries tells to be gone are left out."""
    ids = [each.registry_id for each in relations.connections(estate)]
    for each in estate.resources:
        ids += [parse_id(each.noted_id), parse_id(scope_of(each.noted_id))]
    found: dict[str, Resource] = {}
    for known in ids:
        if known is not None and known.names and (known.type + "/").startswith(f"{_REGISTRIES}/"):
            own = replace(known, type=_REGISTRIES, names=known.names[:1]).text
            if estate.coverage is not None and not estate.coverage.tells_below(tokens.REGISTRY, own):
                found.setdefault(own, live.only_named(own))
    return list(found.values())


def gap(estate: Estate, kind: str) -> str:
    """How a sentence goes on about a resource of a type that the estate names and does not have."""
    return "not declared here" if estate.coverage is None else f"which `{COMMANDS[kind]}` would tell"


def what_is_missing(kinds: Iterable[str], registry: Resource) -> str:
    """The commands whose output would tell of these types for one registry."""
    zone = facts.cloud_of(registry).private_link_zone
    given = {"name": registry.name, "id": registry.noted_id, "zone": zone}
    return ", ".join(f"`{COMMANDS[kind].format(**given)}`" for kind in dict.fromkeys(kinds))
