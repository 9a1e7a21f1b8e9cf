"""What is measured of the process: asked when figures are collected, but for pauses and lags, which happen."""

import sys
from collections.abc import Callable, Iterable
from typing import Final

from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation

from telemetry.runtime import event_loop
from telemetry.runtime.cgroup import Group, limited_group
from telemetry.runtime.gc_pauses import GcPauses
from telemetry.runtime.memory import in_use, machine_memory, resident_and_private

SCOPE_NAME: Final = "techsapo.runtime"

_PROCESS: Final = {"component": "process"}
_CONTAINER: Final = {"component": "container"}

# Contrib's instrumentation, which tells the resident memory under the same name: both together would add up.
_SYSTEM_METRICS: Final = ("opentelemetry.instrumentation.system_metrics", "SystemMetricsInstrumentor")

Observations = Iterable[Observation]


class RuntimeFigures:
    """The figures of this process, in a meter provider, between `start` and `stop`.

    `component="process"` is limited by its control group or the machine, whichever has less; `component="container"` is
    that group, with everything in it, where it has a limit.
    """

    def __init__(self, provider: MeterProvider) -> None:
        self._running = False
        self._group: Group | None = None
        meter = provider.get_meter(SCOPE_NAME)
        pauses = meter.create_histogram(
            "techsapo.runtime.gc.duration", unit="s", description="Pauses for garbage collection."
        )
        lags = meter.create_histogram(
            "techsapo.runtime.eventloop.lag", unit="s", description="How late an event loop runs what is due."
        )
        self._gc = GcPauses(pauses.record)
        self._record_lag = lags.record
        callbacks: tuple[tuple[str, Callable[[CallbackOptions], Observations], str], ...] = (
            ("process.memory.usage", self._resident, "Resident memory."),
            ("techsapo.runtime.heap.used", self._heap, "Memory that objects hold."),
            ("techsapo.memory.usage", self._usage, "Memory in use, by component."),
        )
        for name, callback, description in callbacks:
            meter.create_observable_up_down_counter(name, [callback], unit="By", description=description)
        meter.create_observable_gauge(
            "techsapo.memory.limit", [self._limit], unit="By", description="Memory limit, by component."
        )

    def start(self) -> None:
        """Measure from now on; again: nothing happens."""
        self._running = True
        self._gc.start()
        event_loop.start_watching(self._record_lag)

    def stop(self) -> None:
        """Measure no more."""
        self._running = False
        self._gc.stop()
        event_loop.stop_watching()

    def begin_in_child(self) -> None:
        """Begin from zero after a fork, at the next `start`."""
        self.stop()
        self._gc.begin_in_child()
        event_loop.forget_loops()

    def _resident(self, _: CallbackOptions) -> Observations:
        if not self._running:
            return
        self._gc.fold()  # here, because what is recorded while figures are collected is among them
        if not _others_tell_memory() and (found := resident_and_private()) is not None:
            yield Observation(found[0])

    def _heap(self, _: CallbackOptions) -> Observations:
        if self._running and (found := in_use()) is not None:
            yield Observation(found)

    def _usage(self, _: CallbackOptions) -> Observations:
        if not self._running:
            return
        self._group = limited_group()  # once a collection: the limit is asked for next
        if self._group is not None:
            yield Observation(self._group.usage, _CONTAINER)

    def _limit(self, _: CallbackOptions) -> Observations:
        if not self._running:
            return
        group = self._group
        limits = [] if group is None else [group.limit]
        if (machine := machine_memory()) is not None:
            limits.append(machine)
        if limits:
            yield Observation(min(limits), _PROCESS)
        if group is not None:
            yield Observation(group.limit, _CONTAINER)


def _others_tell_memory() -> bool:
    module, name = _SYSTEM_METRICS
    instrumentor = getattr(getattr(sys.modules.get(module), name, None), "_instance", None)
    at_work = getattr(instrumentor, "is_instrumented_by_opentelemetry", False)
    return bool(at_work) and "process.memory.usage" in getattr(instrumentor, "_config", ())
