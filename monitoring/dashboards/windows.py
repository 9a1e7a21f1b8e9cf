"""The windows of recorded rates in words, taken from the query: a description cannot tell another than is asked for."""

import re
from typing import Final

from monitoring.pace import words

_RECORDED: Final = re.compile(r":\w*rate(\d+[a-z]+)")


def window_of(expr: str) -> str:
    """Return the window of a query's recorded rates, as `5 minutes`. Raises ValueError where it has not just one."""
    found = dict.fromkeys(_RECORDED.findall(expr))
    if len(found) != 1:
        msg = f"got the windows {', '.join(found) or 'of none'} in {expr!r}; recorded rates of one window are needed"
        raise ValueError(msg)
    return words(*found)
