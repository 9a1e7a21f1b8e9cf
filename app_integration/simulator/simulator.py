"""The simulated providers as one ASGI application."""

from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app_integration.simulator.behaviour import PROVIDERS, Behaviour, BehaviourError, behaviours
from app_integration.simulator.chance import chance
from app_integration.simulator.prompts import Prompt, Reply
from app_integration.simulator.protocols import ANTHROPIC, GEMINI, OPENAI, OPENROUTER, Protocol, RequestError
from app_integration.simulator.responses import EventStream, Nothing, gone_within
from app_integration.simulator.served import Outcome, Served, Told
from app_integration.simulator.verdicts import tokens, verdict

# The model that answers where a provider is told to be `unpriced`.
UNPRICED_MODEL: Final = "a-model-without-a-price"

# Who asks for a model is answered by its snapshot, as by the real providers.
SNAPSHOTS: Final = MappingProxyType({"gpt-5": "gpt-5-2025-08-07"})

# Models that think before they answer: for each token of the answer two of reasoning.
_REASONING: Final = ("gpt-5", "gemini-2.5-pro")
_REASONING_FACTOR: Final = 2

# Longer than any client waits; yet nothing waits for ever.
_HANG_SECONDS: Final = 300.0
_RETRY_AFTER: Final = {"Retry-After": "1"}
_PATHS: Final = (
    ("/openai/v1/chat/completions", "openai", OPENAI),
    ("/openrouter/api/v1/chat/completions", "openrouter", OPENROUTER),
    ("/anthropic/v1/messages", "anthropic", ANTHROPIC),
    ("/gemini/{version}/models/{call}", "gcp.gemini", GEMINI),
)


class Simulator:
    """Four providers, each with its behaviour, under one address.

    What a call gets depends on the seed, the provider's behaviour and what is asked, never on the calls before.
    `app` serves it; `GET /simulator/stats` tells what it has served, `PUT /simulator/{provider}` changes a behaviour.
    """

    def __init__(self, behaviour: Mapping[str, Behaviour] | None = None, seed: int = 1) -> None:
        self.behaviour = dict(behaviour or behaviours(()))
        self.seed = seed
        self.served = Served()
        routes = [Route(path, self._endpoint(name, protocol), methods=["POST"]) for path, name, protocol in _PATHS]
        routes += [
            Route("/simulator/stats", self._stats),
            Route("/simulator/{provider}", self._behaviour, methods=["GET", "PUT"]),
        ]
        self._starlette = Starlette(routes=routes)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, unseen by an HTTP instrumentation of the process: it is not the application's own."""
        scope["fastapi.telemetry"] = None
        await self._starlette(scope, receive, send)

    def outcome(self, provider: str, prompt: Prompt) -> Outcome:
        """Return what becomes of a call."""
        behaviour = self.behaviour[provider]
        share = chance(self.seed, "outcome", provider, prompt.model, prompt.text)
        rates: tuple[tuple[Outcome, float], ...] = (
            ("timeout", behaviour.timeout_rate),
            ("rate_limited", behaviour.rate_limited_rate),
            ("error", behaviour.error_rate),
        )
        for outcome, rate in rates:
            if share < rate:
                return outcome
            share -= rate
        cut = chance(self.seed, "cut", provider, prompt.model, prompt.text) < behaviour.cut_stream_rate
        return "cut" if prompt.streamed and cut else "success"

    def reply(self, provider: str, prompt: Prompt) -> Reply:
        """Return the answer to a prompt."""
        behaviour = self.behaviour[provider]
        text = verdict(self.seed, prompt.question, provider, prompt.turn, behaviour.disagreement)
        output = tokens(text)
        return Reply(
            UNPRICED_MODEL if behaviour.unpriced else SNAPSHOTS.get(prompt.model, prompt.model),
            text,
            prompt.tokens,
            int(prompt.tokens * behaviour.cached_share),
            output,
            output * _REASONING_FACTOR if prompt.model.startswith(_REASONING) else 0,
        )

    def latency(self, provider: str, prompt: Prompt) -> float:
        """Return how long an answer takes, in seconds."""
        behaviour = self.behaviour[provider]
        spread = 2 * chance(self.seed, "latency", provider, prompt.model, prompt.text) - 1
        return max(0.0, behaviour.latency_seconds + spread * behaviour.latency_spread_seconds)

    def _endpoint(self, provider: str, protocol: Protocol) -> ASGIApp:
        async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
            response = await self._serve(provider, protocol, Request(scope, receive))
            await response(scope, receive, send)

        # A class is what Starlette hands a request to as it is, so that a response may be none.
        return _Endpoint(endpoint)

    async def _serve(self, provider: str, protocol: Protocol, request: Request) -> ASGIApp:
        try:
            prompt = protocol.parse(await request.body(), request.path_params)
        except RequestError as error:
            self.served.count(provider, "", "invalid")
            return JSONResponse(protocol.refusal(400, str(error)), 400)
        outcome = self.outcome(provider, prompt)
        if outcome == "timeout":
            # Counted at once: who waits for an answer is the first to know that there is none.
            self.served.count(provider, prompt.model, outcome)
            await gone_within(request, _HANG_SECONDS)
            return Nothing()
        reply = self.reply(provider, prompt)
        if await gone_within(request, self.latency(provider, prompt)):
            self.served.count(provider, prompt.model, "left")
            return Nothing()
        if outcome == "rate_limited":
            self.served.count(provider, prompt.model, outcome)
            return JSONResponse(protocol.refusal(429, "simulated: too many requests"), 429, _RETRY_AFTER)
        if outcome == "error":
            self.served.count(provider, prompt.model, outcome)
            return JSONResponse(protocol.refusal(500, "simulated: internal error"), 500)
        cut = outcome == "cut"
        told = Told.of(reply) if not cut else protocol.told_when_cut(reply)
        self.served.count(provider, prompt.model, outcome, reply.model, told)
        number = format(int(chance(self.seed, "number", provider, prompt.model, prompt.text) * 2**48), "012x")
        if not prompt.streamed:
            return JSONResponse(protocol.answer(number, reply))
        events = protocol.stream(number, prompt, reply)
        return EventStream(events[: len(events) // 2] if cut else events, complete=not cut)

    async def _stats(self, _: Request) -> JSONResponse:
        return JSONResponse({"seed": self.seed, "calls": [asdict(row) for row in self.served.rows()]})

    async def _behaviour(self, request: Request) -> JSONResponse:
        provider = request.path_params["provider"]
        if provider not in self.behaviour:
            return JSONResponse({"detail": f"got {provider!r}; there are {', '.join(PROVIDERS)}"}, 404)
        if request.method == "PUT":
            try:
                fields = await request.json()
                if not isinstance(fields, dict):
                    raise BehaviourError(f"got {type(fields).__name__}; a behaviour is a JSON object")
                self.behaviour[provider] = self.behaviour[provider].changed(fields)
            except ValueError as error:
                return JSONResponse({"detail": str(error)}, 422)
        return JSONResponse(self.behaviour[provider].model_dump())


class _Endpoint:
    def __init__(self, call: ASGIApp) -> None:
        self._call = call

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._call(scope, receive, send)
