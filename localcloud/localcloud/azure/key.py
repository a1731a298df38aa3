"""Keys of a vault. ARM makes a key once: what it is cannot be changed through ARM."""

from __future__ import annotations

import time
from typing import Any

from localcloud.model import ids
from localcloud.model.kind import Kind, Request, dig

_SIZES = (2048, 3072, 4096)


class Key(Kind):
    api_version = "2024-11-01"
    name_style = "copy"
    name_rule = (r"[a-zA-Z0-9-]{1,127}", "must have 1 to 127 letters, digits or '-'")
    # Their marks in the specification (x-ms-mutability) were not read: a change is planned as a replacement.
    immutable = frozenset({"properties.kty", "properties.keySize", "properties.curveName"})
    has_state = False

    def check(self, request: Request) -> None:
        given = request.inputs.get("properties") or {}
        kind, size = str(given.get("kty")), given.get("keySize")
        if kind.startswith("RSA") and size is not None and size not in _SIZES:
            request.problems.add(f"properties.keySize is {size:g}: it must be {', '.join(map(str, _SIZES))}.")
        if kind.endswith("-HSM") and request.parent and dig(request.parent.body, "properties.sku.name") != "premium":
            request.problems.add(f"properties.kty {kind} needs a vault with the SKU premium.")

        for name in ("kty", "keySize", "curveName") if request.row is not None else ():
            if given.get(name) not in (None, request.before.get(name)):
                request.problems.add(f"properties.{name} of key '{request.name}' cannot be changed after creation.")

    def state(self, request: Request) -> dict[str, Any]:
        given = dict(request.inputs.get("properties") or {})
        vault = dig(request.parent.body, "properties.vaultUri") if request.parent else ""
        uri = f"{vault}keys/{request.name}"
        created = dig(request.before, "attributes.created") or int(time.time())
        if str(given.get("kty")).startswith("RSA"):
            given.setdefault("keySize", 2048)
        enabled = {"enabled": True, **(given.pop("attributes", None) or {})}
        return {
            **given,
            "tags": request.inputs.get("tags") or {},
            "location": request.parent.body["location"] if request.parent else "",
            "attributes": {**enabled, "created": created, "updated": int(time.time()), "recoveryLevel": "Recoverable"},
            "keyUri": uri,
            "keyUriWithVersion": f"{uri}/{ids.guid(ids.key(request.id), 'version').replace('-', '')}",
        }
