"""Memory of this process: what is resident, and what its allocators have given out.

Small objects come from CPython's own allocator, in arenas that it maps by itself; everything else from malloc. In use
is what both have given out. Where one of them does not tell (another C library, another allocator), it is what is
resident and private to the process.
"""

import functools
import logging
import os
from typing import Final

from telemetry.runtime.allocators import malloc_in_use, pymalloc_in_use

_STATM: Final = "/proc/self/statm"
_PAGE: Final = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4_096

_logger = logging.getLogger(__name__)


def resident_and_private() -> tuple[int, int] | None:
    """Return resident memory in bytes, and how much of it is not shared.

    /proc tells it, else psutil; None where neither is there, which is logged once.
    """
    try:
        with open(_STATM, "rb") as file:  # noqa: PTH123  # four times as fast as by Path, at each collection
            fields = file.read().split()
        resident, shared = int(fields[1]), int(fields[2])
    except (OSError, ValueError, IndexError):
        return _told_by_psutil()
    return resident * _PAGE, max(0, resident - shared) * _PAGE


def machine_memory() -> int | None:
    """Return the machine's memory in bytes, None where it does not tell."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * _PAGE
    except (AttributeError, ValueError, OSError):
        return None


def in_use() -> int | None:
    """Return the memory that objects hold, in bytes, never above what is resident; None where nothing tells."""
    found = resident_and_private()
    if found is None:
        return None
    resident, private = found
    small, other = pymalloc_in_use(), malloc_in_use()
    if small is None or other is None:
        return private
    # Pages that were given out and never written to are not resident.
    return min(resident, small + other)


def _told_by_psutil() -> tuple[int, int] | None:
    try:
        import psutil

        told = psutil.Process().memory_info()
        return told.rss, max(0, told.rss - getattr(told, "shared", 0))
    except Exception:  # noqa: BLE001  # it is none of ours, and its errors are of its own kinds
        _say_once()
        return None


@functools.cache
def _say_once() -> None:
    _logger.warning("Memory of the process is not measured: there is no %s, and psutil does not tell it", _STATM)
