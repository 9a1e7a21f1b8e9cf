"""A day whose budget is spent before it ends: its midnight is that of a time zone of the demo's own.

Source: RFC 9636, the format of time zone files; PEP 615 for PYTHONTZPATH.
"""

import struct
import time
import zoneinfo
from pathlib import Path
from typing import Final

from app_integration.demo.options import Options

NAME: Final = "Demo/Midnight"

_DAY_SECONDS: Final = 86_400
_HALF_DAY_SECONDS: Final = _DAY_SECONDS // 2


# What a request of the stack's usual traffic costs on average, measured; most ask no provider.
_USD_A_REQUEST: Final = 0.00012
# The application needs so long until the traffic begins.
_START_SECONDS: Final = 4.0


def variables(directory: Path, options: Options) -> dict[str, str]:
    """Return the settings of an application that is started now.

    Four fifths are spent in the middle of the trouble, all of it in its last quarter, and the day is over at its end.
    """
    quarter = options.quarter
    budget = _USD_A_REQUEST * options.rate * quarter * 2.5
    midnight = time.time() + _START_SECONDS + 3 * quarter
    return {"REFERENCE_APP_BUDGET_USD": f"{budget:.6f}", **zone(directory, midnight)}


def zone(directory: Path, midnight: float) -> dict[str, str]:
    """Make the zone in a folder, and return the settings for it; `midnight` is a Unix time."""
    offset = -round(midnight) % _DAY_SECONDS
    # Offsets of more than half a day are those of the other side of the date line.
    offset -= _DAY_SECONDS if offset > _HALF_DAY_SECONDS else 0
    zones = directory / "zones"
    (zones / NAME).parent.mkdir(parents=True)
    (zones / NAME).write_bytes(_zone(offset))
    path = ":".join([str(zones), *zoneinfo.TZPATH])
    return {"PYTHONTZPATH": path, "REFERENCE_APP_BUDGET_TIMEZONE": NAME}


def _zone(offset: int) -> bytes:
    """Return a file of version 1 with one offset from UTC, in seconds, and no transitions."""
    designation = b"DEMO\0"
    counts = (0, 0, 0, 0, 1, len(designation))
    return struct.pack(">4sc15x6l", b"TZif", b"\0", *counts) + struct.pack(">lbB", offset, 0, 0) + designation
