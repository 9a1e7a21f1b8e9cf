"""The traffic: bounded, mixed, over connections that are kept, and counted exchange by exchange."""

import asyncio
import contextlib
import random
import string
from collections import deque
from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from app_integration.demo.tally import Tally

# Networks for documentation (RFC 5737, RFC 3849): nobody's addresses.
CLIENTS = (*(f"203.0.113.{host}" for host in range(1, 33)), *(f"2001:db8:0:{net:x}::1" for net in range(1, 9)))
GREEDY_CLIENTS = ("198.51.100.7", "2001:db8:ffff::7")

_MOST_CONNECTIONS = 16
_LISTENERS = 3
_REMEMBERED = 200
_TIMEOUT_SECONDS = 15.0
_WORDS = ("consensus", "provider", "latency", "answer", "model", "bounce", "score", "token", "price", "round", "cache")

CREATE, READ, STREAM = "/analyses", "/analyses/{analysis_id}", "/analyses/{analysis_id}/stream"


class Traffic:
    """Sends `rate` requests a second to the application at `url`, at most 16 at a time, and counts them in `tally`."""

    def __init__(self, url: str, tally: Tally, rate: float, seed: int) -> None:
        self._url = url
        self._tally = tally
        self._rate = rate
        self._random = random.Random(seed)  # noqa: S311  # no secret: a mix of requests
        limits = httpx.Limits(max_connections=_MOST_CONNECTIONS, max_keepalive_connections=_MOST_CONNECTIONS)
        self._client = httpx.AsyncClient(base_url=url, limits=limits, timeout=_TIMEOUT_SECONDS, trust_env=False)
        self._asked: deque[tuple[str, str]] = deque(maxlen=_REMEMBERED)
        self._deck: list[Callable[[], Awaitable[None]]] = []
        self._under_way: set[asyncio.Task[None]] = set()
        self._listeners: list[asyncio.Task[None]] = []
        self._number = 0

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
            self._deck = [action for action, share in self._shares() for _ in range(share)]
            self._random.shuffle(self._deck)
        return self._deck.pop()

    def _shares(self) -> tuple[tuple[Callable[[], Awaitable[None]], int], ...]:
        return (
            (self._ask_something_new, 9),
            (self._ask_what_many_ask, 14),
            (self._ask_greedily, 8),
            (self._read, 9),
            (self._read_history, 4),
            (self._stream, 3),
            (self._leave_a_stream, 1),
            (self._leave_at_once, 1),
            (self._repeat, 1),
            (self._look_for_what_is_not_there, 2),
            (self._take_a_random_path, 3),
            (self._say_it_wrongly, 2),
            (self._use_a_method_that_is_none, 1),
            (self._check_health, 1),
            (self._hit_a_fault, 1),
        )

    # What follows sends one request each and counts what it must have done.

    async def _ask_something_new(self) -> None:
        self._number += 1
        await self._ask(f"question {self._number}: {self._some_words()}?", self._some_client())

    async def _ask_what_many_ask(self) -> None:
        await self._ask(f"what does {self._random.choice(_WORDS)} mean?", self._some_client())

    async def _ask_greedily(self) -> None:
        await self._ask(f"what does {self._random.choice(_WORDS)} mean?", self._random.choice(GREEDY_CLIENTS))

    async def _repeat(self) -> None:
        if self._asked:
            analysis_id, question = self._random.choice(self._asked)
            await self._ask(question, self._some_client(), analysis_id)
        else:
            await self._ask_something_new()

    async def _ask(self, question: str, client_address: str, analysis_id: str | None = None) -> None:
        body = {"question": question} if analysis_id is None else {"question": question, "id": analysis_id}
        response = await self._send("POST", CREATE, CREATE, body=body, client_address=client_address)
        if (cache := response.headers.get("X-Cache")) is not None:
            self._tally.look_up(hit=cache == "hit")
        if response.status_code == 201:
            self._asked.append((response.json()["id"], question))
        elif response.status_code == 409:
            self._tally.error("DuplicateAnalysisError", "warning", "history")
        elif response.status_code == 429:
            self._tally.rate_limited(CREATE, client_address)

    async def _read(self) -> None:
        await self._send("GET", f"/analyses/{self._some_id()}", READ)

    async def _read_history(self) -> None:
        await self._send("GET", f"/history?limit={self._random.randint(1, 50)}", "/history")

    async def _stream(self) -> None:
        await self._send("GET", f"/analyses/{self._some_id()}/stream", STREAM)

    async def _look_for_what_is_not_there(self) -> None:
        await self._send("GET", f"/analyses/{UUID(int=self._random.getrandbits(128))}", READ)

    async def _take_a_random_path(self) -> None:
        path = "".join(self._random.choices(string.ascii_lowercase, k=12))
        await self._send("GET", f"/{path}/{self._random.randint(0, 99_999)}", "unmatched")

    async def _say_it_wrongly(self) -> None:
        if self._random.random() < 0.5:
            await self._send("POST", CREATE, CREATE, body={"question": ""}, client_address=self._some_client())
        else:
            await self._send("GET", "/history?limit=many", "/history")

    async def _use_a_method_that_is_none(self) -> None:
        await self._send("DELETE", "/history", "/history")

    async def _check_health(self) -> None:
        await self._send("GET", "/health", "/health")

    async def _hit_a_fault(self) -> None:
        # uvicorn cuts a connection whose application has failed: another request must not be on its way through it.
        response = await self._send("GET", "/fault", "/fault", close=True)
        if response.status_code == 500:
            self._tally.error("FaultError", "error", "api")

    async def _leave_a_stream(self) -> None:
        if not self._asked:
            await self._ask_something_new()
            return
        request = self._client.build_request("GET", f"/analyses/{self._some_id()}/stream")
        response = await self._client.send(request, stream=True)
        await anext(response.aiter_raw(), None)
        await response.aclose()
        self._tally.request("GET", STREAM, response.status_code)

    async def _leave_at_once(self) -> None:
        # The application answers, and nobody is there: it has served a request all the same.
        address = httpx.URL(self._url)
        _, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(f"GET /history?limit=1 HTTP/1.1\r\nHost: {address.host}\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        self._tally.request("GET", "/history", 200)

    async def _send(
        self,
        method: str,
        path: str,
        route: str,
        *,
        body: object = None,
        client_address: str | None = None,
        close: bool = False,
    ) -> httpx.Response:
        headers = {"X-Forwarded-For": client_address} if client_address else {}
        headers |= {"Connection": "close"} if close else {}
        request = self._client.build_request(method, path, json=body, headers=headers)
        response = await self._client.send(request)
        self._tally.request(method, route, response.status_code, body_size=len(request.content))
        return response

    async def _listen(self, stop: asyncio.Event) -> None:
        """Listen to /live for a while, again and again; who listens at the end stays until cancelled."""
        address = self._url.replace("http://", "ws://") + "/live"
        while not stop.is_set():
            try:
                async with connect(address, proxy=None) as socket:
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

    def _some_client(self) -> str:
        return self._random.choice(CLIENTS)

    def _some_words(self) -> str:
        return " ".join(self._random.choices(_WORDS, k=self._random.randint(4, 12)))

    def _some_id(self) -> str:
        # Before anything was asked, one that does not exist: it is counted under the same route.
        return self._random.choice(self._asked)[0] if self._asked else str(UUID(int=0))
