"""The guard of a day's budget."""

import contextlib
import logging
import os
import threading
import time
import uuid
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation, get_meter

from app_integration import spending
from app_integration.budget.stores import MemoryStore, Store

_PICO: Final = Decimal("1e-12")
_logger = logging.getLogger(__name__)


class BudgetExceededError(Exception):
    """The day's budget is spent. `ends` is when the next day begins, in the guard's time zone."""

    def __init__(self, limit_usd: float, spent_usd: float, ends: datetime) -> None:
        super().__init__(f"{spent_usd:.6f} of {limit_usd:.6f} USD are spent; the next day begins at {ends.isoformat()}")
        self.limit_usd = limit_usd
        self.spent_usd = spent_usd
        self.ends = ends


@dataclass(slots=True)
class _Day:
    """What is known of a day: this process' own sum, what of it the store has, and what the others have spent."""

    own: int = 0
    stored: int = -1  # nothing yet: the store has to be asked for the others even where nothing was spent
    others: int = 0


@dataclass(slots=True)
class _State:
    """What a fork begins anew."""

    process: str = field(default_factory=lambda: uuid.uuid4().hex)
    days: dict[str, _Day] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    syncing: threading.Lock = field(default_factory=threading.Lock)
    wake: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None


_guards: "weakref.WeakSet[BudgetGuard]" = weakref.WeakSet()


