"""Callbacks of asynchronous instruments, run aside with a deadline: one that never returns stops nothing else."""

import contextlib
import inspect
import itertools
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass

from opentelemetry.metrics import CallbackOptions, Observation

from telemetry.engine.editions import Gate
from telemetry.engine.plan import Plan
from telemetry.engine.refusals import Refusals

Callback = Callable[[CallbackOptions], Iterable[Observation]] | Generator[Iterable[Observation], CallbackOptions, None]

# Observations taken from one callback; an endless one would fill memory.
MAX_OBSERVATIONS = 10_000

_TIMEOUT_SECONDS = 2.0
# What a callback gets in any case: it is not to blame for one before it that has used the time up.
_LEAST_SECONDS = 0.25


@dataclass(frozen=True, eq=False)
class Registered:
    """A callback as it was registered and as it is called; what its observations go through."""

    plan: Plan
    callback: Callback
    call: Callable[[CallbackOptions], Iterable[Observation]]
    gate: Gate | None


@dataclass(frozen=True, eq=False)
class _Job:
    registered: Registered
    seconds: float
    answer: queue.SimpleQueue[Sequence[Observation]]


_Jobs = queue.SimpleQueue[_Job | None]


def as_function(callback: Callback) -> Callable[[CallbackOptions], Iterable[Observation]]:
    """Return a callback as a function; a generator is started and then sent the options, as the API has it.

    It is started when first asked: a generator that hangs must not hang the application that registers it.
    """
    if not isinstance(callback, Generator):
        return callback
    generator = callback

    def send(options: CallbackOptions) -> Iterable[Observation]:
        try:
            if inspect.getgeneratorstate(generator) == inspect.GEN_CREATED:
                next(generator)
            return generator.send(options)
        except StopIteration:
            return ()

    return send


class CallbackRunner:
    """Runs callbacks one after the other in a thread of its own, and leaves it behind when one hangs."""

    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals
        self._hanging: set[Registered] = set()
        self._jobs: _Jobs | None = None

    def run(
        self, callbacks: Sequence[Registered], timeout_seconds: float
    ) -> list[tuple[Registered, Sequence[Observation]]]:
        """Run the callbacks that don't hang; return what each observed.

        A callback gets half of what is left of the timeout, so that one that hangs leaves time for the others.
        """
        deadline = time.monotonic() + min(timeout_seconds, _TIMEOUT_SECONDS)
        results: list[tuple[Registered, Sequence[Observation]]] = []
        for registered in callbacks:
            if registered in self._hanging:
                continue
            seconds = max(_LEAST_SECONDS, (deadline - time.monotonic()) / 2)
            job = _Job(registered, seconds, queue.SimpleQueue())
            jobs = self.start()
            if jobs is None:
                self._refuse(registered, "a callback asked as the interpreter shuts down", "collect earlier")
                continue
            jobs.put(job)
            try:
                results.append((registered, job.answer.get(timeout=seconds)))
            except queue.Empty:
                self._leave_behind(registered, jobs)
        return results

    def start(self) -> _Jobs | None:
        """Start the thread if it does not run; None where the interpreter, shutting down, starts none any more."""
        if self._jobs is None:
            jobs: _Jobs = queue.SimpleQueue()
            thread = threading.Thread(target=self._work, args=(jobs,), name="telemetry-callbacks", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                return None
            self._jobs = jobs
        return self._jobs

    def stop(self) -> None:
        """End the thread once it has nothing to do; a later collection starts another."""
        if self._jobs is not None:
            self._jobs.put(None)
            self._jobs = None

    def restart(self) -> None:
        """Begin anew in the child of a fork, where no thread has survived."""
        self._jobs = None
        self._hanging.clear()

    def _leave_behind(self, registered: Registered, jobs: _Jobs) -> None:
        self._hanging.add(registered)
        jobs.put(None)
        if self._jobs is jobs:
            self._jobs = None
        self._refuse(registered, "a callback that does not return", "it is asked again once it has returned")

    def _work(self, jobs: _Jobs) -> None:
        last: Registered | None = None
        while (job := jobs.get()) is not None:
            last = job.registered
            job.answer.put(self._call(job))
            self._hanging.discard(last)
        # It may have been left behind in the moment in which it answered.
        if last is not None:
            self._hanging.discard(last)

    def _call(self, job: _Job) -> Sequence[Observation]:
        options = CallbackOptions(timeout_millis=job.seconds * 1_000)
        observations: list[Observation] = []
        try:
            items = job.registered.call(options)
            with contextlib.closing(items) if isinstance(items, Generator) else contextlib.nullcontext():
                observations += itertools.islice(items, MAX_OBSERVATIONS + 1)
        except BaseException as error:  # noqa: BLE001  # even SystemExit of a callback must not end the collecting
            self._refuse(
                job.registered,
                f"a callback that raises {type(error).__name__}",
                "it returns an iterable of Observation",
            )
            return ()
        if len(observations) > MAX_OBSERVATIONS:
            self._refuse(job.registered, "a callback with too many observations", f"the first {MAX_OBSERVATIONS} count")
        return observations[:MAX_OBSERVATIONS]

    def _refuse(self, registered: Registered, reason: str, advice: str) -> None:
        self._refusals.count(reason, registered.plan.instrument, advice)
