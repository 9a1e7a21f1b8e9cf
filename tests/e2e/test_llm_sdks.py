"""OpenAI's and Anthropic's SDKs: every way to ask is one operation, with its tokens, and errors as what they are."""

import asyncio
import gc
from collections.abc import Iterator

import anthropic
import openai
import pytest

from app_integration.llm import naming
from app_integration.llm.naming import name_provider
from tests.support.scripted_server import Scripted, whole
from tests.support.sdk_surfaces import SURFACES, Surface
from tests.support.stainless_calls import (
    ANSWERED,
    ASK_CLAUDE,
    ASK_GPT,
    CHAT,
    CLAUDE,
    GPT,
    MESSAGES,
    OF_OPENAI,
    SdkCalls,
    chat,
    chunks,
    message,
    message_events,
    response_events,
    sdk_calls,
    sse,
    uninstrumented,
)

WHOLE = [surface for surface in SURFACES if not surface.streams]
STREAMS = [surface for surface in SURFACES if surface.streams]


def by_name(surface: Surface) -> str:
    """What pytest shows."""
    return surface.name


@pytest.fixture
def calls() -> Iterator[SdkCalls]:
    """Both SDKs, instrumented, and a server that the test scripts."""
    with sdk_calls() as made:
        yield made


@pytest.mark.parametrize("surface", SURFACES, ids=by_name)
def test_every_way_to_ask_is_one_operation_with_its_tokens(calls: SdkCalls, surface: Surface) -> None:
    """The application gets what it would have got; the model that answered is told beside the one that was asked."""
    calls.server.script = [surface.answer]
    assert surface.ask(calls) == "yes"
    port = int(calls.server.url.rpartition(":")[2])
    assert calls.only() == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai" if surface.model == GPT else "anthropic",
        "gen_ai.request.model": surface.model,
        "gen_ai.response.model": ANSWERED[surface.model],
        "server.address": "127.0.0.1",
        "server.port": port,
    }
    assert calls.recorded.tokens() == surface.tokens
    assert calls.recorded.tiers() == {None}


ERROR = {"type": "error", "error": {"type": "an_error", "message": "no"}}


@pytest.mark.parametrize("surface", SURFACES, ids=by_name)
@pytest.mark.parametrize("status", [400, 401, 404, 408, 429, 500, 503, 529])
def test_a_refusal_has_its_status(calls: SdkCalls, surface: Surface, status: int) -> None:
    """No tokens, no usage that would be missed; the application gets the SDK's own exception."""
    calls.server.script = [whole(ERROR, status)]
    with pytest.raises((openai.APIStatusError, anthropic.APIStatusError)) as raised:
        surface.ask(calls)
    assert isinstance(raised.value, openai.APIStatusError | anthropic.APIStatusError)
    assert raised.value.status_code == status
    # Anthropic's SDK takes a 408 for the timeout that it is.
    assert calls.only()["error.type"] in ({str(status)} if status != 408 else {"408", "timeout"})
    assert "techsapo.usage.missing" not in calls.only()
    assert calls.recorded.tokens() == {}


@pytest.mark.parametrize("surface", SURFACES, ids=by_name)
def test_retries_are_part_of_the_operation(calls: SdkCalls, surface: Surface) -> None:
    """Two refusals that the SDK answers by itself, then an answer: one success."""
    again = whole(ERROR, 429, retry_after_ms="1", retry_after="0.001")
    calls.server.script = [again, whole(ERROR, 500, retry_after_ms="1"), surface.answer]
    calls.options["max_retries"] = 2
    assert surface.ask(calls) == "yes"
    assert len(calls.server.asked) == 3
    assert "error.type" not in calls.only()
    assert calls.recorded.tokens() == surface.tokens


@pytest.mark.parametrize("surface", SURFACES, ids=by_name)
def test_a_timeout_is_one(calls: SdkCalls, surface: Surface) -> None:
    """Whoever waits: a client, a stream that does not begin."""
    calls.server.script = [Scripted(silent=True)]
    calls.options["timeout"] = 0.2
    with pytest.raises((openai.APITimeoutError, anthropic.APITimeoutError)):
        surface.ask(calls)
    assert calls.only()["error.type"] == "timeout"


