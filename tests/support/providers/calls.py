"""A call with what becomes of it, to be made in any thread or task."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tests.support.providers.cases import AT_ONCE, Case
from tests.support.providers.models import asked_by, fitted
from tests.support.providers.script import Asked, Reply
from tests.support.providers.sdks import Sdks
from tests.support.providers.surface import Surface, number_of, numbered

TASK_TYPES = ("basic", "premium", "critical")


class Call:
    """One call of many: who is asked in which way, and what becomes of it."""

    def __init__(self, number: int, surface: Surface, case: Case) -> None:
        self.number = number
        self.surface = surface
        self.case = case
        self.replies = [fitted(reply.but(headers=AT_ONCE), surface) for reply in case.replies]
        self.task_type = TASK_TYPES[number % len(TASK_TYPES)]

    def is_async(self) -> bool:
        """Whether it has to be awaited."""
        return "async" in self.surface.name

    def ask(self, sdks: Sdks) -> None:
        """Make it in this thread; whatever it raises is part of it."""
        with numbered(self.number), suppress(Exception):
            self.surface.call(sdks, asked_by(self.surface))

    async def ask_async(self, sdks: Sdks) -> None:
        """Make it in this task."""
        with numbered(self.number), suppress(Exception):
            called = self.surface.call(sdks, asked_by(self.surface))
            assert isinstance(called, Awaitable)
            await called


def answering(calls: list[Call]) -> Callable[[Asked], Reply]:
    """Return a script that gives each call its own replies, the last one again and again."""
    attempts: defaultdict[int, int] = defaultdict(int)

    def script(asked: Asked) -> Reply:
        call = calls[number_of(asked)]
        attempts[call.number] += 1
        return call.replies[min(attempts[call.number], len(call.replies)) - 1]

    return script
