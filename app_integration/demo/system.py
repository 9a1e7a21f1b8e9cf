"""What the operating system knows of the application's process."""

import os
from pathlib import Path
from typing import Final

from app_integration.demo.comparison import Claim
from telemetry.runtime.event_loop import INTERVAL_SECONDS

SOURCE: Final = "the system"

# Memory moves between two looks: so much, as a share, is no difference.
_TOLERANCE: Final = 0.1
# On a busy machine a timer is late and sets the next one as much later; and the last ones have not been told yet.
_TIMERS_TOLERANCE: Final = 0.5


def claims(pid: int, seconds: float) -> list[Claim]:
    """Return what must be told of a process that has served for so long; nothing where the system has no /proc."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return []
    resident = {"": float(pages * os.sysconf("SC_PAGE_SIZE"))}
    process = {"component": "process"}
    timers = {"": seconds / INTERVAL_SECONDS}
    return [
        Claim(SOURCE, "nodejs_heap_size_total_bytes", (), resident, tolerance=_TOLERANCE),
        Claim(SOURCE, "techsapo_memory_usage_bytes", (), resident, process, tolerance=_TOLERANCE),
        Claim(SOURCE, "nodejs_eventloop_lag_seconds_count", (), timers, tolerance=_TIMERS_TOLERANCE),
    ]
