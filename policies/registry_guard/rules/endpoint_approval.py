"""Forbids private endpoints that wait for someone's approval, or were refused it."""

from __future__ import annotations

from registry_model.estate import relations, tokens
from registry_model.estate.model import Estate

from ..examples import connection, endpoint, example, registry
from ..frameworks import mcsb
from ..rule import ADVISORY, OFF, Config, Levels, Problems, Rule, Severity, violation


def check(estate: Estate, _config: Config) -> Problems:
    for each in relations.connections(estate):
        if each.refused:
            yield violation(
                each.endpoint,
                f"The connection of endpoint {each.endpoint.label} is {each.status}: the registry's owner ended it, "
                "and it carries nothing",
            )
        elif each.manual:
            text = (
                f"Endpoint {each.endpoint.label} asks for manual approval; until someone grants it, it carries nothing"
            )
            yield violation(each.endpoint, text)


RULE = Rule(
    id="endpoint-approval",
    title="Private endpoints are approved automatically",
    severity=Severity.LOW,
    rationale=(
        "A manual connection stays pending until the registry's owner approves it by hand, outside the program, and "
        "the program cannot see whether that happened."
    ),
    fix=(
        "Use privateLinkServiceConnections; the deployment's identity needs the right to approve on the registry. An "
        "endpoint whose connection was ended must be made anew."
    ),
    levels=Levels(baseline=OFF, strict=ADVISORY, no_private_link=OFF),
    frameworks=(mcsb("NS-2"),),
    needs=((tokens.ENDPOINT,),),
    check_estate=check,
    compliant=(example("an automatic connection", registry(), endpoint()),),
    violating=(
        example(
            "a connection that was rejected",
            registry(),
            endpoint(
                privateLinkServiceConnections=[
                    {**connection(), "privateLinkServiceConnectionState": {"status": "Rejected"}}
                ]
            ),
        ),
        example(
            "a manual connection",
            registry(),
            endpoint(privateLinkServiceConnections=None, manualPrivateLinkServiceConnections=[connection()]),
        ),
    ),
)
