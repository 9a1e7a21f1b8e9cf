"""The stubs speak as the providers do: the SDKs, with nothing of ours in them, understand all that they say."""

from collections.abc import Iterator

import anthropic
import openai
import pytest
from google import genai

from tests.support.providers import Providers, Reply, Tokens
from tests.support.providers.script import pieces_of
from tests.support.providers.sdks import Sdks
from tests.support.providers.surface import QUESTION, VERDICT, Surface
from tests.support.providers.surfaces import SURFACES

MANY = Tokens(fresh=7_001, cached=302, answer=43, reasoning=64)
TEXT = "Das hängt ab: 東京."
# What these return is the text or what was in it, without the rest of the answer.
TEXT_ONLY = ("messages, helper's text", "generate, parse")
STREAMS = [surface for surface in SURFACES if surface.streams]
PROVIDERS = ("openai", "openrouter", "anthropic", "gcp.gemini")
# One way to ask each provider.
ONE_EACH = [next(surface for surface in SURFACES if surface.provider == provider) for provider in PROVIDERS]
RAISED = {
    400: ("BadRequestError", "BadRequestError", "ClientError"),
    401: ("AuthenticationError", "AuthenticationError", "ClientError"),
    404: ("NotFoundError", "NotFoundError", "ClientError"),
    429: ("RateLimitError", "RateLimitError", "ClientError"),
    500: ("InternalServerError", "InternalServerError", "ServerError"),
    503: ("InternalServerError", "ServiceUnavailableError", "ServerError"),
    529: ("InternalServerError", "OverloadedError", "ServerError"),
}
ERRORS = (openai.APIError, anthropic.APIError, genai.errors.APIError)


def by_name(surface: Surface) -> str:
    """What pytest shows."""
    return f"{surface.provider}: {surface.name}"


@pytest.fixture(scope="module")
def strict(stub: Providers) -> Iterator[Sdks]:
    """SDKs that refuse what is not what their types say."""
    sdks = Sdks(stub.url, strict=True)
    yield sdks
    sdks.close()


def leaves(told: object) -> Iterator[object]:
    """Give all that is no list and no mapping in what an application got."""
    if isinstance(told, list | dict):
        for inner in told.values() if isinstance(told, dict) else told:
            yield from leaves(inner)
    else:
        yield told


@pytest.mark.parametrize("surface", SURFACES, ids=by_name)
def test_an_answer_is_what_the_sdk_expects(stub: Providers, strict: Sdks, surface: Surface) -> None:
    """Its types hold, the tokens and the text come through, and the stub knows what it was asked and has told."""
    reply = Reply(tokens=MANY, text=VERDICT.model_dump_json() if surface.parses else TEXT)
    stub.queue(reply)
    found = list(leaves(surface.ask(strict, "a-model")))
    (asked,) = stub.asked
    assert (asked.provider, asked.model, asked.streams) == (surface.provider, "a-model", surface.streams)
    assert QUESTION in repr(asked.body)
    assert any(name in asked.headers for name in ("authorization", "x-api-key", "x-goog-api-key"))
    assert asked.told in (MANY, Tokens(fresh=MANY.prompt), None)
    if asked.told is not None and surface.name not in TEXT_ONLY:
        assert {MANY.prompt, MANY.fresh} & set(found)
    if not surface.embeds:
        assert reply.text in found or True in found or set(pieces_of(reply.text)) <= set(found)


@pytest.mark.parametrize("surface", STREAMS, ids=by_name)
def test_a_stream_may_come_in_pieces_of_any_size(stub: Providers, strict: Sdks, surface: Surface) -> None:
    """A character beyond ASCII is cut in the midst, then, and so is every event."""
    text = VERDICT.model_dump_json() if surface.parses else TEXT
    stub.queue(Reply(text=text))
    at_once = surface.ask(strict, "a-model")
    stub.queue(Reply(text=text, bytes_at_once=3))
    assert surface.ask(strict, "a-model") == at_once


@pytest.mark.parametrize("surface", ONE_EACH, ids=by_name)
@pytest.mark.parametrize("status", RAISED)
def test_a_refusal_is_the_sdks_own_error(stub: Providers, strict: Sdks, surface: Surface, status: int) -> None:
    """With the provider's own words in it."""
    stub.queue(Reply(status=status))
    with pytest.raises(ERRORS) as raised:
        surface.ask(strict, "a-model")
    expected = dict(zip(("openai", "anthropic", "gcp.gemini"), RAISED[status], strict=True))
    assert type(raised.value).__name__ == expected.get(surface.provider, expected["openai"])
    assert str(status) in str(raised.value)
    assert len(stub.asked) == 1


def test_openrouter_is_asked_under_its_own_name(stub: Providers, strict: Sdks) -> None:
    """And tells what it takes itself for to have cost."""
    stub.queue(Reply())
    completion = strict.gpt("openrouter").chat.completions.create(model="a-model", messages=[])
    assert stub.asked[0].headers["host"] == "openrouter.ai"
    assert completion.usage is not None
    assert completion.usage.model_extra is not None
    assert completion.usage.model_extra["cost"] > 0


@pytest.mark.parametrize("surface", ONE_EACH, ids=by_name)
def test_sdks_ask_again_as_they_are_told(stub: Providers, strict: Sdks, surface: Surface) -> None:
    """The stub sees each attempt; what it was told to answer it answers in turn."""
    strict.retries = 2
    again = Reply(status=429, headers={"retry-after": "0.001", "retry-after-ms": "1"})
    try:
        stub.queue(again, again, Reply())
        surface.ask(strict, "a-model")
    finally:
        strict.retries = 0
    assert [asked.reply.status for asked in stub.asked] == [429, 429, 200]
