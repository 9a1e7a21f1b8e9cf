"""An answer that is not what the application asked to have made of it is paid for: its tokens are told all the same."""

import asyncio
from collections.abc import Callable, Iterator

import openai
import pydantic
import pytest

from tests.support.scripted_server import Scripted, whole
from tests.support.stainless_calls import (
    ASK_CLAUDE,
    ASK_GPT,
    CLAUDE,
    GPT,
    OF_ANTHROPIC,
    OF_OPENAI,
    SdkCalls,
    chat,
    message,
    response,
    sdk_calls,
)


class Wanted(pydantic.BaseModel):
    """What no answer here is."""

    verdict: int


@pytest.fixture
def calls() -> Iterator[SdkCalls]:
    """Both SDKs, instrumented, and a server that the test scripts."""
    with sdk_calls() as made:
        yield made


def _chat(calls: SdkCalls) -> object:
    return calls.gpt().chat.completions.parse(model=GPT, messages=ASK_GPT, response_format=Wanted)


def _chat_async(calls: SdkCalls) -> object:
    return asyncio.run(
        calls.gpt_async().chat.completions.parse(model=GPT, messages=ASK_GPT, response_format=Wanted),
    )


def _responses(calls: SdkCalls) -> object:
    return calls.gpt().responses.parse(model=GPT, input="well?", text_format=Wanted)


def _responses_async(calls: SdkCalls) -> object:
    return asyncio.run(calls.gpt_async().responses.parse(model=GPT, input="well?", text_format=Wanted))


def _messages(calls: SdkCalls) -> object:
    client = calls.claude()
    return client.messages.parse(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE, output_format=Wanted)


def _messages_async(calls: SdkCalls) -> object:
    client = calls.claude_async()
    return asyncio.run(
        client.messages.parse(model=CLAUDE, max_tokens=9, messages=ASK_CLAUDE, output_format=Wanted),
    )


def _ended(reason: str, usage: bool = True) -> Scripted:
    told = chat() if usage else chat(None)
    choices = told["choices"]
    assert isinstance(choices, list)
    choices[0]["finish_reason"] = reason
    return whole(told)


Ask = Callable[[SdkCalls], object]
UNPARSED = [
    (_chat, whole(chat()), pydantic.ValidationError, OF_OPENAI),
    (_chat, _ended("length"), openai.LengthFinishReasonError, OF_OPENAI),
    (_chat, _ended("content_filter"), openai.ContentFilterFinishReasonError, OF_OPENAI),
    (_chat_async, whole(chat()), pydantic.ValidationError, OF_OPENAI),
    (_chat_async, _ended("length"), openai.LengthFinishReasonError, OF_OPENAI),
    (_responses, whole(response()), pydantic.ValidationError, OF_OPENAI),
    (_responses_async, whole(response()), pydantic.ValidationError, OF_OPENAI),
    (_messages, whole(message()), pydantic.ValidationError, OF_ANTHROPIC),
    (_messages_async, whole(message()), pydantic.ValidationError, OF_ANTHROPIC),
]


@pytest.mark.parametrize(
    ("ask", "answer", "raised", "tokens"),
    UNPARSED,
    ids=[f"{ask.__name__.lstrip('_')}-{raised.__name__}" for ask, _, raised, _ in UNPARSED],
)
def test_an_answer_that_cannot_be_parsed_has_its_tokens(
    calls: SdkCalls, ask: Ask, answer: Scripted, raised: type[Exception], tokens: dict[str, int]
) -> None:
    """The call is the error that the SDK raises of it; what the answer cost is told as of any other."""
    calls.server.script = [answer]
    with pytest.raises(raised):
        ask(calls)
    assert (calls.only()["error.type"], calls.recorded.tokens()) == (raised.__qualname__, tokens)
    assert "gen_ai.response.model" in calls.only()
    assert "techsapo.usage.missing" not in calls.only()


def test_one_that_tells_no_tokens_either_is_marked(calls: SdkCalls) -> None:
    """It has come and is paid for: never as free."""
    calls.server.script = [_ended("length", usage=False)]
    with pytest.raises(openai.LengthFinishReasonError):
        _chat(calls)
    assert (calls.only()["techsapo.usage.missing"], calls.recorded.tokens()) == (True, {})


def test_what_is_parsed_is_what_it_would_be(calls: SdkCalls) -> None:
    """The application gets its own object, of the answer that the SDK read."""
    told = chat()
    choices = told["choices"]
    assert isinstance(choices, list)
    choices[0]["message"]["content"] = '{"verdict": 7}'
    calls.server.script = [whole(told)]
    found = calls.gpt().chat.completions.parse(model=GPT, messages=ASK_GPT, response_format=Wanted)
    assert found.choices[0].message.parsed == Wanted(verdict=7)
    assert ("error.type" in calls.only(), calls.recorded.tokens()) == (False, OF_OPENAI)
