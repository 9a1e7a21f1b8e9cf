"""Recording from where other code is interrupted: a garbage collection, a signal handler, an instrument's own callback.

Each runs in a process of its own with a time limit: a lock that is not reentrant does not fail, it hangs.
"""

import subprocess
import sys
import textwrap

import pytest

SECONDS = 30
SET_UP = """
import gc, itertools, os, signal, sys, threading
from opentelemetry.metrics import Observation
from telemetry.contract import Bounded, Masked
from tests.support.contracts import OVERFLOW, counter, gauge, histogram, provider, values
things = counter({"x": Bounded(50), "ip": Masked()})
source = provider(things, gauge({"x": Bounded(3)}), histogram(), OVERFLOW, locked=LOCKED)
meter = source.get_meter("app")
things, level, size = meter.create_counter("things"), meter.create_gauge("level"), meter.create_histogram("size")
meter.create_observable_gauge("level", [lambda _: [Observation(1, {"x": "seen"})]])
count = itertools.count()
def record():
    number = next(count)
    things.add(1, {"x": f"v{number % 70}", "ip": f"192.0.2.{number % 256}", "dropped": [number]})
    level.set(number, {"x": f"v{number % 9}"})
    level.set(float("nan"))
    size.record(1)
    meter.create_counter(f"unknown{number % 50}")
def check():
    recorded = next(count)
    things_total = sum(values(source, "things_total").values())
    assert things_total == recorded, (things_total, recorded)
    assert values(source, "size")[()][0] == recorded
"""


def run(script: str, *, locked: bool) -> None:
    """Run a script after the set-up, in a process that is killed when it hangs."""
    text = SET_UP.replace("LOCKED", str(locked)) + textwrap.dedent(script)
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (done.returncode, done.stderr[-2_000:] if done.returncode else "") == (0, "")


@pytest.mark.parametrize("locked", [False, True])
def test_recording_inside_a_garbage_collection(locked: bool) -> None:
    """At threshold 1 almost every allocation collects, those made under the engine's locks too; so do collections."""
    run(
        """
        inside = False
        def collected(phase, info):
            global inside
            if phase == "stop" and not inside:
                inside = True
                try:
                    record()
                finally:
                    inside = False
        gc.freeze()  # what is there already need not be looked at in every collection
        gc.callbacks.append(collected)
        gc.set_threshold(1)
        for number in range(1_500):
            record()
            if number % 100 == 0:
                source.snapshot()
                source.metrics_data()
                source.stats()
        gc.set_threshold(700)
        gc.callbacks.remove(collected)
        check()
        """,
        locked=locked,
    )


@pytest.mark.parametrize("locked", [False, True])
def test_recording_and_collecting_inside_a_signal_handler(locked: bool) -> None:
    """A handler interrupts the main thread wherever it is: in a record, a look-up, a collection."""
    run(
        """
        def handle(*_):
            record()
            source.snapshot()
        signal.signal(signal.SIGALRM, handle)
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        for number in range(1_500):
            record()
            if number % 50 == 0:
                source.snapshot()
        signal.setitimer(signal.ITIMER_REAL, 0)
        check()
        """,
        locked=locked,
    )


def test_a_flush_from_a_signal_handler_ends() -> None:
    """Even in the midst of a flush: the main thread waits for threads that wait for nobody in turn."""
    run(
        """
        from opentelemetry.sdk.metrics.export import InMemoryMetricReader
        source.add_metric_reader(InMemoryMetricReader())
        flushed, under_way = [], []
        def handle(*_):
            # On a busy machine signals come faster than flushes end, and would nest without bound.
            if len(under_way) < 3:
                under_way.append(True)
                flushed.append(source.force_flush(5_000))
                under_way.pop()
        signal.signal(signal.SIGALRM, handle)
        signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
        record()
        for _ in range(100):
            assert source.force_flush(5_000)
        signal.setitimer(signal.ITIMER_REAL, 0)
        assert flushed and all(flushed)
        check()
        """,
        locked=False,
    )


def test_an_exception_from_a_signal_handler_tears_nothing() -> None:
    """It may come out of a record; what was recorded is whole or not there, and the next record works."""
    run(
        """
        class Interrupted(BaseException): pass
        def handle(_, frame):
            if frame.f_code.co_filename.startswith("<record"):
                raise Interrupted
        signal.signal(signal.SIGALRM, handle)
        interrupted = 0
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        for _ in range(100_000):
            try:
                size.record(1)
            except Interrupted:
                interrupted += 1
        signal.setitimer(signal.ITIMER_REAL, 0)
        total, least, greatest, *buckets = values(source, "size")[()]
        assert total == sum(buckets) and (least, greatest) == (1, 1), (total, buckets)
        assert 100_000 - interrupted <= total <= 100_000 and interrupted, (total, interrupted)
        """,
        locked=False,
    )
