"""Whether a stack's state lacks an address that Azure has: reads `registry-doctor show --json` on standard input.

Exit code 0 where `pulumi refresh` brings one, 1 where there is none to bring, 2 where the input is not that JSON.
"""

from __future__ import annotations

import json
import sys


def main() -> int:
    """Look at the field `unknownUntilRefresh` of every registry."""
    try:
        shown = json.load(sys.stdin)
        return 0 if any(each["unknownUntilRefresh"] for each in shown) else 1
    except (ValueError, TypeError, KeyError):
        print("needs_refresh: standard input is not what `registry-doctor show --json` prints", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
