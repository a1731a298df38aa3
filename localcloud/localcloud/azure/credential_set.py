"""Credential sets: where a cache rule finds the name and password for the registry that it fetches from."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any

from localcloud.model import ids
from localcloud.model.kind import TENANT, Kind, Request, timestamp_with_offset, unmarked

_SECRET = re.compile(r"https://[\w-]+\.vault\.[\w.]+/secrets/[\w-]+(/\w+)?")


class CredentialSet(Kind):
    api_version = "2023-01-01-preview"
    name_style = "copy"
    name_rule = (r"[a-zA-Z0-9-]{5,50}", "must have 5 to 50 letters, digits or '-'")
    # CredentialSetUpdateParameters has none.
    immutable = MappingProxyType({"loginServer": unmarked("containerregistry.json 2023-01-01-preview")})
    has_system_data = True

    def check(self, request: Request) -> None:
        if not request.inputs.get("loginServer"):
            request.problems.add(f"loginServer of credential set '{request.name}' is missing.")
        for each in request.inputs.get("authCredentials") or []:
            for name in ("usernameSecretIdentifier", "passwordSecretIdentifier"):
                if not _SECRET.fullmatch(str(each.get(name) or "")):
                    request.problems.add(
                        f"authCredentials.{name} '{each.get(name) or ''}' is not the id of a secret, "
                        "e.g. https://contoso.vault.azure.net/secrets/user"
                    )

    def state(self, request: Request) -> dict[str, Any]:
        kept = self.plain(request.inputs)
        kind = str((kept.get("identity") or {}).get("type"))
        if "SystemAssigned" in kind:
            principal = {"principalId": ids.guid(ids.key(request.id), "principal"), "tenantId": TENANT}
            # Recorded 2026-03: alone, it comes back with a small letter.
            shown = "systemAssigned" if kind == "SystemAssigned" else kind
            kept["identity"] = {**kept["identity"], **principal, "type": shown}
        return {**kept, "creationDate": request.before.get("creationDate") or timestamp_with_offset()}
