"""Gemini's Interactions API: one operation for each request that is paid for, however it is asked for."""

import gc
import inspect
from collections.abc import Iterator

import pytest
from google.genai import _interactions_errors as errors
from google.genai._gaos import interactions as generated
from google.genai._gaos.types.interactions import Interaction
from google.genai._gaos.utils.eventstreaming import AsyncStream, Stream
from hypothesis import given
from hypothesis import strategies as st

from app_integration.llm.interaction_answers import InteractionAnswer
from app_integration.llm.usage import Usage
from tests.support.google_calls import MODEL, GoogleCalls, google_calls
from tests.support.interactions import AT_ONCE, STREAMS, TOKENS, USAGE, heard, interaction, sse
from tests.support.scripted_server import Scripted, whole

ANSWERED = {"gen_ai.response.model": MODEL}
NAMES = st.sampled_from(
    [*USAGE, "event_type", "interaction", "usage", "model", "status", "errors", "error", "code", "modality", "tokens"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["error", "failed", "audio", ""])
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=20
)


@pytest.fixture
def google() -> Iterator[GoogleCalls]:
    """The SDK, instrumented, and a server that the test scripts."""
    with google_calls() as calls:
        yield calls


@pytest.mark.parametrize("way", AT_ONCE)
def test_an_interaction_is_one_operation_with_its_tokens(way: str, google: GoogleCalls) -> None:
    """Cached tokens are part of the input, those of tools are not; thoughts are output."""
    assert AT_ONCE[way](google, whole(interaction())) == "yes"
    assert (google.only(), google.recorded.tokens()) == (google.told(**ANSWERED), TOKENS)


@pytest.mark.parametrize("way", STREAMS)
def test_a_stream_is_one_operation_too(way: str, google: GoogleCalls) -> None:
    """Its last event tells the tokens."""
    assert STREAMS[way](google, sse()) == "yes"
    assert (google.only(), google.recorded.tokens()) == (google.told(**ANSWERED), TOKENS)


@pytest.mark.parametrize("way", STREAMS)
def test_a_stream_that_is_cut_is_an_error_without_a_price(way: str, google: GoogleCalls) -> None:
    """It had begun: nobody knows what it costs."""
    with pytest.raises(errors.APIConnectionError):
        STREAMS[way](google, sse(cut=True))
    assert google.only() == google.told(
        **ANSWERED, **{"error.type": "RemoteProtocolError", "techsapo.usage.missing": True}
    )


@pytest.mark.parametrize("way", ["plain", "async", "raw"])
@pytest.mark.parametrize("status", [400, 429, 503])
def test_a_refusal_is_told_by_its_status(status: int, way: str, google: GoogleCalls) -> None:
    """Nothing was answered, and the application gets the SDK's own error."""
    with pytest.raises(errors.APIStatusError) as caught:
        AT_ONCE[way](google, whole({"error": {"code": "no", "message": "no"}}, status))
    expected = google.told(**{"gen_ai.response.model": None, "error.type": str(status)})
    assert (caught.value.status_code, google.only(), google.recorded.tokens()) == (status, expected, {})


def test_retries_are_part_of_the_operation(google: GoogleCalls) -> None:
    """A refusal that the SDK answers by itself, then an answer: one success."""
    limited = whole({"error": {"message": "slow down"}}, 429, retry_after="0")
    google.client(limited, whole(interaction()), attempts=2).interactions.create(model=MODEL, input="well?")
    assert (len(google.server.asked), google.only()) == (2, google.told(**ANSWERED))


def test_a_provider_that_does_not_answer_is_a_timeout(google: GoogleCalls) -> None:
    """The HTTP client gives up."""
    with pytest.raises(errors.APITimeoutError):
        google.client(Scripted(silent=True), timeout=100).interactions.create(model=MODEL, input="well?")
    assert google.only()["error.type"] == "timeout"


def test_each_request_that_continues_an_answer_is_an_operation(google: GoogleCalls) -> None:
    """Each is billed; the SDK makes one interaction of them."""
    first = interaction(status="requires_continuation", continuation_token="more")
    told = google.client(whole(first), whole(interaction())).interactions.create(model=MODEL, input="well?")
    assert isinstance(told, Interaction)
    assert told.usage is not None
    assert told.usage.total_tokens == 2 * 1_560
    assert [point.times for point in google.recorded.durations()] == [2]
    assert google.recorded.tokens() == {kind: 2 * tokens for kind, tokens in TOKENS.items()}


def test_each_stream_that_continues_another_is_an_operation(google: GoogleCalls) -> None:
    """The application reads one stream."""
    first = sse(status="requires_continuation", continuation_token="more")
    stream = google.client(first, sse()).interactions.create(model=MODEL, input="well?", stream=True)
    assert heard(stream) == "yesyes"
    assert [point.times for point in google.recorded.durations()] == [2]
    assert google.recorded.tokens() == {kind: 2 * tokens for kind, tokens in TOKENS.items()}


@pytest.mark.parametrize("forgotten", [False, True])
def test_who_stops_listening_has_had_no_error(forgotten: bool, google: GoogleCalls) -> None:
    """Whether the stream is closed or forgotten, what it costs is not known."""
    stream = google.client(sse()).interactions.create(model=MODEL, input="well?", stream=True)
    assert isinstance(stream, Stream)
    assert next(stream).event_type == "interaction.created"
    if not forgotten:
        stream.close()  # type: ignore[no-untyped-call]  # the SDK gives it no types
    del stream
    gc.collect()
    assert google.only() == google.told(**ANSWERED, **{"techsapo.usage.missing": True})


