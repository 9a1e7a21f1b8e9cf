"""An analysis, and what is recorded of it."""

from time import perf_counter
from types import TracebackType
from typing import Self

from opentelemetry.metrics import get_meter

from app_integration.exact_sum import ExactSum
from app_integration.wallbounce.participations import STATUSES, Participation, Status
from app_integration.wallbounce.refusals import refuse, share
from app_integration.wallbounce.scopes import Scope, scope_here

_PICO_IN_ONE = 10**12

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
    They may be called from any thread and task. Who takes part, and agrees, may be told after the end, too.
    """

    def __init__(self, task_type: str) -> None:
        self.task_type = task_type
        self._cost = ExactSum()
        self._consensus: float | None = None
        self._started: float | None = None
        self._is_over = False
        self._scopes: list[Scope] = []  # a block within a block of the same analysis is part of it

    def __enter__(self) -> Self:
        """Begin."""
        if self._is_over:
            refuse("an analysis that begins again after its end", "one `analysis(...)` for each")
        self._scopes.append(Scope(self, self.task_type, self._cost))
        if self._started is None:
            self._started = perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End: record the duration and, where there is one, the consensus. An exception goes on its way."""
        now = perf_counter()
        here = scope_here(self)
        try:
            scope = here if here in self._scopes else self._scopes[-1]
            self._scopes.remove(scope)
        except (IndexError, ValueError):  # another thread may have ended it just now
            refuse("an analysis that ends where it has not begun", "one end of its `with` block for each beginning")
            return
        if not scope.end():
            refuse(
                "an analysis that ends in another thread or task than it began in",
                "a `with` block around what it holds for; calls outside of it may lack or keep its task type",
            )
        if self._scopes or self._is_over or self._started is None:
            return
        self._is_over = True
        _duration.record(now - self._started)
        if self._consensus is not None:
            _confidence.record(self._consensus)

    def participation(self, provider: str) -> Participation:
        """Return a block in which a provider takes part: how it ends is how it went.

        An SDK's timeouts and refusals for rate are told apart by what they raise. A cancelled block has the status
        `other`: it is no failure of the provider. So a timeout of the application's own (`asyncio.timeout`,
        `asyncio.wait_for`) goes inside the block; around it, the block is only cancelled.
        """
        return Participation(lambda status: self._took_part(provider, status))

    def participated(self, provider: str, status: Status) -> None:
        """A provider took part, and it went so: the same as `participation`, afterwards."""
        told: object = status
        if isinstance(told, str) and told in STATUSES:
            self._took_part(provider, status)
        else:
            refuse("a participation's status that is none", "one of " + ", ".join(STATUSES))

    def agreement(self, first: str, second: str, score: float) -> None:
        """Two providers' answers agree by `score`, from 0 (not at all) to 1."""
        names: tuple[object, object] = (first, second)
        if not all(isinstance(name, str) for name in names):
            refuse("an agreement of what are no names", "the names of two providers")
        elif first == second:
            refuse("the agreement of a provider with itself", "two providers")
        elif (accepted := share(score, "an agreement")) is not None:
            _agreement.record(accepted, {"provider_pair": ":".join(sorted((first, second)))})

    def consensus(self, confidence: float) -> None:
        """The consensus has this confidence, from 0 to 1. Where rounds tell it again, the last one counts."""
        if not self._scopes:
            refuse("a consensus outside of its analysis", "to tell it within the `with` block")
        elif (accepted := share(confidence, "a confidence")) is not None:
            self._consensus = accepted

    @property
    def cost_picodollars(self) -> int:
        """What the calls that began within have cost until now, in 1e-12 USD; without a price they add nothing."""
        return self._cost.total

    @property
    def cost_usd(self) -> float:
        """The same in USD."""
        return self._cost.total / _PICO_IN_ONE

    def _took_part(self, provider: str, status: Status) -> None:
        _requests.add(1, {"task_type": self.task_type, "provider": provider, "status": status})


def analysis(*, task_type: str) -> Analysis:
    """Return an analysis for a `with` block, in asynchronous code too.

    `task_type` is `basic`, `premium` or `critical`; anything else is counted as `other`. An analysis within another
    has figures of its own, and its cost is part of the outer one's as well.
    """
    return Analysis(task_type)
