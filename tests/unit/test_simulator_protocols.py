"""The real SDKs and the simulated providers: whole answers, streams, failures, and what was counted."""

from collections.abc import Callable, Iterator

import anthropic
import httpx2
import openai
import pytest
from anthropic.types import MessageParam
from google import genai
from google.genai import errors, types
from openai.types.chat import ChatCompletionMessageParam

from app_integration.simulator import PROVIDERS, UNPRICED_MODEL, Behaviour, Simulator, running, tokens, verdict
from tests.support import wait
from tests.support.simulated import served, told

QUESTION = "what should we do?"
TO_OPENAI: list[ChatCompletionMessageParam] = [{"role": "user", "content": QUESTION}]
TO_ANTHROPIC: list[MessageParam] = [{"role": "user", "content": QUESTION}]
SONNET = "claude-sonnet-4-20250514"
GEMINI = "gemini-2.5-pro"
DEEPSEEK = "deepseek/deepseek-v3.2"
AT_ONCE = Behaviour(latency_seconds=0, latency_spread_seconds=0)


@pytest.fixture
def simulator() -> Simulator:
    """Providers that answer at once."""
    return Simulator(dict.fromkeys(PROVIDERS, AT_ONCE))


@pytest.fixture
def url(simulator: Simulator) -> Iterator[str]:
    """Where they are."""
    with running(simulator) as address:
        yield address


@pytest.fixture
def openai_client(url: str) -> Iterator[openai.OpenAI]:
    """OpenAI's client at the simulator."""
    with openai.OpenAI(api_key="none", base_url=f"{url}/openai/v1", max_retries=0, timeout=0.5) as client:
        yield client


@pytest.fixture
def anthropic_client(url: str) -> Iterator[anthropic.Anthropic]:
    """Anthropic's client at the simulator."""
    with anthropic.Anthropic(api_key="none", base_url=f"{url}/anthropic", max_retries=0, timeout=0.5) as client:
        yield client


@pytest.fixture
def gemini_client(url: str) -> Iterator[genai.Client]:
    """Google's client at the simulator."""
    options = types.HttpOptions(base_url=f"{url}/gemini", timeout=500)
    with genai.Client(api_key="none", http_options=options) as client:
        yield client


def test_openai_answers_whole_and_streamed(openai_client: openai.OpenAI, url: str) -> None:
    """Both have the same text and usage; reasoning is part of what is completed."""
    whole = openai_client.chat.completions.create(model="gpt-5", messages=TO_OPENAI)
    streamed = list(
        openai_client.chat.completions.create(
            model="gpt-5", messages=TO_OPENAI, stream=True, stream_options={"include_usage": True}
        )
    )
    text = verdict(1, QUESTION, "openai", 1, 0.05)
    output = tokens(text)
    assert text == whole.choices[0].message.content
    assert text == "".join(chunk.choices[0].delta.content or "" for chunk in streamed if chunk.choices)
    assert whole.usage is not None
    assert whole.usage == streamed[-1].usage
    assert (5, 3 * output) == (whole.usage.prompt_tokens, whole.usage.completion_tokens)
    expected = served("openai", "gpt-5", "success", 2, input=10, output=6 * output, reasoning=4 * output)
    assert [expected] == told(url, "openai")


def test_openrouter_answers_at_its_own_address(url: str) -> None:
    """It is OpenAI's protocol, and another provider's figures; this model does not reason."""
    with openai.OpenAI(api_key="none", base_url=f"{url}/openrouter/api/v1", max_retries=0) as client:
        answer = client.chat.completions.create(model=DEEPSEEK, messages=TO_OPENAI)
    text = verdict(1, QUESTION, "openrouter", 1, 0.05)
    assert text == answer.choices[0].message.content
    assert [served("openrouter", DEEPSEEK, "success", 1, input=5, output=tokens(text))] == told(url, "openrouter")
    assert [] == told(url, "openai")


