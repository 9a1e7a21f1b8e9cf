"""A process that fills the memory of its control group up to a share of the limit, and keeps it there: a leak."""

import sys
import time
from typing import Final

from telemetry.runtime.cgroup import limited_group

_BLOCK_BYTES: Final = 2 * 1024 * 1024
_LOOK_SECONDS: Final = 0.1


def main() -> int:
    """Fill up to the share that is named, until ended; 1 where the group has no limit."""
    share = float(sys.argv[1])
    blocks: list[bytes] = []
    while (group := limited_group()) is not None:
        missing = int(share * group.limit) - group.usage
        if missing >= _BLOCK_BYTES:
            # Zeros would be no memory yet.
            blocks += [b"\1" * _BLOCK_BYTES for _ in range(max(1, missing // _BLOCK_BYTES // 2))]
        elif missing < -_BLOCK_BYTES and blocks:
            blocks.pop()
        else:
            time.sleep(_LOOK_SECONDS)
    print("the control group has no limit of memory", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
