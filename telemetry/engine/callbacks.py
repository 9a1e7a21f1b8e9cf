"""Callbacks of asynchronous instruments, run aside with a deadline: one that never returns stops nothing else."""

import contextlib
import itertools
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass

from opentelemetry.metrics import CallbackOptions, Observation

from telemetry.engine.plan import Plan
from telemetry.engine.refusals import Refusals

Callback = Callable[[CallbackOptions], Iterable[Observation]] | Generator[Iterable[Observation], CallbackOptions, None]

# Observations taken from one callback; an endless one would fill memory.
_MAX_OBSERVATIONS = 10_000
_TIMEOUT_SECONDS = 2.0


@dataclass(frozen=True, eq=False)
class Registered:
    """A callback and the plan that its observations go through."""

    plan: Plan
    call: Callable[[CallbackOptions], Iterable[Observation]]


def as_function(callback: Callback) -> Callable[[CallbackOptions], Iterable[Observation]]:
    """Return a callback as a function; a generator is started and then sent the options, as the API has it."""
    if not isinstance(callback, Generator):
        return callback
    generator = callback
    next(generator)

    def send(options: CallbackOptions) -> Iterable[Observation]:
        try:
            return generator.send(options)
        except StopIteration:
            return ()

    return send


class CallbackRunner:
    """Runs callbacks one after the other in a thread of its own, and leaves it behind when one hangs."""

    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals
        self._hanging: set[Registered] = set()
        self._jobs: queue.SimpleQueue[tuple[Registered, float, queue.SimpleQueue[list[Observation] | None]]] | None = (
            None
        )

    def run(
        self, callbacks: Sequence[Registered], timeout_seconds: float
    ) -> list[tuple[Registered, list[Observation]]]:
        """Run the callbacks that don't hang, all within the timeout; return what each observed."""
        deadline = time.monotonic() + min(timeout_seconds, _TIMEOUT_SECONDS)
        results: list[tuple[Registered, list[Observation]]] = []
        for registered in callbacks:
            if registered in self._hanging:
                continue
            answer: queue.SimpleQueue[list[Observation] | None] = queue.SimpleQueue()
            left = deadline - time.monotonic()
            self._submit(registered, left, answer)
            try:
                observations = answer.get(timeout=max(0.0, left))
            except queue.Empty:
                self._leave_behind(registered)
                continue
            if observations is not None:
                results.append((registered, observations))
        return results

    def restart(self) -> None:
        """Begin anew in the child of a fork, where no thread has survived."""
        self._jobs = None
        self._hanging.clear()

    def _submit(
        self, registered: Registered, left: float, answer: "queue.SimpleQueue[list[Observation] | None]"
    ) -> None:
        if self._jobs is None:
            self._jobs = queue.SimpleQueue()
            threading.Thread(target=self._work, args=(self._jobs,), name="telemetry-callbacks", daemon=True).start()
        self._jobs.put((registered, left, answer))

    def _leave_behind(self, registered: Registered) -> None:
        self._hanging.add(registered)
        self._jobs = None
        self._refusals.count(
            "a callback that does not return", registered.plan.instrument, "it is asked again once it has returned"
        )

    def _work(
        self, jobs: "queue.SimpleQueue[tuple[Registered, float, queue.SimpleQueue[list[Observation] | None]]]"
    ) -> None:
        while True:
            registered, left, answer = jobs.get()
            answer.put(self._call(registered, left))
            if jobs is not self._jobs:
                self._hanging.discard(registered)
                return

    def _call(self, registered: Registered, left: float) -> list[Observation] | None:
        options = CallbackOptions(timeout_millis=max(0.0, left) * 1_000)
        try:
            with contextlib.closing(_Closable(registered.call(options))) as observations:
                return list(itertools.islice(observations.items, _MAX_OBSERVATIONS))
        except BaseException as error:  # noqa: BLE001  # even SystemExit of a callback must not end the collecting
            self._refusals.count(
                f"a callback that raises {type(error).__name__}",
                registered.plan.instrument,
                "it returns an iterable of Observation",
            )
            return None


class _Closable:
    """An iterable that is closed if it can be: a callback may be a generator function."""

    def __init__(self, items: Iterable[Observation]) -> None:
        self.items = items

    def close(self) -> None:
        if isinstance(self.items, Generator):
            self.items.close()
