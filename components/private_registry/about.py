"""What registries of packages show about this one."""

from __future__ import annotations

# The owner is not decided yet: a name that nobody can own stands for the repository, here and nowhere else.
REPOSITORY = "https://example.com/private-registry"

DESCRIPTION = "Private container registries that a team can trust: closed to the public, with names that resolve"

# What the Pulumi Registry sorts by, and what people search for.
KEYWORDS = ("category/cloud", "kind/component", "azure", "container-registry", "private-link")

# The schema's metadata. There is no namespace until there is an owner: it would be part of every package's name.
METADATA = {
    "description": DESCRIPTION,
    "displayName": "Private Registry",
    "keywords": list(KEYWORDS),
    "homepage": REPOSITORY,
    "repository": REPOSITORY,
    "license": "Apache-2.0",
    "publisher": "The private-registry maintainers",
    "logoUrl": f"{REPOSITORY}/raw/main/docs/logo.svg",
}