def test_anthropic_answers_whole_and_streamed(anthropic_client: anthropic.Anthropic, url: str) -> None:
    """A message is the same whether it comes at once or piece by piece."""
    whole = anthropic_client.messages.create(model=SONNET, max_tokens=99, messages=TO_ANTHROPIC)
    with anthropic_client.messages.stream(model=SONNET, max_tokens=99, messages=TO_ANTHROPIC) as stream:
        streamed = stream.get_final_message()
    text = verdict(1, QUESTION, "anthropic", 1, 0.05)
    for message in (whole, streamed):
        assert [text] == [block.text for block in message.content if block.type == "text"]
        assert (5, tokens(text)) == (message.usage.input_tokens, message.usage.output_tokens)
    assert [served("anthropic", SONNET, "success", 2, input=10, output=2 * tokens(text))] == told(url, "anthropic")


def test_gemini_answers_whole_and_streamed(gemini_client: genai.Client, url: str) -> None:
    """Thoughts are counted beside the answer, and paid for like it."""
    whole = gemini_client.models.generate_content(model=GEMINI, contents=QUESTION)
    streamed = list(gemini_client.models.generate_content_stream(model=GEMINI, contents=QUESTION))
    text = verdict(1, QUESTION, "gcp.gemini", 1, 0.05)
    output = tokens(text)
    assert (text, text) == (whole.text, "".join(chunk.text or "" for chunk in streamed))
    for usage in (whole.usage_metadata, streamed[-1].usage_metadata):
        assert usage is not None
        assert (5, output, 2 * output) == (
            usage.prompt_token_count,
            usage.candidates_token_count,
            usage.thoughts_token_count,
        )
    expected = served("gcp.gemini", GEMINI, "success", 2, input=10, output=6 * output, reasoning=4 * output)
    assert [expected] == told(url, "gcp.gemini")


def test_a_conversation_is_counted_whole_and_its_turns_told_apart(
    openai_client: openai.OpenAI, simulator: Simulator
) -> None:
    """Instructions and earlier turns are part of the input; a second question of the user's is a second turn."""
    simulator.behaviour["openai"] = AT_ONCE.changed({"disagreement": 1.0})
    messages: list[ChatCompletionMessageParam] = [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": "nothing"},
        {"role": "user", "content": [{"type": "text", "text": "sure"}, {"type": "text", "text": "?"}]},
    ]
    answer = openai_client.chat.completions.create(model="gpt-5", messages=messages)
    assert verdict(1, QUESTION, "openai", 2, 1.0) == answer.choices[0].message.content
    assert answer.usage is not None
    assert tokens(f"be brief\n{QUESTION}\nnothing\nsure?") == answer.usage.prompt_tokens


def test_what_was_in_the_cache_is_part_of_the_input(
    openai_client: openai.OpenAI,
    anthropic_client: anthropic.Anthropic,
    gemini_client: genai.Client,
    simulator: Simulator,
    url: str,
) -> None:
    """Each protocol tells it in its way; the statistics have parts that do not overlap."""
    for provider in PROVIDERS:
        simulator.behaviour[provider] = AT_ONCE.changed({"cached_share": 0.5})
    first = openai_client.chat.completions.create(model="gpt-5", messages=TO_OPENAI).usage
    second = anthropic_client.messages.create(model=SONNET, max_tokens=99, messages=TO_ANTHROPIC).usage
    third = gemini_client.models.generate_content(model=GEMINI, contents=QUESTION).usage_metadata
    assert first is not None
    assert first.prompt_tokens_details is not None
    assert third is not None
    assert (5, 2) == (first.prompt_tokens, first.prompt_tokens_details.cached_tokens)
    assert (3, 2) == (second.input_tokens, second.cache_read_input_tokens)
    assert (5, 2) == (third.prompt_token_count, third.cached_content_token_count)
    for provider in ("openai", "anthropic", "gcp.gemini"):
        assert [(3, 2)] == [(row["input"], row["cache_read"]) for row in told(url, provider)]


def test_an_unpriced_provider_answers_with_a_model_that_nobody_knows(
    openai_client: openai.OpenAI, simulator: Simulator, url: str
) -> None:
    """It is not the one that was asked for."""
    simulator.behaviour["openai"] = AT_ONCE.changed({"unpriced": True})
    assert UNPRICED_MODEL == openai_client.chat.completions.create(model="gpt-5", messages=TO_OPENAI).model
    assert [("gpt-5", UNPRICED_MODEL)] == [(row["model"], row["response_model"]) for row in told(url, "openai")]


