"""Streams and raw responses of OpenAI's and Anthropic's SDKs stay what they are, however they are read and left."""

import asyncio
import gc
import json
import threading
from collections.abc import Callable, Iterator

import anthropic
import openai
import pytest
from opentelemetry.instrumentation.threading import ThreadingInstrumentor

from telemetry.context import task_type
from tests.support.measured import Measured
from tests.support.scripted_server import Scripted, whole
from tests.support.stainless_calls import (
    ASK_CLAUDE,
    ASK_GPT,
    CLAUDE,
    GPT,
    MESSAGES,
    OF_ANTHROPIC,
    OF_OPENAI,
    SdkCalls,
    chat,
    chunks,
    message,
    message_events,
    response,
    response_events,
    sdk_calls,
    sse,
)

CHUNKS = sse(*chunks(), done=True)
EVENTS = sse(*message_events(), named=True)
RESPONSES = sse(*response_events(), named=True)


@pytest.fixture
def calls() -> Iterator[SdkCalls]:
    """Both SDKs, instrumented, and a server that the test scripts."""
    with sdk_calls() as made:
        yield made


def _chat_helper(calls: SdkCalls) -> None:
    with calls.gpt().chat.completions.stream(model=GPT, messages=ASK_GPT) as stream:
        next(iter(stream))


def _responses_helper(calls: SdkCalls) -> None:
    with calls.gpt().responses.stream(model=GPT, input="well?") as stream:
        next(iter(stream))


def _messages_helper(calls: SdkCalls) -> None:
    with calls.claude().messages.stream(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE) as stream:
        next(iter(stream))


def _unread(calls: SdkCalls) -> None:
    with calls.gpt().chat.completions.create(model=GPT, messages=ASK_GPT, stream=True):
        pass


def _raw_unread(calls: SdkCalls) -> None:
    with calls.gpt().chat.completions.with_streaming_response.create(model=GPT, messages=ASK_GPT):
        pass


def _chat_helper_async(calls: SdkCalls) -> None:
    async def leave() -> None:
        async with calls.gpt_async().chat.completions.stream(model=GPT, messages=ASK_GPT) as stream:
            await anext(aiter(stream))

    asyncio.run(leave())


def _messages_helper_async(calls: SdkCalls) -> None:
    async def leave() -> None:
        client = calls.claude_async()
        async with client.messages.stream(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE) as stream:
            await anext(aiter(stream))

    asyncio.run(leave())


LEFT = [
    (_chat_helper, CHUNKS),
    (_responses_helper, RESPONSES),
    (_messages_helper, EVENTS),
    (_unread, CHUNKS),
    (_raw_unread, whole(chat())),
    (_chat_helper_async, CHUNKS),
    (_messages_helper_async, EVENTS),
]


@pytest.mark.parametrize(("leave", "answer"), LEFT, ids=[leave.__name__ for leave, _ in LEFT])
def test_what_is_left_is_recorded_when_it_is_closed(
    calls: SdkCalls, leave: Callable[[SdkCalls], None], answer: Scripted
) -> None:
    """At once, and not when the garbage is collected: whichever helper of the SDK closes it."""
    calls.server.script = [answer]
    leave(calls)
    assert "error.type" not in calls.only()


def _stream_parsed(calls: SdkCalls) -> object:
    raw = calls.gpt().chat.completions.with_raw_response
    return len(list(raw.create(model=GPT, messages=ASK_GPT, stream=True).parse()))


def _stream_parsed_twice(calls: SdkCalls) -> object:
    raw = calls.gpt().chat.completions.with_raw_response.create(model=GPT, messages=ASK_GPT, stream=True)
    assert raw.parse() is raw.parse()
    return len(list(raw.parse()))


def _stream_parsed_and_the_rest_forgotten(calls: SdkCalls) -> object:
    raw = calls.gpt().chat.completions.with_raw_response.create(model=GPT, messages=ASK_GPT, stream=True)
    stream = raw.parse()
    del raw
    gc.collect()
    return len(list(stream))


def _streaming_stream(calls: SdkCalls) -> object:
    create = calls.gpt().chat.completions.with_streaming_response.create
    with create(model=GPT, messages=ASK_GPT, stream=True) as raw:
        return len(list(raw.parse()))


def _read(calls: SdkCalls) -> object:
    with calls.gpt().chat.completions.with_streaming_response.create(model=GPT, messages=ASK_GPT) as raw:
        return json.loads(raw.read())["id"]


def _json(calls: SdkCalls) -> object:
    with calls.gpt().chat.completions.with_streaming_response.create(model=GPT, messages=ASK_GPT) as raw:
        told = raw.json()
        return told["id"] if isinstance(told, dict) and raw.parse().id == told["id"] else None


def _json_async(calls: SdkCalls) -> object:
    async def ask() -> object:
        create = calls.gpt_async().chat.completions.with_streaming_response.create
        async with create(model=GPT, messages=ASK_GPT) as raw:
            assert (await raw.parse()).id == "c"
            return await raw.json()

    told = asyncio.run(ask())
    return told["id"] if isinstance(told, dict) else None


def _own_request(calls: SdkCalls) -> object:
    told = calls.gpt().post("/chat/completions", cast_to=object, body={"model": GPT, "messages": ASK_GPT})
    return told["id"] if isinstance(told, dict) else None


READ = [
    (_stream_parsed, CHUNKS, 3),
    (_stream_parsed_twice, CHUNKS, 3),
    (_stream_parsed_and_the_rest_forgotten, CHUNKS, 3),
    (_streaming_stream, CHUNKS, 3),
    (_read, whole(chat()), "c"),
    (_json, whole(chat()), "c"),
    (_json_async, whole(chat()), "c"),
    (_own_request, whole(chat()), "c"),
]