def test_vertex_ai_is_a_provider_of_its_own(google: GoogleCalls) -> None:
    """The same model may have another price there."""
    google.client(whole(interaction()), vertexai=True).interactions.create(model=MODEL, input="well?")
    missing = {"gen_ai.provider.name": "gcp.vertex_ai", "techsapo.price.missing": True}
    assert google.only() == google.told(**ANSWERED, **missing)


def test_an_agent_is_asked_in_place_of_a_model(google: GoogleCalls) -> None:
    """It has no price of its own, and the tokens are counted nevertheless."""
    agent = "deep-research-preview-04-2026"
    answer = whole(interaction(model=None, agent=agent))
    google.client(answer).interactions.create(agent=agent, input="well?")
    named = {"gen_ai.request.model": agent, "gen_ai.response.model": agent, "gen_ai.operation.name": "invoke_agent"}
    assert google.only() == google.told(**named, **{"techsapo.price.missing": True})
    assert google.recorded.tokens() == TOKENS


def test_an_interaction_in_the_background_has_no_price(google: GoogleCalls) -> None:
    """It is answered later; to look at it or to stop it asks no model."""
    resource = google.client(whole(interaction(None, status="in_progress"))).interactions
    resource.create(model=MODEL, input="well?", background=True)
    resource.get("i")
    resource.cancel("i")
    assert len(google.server.asked) == 3
    assert google.only() == google.told(**ANSWERED, **{"techsapo.usage.missing": True})


def test_the_tier_that_was_asked_for_holds_unless_the_answer_names_another(google: GoogleCalls) -> None:
    """Flex that was not to be had costs the ordinary price."""
    resource = google.client(whole(interaction()), whole(interaction(service_tier="standard"))).interactions
    resource.create(model=MODEL, input="well?", service_tier="flex")
    assert google.recorded.tiers() == {"flex"}
    resource.create(model=MODEL, input="well?", service_tier="flex")
    assert google.recorded.tiers() == {"flex", None}


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"status": "failed"}, "error"),
        ({"status": "failed", "errors": [{"code": "overloaded"}]}, "overloaded"),
        ({"event_type": "error", "error": {"code": "rate_limit_exceeded"}}, "rate_limit_exceeded"),
        ({"event_type": "interaction.completed", "interaction": {"status": "failed"}}, "error"),
        ({"event_type": "UNKNOWN", "is_unknown": True, "raw": {"event_type": "error"}}, "error"),
        ({"status": "incomplete"}, None),
        ({"status": "cancelled"}, None),
    ],
)
def test_an_error_that_comes_as_an_answer_is_one(part: object, expected: str | None) -> None:
    """Of status 200, or as an event."""
    answer = InteractionAnswer()
    answer.read(part)
    assert answer.error_type == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"input_tokens_by_modality": [{"modality": "audio", "tokens": 5}]}, "audio"),
        ({"output_tokens_by_modality": [{"modality": "image", "tokens": 5}]}, "image"),
        ({"input_tokens_by_modality": [{"modality": "image", "tokens": 5}]}, None),
        ({"input_tokens_by_modality": [{"modality": "audio", "tokens": 0}]}, None),
    ],
)
def test_tokens_with_a_price_of_their_own_are_of_a_tier_of_their_own(
    told: dict[str, object], expected: str | None
) -> None:
    """Never the price of text."""
    answer = InteractionAnswer()
    answer.read({"usage": {"total_input_tokens": 5, "total_tokens": 5, **told}})
    assert answer.usage == Usage(input=5, service_tier=expected)


@pytest.mark.parametrize(
    ("told", "untold"),
    [
        ({"total_input_tokens": 5, "total_output_tokens": 3}, ()),
        ({"total_input_tokens": 5, "total_thought_tokens": 4, "total_tokens": 9}, ()),
        ({"total_input_tokens": 5}, ("output",)),
        ({"total_input_tokens": 5, "total_tokens": 9}, ("output",)),
        ({"total_output_tokens": 4, "total_tokens": 9}, ("input",)),
    ],
)
def test_a_half_that_is_not_told_is_untold(told: dict[str, int], untold: tuple[str, ...]) -> None:
    """As in the other answers of Gemini."""
    answer = InteractionAnswer()
    answer.read({"usage": told})
    assert answer.usage is not None
    assert answer.usage.untold == untold


@given(JSON, JSON)
def test_no_json_breaks_the_reading_of_an_answer(first: object, second: object) -> None:
    """Whatever comes in whatever place; no figure is negative."""
    answer = InteractionAnswer()
    for part in (first, second):
        answer.read(part)
    usage = answer.usage
    assert usage is None or min(usage.input, usage.cache_read, usage.output) >= 0


def test_the_names_that_are_instrumented_are_there() -> None:
    """They are private to the SDK: a version that changes them is seen here first."""
    for resource in (generated.Interactions, generated.AsyncInteractions):
        assert {"request", "body_kwargs"} <= set(inspect.signature(resource.create).parameters)
    assert all("generator" in inspect.get_annotations(stream) for stream in (Stream, AsyncStream))
    with google_calls() as calls:
        asked = calls.client().interactions
        assert asked.sdk_configuration.get_server_details()[0] == calls.server.url
        assert asked._api_client.vertexai is False


def test_uninstrumenting_gives_back_what_was_there() -> None:
    """The SDK's own methods, and none of ours around them."""
    resources = (generated.Interactions, generated.AsyncInteractions)
    before = [resource.create for resource in resources]
    with google_calls():
        during = [resource.create for resource in resources]
    assert [resource.create for resource in resources] == before
    assert all(ours is not theirs for ours, theirs in zip(during, before, strict=True))