@pytest.mark.parametrize("surface", SURFACES, ids=by_name)
def test_a_server_that_is_not_there_is_an_error(calls: SdkCalls, surface: Surface) -> None:
    """The class of what was raised tells which."""
    calls.options["base_url"] = "http://127.0.0.1:1"
    with pytest.raises((openai.APIConnectionError, anthropic.APIConnectionError)):
        surface.ask(calls)
    assert calls.only()["error.type"] == "APIConnectionError"


@pytest.mark.parametrize("surface", STREAMS, ids=by_name)
@pytest.mark.parametrize("kept", [1, 2])
def test_a_stream_that_is_cut_keeps_what_it_told(calls: SdkCalls, surface: Surface, kept: int) -> None:
    """Anthropic tells the input at the beginning; of a stream that told nothing the usage is missing."""
    parts = surface.answer.parts[:kept]
    calls.server.script = [Scripted(parts, headers=surface.answer.headers, cut=True)]
    with pytest.raises(Exception, match=r"(?i)closed|incomplete|chunk|connection"):
        surface.ask(calls)
    told = calls.only()
    assert told["error.type"] not in ("timeout", None)
    if surface.model == CLAUDE:
        assert calls.recorded.tokens() == {**surface.tokens, "output": 1}
    elif b'"output_tokens"' in parts[-1]:
        assert calls.recorded.tokens() == surface.tokens
    else:
        assert (told["techsapo.usage.missing"], calls.recorded.tokens()) == (True, {})


@pytest.mark.parametrize("surface", WHOLE, ids=by_name)
@pytest.mark.parametrize("body", [b"{", b"", b"null", b"[]", b'{"usage": 7, "model": []}', b"<html>"])
def test_an_answer_that_is_none_reaches_only_the_application(calls: SdkCalls, surface: Surface, body: bytes) -> None:
    """Whatever the SDK makes of it, it does so with and without us; the call is counted, and its usage is missing."""
    broken = Scripted([body] if body else [], headers={"Content-Type": "application/json"})
    calls.server.script = [broken]
    with pytest.raises(Exception) as raised:  # noqa: PT011  # whatever the SDK raises, which is what is compared
        surface.ask(calls)
    told = calls.only()
    assert told.get("techsapo.usage.missing", True) is True
    with uninstrumented(calls), pytest.raises(type(raised.value)):
        surface.ask(calls)


def test_an_answer_without_usage_is_marked(calls: SdkCalls) -> None:
    """It is counted as unpriced then, and never as free."""
    calls.server.script = [whole(chat(None)), sse(*chunks(None), done=True), whole(message(None))]
    client = calls.gpt()
    client.chat.completions.create(model=GPT, messages=ASK_GPT)
    for _ in client.chat.completions.create(model=GPT, messages=ASK_GPT, stream=True):
        pass
    calls.claude().messages.create(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE)
    points = calls.recorded.durations()
    assert [(point.times, point.attributes["techsapo.usage.missing"]) for point in points] == [(2, True), (1, True)]
    assert calls.recorded.tokens() == {}


@pytest.mark.parametrize("how", ["close", "with", "forget"])
def test_a_stream_that_is_left_is_no_error(calls: SdkCalls, how: str) -> None:
    """It is recorded when it is closed or forgotten, with the tokens that it told until then."""
    calls.server.script = [sse(*message_events(), named=True)]
    client = calls.claude()
    stream = client.messages.create(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE, stream=True)
    next(iter(stream))
    if how == "close":
        stream.close()
    elif how == "with":
        with stream:
            pass
    del stream
    gc.collect()
    assert "error.type" not in calls.only()
    assert calls.recorded.tokens()["output"] == 1


def test_an_asynchronous_stream_that_is_left_is_no_error(calls: SdkCalls) -> None:
    """In the midst of a loop over it."""
    calls.server.script = [sse(*message_events(), named=True)]

    async def leave() -> None:
        client = calls.claude_async()
        stream = await client.messages.create(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE, stream=True)
        async with stream:
            async for _ in stream:
                break

    asyncio.run(leave())
    assert "error.type" not in calls.only()


def test_a_cancelled_call_says_so(calls: SdkCalls) -> None:
    """It is the application that broke it off."""
    calls.server.script = [Scripted(silent=True)]

    async def cancel() -> None:
        asking = asyncio.ensure_future(calls.gpt_async().responses.create(model=GPT, input="well?"))
        await asyncio.to_thread(calls.server.was_asked.wait, 20)
        asking.cancel()
        await asyncio.wait([asking])

    asyncio.run(cancel())
    assert calls.only()["error.type"] == "CancelledError"


