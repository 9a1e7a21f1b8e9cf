"""The SDKs of OpenAI and Anthropic, the real ones, against a scripted server: surfaces, and answers on the wire."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import anthropic
import openai
from anthropic.types import Message, MessageParam
from openai.types.chat import ChatCompletionUserMessageParam
from opentelemetry.metrics import MeterProvider

from app_integration.instrumentor import Instrumentor
from app_integration.llm import AnthropicInstrumentor, OpenAiInstrumentor
from tests.support.recorded_calls import RecordedCalls
from tests.support.scripted_server import Scripted, ScriptedServer, scripted

KEY = "a key " + "of tests"
GPT, CLAUDE = "gpt-5", "claude-sonnet-4-20250514"
ANSWERED = {GPT: "gpt-5-2025-08-07", CLAUDE: CLAUDE}
CHAT = {
    "prompt_tokens": 1_000,
    "completion_tokens": 500,
    "total_tokens": 1_500,
    "prompt_tokens_details": {"cached_tokens": 300},
    "completion_tokens_details": {"reasoning_tokens": 400},
}
RESPONSES = {
    "input_tokens": 1_000,
    "input_tokens_details": {"cached_tokens": 300, "cache_write_tokens": 0},
    "output_tokens": 500,
    "output_tokens_details": {"reasoning_tokens": 400},
    "total_tokens": 1_500,
}
MESSAGES = {
    "input_tokens": 700,
    "cache_read_input_tokens": 300,
    "cache_creation_input_tokens": 90,
    "cache_creation": {"ephemeral_5m_input_tokens": 50, "ephemeral_1h_input_tokens": 40},
    "output_tokens": 500,
    "service_tier": "standard",
}
OF_OPENAI = {"input": 700, "cache_read": 300, "output": 500}
OF_ANTHROPIC = {"input": 700, "cache_read": 300, "cache_write": 50, "cache_write_1h": 40, "output": 500}
ASK_GPT: list[ChatCompletionUserMessageParam] = [{"role": "user", "content": "well?"}]
ASK_CLAUDE: list[MessageParam] = [{"role": "user", "content": "well?"}]


def sse(*bodies: object, named: bool = False, done: bool = False, cut: bool = False) -> Scripted:
    """A stream of server-sent events; `named` ones carry their type as the event's name."""
    parts = [
        (f"event: {body['type']}\n" if named and isinstance(body, dict) else "").encode()
        + b"data: "
        + json.dumps(body).encode()
        + b"\n\n"
        for body in bodies
    ]
    return Scripted(
        [*parts, *([b"data: [DONE]\n\n"] if done else [])], headers={"Content-Type": "text/event-stream"}, cut=cut
    )


def chat(usage: object = CHAT) -> dict[str, object]:
    """An answer of Chat Completions."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "yes"}}
    told = {"id": "c", "object": "chat.completion", "created": 1, "model": ANSWERED[GPT], "choices": [choice]}
    return {**told, "usage": usage} if usage else told


def chunks(usage: object = CHAT) -> list[dict[str, object]]:
    """The same in chunks, the last of which tells the tokens."""
    told: dict[str, object] = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": ANSWERED[GPT]}
    spoken = [{**told, "choices": [{"index": 0, "delta": {"content": word}}]} for word in ("y", "es")]
    return [*spoken, *([{**told, "choices": [], "usage": usage}] if usage else [])]


def response(usage: object = RESPONSES, status: str = "completed", **more: object) -> dict[str, object]:
    """An answer of the Responses API."""
    message = {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": "yes", "annotations": []}],
    }
    return {
        "id": "r",
        "object": "response",
        "created_at": 1,
        "model": ANSWERED[GPT],
        "status": status,
        "output": [message],
        "usage": usage,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        **more,
    }


def response_events(last: str = "response.completed", **more: object) -> list[dict[str, object]]:
    """The same as events."""
    return [
        {"type": "response.created", "sequence_number": 0, "response": response(None, "in_progress")},
        {"type": last, "sequence_number": 1, "response": response(status=last.partition(".")[2], **more)},
    ]


def message(usage: object = MESSAGES) -> dict[str, object]:
    """An answer of Anthropic's Messages API."""
    content = [{"type": "text", "text": "yes"}]
    told = {"id": "m", "type": "message", "role": "assistant", "model": CLAUDE, "content": content}
    return {**told, "stop_reason": "end_turn", "stop_sequence": None, **({"usage": usage} if usage else {})}


def message_events() -> list[dict[str, object]]:
    """The same as events: the input is told first, the output at last, both as sums until then."""
    begun = {**message({**MESSAGES, "output_tokens": 1}), "content": [], "stop_reason": None}
    return [
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "yes"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 500}},
        {"type": "message_stop"},
    ]


def said(told: Message) -> str:
    """Return the words of an answer of Anthropic's."""
    return "".join(getattr(block, "text", "") for block in told.content)


@dataclass
class SdkCalls:
    """A server that is scripted, clients of it, and what was recorded."""

    server: ScriptedServer
    recorded: RecordedCalls
    options: dict[str, object] = field(default_factory=dict)

    def gpt(self, **options: object) -> openai.OpenAI:
        """Return OpenAI's client."""
        return openai.OpenAI(**self._options("/v1", options))  # type: ignore[arg-type]  # its own options

    def gpt_async(self, **options: object) -> openai.AsyncOpenAI:
        """Return OpenAI's asynchronous client."""
        return openai.AsyncOpenAI(**self._options("/v1", options))  # type: ignore[arg-type]  # its own options

    def claude(self, **options: object) -> anthropic.Anthropic:
        """Return Anthropic's client."""
        return anthropic.Anthropic(**self._options("", options))  # type: ignore[arg-type]  # its own options

    def claude_async(self, **options: object) -> anthropic.AsyncAnthropic:
        """Return Anthropic's asynchronous client."""
        return anthropic.AsyncAnthropic(**self._options("", options))  # type: ignore[arg-type]  # its own options

    def _options(self, path: str, options: dict[str, object]) -> dict[str, object]:
        return {"api_key": KEY, "base_url": self.server.url + path, "max_retries": 0, **self.options, **options}

    def only(self) -> dict[str, object]:
        """Return the attributes of the only call that was recorded."""
        (point,) = self.recorded.durations()
        assert point.times == 1
        return point.attributes


_INSTRUMENTORS: tuple[Instrumentor, ...] = (OpenAiInstrumentor(), AnthropicInstrumentor())


@contextmanager
def sdk_calls(meter_provider: MeterProvider | None = None) -> Iterator[SdkCalls]:
    """Instrument both SDKs until the end of the block; `recorded` has their calls unless another provider is given."""
    recorded = RecordedCalls()
    for instrumentor in _INSTRUMENTORS:
        instrumentor.instrument(meter_provider=meter_provider or recorded.provider)
    try:
        with scripted() as server:
            yield SdkCalls(server, recorded)
    finally:
        for instrumentor in _INSTRUMENTORS:
            instrumentor.uninstrument()


@contextmanager
def uninstrumented(calls: SdkCalls) -> Iterator[None]:
    """Have the SDKs be what they were until the end of the block."""
    for instrumentor in _INSTRUMENTORS:
        instrumentor.uninstrument()
    try:
        yield
    finally:
        for instrumentor in _INSTRUMENTORS:
            instrumentor.instrument(meter_provider=calls.recorded.provider)
