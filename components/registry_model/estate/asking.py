"""Which read-only commands of ``az`` tell of a registry and of what stands around it. Pure: others run them.

Each round of questions follows from the answers so far: a registry's endpoints, then their networks and zones.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..azure import names
from ..azure.ids import ArmId, parse_id
from . import live, relations, tokens
from .model import Estate, Resource

_ACR = "az acr {} list --registry {} --resource-group {} --subscription {}"
_OF_A_REGISTRY: Mapping[str, str] = {
    tokens.REPLICATION: "replication",
    tokens.WEBHOOK: "webhook",
    tokens.TOKEN: "token",
    tokens.CACHE_RULE: "cache",
    tokens.CONNECTED_REGISTRY: "connected-registry",
    tokens.TASK: "task",
    tokens.AGENT_POOL: "agentpool",
}
_ENDPOINT = "--endpoint-name {} --resource-group {} --subscription {}"
_ZONE = "--zone-name {} --resource-group {} --subscription {}"


@dataclass(frozen=True)
class Question:
    """One ``command``, the canonical type that it lists, and the scope below which it lists all of them.

    Without ``scope`` it shows one resource. Without an answer to a ``vital`` one there is nothing to say.
    """

    command: tuple[str, ...]
    type: str = ""
    scope: str = ""
    vital: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The command with the format that is read, whatever the user's own default is."""
        return (*self.command, "--output", "json")

    @property
    def text(self) -> str:
        """The command as a shell takes it."""
        return shlex.join(self.words)

    def answered(self, answer: str) -> str:
        """The answer (JSON) with what was asked, as `live.read` takes it: an empty list then tells of none."""
        asked = {"type": tokens.ARM_NAME_OF.get(self.type, ""), "scope": self.scope}
        return (
            f'{{"asked": {json.dumps(asked)}, "command": {json.dumps(self.text)}, "answer": {answer.strip() or "[]"}}}'
        )


def first(target: str) -> Question:
    """The question that a registry's name, or the id of a registry or resource group, begins with.

    Raises ValueError, which says what the target may be.
    """
    given = target.strip()
    parsed = parse_id(given)
    if parsed is not None and parsed.subscription:
        scope = ("--subscription", parsed.subscription)
        if tokens.canonical_arm(parsed.type) == tokens.REGISTRY and len(parsed.names) == 1:
            place = ("--resource-group", parsed.resource_group, *scope)
            return Question(("az", "acr", "show", "--name", parsed.name, *place), tokens.REGISTRY, vital=True)
        if parsed.resource_group and not parsed.type:
            words = ("az", "acr", "list", "--resource-group", parsed.resource_group, *scope)
            return Question(words, tokens.REGISTRY, parsed.text, vital=True)
    name = given.lower()
    for cloud in names.CLOUDS.values():
        name = name.removesuffix(f".{cloud.registry_suffix}")
    problem = names.registry_name_problem(name)
    if problem:
        raise ValueError(
            f"'{target}' is neither a registry's name nor the id of a registry or resource group ({problem}); an id is "
            "what `az group show --name NAME --query id` prints"
        )
    return Question(("az", "acr", "show", "--name", name), tokens.REGISTRY, vital=True)


def following(estate: Estate) -> Iterator[Question]:
    """What the answers so far let ask: all of it each time, in order; what was asked already is for the caller."""
    registries = relations.registries(estate)
    for registry in registries:
        yield from _of_registry(registry)
    yield from _around(estate, registries)


def _of_registry(registry: Resource) -> Iterator[Question]:
    own = registry.arm_id
    if own is None:
        return
    for kind, word in _OF_A_REGISTRY.items():
        yield _question(_ACR.format(word, own.name, own.resource_group, own.subscription), kind, own.text)
    words = ("az", "monitor", "diagnostic-settings", "list", "--resource", own.text)
    yield Question(words, tokens.DIAGNOSTICS, own.text)


