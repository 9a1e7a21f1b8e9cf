"""google-genai, the real SDK, against a scripted server, and what was recorded of its calls."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from google import genai
from google.genai import types

from app_integration.llm.google_genai import GoogleGenAiInstrumentor
from tests.support.recorded_calls import RecordedCalls
from tests.support.scripted_server import Scripted, ScriptedServer, scripted

MODEL = "gemini-2.5-pro"
SNAPSHOT = f"{MODEL}-20250617"
KEY = "a key " + "of tests"
# As the API tells it: the cached tokens are part of the prompt's, those of tools and thoughts are apart.
USAGE = {
    "promptTokenCount": 1_000,
    "cachedContentTokenCount": 300,
    "toolUsePromptTokenCount": 20,
    "candidatesTokenCount": 40,
    "thoughtsTokenCount": 500,
    "totalTokenCount": 1_560,
}
TOKENS = {"input": 720, "cache_read": 300, "output": 540}


def part(text: str, usage: object = None, reason: str | None = None) -> dict[str, object]:
    """A part of an answer, or all of it."""
    candidate: dict[str, object] = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}
    if reason:
        candidate["finishReason"] = reason
    told: dict[str, object] = {"candidates": [candidate], "modelVersion": SNAPSHOT}
    return {**told, "usageMetadata": usage} if usage else told


ANSWER = part("yes", USAGE, "STOP")


@dataclass
class GoogleCalls:
    """The server, what was recorded, and clients; they are kept, for one that is forgotten closes its connections."""

    server: ScriptedServer
    recorded: RecordedCalls
    clients: list[genai.Client]

    def client(
        self, *script: Scripted, vertexai: bool = False, attempts: int = 1, timeout: int = 20_000
    ) -> genai.Client:
        """Return a client of the server, which answers by the script; the timeout is in milliseconds."""
        self.server.script = list(script)
        retries = types.HttpRetryOptions(attempts=attempts, initial_delay=0.0, max_delay=0.0, jitter=0.0)
        options = types.HttpOptions(base_url=self.server.url, retry_options=retries, timeout=timeout)
        self.clients.append(genai.Client(api_key=KEY, vertexai=vertexai, http_options=options))
        return self.clients[-1]

    def told(self, **more: object) -> dict[str, object]:
        """Return the attributes of a call that MODEL has answered; None takes one away."""
        attributes = {
            "gen_ai.operation.name": "generate_content",
            "gen_ai.provider.name": "gcp.gemini",
            "gen_ai.request.model": MODEL,
            "gen_ai.response.model": SNAPSHOT,
            "server.address": "127.0.0.1",
            "server.port": int(self.server.url.rpartition(":")[2]),
            **more,
        }
        return {name: value for name, value in attributes.items() if value is not None}

    def only(self) -> dict[str, object]:
        """Return the attributes of the only call that was recorded."""
        (point,) = self.recorded.durations()
        assert point.times == 1
        return point.attributes


@contextmanager
def google_calls() -> Iterator[GoogleCalls]:
    """Instrument the SDK until the end of the block."""
    recorded = RecordedCalls()
    instrumentor = GoogleGenAiInstrumentor()
    instrumentor.instrument(meter_provider=recorded.provider)
    try:
        with scripted() as server:
            yield GoogleCalls(server, recorded, [])
    finally:
        instrumentor.uninstrument()
