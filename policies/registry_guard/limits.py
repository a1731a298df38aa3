"""What a run of `registry-guard` may cost."""

from __future__ import annotations

from registry_model.limit import Limit

# Ten times the state of 50,000 resources, which is read and judged in seconds.
SIZE = Limit("--max-size", "REGISTRY_GUARD_MAX_SIZE", "megabytes", default=100, below=1_000_000)
TIME = Limit("--max-time", "REGISTRY_GUARD_MAX_TIME", "seconds", default=300, below=1_000_000)