def _around(estate: Estate, registries: Iterable[Resource]) -> Iterator[Question]:
    subscriptions = {str(each.subscription): None for each in registries if isinstance(each.subscription, str)}
    for each in subscriptions:
        yield _in_subscription("az lock list", each, tokens.LOCK)
        yield _in_subscription("az security pricing list", each, tokens.PRICING)
        yield _in_subscription("az network private-endpoint list", each, tokens.ENDPOINT)
    for registry in registries:
        for foreign in relations.foreign_connections(estate, registry):
            parsed = parse_id(foreign.endpoint_id)
            if parsed is not None and parsed.subscription not in subscriptions:
                yield Question(
                    ("az", "network", "private-endpoint", "show", "--ids", foreign.endpoint_id), tokens.ENDPOINT
                )
    for endpoint in relations.registry_endpoints(estate):
        own = endpoint.arm_id
        if own is None:
            continue
        subscriptions[own.subscription] = None
        place = _ENDPOINT.format(own.name, own.resource_group, own.subscription)
        yield _question(f"az network private-endpoint dns-zone-group list {place}", tokens.ZONE_GROUP, own.text)
        for interface in live.interfaces_of(endpoint):
            yield Question(("az", "network", "nic", "show", "--ids", interface))
    for each in subscriptions:
        yield _in_subscription("az network vnet list", each, tokens.VIRTUAL_NETWORK)
        yield _in_subscription("az network nsg list", each, tokens.SECURITY_GROUP)
        yield _in_subscription("az network route-table list", each, tokens.ROUTE_TABLE)
        yield _in_subscription("az network firewall list", each, tokens.FIREWALL)
        yield _in_subscription("az network firewall policy list", each, tokens.FIREWALL_POLICY)
        yield _in_subscription("az network ip-group list", each, tokens.IP_GROUP)
        yield _in_subscription("az network private-dns zone list", each, tokens.PRIVATE_ZONE)
    yield from _of_zones(estate)
    for policy in estate.of(tokens.FIREWALL_POLICY):
        if policy.arm_id is not None:
            own = policy.arm_id
            place = f"--policy-name {own.name} --resource-group {own.resource_group} --subscription {own.subscription}"
            command = f"az network firewall policy rule-collection-group list {place}"
            yield _question(command, tokens.FIREWALL_RULES, own.text)


def _of_zones(estate: Estate) -> Iterator[Question]:
    zones = {cloud.private_link_zone for cloud in names.CLOUDS.values()}
    found = [zone.arm_id for zone in estate.of(tokens.PRIVATE_ZONE)]
    for groups in relations.zone_groups(estate).values():
        for group in groups:
            found += [use.zone.foreign for use in relations.zone_uses(estate, group)]
    for own in dict.fromkeys(each for each in found if each is not None and each.name in zones):
        place = _ZONE.format(own.name, own.resource_group, own.subscription)
        yield _question(f"az network private-dns link vnet list {place}", tokens.ZONE_LINK, own.text)
        yield _question(f"az network private-dns record-set list {place}", tokens.PRIVATE_RECORD, own.text)


def _in_subscription(command: str, subscription: str, kind: str) -> Question:
    return _question(f"{command} --subscription {subscription}", kind, ArmId(subscription, "", "", ()).text)


def _question(command: str, kind: str, scope: str) -> Question:
    return Question(tuple(command.split(" ")), kind, scope)


def sketched(target: str) -> list[Question]:
    """Every command for a target before anything is known: what only an answer tells stands in angle brackets."""
    begin = first(target)
    parsed = parse_id(target)
    subscription = (parsed.subscription if parsed is not None else "") or "<subscription>"
    group = (parsed.resource_group if parsed is not None else "") or "<group>"
    name = parsed.name if parsed is not None and parsed.name else begin.command[4] if parsed is None else "<registry>"

    def stand_in(kind: str, own: str, place: str = "<group>") -> str:
        return ArmId(subscription, place, tokens.ARM_NAME_OF.get(kind, kind), (own,)).text

    registry = stand_in(tokens.REGISTRY, name, group)
    documents: list[dict[str, Any]] = [
        {"id": registry},
        {
            "id": stand_in(tokens.ENDPOINT, "<endpoint>"),
            "privateLinkServiceConnections": [{"privateLinkServiceId": registry, "groupIds": [names.GROUP_ID]}],
            "networkInterfaces": [{"id": stand_in(live.INTERFACE, "<interface>")}],
        },
        {"id": stand_in(tokens.PRIVATE_ZONE, names.PUBLIC.private_link_zone)},
        {"id": stand_in(tokens.FIREWALL_POLICY, "<policy>")},
    ]
    answer = live.read(documents)
    assert answer is not None
    return [begin, *following(live.estate_of([answer]))]
