"""What tests ask of reach in one word."""

from __future__ import annotations

from registry_model.reach.firewalls import Firewall
from registry_model.reach.judgement import summary
from registry_model.reach.model import Ability, Client, Registry
from registry_model.reach.switch import gaps


def can_pull(registry: Registry, client: Client) -> bool:
    """Whether every pull of this client works, whatever region Azure routes it to."""
    return summary(registry, client).pull is Ability.YES


def can_push(registry: Registry, client: Client) -> bool:
    return summary(registry, client).push is Ability.YES


def missing_hosts(registry: Registry, firewall: Firewall) -> list[str]:
    """The hosts that this client firewall must still allow on 443 before layers may come from data endpoints."""
    return list(dict.fromkeys(gap.host.name for gap in gaps(registry, firewall)))
