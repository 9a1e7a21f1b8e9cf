"""Editions over a process' life: forks, scopes that are ignored or forgotten, threads."""

import multiprocessing
import os
import sys
import threading
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.resources import Resource

from telemetry.engine.meter import Meter
from tests.support.contracts import refused, values
from tests.support.editions import NEW, NEWEST, OLD, counted, things, told


def test_the_child_of_a_fork_chooses_anew() -> None:
    """Its first record decides; instruments and bound ones were made in the parent."""
    source = things()
    meter = source.get_meter("library")
    old, new = meter.create_counter(OLD), meter.create_counter(NEW).bind({})
    old.add(1)
    source.restart(Resource({}))
    new.add(2)
    old.add(4)
    assert counted(source) == 2


def test_scopes_that_are_ignored_count_nothing() -> None:
    """From the call on, for every edition and whatever was made before; other scopes and instruments go on."""
    source = things()
    contrib = source.get_meter("contrib")
    old, bound = contrib.create_counter(OLD), contrib.create_counter(OLD).bind({"x": "a"})
    old.add(1)
    source.ignore_scopes(["contrib", "not seen yet"])
    old.add(2)
    bound.add(4)
    contrib.create_counter(NEW).add(8)
    source.get_meter("not seen yet").create_counter(OLD).add(16)
    contrib.create_observable_counter(NEWEST, [told(32)])
    contrib.create_counter("others").add(1)
    source.get_meter("ours").create_counter(OLD).add(64)
    assert values(source, "things_total") == {("other",): 65}
    assert (values(source, "others_total"), refused(source)) == ({(): 1}, {})


def test_of_a_scope_only_some_may_be_ignored() -> None:
    """What has another value, none, or no attributes counts: once, under whatever edition; several calls add up."""
    source = things()
    shared = source.get_meter("shared")
    old, new = shared.create_counter(OLD), shared.create_counter(NEW)
    bound = {who: shared.create_counter(OLD).bind({"who": who}) for who in ("a", "b")}
    old.add(1, {"who": "a"})
    source.ignore_scopes("shared", only=("who", ["a"]))
    for amount, who in ((2, "a"), (4, "b"), (8, "c")):
        old.add(amount, {"who": who})
        new.add(1_000, {"who": who})
    old.add(16)
    old.add(32, 5)  # type: ignore[arg-type]  # an application may pass anything
    bound["a"].add(1_000)
    bound["b"].add(64)
    source.ignore_scopes("shared", only=("who", ["b"]))
    old.add(1_000, {"who": "b"})
    old.add(128, {"who": "c"})
    source.ignore_scopes("shared")
    old.add(1_000, {"who": "c"})
    source.ignore_scopes("shared", only=("who", ["a"]))
    old.add(1_000, {"who": "c"})
    assert counted(source) == 253


def test_what_is_ignored_stays_so_in_the_child_of_a_fork() -> None:
    """Nobody calls ignore_scopes there again."""
    source = things()
    contrib = source.get_meter("contrib").create_counter(OLD)
    contrib.add(1)
    source.ignore_scopes({"contrib"})
    source.restart(Resource({}))
    contrib.add(1)
    source.get_meter("contrib", "2").create_counter(NEW).add(1)
    assert counted(source) == 0


def test_one_name_may_be_passed_alone() -> None:
    """A str is an iterable of str, and nobody means its letters."""
    source = things()
    source.ignore_scopes("contrib")
    source.get_meter("contrib").create_counter(OLD).add(1)
    source.get_meter("c").create_counter(OLD).add(2)
    assert counted(source) == 2


def test_scopes_that_nobody_keeps_are_let_go() -> None:
    """An application that makes meters up fills no memory."""
    source = things()
    for number in range(3_000):
        source.get_meter(f"made up {number}").create_counter(OLD).add(1)
    claims = source._editions._claims  # no public way tells what is kept
    assert (counted(source), len(claims) <= 1_000) == (3_000, True)


def test_a_fork_while_another_thread_claims_leaves_a_child_that_records() -> None:
    """In the child nobody would ever give the lock back."""
    source = things()
    meter = source.get_meter("library")
    old, bound = meter.create_counter(OLD), meter.create_counter(NEW).bind({"operation": "chat"})
    held, stop = threading.Event(), threading.Event()

    def hold() -> None:
        with source._editions._lock:
            held.set()
            stop.wait(30)

    def child() -> None:
        source.restart(Resource({}))
        for _ in range(3):
            bound.add(1)
            old.add(1, {"operation": "chat"})
        os._exit(0 if counted(source) == 3 else 1)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    process = multiprocessing.get_context("fork").Process(target=child)
    try:
        process.start()
        process.join(10)
        assert process.exitcode == 0
    finally:
        stop.set()
        thread.join()
        process.kill()
        process.join()


@pytest.fixture
def switching() -> Iterator[None]:
    """Threads switch at every opportunity that the interpreter gives."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("switching")
@pytest.mark.parametrize("locked", [False, True])
def test_threads_that_record_both_names_count_once(locked: bool) -> None:
    """Eight at once, half of them the newest name first, from the first record on; bound and unbound."""
    for _ in range(20):
        source = things(locked=locked)
        meter, start = source.get_meter("library"), threading.Barrier(8)

        def work(*names: str, meter: Meter = meter, start: threading.Barrier = start) -> None:
            instruments = [meter.create_counter(name) for name in names]
            start.wait()
            for number in range(50):
                for instrument in instruments:
                    if number % 2:
                        instrument.add(1, {"operation": "chat"})
                    else:
                        instrument.bind({"operation": "chat"}).add(1)

        threads = [
            threading.Thread(target=work, args=(OLD, NEWEST) if at % 2 else (NEWEST, NEW, OLD)) for at in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert counted(source) == 8 * 50
