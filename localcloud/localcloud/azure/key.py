"""Keys of a vault. ARM makes a key once: for one that is there, a PUT answers with it and writes nothing.

Keys_CreateIfNotExist in keys.json (2024-11-01): "If it already exists, then the existing key is returned without any
write operations being performed. This API does not create subsequent versions, and does not update existing keys."
"""

from __future__ import annotations

import time
from types import MappingProxyType
from typing import Any

from localcloud.model import ids
from localcloud.model.kind import Kind, Request, dig, unmarked

_SIZES = (2048, 3072, 4096)


class Key(Kind):
    api_version = "2024-11-01"
    name_style = "copy"
    name_rule = (r"[a-zA-Z0-9-]{1,127}", "must have 1 to 127 letters, digits or '-'")
    immutable = MappingProxyType(
        dict.fromkeys(
            ("properties", "tags"),
            unmarked("keys.json 2024-11-01", "accepted, nothing is written: keys.json 2024-11-01"),
        )
    )
    written_once = True
    has_state = False

    def check(self, request: Request) -> None:
        given = request.inputs.get("properties") or {}
        kind, size = str(given.get("kty")), given.get("keySize")
        if kind.startswith("RSA") and size is not None and size not in _SIZES:
            request.problems.add(f"properties.keySize is {size:g}: it must be {', '.join(map(str, _SIZES))}.")
        if kind.endswith("-HSM") and request.parent and dig(request.parent.body, "properties.sku.name") != "premium":
            request.problems.add(f"properties.kty {kind} needs a vault with the SKU premium.")

    def state(self, request: Request) -> dict[str, Any]:
        given = dict(request.inputs.get("properties") or {})
        vault = dig(request.parent.body, "properties.vaultUri") if request.parent else ""
        uri = f"{vault}keys/{request.name}"
        created = int(time.time())
        if str(given.get("kty")).startswith("RSA"):
            given.setdefault("keySize", 2048)
        enabled = {"enabled": True, **(given.pop("attributes", None) or {})}
        return {
            **given,
            "tags": request.inputs.get("tags") or {},
            "location": request.parent.body["location"] if request.parent else "",
            "attributes": {**enabled, "created": created, "updated": created, "recoveryLevel": "Recoverable"},
            "keyUri": uri,
            "keyUriWithVersion": f"{uri}/{ids.guid(ids.key(request.id), 'version').replace('-', '')}",
        }