class BudgetGuard:
    """Knows what all workers have spent today, and says when that is too much.

    `limit_usd` is for one day in `timezone` (an IANA name), from midnight to midnight, whether that takes 23, 24 or 25
    hours. Workers share what they have spent through `store`, every `interval_seconds`, in a thread of the guard's own:
    neither `spend` nor `check` waits for it. While it cannot be reached, spending goes on being counted here, and is
    told later; nothing is told twice, as each process tells its sum. `clock` gives Unix time.

    Between `start` and `close` the cost of every call of an LLM provider in this process is spent by itself.

    Raises:
        ValueError: the limit is no amount from 0 on, or there is no such time zone.
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
        limit = _amount(limit_usd)
        try:
            self._zone = ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            msg = f"a budget's time zone: got {timezone!r}; a name such as Europe/Berlin, which is known here"
            raise ValueError(msg) from error
        self._limit = int(limit / _PICO)
        self._store = store or MemoryStore()
        self._clock = clock
        self._interval = interval_seconds
        self._state = _State()
        self._closed = False
        self._failing = False
        self._unsubscribe: Callable[[], None] | None = None
        _guards.add(self)
        meter = get_meter("techsapo.budget", meter_provider=meter_provider)
        figures: tuple[tuple[str, Callable[[BudgetGuard], float], str], ...] = (
            ("techsapo.budget.daily_limit", lambda guard: guard.limit_usd, "The day's budget."),
            ("techsapo.budget.spent_today", lambda guard: guard.spent_today_usd, "Spent today in the guard's zone."),
        )
        for name, told, description in figures:
            observe = _observer(weakref.ref(self), told)
            meter.create_observable_gauge(name, [observe], unit="usd", description=description)

    @property
    def is_closed(self) -> bool:
        """Whether it has ended: it has no figures then."""
        return self._closed

    @property
    def limit_usd(self) -> float:
        """The limit of a day."""
        return float(self._limit * _PICO)

    @property
    def spent_today_picodollars(self) -> int:
        """What has been spent today in 1e-12 USD: by this process until now, by others until they told last."""
        return self._spent_today()

    @property
    def spent_today_usd(self) -> float:
        """The same in USD."""
        return float(self._spent_today() * _PICO)

    @property
    def remaining_usd(self) -> float:
        """What may still be spent today, 0 where nothing may."""
        return float(max(0, self._limit - self._spent_today()) * _PICO)

    @property
    def day_ends(self) -> datetime:
        """When the next day begins."""
        tomorrow = date.fromisoformat(self._today()) + timedelta(days=1)
        return datetime.combine(tomorrow, time_of_day.min, self._zone)

    def spend(self, picodollars: int) -> None:
        """Count an amount (1e-12 USD) as spent now; the store is told afterwards."""
        state = self._state
        with state.lock:
            self._day(state, self._today()).own += picodollars

    def check(self) -> None:
        """Let who asks go on.

        Raises:
            BudgetExceededError: the limit has been reached.
        """
        if (spent := self._spent_today()) >= self._limit:
            raise BudgetExceededError(self.limit_usd, float(spent * _PICO), self.day_ends)

    def start(self) -> None:
        """Ask what was spent today, spend what calls cost from now on, and go on exchanging figures with the others.

        It waits for the store's first answer. A second call does nothing.
        """
        if self._state.thread is None:
            self.sync()
        self._begin()

    def _begin(self) -> None:
        self._closed = False
        if self._unsubscribe is None:
            self._unsubscribe = spending.subscribe(lambda spent: self.spend(spent.picodollars))
        state = self._state
        if state.thread is None:
            state.thread = threading.Thread(target=self._run, args=(state,), name="budget", daemon=True)
            state.thread.start()

    def close(self) -> None:
        """Tell the store what was spent last, and end. What is spent later stays in this process."""
        self._closed = True
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        state = self._state
        state.wake.set()
        if state.thread is not None:
            state.thread.join(timeout=5.0)
            state.thread = None
        self.sync()

    def sync(self) -> bool:
        """Exchange figures with the store now; return whether that worked. The guard's thread does it by itself."""
        state = self._state
        with state.syncing:
            today = self._today()
            with state.lock:
                self._day(state, today)
                due = [(day, kept.own) for day, kept in state.days.items() if day == today or kept.own != kept.stored]
            try:
                for day, own in due:
                    total = self._store.put(day, state.process, own)
                    with state.lock:
                        kept = state.days[day]
                        kept.stored, kept.others = own, total - own
            except Exception as error:  # noqa: BLE001  # a store may raise anything; it is asked again
                if not self._failing:
                    self._failing = True
                    _logger.warning(
                        "The budget's store cannot be reached (%s); this goes on alone", type(error).__name__
                    )
                return False
        self._failing = False
        return True

    def begin_in_child(self) -> None:
        """Begin from zero after a fork: what was spent before it is the parent's to tell."""
        before, self._state = self._state, _State()
        for day, kept in before.days.items():
            self._state.days[day] = _Day(others=kept.others + max(0, kept.stored))
        if before.thread is not None:
            self._begin()

    def _run(self, state: _State) -> None:
        while not self._closed:
            self.sync()
            state.wake.wait(self._interval)

    def _spent_today(self) -> int:
        state = self._state
        with state.lock:
            kept = state.days.get(self._today())
            return 0 if kept is None else kept.own + kept.others

    def _today(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).astimezone(self._zone).date().isoformat()

    @staticmethod
    def _day(state: _State, day: str) -> _Day:
        # For as long as the process lives: a clock may go back, and a day that began anew would undo what it told.
        return state.days.setdefault(day, _Day())


def _amount(limit_usd: float | Decimal) -> Decimal:
    try:
        limit = Decimal(str(limit_usd))
    except ArithmeticError:
        limit = Decimal("NaN")
    if limit.is_finite() and limit >= 0:
        return limit
    msg = f"a budget's limit: got {limit_usd!r}; USD a day, a number from 0 on"
    raise ValueError(msg)


def _observer(
    reference: "weakref.ref[BudgetGuard]", told: Callable[[BudgetGuard], float]
) -> Callable[[CallbackOptions], Iterable[Observation]]:
    def observe(_: CallbackOptions) -> Iterable[Observation]:
        guard = reference()
        if guard is not None and not guard.is_closed:
            yield Observation(told(guard))

    return observe


def _after_fork() -> None:
    for guard in list(_guards):
        with contextlib.suppress(RuntimeError):  # no thread can be started in this moment: a later `start` does
            guard.begin_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
