"""Whatever an answer looks like, the application gets what it would get without the instrumentation."""

import inspect
import json
from collections.abc import Iterator

import pytest
from google.genai import types
from google.genai._api_client import BaseApiClient
from hypothesis import given
from hypothesis import strategies as st

from app_integration.llm.google_answers import Answer, operation_of
from app_integration.llm.google_genai import GoogleGenAiInstrumentor
from app_integration.llm.usage import Usage
from tests.support.google_calls import ANSWER, MODEL, USAGE, GoogleCalls, google_calls
from tests.support.scripted_server import whole

METHODS = ("request", "async_request", "request_streamed", "async_request_streamed")
FIELDS = st.sampled_from([*USAGE, "modelVersion", "usageMetadata", "predictions", "promptTokensDetails", "serviceTier"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(FIELDS, inner, max_size=4), max_leaves=12
)
STRANGE = [
    [],
    [1],
    "text",
    None,
    {**ANSWER, "usageMetadata": "none"},
    {**ANSWER, "usageMetadata": {"promptTokenCount": "many"}},
    {**ANSWER, "usageMetadata": {"promptTokenCount": -5, "cachedContentTokenCount": 3}},
    {**ANSWER, "modelVersion": 5},
    {**ANSWER, "predictions": [1]},
    {},
]


@pytest.fixture
def google() -> Iterator[GoogleCalls]:
    """The SDK, instrumented, and a server that the test scripts."""
    with google_calls() as calls:
        yield calls


def outcome(google: GoogleCalls, body: object) -> str:
    """Ask, and return what came of it."""
    models = google.client(whole(body)).models
    try:
        answer = models.generate_content(model=MODEL, contents="well?")
    except Exception as error:  # noqa: BLE001  # what the SDK raises of a strange answer is what is compared
        return f"{type(error)}: {error}"
    return answer.model_dump_json(exclude={"sdk_http_response"})


@pytest.mark.parametrize("body", STRANGE)
def test_a_strange_answer_is_for_the_application_what_it_was(body: object, google: GoogleCalls) -> None:
    """The same value or the same error as without; and one operation is recorded."""
    instrumented = outcome(google, body)
    assert [point.times for point in google.recorded.durations()] == [1]
    GoogleGenAiInstrumentor().uninstrument()
    assert outcome(google, body) == instrumented


@given(JSON, JSON)
def test_no_json_breaks_the_reading_of_an_answer(first: object, second: object) -> None:
    """Whatever comes in whatever place; no figure is negative."""
    answer = Answer(None)
    for body in (first, second):
        answer.read(json.dumps(body), {"x": "y"})
    usage = answer.usage
    assert usage is None or min(usage.input, usage.cache_read, usage.output) >= 0


@pytest.mark.parametrize(
    ("details", "tier"),
    [
        ({"promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 5}]}, "audio"),
        ({"candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 5}]}, "image"),
        ({"promptTokensDetails": [{"modality": "IMAGE", "tokenCount": 5}]}, None),
        ({"promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 0}]}, None),
        ({"serviceTier": "flex"}, "flex"),
        ({"serviceTier": "STANDARD"}, None),
        ({"trafficType": "ON_DEMAND"}, None),
        ({"trafficType": "PROVISIONED_THROUGHPUT"}, "provisioned_throughput"),
    ],
)
def test_tokens_with_a_price_of_their_own_are_of_a_tier_of_their_own(
    details: dict[str, object], tier: str | None
) -> None:
    """Spoken prompts cost more than written ones on the Flash models: never the price of text."""
    answer = Answer(None)
    answer.read(json.dumps({"usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 5, **details}}), {})
    assert answer.usage == Usage(input=5, service_tier=tier)


@pytest.mark.parametrize(
    ("told", "untold"),
    [
        ({"promptTokenCount": 5, "candidatesTokenCount": 3}, ()),
        ({"promptTokenCount": 5, "totalTokenCount": 5}, ()),
        ({"promptTokenCount": 5, "thoughtsTokenCount": 4, "totalTokenCount": 9}, ()),
        ({"promptTokenCount": 5}, ("output",)),
        ({"promptTokenCount": 5, "totalTokenCount": 9}, ("output",)),
        ({"candidatesTokenCount": 4, "totalTokenCount": 9}, ("input",)),
        ({"totalTokenCount": 9}, ("input", "output")),
    ],
)
def test_a_half_that_is_not_told_is_untold(told: dict[str, int], untold: tuple[str, ...]) -> None:
    """The API leaves a 0 out: a total that the others make up says so."""
    answer = Answer(None)
    answer.read(json.dumps({"usageMetadata": told}), {})
    assert answer.usage is not None
    assert answer.usage.untold == untold


@pytest.mark.parametrize(
    ("path", "request_body", "found"),
    [
        ("models/gemini-2.5-pro:generateContent", {}, ("generate_content", "gemini-2.5-pro")),
        ("models/gemini-2.5-pro:streamGenerateContent?alt=sse", {}, ("generate_content", "gemini-2.5-pro")),
        ("publishers/google/models/gemini-2.5-pro:generateContent", {}, ("generate_content", "gemini-2.5-pro")),
        ("projects/p/locations/l/endpoints/77:generateContent", {}, ("generate_content", "77")),
        ("tunedModels/ours:generateContent", {}, ("generate_content", "ours")),
        ("models/gemini-embedding-001:batchEmbedContents", {}, ("embeddings", "gemini-embedding-001")),
        ("models/text-embedding-005:predict", {"instances": [{"content": "a"}]}, ("embeddings", "text-embedding-005")),
        ("models/imagen-4:predict", {"instances": [{"prompt": "a"}]}, None),
        ("models/gemini-2.5-pro:countTokens", {}, None),
        ("models", {}, None),
        ("", {}, None),
    ],
)
def test_an_operation_is_known_by_its_path(
    path: str, request_body: dict[str, object], found: tuple[str, str] | None
) -> None:
    """Method and model stand in it."""
    assert operation_of(path, request_body) == found


def test_wrong_arguments_are_the_sdks_to_refuse(google: GoogleCalls) -> None:
    """A request that cannot be read is handed on as it is."""
    with pytest.raises(TypeError, match="missing 2 required positional arguments"):
        google.client()._api_client.request("post")  # type: ignore[call-arg]  # that is the point


def test_the_names_that_are_instrumented_are_there() -> None:
    """They are private to the SDK: a version that changes them is seen here first."""
    expected = ["self", "http_method", "path", "request_dict", "http_options"]
    for name in METHODS:
        assert list(inspect.signature(getattr(BaseApiClient, name)).parameters) == expected
    assert inspect.isgeneratorfunction(BaseApiClient.request_streamed)
    with google_calls() as calls:
        client = calls.client()._api_client
        assert (client.vertexai, client._http_options.base_url) == (False, calls.server.url)


def test_uninstrumenting_gives_back_what_was_there() -> None:
    """The SDK's own methods, and none of ours around them."""
    before = [getattr(BaseApiClient, name) for name in METHODS]
    with google_calls():
        during = [getattr(BaseApiClient, name) for name in METHODS]
    assert [getattr(BaseApiClient, name) for name in METHODS] == before
    assert all(ours is not theirs for ours, theirs in zip(during, before, strict=True))


def test_an_address_that_is_given_for_one_request_is_the_one_recorded(google: GoogleCalls) -> None:
    """`http_options` of a request go before those of the client."""
    client = google.client(whole(ANSWER))
    client._api_client._http_options.base_url = "http://nowhere.invalid"
    config = types.GenerateContentConfig(http_options=types.HttpOptions(base_url=google.server.url))
    client.models.generate_content(model=MODEL, contents="well?", config=config)
    assert google.only() == google.told()
