"""The traffic: bounded, mixed, over connections that are kept, and counted exchange by exchange."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from app_integration.demo.answers import Answers
from app_integration.demo.credentials import Credentials
from app_integration.demo.exchanges import Exchanges
from app_integration.demo.tally import Tally

_MOST_CONNECTIONS: Final = 16
_LISTENERS: Final = 3
# Longer than the application needs where its database is slow, and its connections are new.
_TIMEOUT_SECONDS: Final = 30.0


class Traffic:
    """Sends `rate` requests a second to the application at `url`, at most 16 at a time.

    What they must have done is counted in `tally` and `answers`. `shares` are how often kinds of requests come where
    that is not as usual.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        tally: Tally,
        answers: Answers,
        rate: float,
        seed: int,
        shares: Mapping[str, int] | None = None,
    ) -> None:
        self._url = url
        self._tally = tally
        self._rate = rate
        self._random = random.Random(seed)  # noqa: S311  # no secret: a mix of requests
        limits = httpx.Limits(max_connections=_MOST_CONNECTIONS, max_keepalive_connections=_MOST_CONNECTIONS)
        self._client = httpx.AsyncClient(base_url=url, limits=limits, timeout=_TIMEOUT_SECONDS, trust_env=False)
        self._exchanges = Exchanges(self._client, credentials, tally, answers, self._random)
        self._shares = shares or {}
        self._deck: list[Callable[[], Awaitable[None]]] = []
        self._under_way: set[asyncio.Task[None]] = set()
        self._listeners: list[asyncio.Task[None]] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop`, then wait for the answers under way. Listeners of /live stay until `close`."""
        loop = asyncio.get_running_loop()
        self._listeners = [asyncio.create_task(self._listen(stop)) for _ in range(_LISTENERS)]
        due = loop.time()
        while not stop.is_set():
            if len(self._under_way) < _MOST_CONNECTIONS:
                self._spawn(self._next_action())
            due += 1 / self._rate
            # An application that does not keep up is not sent what was missed afterwards.
            due = max(due, loop.time() - 1)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), max(0.0, due - loop.time()))
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def close(self) -> None:
        """Hang up."""
        for task in (*self._under_way, *self._listeners):
            task.cancel()
        await asyncio.gather(*self._under_way, *self._listeners, return_exceptions=True)
        await self._client.aclose()

    def _spawn(self, action: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(self._guarded(action))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _guarded(self, action: Callable[[], Awaitable[None]]) -> None:
        try:
            await action()
        except (httpx.HTTPError, OSError) as error:
            self._tally.unknown.append(f"{type(error).__name__}: {error}")

    def _next_action(self) -> Callable[[], Awaitable[None]]:
        # A deck and no dice: a short run sees every kind too.
        if not self._deck:
            kinds = self._exchanges.kinds()
            self._deck = [
                action for kind, (action, usual) in kinds.items() for _ in range(self._shares.get(kind, usual))
            ]
            self._random.shuffle(self._deck)
        return self._deck.pop()

    async def _listen(self, stop: asyncio.Event) -> None:
        """Listen to /live for a while, again and again; who listens at the end stays until cancelled."""
        address = self._url.replace("http://", "ws://") + "/live"
        while not stop.is_set():
            headers = self._exchanges.known()
            try:
                async with connect(address, proxy=None, additional_headers=headers) as socket:
                    self._tally.recognised(headers)
                    self._tally.open_websockets += 1
                    try:
                        with contextlib.suppress(TimeoutError):
                            async with asyncio.timeout(self._random.uniform(1.0, 3.0)):
                                async for _ in socket:
                                    pass
                        if stop.is_set():
                            await asyncio.get_running_loop().create_future()
                    finally:
                        self._tally.open_websockets -= 1
            except (OSError, WebSocketException) as error:
                self._tally.unknown.append(f"{type(error).__name__}: {error}")
                return
