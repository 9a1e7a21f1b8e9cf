"""Wall-bounce analyses: `with analysis(task_type="premium") as bounce:` around one, and a line for what it found.

Within the block every call of an LLM provider carries the task type, and what it costs is added up in `bounce`: also
calls of tasks and groups of them, and of threads and executors where `app_integration.instrument()` or
`opentelemetry-instrument` has run, which carry OpenTelemetry's context there.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from types import TracebackType
from typing import Final, Literal, Self, cast, get_args

from opentelemetry import context
from opentelemetry.metrics import get_meter

from app_integration import spending
from app_integration.llm.errors import status_of
from telemetry.context import TASK_TYPE_KEY

Status = Literal["success", "error", "timeout", "rate_limited", "other"]

_STATUSES: Final = frozenset(get_args(Status))
_PICO: Final = 1e-12

_logger = logging.getLogger(__name__)
_said: set[str] = set()

_meter = get_meter("techsapo.wallbounce")
_requests = _meter.create_counter(
    "techsapo.wallbounce.requests", unit="{request}", description="Participations of a provider in an analysis."
)
_confidence = _meter.create_histogram(
    "techsapo.wallbounce.consensus.confidence", unit="1", description="Confidence of an analysis' consensus."
)
_duration = _meter.create_histogram(
    "techsapo.wallbounce.duration", unit="s", description="Duration of a whole analysis."
)
_agreement = _meter.create_histogram(
    "techsapo.llm.agreement", unit="1", description="Agreement of two providers' answers."
)


class Analysis:
    """One analysis; made by `analysis`, measured from the beginning of its `with` block to the end.

    None of its methods raises: what it is told and cannot take is refused, said once in the log, and counted nowhere.
    They may be called from any thread and task.
    """

    def __init__(self, task_type: str) -> None:
        self.task_type = task_type
        self._lock = threading.Lock()
        self._picodollars = 0
        self._consensus: float | None = None
        self._started: float | None = None
        self._over = False
        self._outer: spending.Listener | None = None

    def __enter__(self) -> Self:
        """Begin."""
        if self._started is not None:
            _refuse("an analysis that is begun twice", "one `with analysis(...)` for each")
        self._outer = spending.account_of(context.get_current())
        here = context.set_value(TASK_TYPE_KEY, self.task_type)
        self._token = context.attach(spending.on_account_of(self._spend, here))
        self._started = perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End: record the duration and, where there is one, the consensus. An exception goes on its way."""
        context.detach(self._token)
        if self._over or self._started is None:
            return
        self._over = True
        _duration.record(perf_counter() - self._started)
        if self._consensus is not None:
            _confidence.record(self._consensus)

    @contextmanager
    def participation(self, provider: str) -> Iterator[None]:
        """Have a provider take part: how the block ends is how it went.

        An SDK's timeouts and refusals for rate are told apart by what they raise; a cancelled block is no failure of
        the provider, it has the status `other`.
        """
        try:
            yield
        except BaseException as error:
            self._took_part(provider, status_of(error))
            raise
        self._took_part(provider, "success")

    def participated(self, provider: str, status: Status) -> None:
        """A provider took part, and it went so: the same as `participation`, afterwards."""
        told: object = status
        if not isinstance(told, str) or told not in _STATUSES:
            _refuse("a participation's status that is none", "one of " + ", ".join(get_args(Status)))
            return
        self._took_part(provider, status)

    def agreement(self, first: str, second: str, score: float) -> None:
        """Two providers' answers agree by `score`, from 0 (not at all) to 1."""
        if first == second:
            _refuse("the agreement of a provider with itself", "two providers")
        elif (accepted := _share(score, "an agreement")) is not None:
            # The contract sorts the two names: a pair is one series in either order.
            _agreement.record(accepted, {"provider_pair": f"{first}:{second}"})

    def consensus(self, confidence: float) -> None:
        """The consensus has this confidence, from 0 to 1. Where rounds tell it again, the last one counts."""
        if self._over:
            _refuse("a consensus after the end of its analysis", "to be told within the block")
        elif (accepted := _share(confidence, "a confidence")) is not None:
            self._consensus = accepted

    @property
    def cost_picodollars(self) -> int:
        """What the calls that began within have cost until now, in 1e-12 USD; without a price they add nothing."""
        return self._picodollars

    @property
    def cost_usd(self) -> float:
        """The same in USD."""
        return self._picodollars * _PICO

    def _took_part(self, provider: str, status: str) -> None:
        _requests.add(1, {"task_type": self.task_type, "provider": provider, "status": status})

    def _spend(self, spent: spending.Spent) -> None:
        with self._lock:
            self._picodollars += spent.picodollars
        if self._outer is not None:
            self._outer(spent)


def analysis(*, task_type: str) -> Analysis:
    """Return an analysis for a `with` block, in asynchronous code too.

    `task_type` is `basic`, `premium` or `critical`; anything else is counted as `other`. An analysis within another
    has figures of its own, and its cost is part of the outer one's as well.
    """
    return Analysis(task_type)


def _share(value: object, what: str) -> float | None:
    """Return a number from 0 to 1 as it is, None (said once) for anything else."""
    try:
        number = float(cast(float, value))
    except (TypeError, ValueError, OverflowError):
        number = float("nan")
    if 0.0 <= number <= 1.0 and not isinstance(value, str):
        return number
    shown = repr(value) if isinstance(value, int | float) else f"a {type(value).__name__}"
    _refuse(what, f"a number from 0 to 1; got {shown}")
    return None


def _refuse(what: str, accepted: str) -> None:
    if what not in _said:
        _said.add(what)
        _logger.warning("%s is refused: %s. Said once.", what, accepted)
