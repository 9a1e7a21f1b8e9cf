"""Events that alerts are for: each is begun, seen to be told of, ended, and its end seen to be told of."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from monitoring.model import Priority
from tests.support.alert_stack import AlertStack
from tests.support.told_alerts import matching, told_alerts

Labels = Mapping[str, str]

# Far beyond what any of them needs, also on a busy machine.
_DEADLINE_SECONDS: Final = 240.0
_PAUSE_SECONDS: Final = 0.1


def alert(name: str, priority: Priority, **labels: str) -> Labels:
    """Return the labels that tell which alert is meant."""
    return {"alertname": name, "priority": priority, **labels}


@dataclass(frozen=True)
class Event:
    """Something that happens, and the alerts that it is to bring; `happen` is it from beginning to end.

    `happen` is given the stack, a directory of its own, and what ends services when all events are over: a service that
    ends sooner has gone silent.
    """

    name: str
    brings: tuple[Labels, ...]
    happen: Callable[[AlertStack, Path, AsyncExitStack], Awaitable[None]]


async def until(condition: Callable[[], object], what: str) -> None:
    """Wait until `condition` returns something true. Raises TimeoutError."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _DEADLINE_SECONDS
    while loop.time() < end:
        if condition():
            return
        await asyncio.sleep(_PAUSE_SECONDS)
    msg = f"{what} did not come about within {_DEADLINE_SECONDS:g} s"
    raise TimeoutError(msg)


async def firing(stack: AlertStack, *alerts: Labels) -> None:
    """Wait until the webhook was told that each of these fires. Raises TimeoutError."""
    await _all("firing", stack, alerts)


async def resolved(stack: AlertStack, *alerts: Labels) -> None:
    """Wait until the webhook was told that each of these has ended. Raises TimeoutError."""
    await _all("resolved", stack, alerts)


async def again_and_again(action: Callable[[], object], while_: Awaitable[None]) -> None:
    """Do something each second while something else is awaited."""

    async def act() -> None:
        while True:
            await asyncio.to_thread(action)
            await asyncio.sleep(1)

    acting = asyncio.create_task(act())
    try:
        await while_
    finally:
        acting.cancel()
        await asyncio.gather(acting, return_exceptions=True)


async def _all(state: str, stack: AlertStack, alerts: Iterable[Labels]) -> None:
    for labels in alerts:

        def is_so(labels: Labels = labels) -> bool:
            found = matching(told_alerts(stack.webhook.notifications()), labels)
            return bool(found) and found[0].states[-1] == state

        await until(is_so, f"that this is told to be {state}: {dict(labels)}")
