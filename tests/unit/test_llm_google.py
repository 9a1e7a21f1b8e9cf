"""google-genai: one operation for each request that a model answers, its tokens, and errors as what they are."""

import asyncio
from collections.abc import Iterator

import pytest
from google.genai import errors, types

from tests.support.google_calls import ANSWER, MODEL, TOKENS, USAGE, GoogleCalls, google_calls, part
from tests.support.scripted_server import Scripted, whole

LIMITED = whole({"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}}, 429, retry_after="1")


@pytest.fixture
def google() -> Iterator[GoogleCalls]:
    """The SDK, instrumented, and a server that the test scripts."""
    with google_calls() as calls:
        yield calls


def test_an_answer_is_one_operation_with_its_tokens(google: GoogleCalls) -> None:
    """Cached tokens are part of the prompt, those of tools are not; thoughts are output."""
    answer = google.client(whole(ANSWER)).models.generate_content(model=MODEL, contents="well?")
    assert (answer.text, type(answer)) == ("yes", types.GenerateContentResponse)
    assert (google.only(), google.recorded.tokens()) == (google.told(), TOKENS)


def test_an_asynchronous_answer_is_one_too(google: GoogleCalls) -> None:
    """However the model is named: with its path or without."""
    asked = google.client(whole(ANSWER)).aio.models.generate_content(model=f"models/{MODEL}", contents="well?")
    assert asyncio.run(asked).text == "yes"
    assert (google.only(), google.recorded.tokens()) == (google.told(), TOKENS)


def test_a_chat_sends_an_operation_for_each_message(google: GoogleCalls) -> None:
    """Chats go through the same requests."""
    chat = google.client(whole(ANSWER)).chats.create(model=MODEL)
    assert [chat.send_message("well?").text, chat.send_message("sure?").text] == ["yes", "yes"]
    assert [point.times for point in google.recorded.durations()] == [2]


def test_each_request_of_automatic_function_calling_is_an_operation(google: GoogleCalls) -> None:
    """The SDK calls the function and asks again: two answers, both paid for."""

    def weather(city: str) -> str:
        """Tell the weather."""
        return f"sun in {city}"

    call = part("", USAGE, "STOP")
    called = {"functionCall": {"name": "weather", "args": {"city": "Rome"}}}
    call["candidates"] = [{"content": {"role": "model", "parts": [called]}}]
    models = google.client(whole(call), whole(ANSWER)).models
    config = types.GenerateContentConfig(tools=[weather])
    assert models.generate_content(model=MODEL, contents="weather?", config=config).text == "yes"
    assert [point.times for point in google.recorded.durations()] == [2]
    assert google.recorded.tokens() == {kind: 2 * tokens for kind, tokens in TOKENS.items()}


def test_vertex_ai_is_a_provider_of_its_own(google: GoogleCalls) -> None:
    """The same model may have another price there; what it tells of the traffic is its tier."""
    body = {**ANSWER, "usageMetadata": {**USAGE, "trafficType": "ON_DEMAND_FLEX"}}
    google.client(whole(body), vertexai=True).models.generate_content(model=MODEL, contents="well?")
    assert google.only().items() >= google.told(**{"gen_ai.provider.name": "gcp.vertex_ai"}).items()
    assert google.recorded.tokens() == TOKENS
    assert google.recorded.tiers() == {"flex"}


def test_what_asks_no_model_to_answer_is_no_operation(google: GoogleCalls) -> None:
    """Counting tokens and looking a model up cost nothing."""
    models = google.client(whole({"totalTokens": 3, "name": "models/x"})).models
    models.count_tokens(model=MODEL, contents="well?")
    models.get(model=MODEL)
    assert (len(google.server.asked), google.recorded.durations()) == (2, [])


def test_retries_are_part_of_the_operation(google: GoogleCalls) -> None:
    """Two refusals that the SDK answers by itself, then an answer: one success."""
    models = google.client(LIMITED, LIMITED, whole(ANSWER), attempts=3).models
    models.generate_content(model=MODEL, contents="well?")
    assert (len(google.server.asked), google.only()) == (3, google.told())


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_a_refusal_is_told_by_its_status(status: int, google: GoogleCalls) -> None:
    """Nothing was answered, nothing is missing; the application gets the SDK's own error."""
    models = google.client(whole({"error": {"code": status, "message": "no"}}, status)).models
    with pytest.raises(errors.APIError) as caught:
        models.generate_content(model=MODEL, contents="well?")
    expected = google.told(**{"gen_ai.response.model": None, "error.type": str(status)})
    assert (caught.value.code, google.only(), google.recorded.tokens()) == (status, expected, {})


def test_a_provider_that_does_not_answer_is_a_timeout(google: GoogleCalls) -> None:
    """The HTTP client gives up, under whatever name."""
    models = google.client(Scripted(silent=True), timeout=100).models
    with pytest.raises(Exception, match="timed out"):
        models.generate_content(model=MODEL, contents="well?")
    assert google.only()["error.type"] == "timeout"


def test_an_answer_that_is_no_json_is_an_error(google: GoogleCalls) -> None:
    """The application gets the SDK's error, and so does the figure."""
    models = google.client(Scripted([b'{"candidates": ['])).models
    with pytest.raises(ValueError, match="Expecting value"):
        models.generate_content(model=MODEL, contents="well?")
    assert google.only()["error.type"] == "JSONDecodeError"


def test_an_answer_without_usage_says_so(google: GoogleCalls) -> None:
    """It has no price then; a silent 0 would hide it."""
    google.client(whole(part("yes"))).models.generate_content(model=MODEL, contents="well?")
    assert google.only() == google.told(**{"techsapo.usage.missing": True})


def test_a_call_that_is_cancelled_says_so(google: GoogleCalls) -> None:
    """The task was stopped; neither provider nor model failed."""
    models = google.client(Scripted(silent=True)).aio.models

    async def cancelled() -> None:
        task = asyncio.create_task(models.generate_content(model=MODEL, contents="well?"))
        await asyncio.to_thread(google.server.was_asked.wait, 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert google.only()["error.type"] == "CancelledError"


def test_the_tier_that_was_asked_for_holds_unless_the_answer_names_another(google: GoogleCalls) -> None:
    """Priority that fell back to the ordinary tier costs the ordinary price."""
    models = google.client(whole(ANSWER), whole(ANSWER, x_gemini_service_tier="standard")).models
    config = types.GenerateContentConfig(service_tier=types.ServiceTier.PRIORITY)
    models.generate_content(model=MODEL, contents="well?", config=config)
    assert google.recorded.tiers() == {"priority"}
    models.generate_content(model=MODEL, contents="well?", config=config)
    assert google.recorded.tiers() == {"priority", None}


def test_embeddings_are_operations_with_the_tokens_of_their_prompt(google: GoogleCalls) -> None:
    """The Gemini API tells usage for the batch, Vertex AI for each prediction."""
    told = {"embeddings": [{"values": [0.5]}], "usageMetadata": {"promptTokenCount": 7}}
    answer = google.client(whole(told)).models.embed_content(model="gemini-embedding-001", contents=["well?"])
    assert answer.embeddings is not None
    attributes = google.only()
    assert (attributes["gen_ai.operation.name"], attributes["gen_ai.request.model"]) == (
        "embeddings",
        "gemini-embedding-001",
    )
    assert google.recorded.tokens() == {"input": 7}


def test_embeddings_of_vertex_ai_tell_their_tokens_one_by_one(google: GoogleCalls) -> None:
    """What it predicts are embeddings where contents were sent."""
    one = {"embeddings": {"values": [0.5], "statistics": {"token_count": 4, "truncated": False}}}
    models = google.client(whole({"predictions": [one, one]}), vertexai=True).models
    models.embed_content(model="text-embedding-005", contents=["well?", "sure?"])
    assert google.only()["gen_ai.operation.name"] == "embeddings"
    assert google.recorded.tokens() == {"input": 8}
