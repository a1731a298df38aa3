"""What importing the components costs, against the azure-native modules whose resources they declare."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.pairs import Measure, Timed, paired, seconds

COMPONENTS = (
    "from private_registry import "
    "ClientFirewall, PremiumRegistry, PrivateDnsZone, PrivateRegistry, RegistryPrivateEndpoint"
)
NEEDED = "import pulumi_azure_native as sdk; sdk.containerregistry.Registry; sdk.network.PrivateEndpoint; " + (
    "sdk.privatedns.PrivateZone; sdk.resources.ResourceGroup"
)


def measures(folder: Path, runs: int = 9) -> Iterator[Measure]:
    yield paired(
        "imports",
        _import(COMPONENTS, folder),
        _import(NEEDED, folder),
        goal="1.1",
        note="importing every component / the azure-native modules that they need",
        runs=runs,
    )


def _import(statement: str, folder: Path) -> Timed:
    return lambda: seconds(lambda: subprocess.run([sys.executable, "-c", statement], cwd=folder, check=True))
