"""What the two allocators of a CPython process have given out: CPython's own for small objects, and malloc.

CPython tells its figure only as text, to a file of C (`sys._debugmallocstats`): it gets one in memory. That walks over
all pools, half a millisecond for 500 MB of small objects (measured).
"""

import ctypes
import re
import sys
from collections.abc import Callable
from typing import Final

_ALLOCATED: Final = re.compile(rb"# bytes in allocated blocks\s*=\s*([\d,]+)")

_SIZES: Final = (
    *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
    *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
)


class _Mallinfo2(ctypes.Structure):
    """What glibc's mallinfo2(3) returns: sizes in bytes."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in _SIZES)


def malloc_in_use() -> int | None:
    """Return the bytes that malloc has given out; None where the C library is not glibc 2.33 or newer."""
    if _mallinfo2 is None:
        return None
    told = _mallinfo2()
    return int(told.uordblks) + int(told.hblkhd)


def pymalloc_in_use() -> int | None:
    """Return the bytes of small objects, 0 where malloc has these too; None where this interpreter does not tell."""
    return None if _debug_malloc_stats is None else _debug_malloc_stats()


def _find_mallinfo2() -> Callable[[], _Mallinfo2] | None:
    try:
        function = ctypes.CDLL(None).mallinfo2
    except (OSError, AttributeError, TypeError):
        return None
    function.restype = _Mallinfo2
    return function


def _find_debug_malloc_stats() -> Callable[[], int | None] | None:
    # Without a global lock another allocator is at work, and nothing would hold the pools still.
    if sys.implementation.name != "cpython" or not getattr(sys, "_is_gil_enabled", lambda: True)():
        return None
    try:
        stats = ctypes.pythonapi._PyObject_DebugMallocStats  # noqa: SLF001  # there is no public one
        libc = ctypes.CDLL(None)
        opened, closed, free = libc.open_memstream, libc.fclose, libc.free
    except (OSError, AttributeError, TypeError):
        return None
    stats.argtypes, stats.restype = [ctypes.c_void_p], ctypes.c_int
    opened.argtypes, opened.restype = [ctypes.c_void_p, ctypes.c_void_p], ctypes.c_void_p
    closed.argtypes = free.argtypes = [ctypes.c_void_p]

    def allocated() -> int | None:
        text, size = ctypes.c_void_p(), ctypes.c_size_t()
        file = opened(ctypes.byref(text), ctypes.byref(size))
        if not file:
            return None
        enabled = stats(file)
        closed(file)
        told = ctypes.string_at(text.value or 0, size.value) if text.value else b""
        free(text)
        if not enabled:
            return 0
        found = _ALLOCATED.search(told)
        return int(found[1].replace(b",", b"")) if found else None

    return allocated


_mallinfo2: Final = _find_mallinfo2() if sys.platform == "linux" else None
_debug_malloc_stats: Final = _find_debug_malloc_stats() if sys.platform == "linux" else None
