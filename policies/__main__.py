"""Entry point of the policy pack: ``pulumi preview --policy-pack policies`` runs this directory."""

import sys
from pathlib import Path

# From a bare checkout, with an environment that lacks the wheel, the pure knowledge of names lies beside this room.
sys.path.append(str(Path(__file__).resolve().parent.parent / "components"))

from registry_guard.pack import serve

serve()
