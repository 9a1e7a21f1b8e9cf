"""Streams of google-genai: figures are cumulative, and one that ends early keeps what it has told."""

import asyncio
import gc
from collections.abc import Iterator

import pytest
from google.genai import errors, types

from tests.support.google_calls import MODEL, TOKENS, USAGE, GoogleCalls, google_calls, part
from tests.support.scripted_server import Scripted, events, whole

FIRST = part("ye", {"promptTokenCount": 1_000, "cachedContentTokenCount": 300, "totalTokenCount": 1_000})
SECOND = part("s", {"promptTokenCount": 1_000, "candidatesTokenCount": 9, "thoughtsTokenCount": 100})
LAST = part("!", USAGE, "STOP")
SO_FAR = {"input": 700, "cache_read": 300, "output": 109}


@pytest.fixture
def google() -> Iterator[GoogleCalls]:
    """The SDK, instrumented, and a server that the test scripts."""
    with google_calls() as calls:
        yield calls


def streamed(google: GoogleCalls, *script: Scripted) -> Iterator[types.GenerateContentResponse]:
    """Ask for a stream."""
    return google.client(*script).models.generate_content_stream(model=MODEL, contents="well?")


async def heard(google: GoogleCalls, *script: Scripted, parts: int = 99) -> str:
    """Ask for a stream, asynchronously, and hear so many parts of it."""
    stream = await google.client(*script).aio.models.generate_content_stream(model=MODEL, contents="well?")
    text = ""
    async for each in stream:
        text += each.text or ""
        parts -= 1
        if not parts:
            break
    return text


def test_a_stream_is_one_operation_and_its_last_figures_count(google: GoogleCalls) -> None:
    """They are cumulative: the parts are not added up."""
    parts = list(streamed(google, events(FIRST, SECOND, LAST)))
    assert ("".join(each.text or "" for each in parts), {type(each) for each in parts}) == (
        "yes!",
        {types.GenerateContentResponse},
    )
    assert (google.only(), google.recorded.tokens()) == (google.told(), TOKENS)


def test_an_asynchronous_stream_is_one_too(google: GoogleCalls) -> None:
    """The same in a task."""
    assert asyncio.run(heard(google, events(FIRST, SECOND, LAST))) == "yes!"
    assert (google.only(), google.recorded.tokens()) == (google.told(), TOKENS)


def test_a_part_that_leaves_figures_out_takes_none_back(google: GoogleCalls) -> None:
    """What was cached, the first part has told; the last one has no usage at all."""
    list(streamed(google, events(FIRST, SECOND, part("!", None, "STOP"))))
    assert (google.only(), google.recorded.tokens()) == (google.told(), SO_FAR)


def test_a_stream_that_is_cut_keeps_what_it_has_told(google: GoogleCalls) -> None:
    """It is paid for until then, and it is an error."""
    with pytest.raises(Exception, match="peer closed connection"):
        list(streamed(google, events(FIRST, SECOND, cut=True)))
    assert google.only() == google.told(**{"error.type": "RemoteProtocolError"})
    assert google.recorded.tokens() == SO_FAR


def test_an_asynchronous_stream_that_is_cut_does_too(google: GoogleCalls) -> None:
    """The same in a task."""
    with pytest.raises(Exception, match="peer closed connection"):
        asyncio.run(heard(google, events(FIRST, SECOND, cut=True)))
    assert google.only() == google.told(**{"error.type": "RemoteProtocolError"})
    assert google.recorded.tokens() == SO_FAR


def test_a_stream_that_is_cut_before_it_told_its_usage_says_so(google: GoogleCalls) -> None:
    """It has begun to answer, so that it costs something, but nobody knows what."""
    with pytest.raises(Exception, match="peer closed connection"):
        list(streamed(google, events(part("ye"), cut=True)))
    missing = {"error.type": "RemoteProtocolError", "techsapo.usage.missing": True}
    assert (google.only(), google.recorded.tokens()) == (google.told(**missing), {})


def test_who_stops_listening_has_had_no_error(google: GoogleCalls) -> None:
    """The application has heard enough; what was told until then counts."""
    stream = streamed(google, events(FIRST, SECOND, LAST))
    assert next(stream).text == "ye"
    del stream
    gc.collect()
    assert (google.only(), google.recorded.tokens()) == (google.told(), {"input": 700, "cache_read": 300})


def test_who_stops_listening_in_a_task_has_had_no_error(google: GoogleCalls) -> None:
    """The loop closes what was left open."""
    assert asyncio.run(heard(google, events(FIRST, SECOND, LAST), parts=2)) == "yes"
    assert (google.only(), google.recorded.tokens()) == (google.told(), SO_FAR)


def test_a_stream_that_nobody_reads_is_no_operation(google: GoogleCalls) -> None:
    """The SDK sends the request when the first part is asked for."""
    streamed(google, events(FIRST))

    async def asked_only() -> None:
        await google.client(events(FIRST)).aio.models.generate_content_stream(model=MODEL, contents="well?")

    asyncio.run(asked_only())
    gc.collect()
    assert (google.server.asked, google.recorded.durations()) == ([], [])


def test_an_error_within_a_stream_is_told_by_its_status(google: GoogleCalls) -> None:
    """The connection was good: the API says as a part that it is over."""
    limited = {"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}}
    with pytest.raises(errors.ClientError):
        list(streamed(google, events(FIRST, limited)))
    assert google.only() == google.told(**{"error.type": "429"})


def test_a_part_that_is_no_json_is_an_error(google: GoogleCalls) -> None:
    """The SDK's own, and what was told before it counts."""
    broken = events(FIRST)
    with pytest.raises(ValueError, match="JSON"):
        list(streamed(google, Scripted([*broken.parts, b"data: {]\r\n\r\n"], headers=broken.headers)))
    assert google.only() == google.told(**{"error.type": "UnknownApiResponseError"})
    assert google.recorded.tokens() == {"input": 700, "cache_read": 300}


@pytest.mark.parametrize("status", [429, 500])
def test_a_stream_that_is_refused_is_told_by_its_status(status: int, google: GoogleCalls) -> None:
    """Before its first part, in a thread and in a task."""
    refusal = whole({"error": {"code": status, "message": "no"}}, status)
    with pytest.raises(errors.APIError):
        list(streamed(google, refusal))
    with pytest.raises(errors.APIError):
        asyncio.run(heard(google, refusal))
    (point,) = google.recorded.durations()
    expected = google.told(**{"gen_ai.response.model": None, "error.type": str(status)})
    assert (point.times, point.attributes) == (2, expected)


def test_a_stream_that_falls_silent_is_a_timeout(google: GoogleCalls) -> None:
    """The HTTP client gives up."""
    models = google.client(Scripted(silent=True), timeout=100).models
    with pytest.raises(Exception, match="timed out"):
        list(models.generate_content_stream(model=MODEL, contents="well?"))
    assert google.only()["error.type"] == "timeout"
