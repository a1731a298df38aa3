"""Writes the tables of docs/rehearsal.md about what each answer rests on: ``make reference``. With ``--check`` it
fails instead where they are out of date.

Made from ``recorded/*.json``, from ``BASIS`` below, whose tests must exist, and from what each type says of the
properties that an update does not change (``Kind.immutable``). ``test_recorded_doc.py`` holds the page
to it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from localcloud.azure import TYPES
from localcloud.model.kind import Fixed, Kind

from tests.localcloud.test_recorded import FACTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rehearsal.md"
BEGIN = "<!-- what the answers rest on: made by `make reference` -->\n"
END = "<!-- end -->\n"


class Basis(NamedTuple):
    """An answer without a record: what it rests on, and the tests that hold the local cloud to it."""

    operation: str
    about: str
    document: str  # empty when Azure's answer is not known
    tests: str  # file, or file::name, under tests/localcloud


def _d(operation: str, about: str, document: str, tests: str) -> Basis:
    return Basis(operation, about, document, f"test_model_{tests}")


def _u(operation: str, about: str, tests: str) -> Basis:
    return Basis(operation, about, "", f"test_model_{tests}")


ACR = "learn.microsoft.com/azure/container-registry"
BASIS = [
    _d("Registry: create", "what each SKU has", f"{ACR}/container-registry-skus", "registry.py"),
    _d("Registry: create", "customer-managed key", f"{ACR}/tutorial-enable-customer-managed-keys", "registry.py"),
    _d("Registry: create", "content trust newly on", "hashicorp/terraform-provider-azurerm#32752", "registry.py"),
    _u("Registry: create", "more than 200 IP rules; a key without what it needs", "registry.py"),
    _u("Registry: update", "Azure's answer to another zone redundancy or encryption", "registry.py"),
    _d(
        "Registry: delete",
        "its endpoints read Disconnected",
        f"{ACR}/container-registry-private-link",
        "private_link.py",
    ),
    _d(
        "Replication: create", "needs Premium; one a region", f"{ACR}/container-registry-geo-replication", "registry.py"
    ),
    _d(
        "Replication: create",
        "again right after its deletion: accepted, and fails",
        "Azure/azure-rest-api-specs#18934",
        "store.py::test_a_replica_that_was_just_deleted_fails_when_it_is_made_again_at_once",
    ),
    _u(
        "Replication: create",
        "a subnet that is full: words and what is left",
        "private_link.py::test_a_full_subnet_fails_it_without_naming_the_subnet",
    ),
    _d("Replication: update", "zone redundancy is refused", "Azure/azure-rest-api-specs#18934", "registry.py"),
    _u(
        "PrivateEndpoint: create",
        "the order of addresses when there are replicas",
        "private_link.py::test_an_endpoint_has_an_address_for_each_member_on_its_interface",
    ),
    _d(
        "PrivateEndpoint: create",
        "while the registry is being provisioned",
        "Azure/bicep-registry-modules#4042",
        "store.py::test_an_endpoint_fails_while_a_replica_of_its_registry_is_provisioned",
    ),
    _u(
        "PrivateEndpoint: create",
        "a subnet too small for its members; an unknown group; a Basic registry",
        "private_link.py",
    ),
    _u("PrivateEndpoint: update", "another interface name", "private_link.py"),
    _d(
        "PrivateEndpointConnection: read",
        "a Pending connection's description is the request's message, of 140 characters at most",
        "requestMessage in privateEndpoint.json (2024-03-01), 'passed to the owner of the remote resource'",
        "private_link.py::test_a_manual_connection_waits_for_approval",
    ),
    _u(
        "PrivateEndpoint: read",
        "its own description while it waits with a message",
        "private_link.py::test_a_manual_connection_waits_for_approval",
    ),
    _u(
        "PrivateDnsZoneGroup: create",
        "records while the endpoint waits for approval",
        "private_link.py::test_a_manual_connection_waits_for_approval",
    ),
    _d(
        "PrivateDnsZoneGroup: create",
        "two endpoints of one registry in one zone: the last writer wins, and the records go with either",
        "MicrosoftDocs/azure-docs#58044",
        "private_link.py::test_the_last_of_two_endpoints_of_one_registry_wins",
    ),
    _d(
        "PrivateDnsZoneGroup: create",
        "at most 5 zones",
        "learn.microsoft.com/azure/private-link/private-endpoint-dns",
        "private_link.py",
    ),
    _u(
        "Vault: read",
        "name and id of its private endpoint connections",
        "private_link.py::test_a_vault_has_a_private_endpoint_too",
    ),
    _d("VirtualNetworkLink: create", "overlapping zones", "AKS troubleshooting, overlapping namespaces", "dns.py"),
    _d(
        "VirtualNetwork: create",
        "address space",
        "learn.microsoft.com/azure/virtual-network/virtual-networks-faq",
        "network.py",
    ),
    _d(
        "Subnet: create",
        "reserved addresses, smallest size",
        "learn.microsoft.com/azure/virtual-network/virtual-networks-faq",
        "network.py",
    ),
    _d("DiagnosticSetting: create", "a sink that is taken", "Azure's words, quoted in public threads", "governance.py"),
    _d(
        "ManagementLockByScope: create",
        "what a lock forbids",
        "learn.microsoft.com/azure/azure-resource-manager/management/lock-resources",
        "governance.py",
    ),
]


def table() -> str:
    """The table, sorted by operation; what is recorded comes first."""
    rows = [(fact["operation"], 0, fact["fact"], _evidence(fact)) for fact in FACTS.values()]
    rows += [(b.operation, 1, b.about, f"from a document: {b.document}") for b in BASIS if b.document]
    rows += [(b.operation, 2, b.about, "not known; a choice of the local cloud") for b in BASIS if not b.document]
    served = {token.rsplit(":", 1)[-1] for token in TYPES}
    told = {operation.partition(":")[0] for operation, *_ in rows}
    rest = ", ".join(sorted(served - told))
    lines = [f"| {operation} | {about} | {basis} |" for operation, _, about, basis in sorted(rows)]
    head = ["| operation | about | basis |", "|---|---|---|"]
    return "\n".join([*head, *lines, "", f"No record was found for the other types: {rest}."]) + "\n"


def plans() -> str:
    """The table of the properties that an update does not change: the plan, why, and Azure's answer in place."""
    rows = [
        (f"{token.rpartition(':')[2]}: {path}", fixed)
        for token in TYPES
        for path, fixed in _kind(token).immutable.items()
    ]
    lines = [f"| {what} | {_plan(fixed)} | {fixed.answer or 'not known; refused'} |" for what, fixed in sorted(rows)]
    head = ["| another value for | planned as | Azure's answer to an update |", "|---|---|---|"]
    return "\n".join([*head, *lines]) + "\n"


def _kind(token: str) -> Kind:
    path, rules = TYPES[token]
    module, _, name = rules.partition(".")
    return getattr(import_module(f"localcloud.azure.{module}"), name)(token, path)


def _plan(fixed: Fixed) -> str:
    return f"{'a replacement' if fixed.replaces else 'an update'}: {fixed.plan}"


def _evidence(fact: dict[str, Any]) -> str:
    """A recorded exchange of Azure's own command line is one thing, an answer that someone quoted another."""
    if "tests/latest/recordings/" in fact["source"]:
        return f"equal to a record: API {fact['api']}, {fact['date']}"
    return f"equal to a quoted answer of {fact['date']}"


def page(text: str) -> str:
    """The page with the table that belongs in it."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}\n{plans()}{END}{after}"


def main(arguments: list[str]) -> int:
    """Write the tables, or with ``--check`` say whether they are out of date; the exit code says the same."""
    old = PAGE.read_text()
    new = page(old)
    if old == new:
        return 0
    if "--check" in arguments:
        print("docs/rehearsal.md is out of date: run `make reference`", file=sys.stderr)
        return 1
    PAGE.write_text(new)
    print("wrote docs/rehearsal.md")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
