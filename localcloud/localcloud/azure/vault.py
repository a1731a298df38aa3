"""Key vaults: globally unique names, purge protection that cannot be taken back, and a private link target."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from localcloud.model.kind import LOCATION_ANSWER, Kind, Problems, Request, dig, unmarked

from . import facts, private_link
from .facts import Member

if TYPE_CHECKING:
    from localcloud.model.store import Row, Transaction

NAMES = "vault-name"  # the space of names that are unique in all of Azure
_SUFFIXES = {"public": "vault.azure.net", "usgov": "vault.usgovcloudapi.net", "china": "vault.azure.cn"}
_DAYS = (7, 90)
_RETENTION = "properties.softDeleteRetentionInDays"


class Vault(Kind):
    api_version = "2024-11-01"
    location = "region"
    name_rule = (
        r"(?!.*--)[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]",
        "must have 3 to 24 letters, digits or '-', start with a letter, end with a letter or digit, and have no '--'",
    )
    immutable = MappingProxyType(
        {
            _RETENTION: unmarked(
                "keyvault.json 2024-11-01", "hashicorp/terraform-provider-azurerm, key_vault_resource.go"
            ),
            "location": unmarked("keyvault.json 2024-11-01", LOCATION_ANSWER),
        }
    )
    write_only = frozenset({"properties.createMode"})
    has_state = False
    has_system_data = True
    private_link_group: ClassVar[str] = "vault"

    def check(self, request: Request) -> None:
        problems = request.problems
        given = request.inputs.get("properties") or {}
        if request.row is None and request.tx.claim(NAMES, request.name, request.id):
            problems.add(
                f"The vault name '{request.name}' is already in use. Vault names are globally unique so it is possible "
                "that the name is already taken.",
                "VaultAlreadyExists",
                409,
            )
        if given.get("enablePurgeProtection") is False:
            problems.add(
                'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a '
                "vault is an irreversible action.",
                "BadRequest",
            )
        days = given.get("softDeleteRetentionInDays")
        if days is not None and not _DAYS[0] <= days <= _DAYS[1]:
            problems.add(f"properties.softDeleteRetentionInDays is {days:g}: it must be {_DAYS[0]} to {_DAYS[1]}.")
        if not re.fullmatch(r"[0-9a-fA-F-]{36}", str(given.get("tenantId") or "")):
            problems.add(f"properties.tenantId '{given.get('tenantId') or ''}' must be a GUID.")
        if not given.get("enableRbacAuthorization") and given.get("accessPolicies") is None:
            problems.add("properties.accessPolicies is missing: it is needed without enableRbacAuthorization.")
        if request.row is not None and dig(request.before, "properties.enablePurgeProtection") is True:
            self._keep_protection(given, problems)

    def _keep_protection(self, given: dict[str, Any], problems: Problems) -> None:
        if given.get("enableSoftDelete") is False:
            problems.add("properties.enableSoftDelete cannot be switched off once it is on.")

    def refuse_change(self, row: Row, path: str, old: Any, new: Any, problems: Problems) -> None:
        if path != _RETENTION:
            super().refuse_change(row, path, old, new, problems)
            return
        problems.add(
            'The property "softDeleteRetentionInDays" has been set already and it can\'t be modified.', "BadRequest"
        )

    def state(self, request: Request) -> dict[str, Any]:
        kept = self.plain(request.inputs)
        properties = {name: value for name, value in (kept.get("properties") or {}).items() if name != "createMode"}
        cloud = facts.CLOUD_OF_REGION.get(facts.region(request.inputs.get("location")), "public")
        old = request.before.get("properties") or {}
        if old.get("enablePurgeProtection"):
            properties.setdefault("enablePurgeProtection", True)  # it stays on when it is not mentioned any more
        kept["properties"] = {
            "accessPolicies": [],
            "enableSoftDelete": True,
            "softDeleteRetentionInDays": 90,
            "enableRbacAuthorization": False,
            "enabledForDeployment": False,
            "publicNetworkAccess": "Enabled",
            **properties,
            "vaultUri": f"https://{request.name.lower()}.{_SUFFIXES[cloud]}/",
            "provisioningState": "Succeeded",
        }
        return kept

    def members(self, tx: Transaction, row: Row) -> list[Member]:
        host = row.body["properties"]["vaultUri"].removeprefix("https://").rstrip("/")
        label, _, zone = facts.private_name(host).partition(".")
        return [Member("default", host, zone, label)]

    def view(self, tx: Transaction, row: Row) -> dict[str, Any]:
        endpoints = private_link.endpoints_of(tx, row.id)
        approved = {"status": "Approved", "actionsRequired": "None"}
        connections = [
            {"privateEndpoint": {"id": each.id}, "privateLinkServiceConnectionState": approved} for each in endpoints
        ]
        return {"properties": {**row.body["properties"], "privateEndpointConnections": connections}}

    def removed(self, tx: Transaction, row: Row, going: set[str]) -> None:
        for endpoint in private_link.endpoints_of(tx, row.id):
            tx.unpoint(endpoint.id, "target")
