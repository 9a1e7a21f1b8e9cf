"""What one process knows of each day: what it has spent, and what the store last said that others have."""

import threading
import uuid
from dataclasses import dataclass, field
from typing import Final, Self

from app_integration.budget.stores import Store
from app_integration.exact_sum import ExactSum

# Who gives up on a store may find that it takes the old figure after all, and after a newer one.
_TOLD_AGAIN: Final = 2


@dataclass(slots=True, eq=False)
class _Day:
    """`told` is what the store was told last (-1: nothing yet), `due` how often it is to be told, come what may."""

    own: ExactSum = field(default_factory=ExactSum)
    others: int = 0
    told: int = -1
    due: int = 1


class Ledger:
    """Amounts in pico-dollars by day. A process has one of its own: what a fork copied is its parent's.

    Days are kept for as long as the process lives: a clock may go back, and a sum that began anew would undo what the
    store was told.
    """

    def __init__(self) -> None:
        self._process = uuid.uuid4().hex
        self._days: dict[str, _Day] = {}
        self._exchanging = threading.Lock()

    def add(self, day: str, picodollars: int) -> None:
        """Count an amount on a day; it waits for nobody."""
        self._day(day).own.add(picodollars)

    def spent(self, day: str) -> int:
        """Return what was spent on a day: by this process until now, by others until they told last."""
        kept = self._days.get(day)
        return 0 if kept is None else kept.own.total + kept.others

    def exchange(self, store: Store, today: str) -> None:
        """Tell the store what it does not know, and ask what others spent today. Raises what the store raises."""
        with self._exchanging:
            self._day(today)
            for day, kept in tuple(self._days.items()):
                own = kept.own.total
                if day != today and own == kept.told and not kept.due:
                    continue
                try:
                    total = store.put(day, self._process, own)
                except BaseException:
                    kept.due = _TOLD_AGAIN
                    raise
                kept.told, kept.others, kept.due = own, total - own, max(0, kept.due - 1)

    @property
    def is_told(self) -> bool:
        """Whether the store knows all that it can be told."""
        return not any(kept.due or kept.own.total != kept.told for kept in tuple(self._days.values()))

    def inherited(self) -> Self:
        """Return the ledger of a child of this process, in the child: what the parent has not told is its to tell."""
        child = type(self)()
        for day, kept in self._days.items():
            child._days[day] = _Day(others=kept.others + max(0, kept.told))  # noqa: SLF001  # one of its own kind
        return child

    def _day(self, day: str) -> _Day:
        kept = self._days.get(day)
        return self._days.setdefault(day, _Day()) if kept is None else kept
