"""Forbids private endpoints from other subscriptions."""

from __future__ import annotations

from registry_model.azure.ids import parse_id
from registry_model.estate import relations, tokens
from registry_model.estate.model import Estate, Resource

from ..examples import PROVIDERS, child, endpoint, example, provider, registry, subnet_id
from ..frameworks import azure_policy, mcsb
from ..rule import ADVISORY, OFF, Config, Levels, Option, Problems, Rule, Severity, violation

ELSEWHERE = "00000000-0000-0000-0000-000000000009"


def check(estate: Estate, config: Config) -> Problems:
    allowed = {subscription.lower() for subscription in config["allowed"]}
    for each in relations.connections(estate):
        written = each.registry_id.subscription if each.registry_id is not None else ""
        theirs, ours = written or _subscription(each.registry.target), _endpoint_subscription(each.endpoint)
        if theirs and ours and theirs != ours and ours not in allowed:
            text = f"Endpoint {each.endpoint.label} is in subscription {ours}, its registry in {theirs}"
            yield violation(each.endpoint, text)
    for each in estate.of(tokens.ENDPOINT_CONNECTION):
        endpoint_id = each.get("privateEndpoint.id")
        parsed = parse_id(endpoint_id) if isinstance(endpoint_id, str) else None
        theirs = _subscription(relations.registry_of(estate, each).target) or _subscription(each)
        if parsed is not None and theirs and parsed.subscription not in (theirs, *allowed):
            text = f"Connection {each.label} accepts an endpoint from subscription {parsed.subscription}"
            yield violation(each, text)


def _subscription(resource: Resource | None) -> str:
    subscription = resource.subscription if resource is not None else None
    return subscription if isinstance(subscription, str) else ""


def _endpoint_subscription(endpoint: Resource) -> str:
    """The endpoint's own, else its subnet's: Azure wants both in one subscription."""
    if isinstance(endpoint.subscription, str):
        return endpoint.subscription
    subnet = endpoint.get("subnet.id")
    parsed = parse_id(subnet) if isinstance(subnet, str) else None
    return parsed.subscription if parsed is not None else ""


def _elsewhere(identifier: str) -> str:
    return identifier.replace("00000000-0000-0000-0000-000000000001", ELSEWHERE)


_FOREIGN_ENDPOINT = endpoint(subnet={"id": _elsewhere(subnet_id())})

RULE = Rule(
    id="endpoint-subscription",
    title="Private endpoints are in the registry's own subscription",
    severity=Severity.MEDIUM,
    rationale=(
        "An endpoint in another subscription puts the registry into a network that other people administer; nothing in "
        "the registry's own subscription shows who is behind it."
    ),
    fix="Move the endpoint into the registry's subscription, or list its subscription in allowed.",
    levels=Levels(baseline=OFF, strict=ADVISORY, no_private_link=OFF),
    frameworks=(mcsb("NS-2"), azure_policy("696cb1d3-2dcf-4b44-aa7a-caccd18b1b96")),
    options={
        "allowed": Option(
            {"type": "array", "items": {"type": "string"}},
            [],
            "Ids of other subscriptions that endpoints may be in; empty: the registry's own only.",
        )
    },
    needs=((tokens.ENDPOINT,),),
    check_estate=check,
    compliant=(
        example("the same subscription", registry(), endpoint()),
        example("an allowed subscription", registry(), _FOREIGN_ENDPOINT, allowed=[ELSEWHERE]),
    ),
    violating=(
        example("another subscription", registry(), _FOREIGN_ENDPOINT),
        example(
            "a connection accepted from another subscription",
            registry(more={"provider": "azure"}),
            provider("azure"),
            child(
                "PrivateEndpointConnection",
                "accepted",
                privateEndpoint={"id": _elsewhere(f"{PROVIDERS}/Microsoft.Network/privateEndpoints/theirs")},
            ),
        ),
    ),
)
