"""The kinds of requests that the traffic is made of: each sends one, and counts what it must have done."""

import asyncio
import itertools
import random
import string
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final
from uuid import UUID

import httpx

from app_integration.demo.answers import Answers
from app_integration.demo.credentials import Credentials, Method
from app_integration.demo.questions import SUSPICIOUS, WORDS, Suspicious
from app_integration.demo.tally import Tally

# Networks for documentation (RFC 5737, RFC 3849): nobody's addresses.
CLIENTS: Final = (
    *(f"203.0.113.{host}" for host in range(1, 33)),
    *(f"2001:db8:0:{net:x}::1" for net in range(1, 9)),
)
GREEDY_CLIENTS: Final = ("198.51.100.7", "2001:db8:ffff::7")
GUESSING_CLIENTS: Final = ("198.51.100.66", "198.51.100.67")

CREATE, READ, STREAM = "/analyses", "/analyses/{analysis_id}", "/analyses/{analysis_id}/stream"

_REMEMBERED: Final = 200
_TASK_TYPES: Final = ("basic",) * 16 + ("premium",) * 3 + ("critical",)

Asked = tuple[str, str, str]  # id, question, task type


class Exchanges:
    """Sends requests to the application through `client`, and counts them in `tally` and `answers`."""

    def __init__(
        self, client: httpx.AsyncClient, credentials: Credentials, tally: Tally, answers: Answers, dice: random.Random
    ) -> None:
        self._client = client
        self._credentials = credentials
        self._tally = tally
        self._answers = answers
        self._random = dice
        self._asked: deque[Asked] = deque(maxlen=_REMEMBERED)
        self._number = 0
        self._guessed: Iterator[Method] = itertools.cycle(("api_key", "jwt"))

    def kinds(self) -> Mapping[str, tuple[Callable[[], Awaitable[None]], int]]:
        """Return what sends each kind of request, and how often it usually comes beside the others."""
        return {
            "new": (self._ask_something_new, 9),
            "common": (self._ask_what_many_ask, 14),
            "greedy": (self._ask_greedily, 10),
            "suspicious": (self._ask_suspiciously, 3),
            "guess": (self._guess_credentials, 1),
            "stranger": (self._show_nothing, 1),
            "read": (self._read, 8),
            "history": (self._read_history, 4),
            "stream": (self._stream, 3),
            "left stream": (self._leave_a_stream, 1),
            "left": (self._leave_at_once, 1),
            "repeat": (self._repeat, 1),
            "missing": (self._look_for_what_is_not_there, 2),
            "probe": (self._take_a_random_path, 3),
            "wrong": (self._say_it_wrongly, 2),
            "no method": (self._use_a_method_that_is_none, 1),
            "health": (self._check_health, 1),
            "fault": (self._hit_a_fault, 1),
        }

    def known(self) -> dict[str, str]:
        """Return the headers of a client that is known, and count that it will be recognised."""
        method: Method = self._random.choice(("api_key", "api_key", "jwt"))
        return self._credentials.headers(method)

    async def _ask_something_new(self) -> None:
        self._number += 1
        words = " ".join(self._random.choices(WORDS, k=self._random.randint(4, 12)))
        await self._ask(f"question {self._number}: {words}?", self._some_client())

    async def _ask_what_many_ask(self) -> None:
        await self._ask(f"what does {self._random.choice(WORDS)} mean?", self._some_client())

    async def _ask_greedily(self) -> None:
        # One more than the other: two alike are hardly above the limit, and in a few seconds neither may meet it.
        (client,) = self._random.choices(GREEDY_CLIENTS, (4, 1))
        await self._ask(f"what does {self._random.choice(WORDS)} mean?", client)

    async def _ask_suspiciously(self) -> None:
        suspicious = self._random.choice(SUSPICIOUS)
        await self._ask(suspicious.text, self._some_client(), suspicious=suspicious)

    async def _repeat(self) -> None:
        if self._asked:
            analysis_id, question, task_type = self._random.choice(self._asked)
            await self._ask(question, self._some_client(), analysis_id=analysis_id, task_type=task_type)
        else:
            await self._ask_something_new()

    async def _ask(
        self,
        question: str,
        client_address: str,
        *,
        analysis_id: str | None = None,
        task_type: str | None = None,
        suspicious: Suspicious | None = None,
    ) -> None:
        task_type = task_type or self._random.choice(_TASK_TYPES)
        body = {"question": question, "task_type": task_type} | ({"id": analysis_id} if analysis_id else {})
        response = await self._send("POST", CREATE, CREATE, body=body, client_address=client_address)
        told = response.json()
        if suspicious is not None and response.status_code != 429:
            self._tally.found(suspicious.finding, blocked=suspicious.refused)
        if (cache := response.headers.get("X-Cache")) in ("hit", "miss"):
            self._tally.look_up(hit=cache == "hit")
        match response.status_code:
            case 201:
                self._answers.analysed(task_type, told)
                if suspicious is None:
                    self._asked.append((told["id"], question, task_type))
            case 402:
                self._tally.error("BudgetExceededError", "warning", "budget")
            case 409:
                self._tally.error("DuplicateAnalysisError", "warning", "history")
            case 429:
                self._tally.rate_limited(CREATE, client_address)
            case 502:
                self._answers.failed(task_type, told["detail"])
                self._tally.error("NoConsensusError", "error", "analyzer")

    async def _guess_credentials(self) -> None:
        # In turn, and no dice: a short run sees either.
        method = next(self._guessed)
        headers = self._credentials.wrong_headers(method)
        address = self._random.choice(GUESSING_CLIENTS)
        response = await self._send("GET", "/history", "/history", headers=headers, client_address=address)
        self._tally.attempt("blocked" if response.status_code == 429 else "failure", method)

    async def _show_nothing(self) -> None:
        await self._send("GET", "/history", "/history", headers={})

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
        await self._send("GET", f"/{path}/{self._random.randint(0, 99_999)}", "unmatched", headers={})

    async def _say_it_wrongly(self) -> None:
        if self._random.random() < 0.5:
            await self._send("POST", CREATE, CREATE, body={"question": ""}, client_address=self._some_client())
        else:
            await self._send("GET", "/history?limit=many", "/history")

    async def _use_a_method_that_is_none(self) -> None:
        await self._send("DELETE", "/history", "/history", headers={})

    async def _check_health(self) -> None:
        await self._send("GET", "/health", "/health", headers={})

    async def _hit_a_fault(self) -> None:
        # uvicorn cuts a connection whose application has failed: another request must not be on its way through it.
        response = await self._send("GET", "/fault", "/fault", headers={}, close=True)
        if response.status_code == 500:
            self._tally.error("FaultError", "error", "api")

    async def _leave_a_stream(self) -> None:
        if not self._asked:
            await self._ask_something_new()
            return
        headers = self.known()
        request = self._client.build_request("GET", f"/analyses/{self._some_id()}/stream", headers=headers)
        response = await self._client.send(request, stream=True)
        await anext(response.aiter_raw(), None)
        await response.aclose()
        self._tally.request("GET", STREAM, response.status_code)
        self._tally.recognised(headers)

    async def _leave_at_once(self) -> None:
        # The application answers, and nobody is there: it has served a request all the same.
        address = self._client.base_url
        headers = self.known()
        lines = "".join(f"{name}: {value}\r\n" for name, value in {"Host": address.host, **headers}.items())
        _, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(f"GET /history?limit=1 HTTP/1.1\r\n{lines}\r\n".encode())
        await writer.drain()
        writer.close()
        self._tally.request("GET", "/history", 200)
        self._tally.recognised(headers)

    async def _send(
        self,
        method: str,
        path: str,
        route: str,
        *,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        client_address: str | None = None,
        close: bool = False,
    ) -> httpx.Response:
        """Send a request, of a client that is known unless `headers` say otherwise."""
        shown = self.known() if headers is None else headers
        more = {"X-Forwarded-For": client_address} if client_address else {}
        more |= {"Connection": "close"} if close else {}
        request = self._client.build_request(method, path, json=body, headers={**shown, **more})
        response = await self._client.send(request)
        self._tally.request(method, route, response.status_code, body_size=len(request.content))
        if headers is None:
            self._tally.recognised(shown)
        return response

    def _some_client(self) -> str:
        return self._random.choice(CLIENTS)

    def _some_id(self) -> str:
        # Before anything was asked, one that does not exist: it is counted under the same route.
        return self._random.choice(self._asked)[0] if self._asked else str(UUID(int=0))