@pytest.mark.parametrize(
    ("field", "outcome", "raised"),
    [
        ("error_rate", "error", (openai.InternalServerError, anthropic.InternalServerError, errors.ServerError)),
        ("rate_limited_rate", "rate_limited", (openai.RateLimitError, anthropic.RateLimitError, errors.ClientError)),
        ("timeout_rate", "timeout", (openai.APITimeoutError, anthropic.APITimeoutError, httpx2.TimeoutException)),
    ],
)
def test_failures_are_what_the_sdks_take_them_for(
    field: str,
    outcome: str,
    raised: tuple[type[Exception], type[Exception], type[Exception]],
    openai_client: openai.OpenAI,
    anthropic_client: anthropic.Anthropic,
    gemini_client: genai.Client,
    simulator: Simulator,
    url: str,
) -> None:
    """Each SDK raises its own exception for it, and the call is counted by its outcome."""
    for provider in PROVIDERS:
        simulator.behaviour[provider] = AT_ONCE.changed({field: 1.0})
    calls: tuple[Callable[[], object], ...] = (
        lambda: openai_client.chat.completions.create(model="gpt-5", messages=TO_OPENAI),
        lambda: anthropic_client.messages.create(model=SONNET, max_tokens=99, messages=TO_ANTHROPIC),
        lambda: gemini_client.models.generate_content(model=GEMINI, contents=QUESTION),
    )
    for call, expected in zip(calls, raised, strict=True):
        with pytest.raises(expected):
            call()
    for provider, model in (("openai", "gpt-5"), ("anthropic", SONNET), ("gcp.gemini", GEMINI)):
        assert [served(provider, model, outcome, 1)] == told(url, provider)


def test_a_stream_breaks_off_in_the_middle(
    openai_client: openai.OpenAI, anthropic_client: anthropic.Anthropic, simulator: Simulator, url: str
) -> None:
    """Part of the answer has come; of the tokens only Anthropic has told some by then."""
    for provider in PROVIDERS:
        simulator.behaviour[provider] = AT_ONCE.changed({"cut_stream_rate": 1.0, "cached_share": 0.5})
    got: list[str] = []

    def of_openai() -> None:
        for chunk in openai_client.chat.completions.create(model="gpt-5", messages=TO_OPENAI, stream=True):
            got.append(chunk.choices[0].delta.content or "")  # noqa: PERF401  # what came before the error is kept

    def of_anthropic() -> None:
        with anthropic_client.messages.stream(model=SONNET, max_tokens=99, messages=TO_ANTHROPIC) as stream:
            stream.get_final_message()

    with pytest.raises(openai.APIConnectionError):
        of_openai()
    with pytest.raises((httpx2.RemoteProtocolError, anthropic.APIConnectionError)):
        of_anthropic()
    text = verdict(1, QUESTION, "openai", 1, 0.05)
    assert text.startswith("".join(got))
    assert 0 < len("".join(got)) < len(text)
    assert [served("openai", "gpt-5", "cut", 1)] == told(url, "openai")
    assert [served("anthropic", SONNET, "cut", 1, input=3, cache_read=2, output=1)] == told(url, "anthropic")


def test_who_does_not_wait_for_an_answer_is_not_charged(
    openai_client: openai.OpenAI, simulator: Simulator, url: str
) -> None:
    """A call that was given up in the meantime has left."""
    simulator.behaviour["openai"] = AT_ONCE.changed({"latency_seconds": 30.0})
    with pytest.raises(openai.APITimeoutError):
        openai_client.with_options(timeout=0.05).chat.completions.create(model="gpt-5", messages=TO_OPENAI)
    wait.until(lambda: told(url, "openai"), 5, "the end of the call")
    assert [served("openai", "gpt-5", "left", 1)] == told(url, "openai")


def test_what_is_no_request_is_refused(openai_client: openai.OpenAI, url: str) -> None:
    """As the provider would: with a 400 in its own form."""
    with pytest.raises(openai.BadRequestError):
        openai_client.post("/chat/completions", cast_to=object, body={"model": "gpt-5"})
    assert [{"provider": "openai", "outcome": "invalid", "calls": 1}] == told(url, "openai")