@pytest.mark.parametrize(("ask", "answer", "told"), READ, ids=[ask.__name__ for ask, _, _ in READ])
def test_a_raw_response_tells_its_tokens_when_its_body_is_read(
    calls: SdkCalls, ask: Callable[[SdkCalls], object], answer: Scripted, told: object
) -> None:
    """However the application reads it; what it gets is what it would have got."""
    calls.server.script = [answer]
    assert ask(calls) == told
    assert ("error.type" in calls.only(), calls.recorded.tokens()) == (False, OF_OPENAI)


def test_a_body_that_is_read_in_pieces_has_no_usage(calls: SdkCalls) -> None:
    """Its pieces are the application's: the call is counted, and as one without usage."""
    calls.server.script = [whole(chat())]
    with calls.gpt().chat.completions.with_streaming_response.create(model=GPT, messages=ASK_GPT) as raw:
        assert json.loads(b"".join(raw.iter_bytes()))["id"] == "c"
    assert calls.only()["techsapo.usage.missing"] is True


def test_what_openrouter_tells_in_an_answer_of_200_is_an_error(calls: SdkCalls) -> None:
    """The model has begun and failed: in a body, and within a stream."""
    failed = {"error": {"code": 429, "message": "slow down"}}
    calls.server.script = [whole(failed), sse(chunks()[0], {**chunks()[1], **failed})]
    completions = calls.gpt().chat.completions
    completions.create(model=GPT, messages=ASK_GPT)
    with pytest.raises(openai.APIError):
        list(completions.create(model=GPT, messages=ASK_GPT, stream=True))
    assert {point.attributes["error.type"] for point in calls.recorded.durations()} == {"429"}


def test_the_helpers_of_the_sdks_are_one_operation(calls: SdkCalls) -> None:
    """`parse` and `stream` of the Responses API, and Anthropic's beta."""
    calls.server.script = [whole(response()), RESPONSES, whole(message()), EVENTS]
    gpt, claude = calls.gpt(), calls.claude()
    assert gpt.responses.parse(model=GPT, input="well?").output_text == "yes"
    with gpt.responses.stream(model=GPT, input="well?") as stream:
        assert stream.get_final_response().output_text == "yes"
    claude.beta.messages.create(model=CLAUDE, max_tokens=9, messages=[{"role": "user", "content": "well?"}])
    with claude.beta.messages.stream(
        model=CLAUDE, max_tokens=9, messages=[{"role": "user", "content": "well?"}]
    ) as events:
        assert events.get_final_text() == "yes"
        assert type(events).__module__.startswith("anthropic.")
    assert sum(point.times for point in calls.recorded.durations()) == 4
    of_all = {kind: 2 * (OF_OPENAI.get(kind, 0) + OF_ANTHROPIC[kind]) for kind in OF_ANTHROPIC}
    assert calls.recorded.sums() == of_all


def test_azure_is_a_provider_of_its_own(calls: SdkCalls) -> None:
    """Its client puts the deployment into the path."""
    calls.server.script = [whole(chat())]
    azure = openai.AzureOpenAI(azure_endpoint=calls.server.url, api_key="a key " + "of tests", api_version="1")
    azure.chat.completions.create(model=GPT, messages=ASK_GPT)
    assert "/deployments/" in calls.server.asked[0]
    assert calls.only()["gen_ai.provider.name"] == "azure.ai.openai"


def test_vertex_is_a_provider_of_its_own(calls: SdkCalls) -> None:
    """Its client takes the model out of the body and puts it into the path; ours has read it before."""
    calls.server.script = [whole(message()), EVENTS]
    token = "a token " + "of tests"
    vertex = anthropic.AnthropicVertex(region="global", project_id="p", access_token=token, base_url=calls.server.url)
    vertex.messages.create(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE)
    list(vertex.messages.create(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE, stream=True))
    assert [path.rpartition("/")[2] for path in calls.server.asked] == [
        f"{CLAUDE}:rawPredict",
        f"{CLAUDE}:streamRawPredict",
    ]
    (point,) = calls.recorded.durations()
    assert (point.times, point.attributes["gen_ai.provider.name"]) == (2, "gcp.vertex_ai")
    assert point.attributes["gen_ai.request.model"] == CLAUDE


def test_the_task_type_is_that_of_the_beginning() -> None:
    """A stream may be read elsewhere, after the analysis, in a thread of its own."""
    figures = Measured()
    ThreadingInstrumentor().instrument()
    try:
        with sdk_calls(figures.provider) as calls:
            calls.server.script = [EVENTS]
            with task_type("critical"):
                stream = calls.claude().messages.create(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE, stream=True)
            reader = threading.Thread(target=list, args=(stream,))
            reader.start()
            reader.join()
            calls.server.script = [whole({**message(), "usage": MESSAGES})]
            with task_type("basic"):
                asked = threading.Thread(
                    target=calls.claude().messages.create,
                    kwargs={"model": CLAUDE, "max_tokens": 9, "messages": ASK_CLAUDE},
                )
                asked.start()
                asked.join()
    finally:
        ThreadingInstrumentor().uninstrument()
    assert figures.values("techsapo_llm_requests_total") == {
        ("anthropic", CLAUDE, "success", "critical"): 1,
        ("anthropic", CLAUDE, "success", "basic"): 1,
    }


def test_the_seam_is_where_the_sdks_have_it() -> None:
    """Private names: the options are the third argument of `request`, an HTTP response may be given methods."""
    for client in (openai._base_client.SyncAPIClient, anthropic._base_client.AsyncAPIClient):
        code = client.request.__code__
        assert code.co_varnames[:3] == ("self", "cast_to", "options")
