"""What the two allocators of a CPython process have given out: CPython's own for small objects, and malloc.

CPython tells its figure only as text, to a file of C (`sys._debugmallocstats`): it gets one in memory. Both walk over
what they keep: 2 ms for 1 GB of small objects, 20 ms where malloc has 200,000 holes (measured), which is bounded by
`Sparing`.
"""

import functools
import re
import sys
from collections.abc import Callable
from typing import Final

from telemetry.runtime.sparing import Sparing

_ALLOCATED: Final = re.compile(rb"# bytes in allocated blocks\s*=\s*([\d,]+)")

_SIZES: Final = (
    *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
    *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
)
# A block that malloc must tell of, and how often it is tried: other threads free some in between.
_PROBE_BYTES: Final = 1 << 20
_PROBES: Final = 3

Figure = Callable[[], int | None]


def malloc_in_use() -> int | None:
    """Return the bytes that malloc has given out; None where it is not that of glibc 2.33 or newer."""
    return _figures()[0]()


def pymalloc_in_use() -> int | None:
    """Return the bytes of small objects, 0 where malloc has these too; None where this interpreter does not tell."""
    return _figures()[1]()


@functools.cache
def _figures() -> tuple[Figure, Figure]:
    if sys.platform != "linux" or sys.implementation.name != "cpython":
        return _nothing, _nothing
    try:
        import ctypes  # noqa: F401  # both need it
    except ImportError:  # an interpreter that was built without libffi
        return _nothing, _nothing
    return _find_malloc(), _find_pymalloc()


def _nothing() -> None:
    return None


def _find_malloc() -> Figure:
    import ctypes

    # What mallinfo2(3) returns: sizes in bytes.
    told = type("Mallinfo2", (ctypes.Structure,), {"_fields_": [(name, ctypes.c_size_t) for name in _SIZES]})
    try:
        function = ctypes.CDLL(None).mallinfo2
        allocate, free = ctypes.pythonapi.PyMem_RawMalloc, ctypes.pythonapi.PyMem_RawFree
    except (OSError, AttributeError, TypeError):
        return _nothing
    function.restype = told
    allocate.argtypes, allocate.restype = [ctypes.c_size_t], ctypes.c_void_p
    free.argtypes, free.restype = [ctypes.c_void_p], None

    def in_use() -> int:
        found = function()
        return int(found.uordblks) + int(found.hblkhd)

    # Where another malloc is loaded (jemalloc, by LD_PRELOAD), glibc's still answers, and knows nothing.
    for _ in range(_PROBES):
        before = in_use()
        block = allocate(_PROBE_BYTES)
        after = in_use()
        free(block)
        if after - before >= _PROBE_BYTES // 2:
            return Sparing(in_use)
    return _nothing


def _find_pymalloc() -> Figure:
    # Free-threaded builds ("t") have another allocator, which nothing would hold still.
    if "t" in sys.abiflags:
        return _nothing
    import ctypes

    try:
        stats = ctypes.pythonapi._PyObject_DebugMallocStats  # noqa: SLF001  # there is no public one
        libc = ctypes.CDLL(None)
        opened, closed, free = libc.open_memstream, libc.fclose, libc.free
    except (OSError, AttributeError, TypeError):
        return _nothing
    stats.argtypes, stats.restype = [ctypes.c_void_p], ctypes.c_int
    opened.argtypes, opened.restype = [ctypes.c_void_p, ctypes.c_void_p], ctypes.c_void_p
    closed.argtypes = free.argtypes = [ctypes.c_void_p]

    def in_use() -> int | None:
        text, size = ctypes.c_void_p(), ctypes.c_size_t()
        file = opened(ctypes.byref(text), ctypes.byref(size))
        if not file:
            return None
        enabled = stats(file)
        closed(file)
        told = ctypes.string_at(text.value, size.value) if text.value else b""
        free(text)
        if not enabled:
            return 0
        found = _ALLOCATED.search(told)
        return int(found[1].replace(b",", b"")) if found else None

    return Sparing(in_use)
