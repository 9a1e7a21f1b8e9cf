"""Memory of this very process: what is resident, and what objects hold."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from telemetry.runtime import memory
from telemetry.runtime.allocators import malloc_in_use, pymalloc_in_use
from telemetry.runtime.memory import in_use, resident_and_private
from telemetry.runtime.sparing import FREE_SECONDS, SHARE, Sparing

MB = 1 << 20

# Prints what is in use, by each allocator and in all, before objects are made, with them, and after them.
RISE_AND_FALL = """
from telemetry.runtime.allocators import malloc_in_use, pymalloc_in_use
from telemetry.runtime.memory import in_use, resident_and_private
def tell():
    print(*[-1 if found is None else found for found in (pymalloc_in_use(), malloc_in_use(), in_use())])
tell()
small, large = [str(number) * 3 for number in range(300_000)], b"x" * (30 << 20)
tell()
del small, large
tell()
assert in_use() <= resident_and_private()[0]
"""
ROOT = Path(__file__).parents[2]


# What glibc tells where another malloc serves the process: nothing is given out.
DEAF = "struct told { unsigned long sizes[10]; } mallinfo2(void) { struct told none = {{0}}; return none; }"


def used() -> int:
    """What objects hold now."""
    gc.collect()
    found = in_use()
    assert found is not None
    return found


def in_a_process(**variables: str) -> list[list[int]]:
    """Figures of each allocator and of both, before, with and after objects, in an interpreter of its own."""
    told = subprocess.run(
        [sys.executable, "-c", RISE_AND_FALL],
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    return [[int(figure) for figure in line.split()] for line in told.splitlines()]


def test_memory_in_use_rises_with_objects_and_falls_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of small ones, which CPython's allocator holds, and of large ones, which malloc does."""
    # On a busy machine the process of all tests is dear to walk: its figures would be kept.
    monkeypatch.setattr(Sparing, "__call__", lambda sparing: sparing._ask())
    before = used()
    small = [str(number) * 3 for number in range(500_000)]
    with_small = used()
    large = bytearray(os.urandom(MB)) * 50
    with_large = used()
    del small
    without_small = used()
    del large
    assert with_small - before > 20 * MB
    assert with_large - with_small > 40 * MB
    assert with_large - without_small > 20 * MB
    assert abs(used() - before) < 10 * MB


@pytest.mark.parametrize("allocator", ["pymalloc", "malloc", "debug", "malloc_debug"])
def test_it_does_so_whichever_allocator_the_interpreter_is_told_to_use(allocator: str) -> None:
    """With malloc for everything there are no small objects' pools, and nothing is counted twice."""
    before, while_there, after = in_a_process(PYTHONMALLOC=allocator)
    assert (before[0] == 0) == allocator.startswith("malloc")
    assert while_there[2] - before[2] > 40 * MB
    assert while_there[2] - after[2] > 40 * MB
    assert before[2] - before[0] - before[1] < MB


def test_memory_in_use_is_never_above_what_is_resident() -> None:
    """What was given out and never written to is not resident."""
    # More than all that the process has touched until now, which after other tests is much.
    size = (resident_and_private() or (0, 0))[0] + 100 * MB
    untouched = bytes(size)
    given_out = (pymalloc_in_use() or 0) + (malloc_in_use() or 0)
    resident = resident_and_private()
    assert resident is not None
    assert given_out > resident[0]
    assert used() <= (resident_and_private() or (0, 0))[0]
    assert len(untouched) == size


def test_both_allocators_tell_here() -> None:
    """On CPython with glibc, which is what CI runs on."""
    assert (pymalloc_in_use() or 0) > MB
    assert (malloc_in_use() or 0) > MB


@pytest.mark.parametrize("allocator", ["malloc_in_use", "pymalloc_in_use"])
def test_without_an_allocators_figure_it_is_what_is_private(allocator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another C library, another malloc, an interpreter without a global lock."""
    monkeypatch.setattr(memory, allocator, lambda: None)
    found, told = in_use(), resident_and_private()
    assert found is not None
    assert told is not None
    assert abs(found - told[1]) < 20 * MB


def test_an_interpreter_without_ctypes_is_no_error(tmp_path: Path) -> None:
    """One that was built where libffi was missing."""
    (tmp_path / "ctypes.py").write_text("raise ImportError('no libffi')\n")
    before, while_there, _ = in_a_process(PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT)]))
    assert before[:2] == [-1, -1]
    assert while_there[2] - before[2] > 40 * MB


def test_another_malloc_is_not_taken_for_glibcs(tmp_path: Path) -> None:
    """Under LD_PRELOAD glibc's figure is still there, and tells of nothing: what is private is told."""
    library = tmp_path / "deaf.so"
    subprocess.run(["gcc", "-x", "c", "-shared", "-fPIC", "-o", str(library), "-"], input=DEAF, text=True, check=True)
    before, while_there, _ = in_a_process(LD_PRELOAD=str(library))
    assert before[1] == -1
    assert while_there[2] - before[2] > 40 * MB


def test_without_proc_psutil_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS, say; the same figures as far as it knows them."""
    told = resident_and_private()
    monkeypatch.setattr(memory, "_STATM", "/nowhere")
    found = resident_and_private()
    assert told is not None
    assert found is not None
    assert abs(found[0] - told[0]) < 20 * MB
    assert abs(found[1] - told[1]) < 20 * MB


def test_without_proc_and_psutil_nothing_is_told_and_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No figure is better than a wrong one."""
    monkeypatch.setattr(memory, "_STATM", "/nowhere")
    monkeypatch.setitem(sys.modules, "psutil", None)
    memory._say_once.cache_clear()
    assert (resident_and_private(), in_use(), in_use()) == (None, None, None)
    assert ["/nowhere" in line for line in caplog.messages] == [True]


def test_a_dear_figure_is_kept_until_it_is_cheap() -> None:
    """A walk that takes 20 ms is done every 40 s, one that takes 4 ms whenever it is asked for."""
    now, asked = 0.0, 0

    def walk(seconds: float) -> int:
        nonlocal now, asked
        now += seconds
        asked += 1
        return asked

    cheap, dear = (Sparing(lambda took=took: walk(took), lambda: now) for took in (FREE_SECONDS * 0.8, 0.02))  # type: ignore[misc]  # a default argument binds the loop's value
    assert [cheap(), cheap()] == [1, 2]
    assert [dear(), dear()] == [3, 3]
    now += 0.02 / SHARE - 1
    assert dear() == 3
    now += 2
    assert dear() == 4