def test_an_error_within_a_stream_is_one(calls: SdkCalls) -> None:
    """Anthropic's SDK raises it, OpenAI's Responses API tells it as an event."""
    overloaded = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    failed = {"code": "rate_limit_exceeded", "message": "slow down"}
    calls.server.script = [
        sse(message_events()[0], overloaded, named=True),
        sse(*response_events("response.failed", error=failed), named=True),
    ]
    with pytest.raises(anthropic.APIStatusError):
        list(calls.claude().messages.create(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE, stream=True))
    list(calls.gpt().responses.create(model=GPT, input="well?", stream=True))
    kinds = {
        point.attributes["gen_ai.provider.name"]: point.attributes["error.type"] for point in calls.recorded.durations()
    }
    assert kinds == {"openai": "rate_limit_exceeded", "anthropic": "overloaded_error"}


def test_tiers_and_dearer_tokens_are_told_apart(calls: SdkCalls) -> None:
    """What has a price of its own never gets the ordinary one."""
    audio = {**CHAT, "prompt_tokens_details": {"audio_tokens": 5}}
    calls.server.script = [
        whole({**chat(), "service_tier": "flex"}),
        whole({**chat(), "service_tier": "default"}),
        whole(chat(audio)),
        whole(message({**MESSAGES, "service_tier": "priority"})),
        whole(message({**MESSAGES, "speed": "fast"})),
        whole(message({**MESSAGES, "inference_geo": "us"})),
    ]
    for _ in range(3):
        calls.gpt().chat.completions.create(model=GPT, messages=ASK_GPT)
    for _ in range(3):
        calls.claude().messages.create(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE)
    assert calls.recorded.tiers() == {"flex", None, "audio", "priority", "fast", "us"}


def test_openrouter_is_known_by_its_host_and_others_by_name(calls: SdkCalls, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway on another address is what the application says; copies of a client keep it."""
    monkeypatch.setattr(naming, "_named", {})
    name_provider(calls.server.url + "/v1/", "openrouter")
    calls.server.script = [whole(chat())]
    calls.gpt().with_options(timeout=5).chat.completions.create(model="openai/gpt-5", messages=ASK_GPT)
    assert calls.only()["gen_ai.provider.name"] == "openrouter"
    with pytest.raises(ValueError, match="got 'gateway'"):
        name_provider("gateway", "x")


def test_what_asks_no_model_to_answer_is_no_operation(calls: SdkCalls) -> None:
    """Lists of models, counts of tokens, files."""
    calls.server.script = [whole({"data": [], "object": "list", "input_tokens": 3})]
    calls.gpt().models.list()
    calls.claude().messages.count_tokens(model=CLAUDE, messages=ASK_CLAUDE)
    assert len(calls.server.asked) == 2
    assert calls.recorded.durations() == []


def test_embeddings_and_completions_are_operations_of_their_own(calls: SdkCalls) -> None:
    """By their names in the conventions."""
    used = {"prompt_tokens": 8, "total_tokens": 8}
    calls.server.script = [
        whole({"object": "list", "data": [], "model": "text-embedding-3-small", "usage": used}),
        whole({"object": "text_completion", "choices": [], "model": "x", "usage": {**used, "completion_tokens": 1}}),
    ]
    calls.gpt().embeddings.create(model="text-embedding-3-small", input="well?", encoding_format="float")
    calls.gpt().completions.create(model="x", prompt="well?")
    names = {point.attributes["gen_ai.operation.name"] for point in calls.recorded.durations()}
    assert names == {"embeddings", "text_completion"}


def test_what_was_there_is_given_back() -> None:
    """The seam: both base clients' `request`, and the place of a stream's iterator, private by name."""
    before = openai._base_client.SyncAPIClient.request, anthropic._base_client.AsyncAPIClient.request
    with sdk_calls() as calls:
        assert openai._base_client.SyncAPIClient.request is not before[0]
        calls.server.script = [sse(*chunks(), done=True)]
        stream = calls.gpt().chat.completions.create(model=GPT, messages=ASK_GPT, stream=True)
        assert hasattr(stream, "_iterator")
        assert type(stream) is openai.Stream
        assert len(list(stream)) == 3
        assert calls.recorded.tokens() == OF_OPENAI
    assert (openai._base_client.SyncAPIClient.request, anthropic._base_client.AsyncAPIClient.request) == before
