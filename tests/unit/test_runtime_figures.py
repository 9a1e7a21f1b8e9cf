"""The figures of this process in a provider: memory and its limits, and what instrumentations tell beside them."""

import gc
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from opentelemetry.metrics import Observation

from telemetry.runtime import RuntimeFigures, figures
from telemetry.runtime.cgroup import Group
from telemetry.runtime.memory import machine_memory
from tests.support.measured import Measured

TOTAL, USED = "nodejs_heap_size_total_bytes", "nodejs_heap_size_used_bytes"
USAGE, LIMIT = "techsapo_memory_usage_bytes", "techsapo_memory_limit_bytes"
PAUSES = "nodejs_gc_duration_seconds"


@pytest.fixture
def running() -> Iterator[Measured]:
    """The figures of this process in a provider of its own."""
    measured = Measured()
    made = RuntimeFigures(measured.provider)
    made.start()
    yield measured
    made.stop()


def limits(group: Group | None, machine: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the process be in this control group of a machine with so much memory."""
    monkeypatch.setattr(figures, "limited_group", lambda: group)
    monkeypatch.setattr(figures, "machine_memory", lambda: machine)


def test_the_process_tells_its_memory_and_its_limit(running: Measured) -> None:
    """Resident memory under both its names, what objects hold of it, and a limit that it is below."""
    (total,) = running.values(TOTAL).values()
    (heap,) = running.values(USED).values()
    assert 0 < heap <= total
    assert running.value(USAGE, "process") == pytest.approx(total, rel=0.2)
    assert total < running.value(LIMIT, "process") <= (machine_memory() or 0)


@pytest.mark.parametrize(
    ("group", "machine", "expected"),
    [
        pytest.param(Group(1_000, 600), 5_000, {"process": 1_000, "container": 1_000}, id="a limited group"),
        pytest.param(None, 5_000, {"process": 5_000}, id="no limited group"),
        pytest.param(Group(9_000, 600), 5_000, {"process": 5_000, "container": 9_000}, id="a group above the machine"),
        pytest.param(None, None, {}, id="nothing tells"),
    ],
)
def test_limits_are_the_groups_and_the_machines(
    group: Group | None,
    machine: int | None,
    expected: dict[str, int],
    running: Measured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The container is there only where its group has a limit, with what all in it use."""
    limits(group, machine, monkeypatch)
    assert expected == {component: value for (component,), value in running.values(LIMIT).items()}
    containers = {component: value for (component,), value in running.values(USAGE).items() if component != "process"}
    assert containers == ({} if group is None else {"container": 600})


def test_pauses_are_among_the_figures_that_come_after_them(running: Measured) -> None:
    """As many as there were, in the very next collection."""
    gc.disable()
    try:
        running.distribution(PAUSES)
        before, _ = running.distribution(PAUSES)
        for _ in range(5):
            gc.collect()
        count, total = running.distribution(PAUSES)
        assert (count - before, total > 0) == (5, True)
        assert running.distribution(PAUSES)[0] == count
    finally:
        gc.enable()


def test_what_is_stopped_measures_no_more() -> None:
    """Neither memory nor pauses, until it is started again."""
    measured = Measured()
    made = RuntimeFigures(measured.provider)
    assert measured.values(TOTAL) == {}
    made.start()
    assert measured.value(TOTAL) > 0
    made.stop()
    count = measured.distribution(PAUSES)[0]
    gc.collect()
    assert (measured.values(TOTAL), measured.values(LIMIT), measured.distribution(PAUSES)[0]) == ({}, {}, count)
    made.start()
    assert measured.value(TOTAL) > 0
    made.stop()


class SystemMetricsInstrumentor:
    """As contrib's instrumentation of the system is: one in a process, with names of what it measures."""

    _instance: "SystemMetricsInstrumentor"
    is_instrumented_by_opentelemetry = True

    def __init__(self, *names: str) -> None:
        type(self)._instance = self
        self._config = dict.fromkeys(names)


@pytest.mark.parametrize(("theirs", "counts"), [("process.memory.usage", True), ("system.memory.usage", False)])
def test_resident_memory_is_told_once(
    theirs: str, counts: bool, running: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where opentelemetry-instrumentation-system-metrics tells it, too, that one counts: they would add up."""
    module = ModuleType("opentelemetry.instrumentation.system_metrics")
    module.__dict__["SystemMetricsInstrumentor"] = SystemMetricsInstrumentor
    monkeypatch.setitem(sys.modules, module.__name__, module)
    instrumentor = SystemMetricsInstrumentor(theirs)
    running.provider.get_meter(module.__name__).create_observable_up_down_counter(theirs, [lambda _: [Observation(7)]])
    assert (running.value(TOTAL) == 7, running.value(TOTAL) > 7) == (counts, not counts)
    assert (running.value(USAGE, "process") == 7) == counts
    instrumentor.is_instrumented_by_opentelemetry = False
    assert running.value(TOTAL) > 7
