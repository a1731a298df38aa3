"""Asks for a private endpoint for every registry."""

from __future__ import annotations

from registry_model.estate import relations, tokens
from registry_model.estate.model import Estate

from ..examples import UNKNOWN, child, connection, endpoint, example, registry, registry_id
from ..frameworks import azure_policy, cis, mcsb
from ..rule import MANDATORY, OFF, Config, Declared, Levels, Problems, Rule, Severity, undetermined, violation


def check(estate: Estate, _config: Config) -> Problems:
    for each in relations.registries(estate):
        leading = relations.endpoints_of(estate).get(each, [])
        if any(not connection.refused for connection in leading) or relations.approved_elsewhere(estate, each):
            continue
        if relations.maybe_connected(estate, each):
            yield undetermined(each, "which registry a private endpoint leads to")
        elif leading:
            ended = ", ".join(f"{connection.endpoint.label} is {connection.status}" for connection in leading)
            yield violation(
                each, f"No private endpoint leads to registry {each.label} any more: the connection of {ended}"
            )
        else:
            yield violation(
                each,
                f"No private endpoint here leads to registry {each.label}",
                without=(tokens.ENDPOINT_CONNECTION,),
            )


def _unknown_yet(*depends_on: str, name: str = "endpoint") -> Declared:
    """An endpoint as in a first preview: the registry's id is not known, only what it depends on."""
    unknown = {**connection(), "privateLinkServiceId": UNKNOWN}
    depends = {"propertyDependencies": {"privateLinkServiceConnections": list(depends_on)}}
    return endpoint(name, privateLinkServiceConnections=[unknown], more=depends)


def _decided(status: str, of: str = "contoso") -> Declared:
    """What the registry's owner made of the connection of the endpoint beside it."""
    return child(
        "PrivateEndpointConnection",
        "decision",
        of,
        privateEndpointConnectionName="decision",
        privateEndpoint={"id": endpoint()["outputs"]["id"]},
        privateLinkServiceConnectionState={"status": status},
    )


def _ended(status: str) -> Declared:
    """An endpoint whose own side shows what became of its connection."""
    told = {**connection(), "privateLinkServiceConnectionState": {"status": status}}
    return endpoint(privateLinkServiceConnections=[told])


def _connected(status: str) -> Declared:
    """A registry whose state tells of an endpoint that somebody else made."""
    elsewhere = endpoint("app-endpoint")["outputs"]["id"]
    told = {"privateEndpoint": {"id": elsewhere}, "privateLinkServiceConnectionState": {"status": status}}
    return registry(more={"outputs": {"id": registry_id(), "name": "contoso", "privateEndpointConnections": [told]}})


RULE = Rule(
    id="private-endpoint",
    title="Every registry has a private endpoint",
    severity=Severity.HIGH,
    rationale="With public access off, a private endpoint is the only way in: a registry without one serves nobody.",
    fix="Declare a network:PrivateEndpoint with this registry's id and the group registry.",
    fix_template="Declare a Microsoft.Network/privateEndpoints with this registry's id and the group registry.",
    fix_live=(
        "az network private-endpoint create --group-id registry --private-connection-resource-id ID, with the "
        "registry's id, and a DNS zone group on it."
    ),
    levels=Levels(baseline=OFF, strict=MANDATORY, no_private_link=OFF),
    frameworks=(cis("4.0.0", "2.2.2.1"), mcsb("NS-2"), azure_policy("e8eef0a8-67cf-4eb4-9386-14b0e78733d4")),
    references=("Prowler containerregistry_uses_private_link",),
    needs=((tokens.ENDPOINT_CONNECTION,),),
    check_estate=check,
    compliant=(
        example("an endpoint", registry(), endpoint()),
        example("an endpoint whose target is not known yet", registry(), _unknown_yet("registry")),
        example("no registry", endpoint(of="elsewhere")),
        example("an approved endpoint of another stack", _connected("Approved")),
        example("an endpoint that the owner approves", registry(), endpoint(), _decided("Approved")),
        example("one rejected and one approved endpoint", registry(), _ended("Rejected"), endpoint("second")),
        example(
            "a rejection of another registry's connection",
            registry(),
            endpoint(),
            registry("other", "fabrikam"),
            endpoint("second", of="fabrikam"),
            _decided("Rejected", of="adatum"),
        ),
    ),
    violating=(
        example("none", registry()),
        example("an endpoint of another stack that is waiting for approval", _connected("Pending")),
        example("an endpoint of another stack that was disconnected", _connected("Disconnected")),
        example("an endpoint that was disconnected", registry(), _ended("Disconnected")),
        example("an endpoint that was rejected on the registry", registry(), endpoint(), _decided("Rejected")),
        example("an endpoint of another registry", registry(), registry("other", "fabrikam"), endpoint(of="fabrikam")),
        example(
            "an endpoint that depends on another registry",
            registry(),
            registry("other", "fabrikam"),
            _unknown_yet("other"),
        ),
    ),
)
