"""The guard of a day's budget."""

import contextlib
import logging
import math
import operator
import threading
import time
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Final

from opentelemetry.metrics import MeterProvider

from app_integration.budget import process
from app_integration.budget.days import Days
from app_integration.budget.exceeded import BudgetExceededError
from app_integration.budget.exchange import Exchange
from app_integration.budget.gauges import observe
from app_integration.budget.ledger import Ledger
from app_integration.budget.stores import MemoryStore, Store

_PICO_IN_ONE: Final = 10**12
# More than anybody's, and far from what a float cannot hold.
_MOST_USD: Final = 10**12
# An hour: a process that is killed takes more with it than a day's budget bears, and a wait has its bounds as well.
_LONGEST_INTERVAL: Final = 3_600

_logger = logging.getLogger(__name__)


class BudgetGuard:
    """Knows what all workers have spent today, and says when that is too much.

    `limit_usd` is for one day in `timezone` (an IANA name), from midnight to midnight, whether that takes 23, 24 or 25
    hours. Workers share what they have spent through `store`, every `interval_seconds`, in a thread of the guard's own:
    neither `spend` nor `check` waits for it. While it cannot be reached, spending goes on being counted here, and is
    told later; nothing is told twice, as each process tells its sum. A process that is killed takes with it what it
    spent since it told last. `clock` gives Unix time.

    Between `start` and `close` the cost of every call of an LLM provider in this process is spent by itself. Of several
    guards with equal stores one counts it; of several guards the one nearest to its limit has the gauges.

    Raises:
        ValueError: the limit is no number from 0 to 1e12, the interval none above 0 and up to 3,600, or there is no
            such time zone.
    """

    def __init__(
        self,
        limit_usd: float | Decimal,
        timezone: str = "UTC",
        store: Store | None = None,
        *,
        clock: Callable[[], float] = time.time,
        interval_seconds: float = 1.0,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        self._limit = _picodollars(limit_usd)
        self._days = Days(timezone)
        if not 0 < interval_seconds <= _LONGEST_INTERVAL:
            accepted = f"seconds, a number above 0 and at most {_LONGEST_INTERVAL}"
            msg = f"a budget's interval: got {interval_seconds!r}; {accepted}"
            raise ValueError(msg)
        self._interval = interval_seconds
        self.store: Final[Store] = MemoryStore() if store is None else store
        self.meter_provider: Final = meter_provider
        self._clock = clock
        self._ledger = Ledger()
        self._changing = threading.Lock()
        self.exchange: Exchange | None = None
        self.is_counting = False
        self.is_closed = False
        self._is_failing = False
        self._has_refused = False
        process.remember(self)
        observe(meter_provider)

    @property
    def limit_usd(self) -> float:
        """The limit of a day."""
        return self._limit / _PICO_IN_ONE

    @property
    def spent_today_picodollars(self) -> int:
        """What has been spent today in 1e-12 USD: by this process until now, by others until they told last."""
        return self._ledger.spent(self._today())

    @property
    def spent_today_usd(self) -> float:
        """The same in USD."""
        return self.spent_today_picodollars / _PICO_IN_ONE

    @property
    def share_spent(self) -> float:
        """How much of the limit is spent: 1 is all of it."""
        return self.spent_today_picodollars / self._limit if self._limit else math.inf

    @property
    def remaining_usd(self) -> float:
        """What may still be spent today, 0 where nothing may."""
        return max(0, self._limit - self.spent_today_picodollars) / _PICO_IN_ONE

    @property
    def day_ends(self) -> datetime:
        """When the next day begins."""
        return self._days.end(self._clock())

    def spend(self, picodollars: int) -> None:
        """Count an amount (1e-12 USD) as spent now; the store is told afterwards. It neither waits nor raises.

        What is no whole number from 0 on is refused, said once in the log.
        """
        try:
            amount = operator.index(picodollars)
        except TypeError:
            amount = -1
        if amount >= 0:
            self._ledger.add(self._today(), amount)
        elif not self._has_refused:
            self._has_refused = True
            _logger.warning("An amount spent is refused; right are whole pico-dollars from 0 on. Said once.")

    def check(self) -> None:
        """Let who asks go on. What is under way is not counted yet: a day may end somewhat above its limit.

        Raises:
            BudgetExceededError: the limit has been reached.
        """
        now = self._clock()
        if (spent := self._ledger.spent(self._days.of(now))) >= self._limit:
            raise BudgetExceededError(self.limit_usd, spent / _PICO_IN_ONE, self._days.end(now))

    def start(self) -> None:
        """Ask what was spent today, spend what calls cost from now on, and go on exchanging figures with the others.

        It waits for the store's first answer, 5 s at most. A second call does nothing.
        """
        with self._changing:
            self.is_counting, self.is_closed = True, False
            if self.exchange is not None:
                return
            self.exchange = exchange = self._begin()
        exchange.wait(process.PATIENCE_SECONDS)

    def close(self) -> None:
        """Tell the store what was spent last, within 5 s, and end. What is spent later stays in this process."""
        with self._changing:
            self.is_counting, self.is_closed = False, True
            exchange, self.exchange = self.exchange, None
        if exchange is None:
            self._tell_last()
        else:
            exchange.stop()
            exchange.join(process.PATIENCE_SECONDS)

    def sync(self) -> bool:
        """Exchange figures with the store now; return whether that worked. The guard's thread does it by itself."""
        try:
            self._ledger.exchange(self.store, self._today())
        except Exception as error:  # noqa: BLE001  # a store may raise anything; it is asked again
            if not self._is_failing:
                self._is_failing = True
                _logger.warning("The budget's store cannot be reached (%s); this goes on alone", type(error).__name__)
            return False
        self._is_failing = False
        return True

    def begin_in_child(self) -> None:
        """Begin from zero in a forked child: what was spent before it is the parent's to tell."""
        self._ledger = self._ledger.inherited()
        self._changing = threading.Lock()
        if self.exchange is not None:
            self.exchange = None
            with contextlib.suppress(RuntimeError):  # no thread can be started in this moment: a later `start` does
                self.exchange = self._begin()

    def _begin(self) -> Exchange:
        return Exchange(self.sync, self._tell_last, self._interval)

    def _tell_last(self) -> None:
        if self.sync() and not self._ledger.is_told:
            self.sync()

    def _today(self) -> str:
        return self._days.of(self._clock())


def _picodollars(limit_usd: float | Decimal) -> int:
    try:
        limit = Decimal(str(limit_usd))
    except ArithmeticError:
        limit = Decimal("NaN")
    if limit.is_finite() and 0 <= limit <= _MOST_USD:
        return int(limit.scaleb(12))
    msg = f"a budget's limit: got {limit_usd!r}; USD a day, a number from 0 to 1e12"
    raise ValueError(msg)
