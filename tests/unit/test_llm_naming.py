"""Which provider a client speaks to."""

import logging
import traceback

import anthropic
import openai
import pytest
from anthropic.lib.google_cloud import AnthropicGoogleCloud

from app_integration.llm import naming
from app_integration.llm.naming import name_provider, provider_of

HOME = "https://gateway.example.com/v1"


@pytest.fixture(autouse=True)
def _unnamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "_named", {})


def client(kind: type) -> object:
    """A client of a class, without what it needs to speak to anybody."""
    return object.__new__(kind)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (openai.OpenAI, "openai"),
        (openai.AsyncOpenAI, "openai"),
        (openai.AzureOpenAI, "azure.ai.openai"),
        (openai.AsyncAzureOpenAI, "azure.ai.openai"),
        (openai.BedrockOpenAI, "aws.bedrock"),
        (type("Own", (openai.AzureOpenAI,), {}), "azure.ai.openai"),
    ],
)
def test_openais_clients_name_their_provider(kind: type, expected: str) -> None:
    """By their class, an application's own subclass included."""
    assert provider_of(client(kind), HOME, "openai") == expected


@pytest.mark.parametrize(
    "kind",
    [
        anthropic.Anthropic,
        anthropic.AsyncAnthropic,
        anthropic.AnthropicBedrock,
        anthropic.AsyncAnthropicBedrock,
        anthropic.AnthropicBedrockMantle,
        anthropic.AnthropicVertex,
        anthropic.AsyncAnthropicVertex,
        anthropic.AnthropicFoundry,
        anthropic.AnthropicAWS,
        AnthropicGoogleCloud,
    ],
)
def test_anthropics_clients_name_the_provider_that_its_sdk_names(kind: type) -> None:
    """The SDK's own spans have a name for each client: the same."""
    assert provider_of(client(kind), HOME, "anthropic") == kind._gen_ai_provider_name  # type: ignore[attr-defined]  # the SDK's own


@pytest.mark.parametrize(
    "told",
    [
        "http://Gateway.example.com/v1",
        "http://gateway.example.com/v1/",
        "http://gateway.example.com:80/v1",
    ],
)
def test_an_address_is_known_however_it_is_written(told: str) -> None:
    """The SDKs write it their way."""
    name_provider(told, "openrouter")
    assert provider_of(object(), "http://gateway.example.com/v1/", "openai") == "openrouter"
    assert provider_of(object(), "https://gateway.example.com/v1/", "openai") == "openai"
    assert provider_of(object(), "http://gateway.example.com/v2/", "openai") == "openai"


@pytest.mark.parametrize(
    "told",
    [
        "me:{}@gateway.example.com/v1",
        "https://me:{}/x@gateway.example.com/v1",
        "https://me:{}@gate\u2100way.example.com/v1",
        "https:///v1?key={}",
    ],
)
def test_a_wrong_address_keeps_its_password(told: str) -> None:
    """It stands in no error, and the rest of the address does."""
    secret = "hunt" + "er2"
    with pytest.raises(ValueError, match=r"a provider's address: got .*; such as https://") as caught:
        name_provider(told.format(secret), "openai")
    assert secret not in "".join(traceback.format_exception(caught.value))


def test_a_password_is_in_no_log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Of an address that is not taken."""
    monkeypatch.setattr(naming, "_MOST_NAMED", 0)
    name_provider("https://me:" + "secret@gateway.example.com/v1", "openai")
    assert "https://***@gateway.example.com/v1 is not taken" in caplog.text
    assert "secret" not in caplog.text


def test_addresses_that_are_made_up_are_not_kept_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    """A hundred, and what is known may be named anew."""
    for number in range(100):
        name_provider(f"https://{number}.example.com", "first")
    with caplog.at_level(logging.WARNING):
        name_provider("https://100.example.com", "late")
    assert "More than 100 addresses" in caplog.text
    name_provider("https://7.example.com", "second")
    assert provider_of(object(), "https://7.example.com", "x") == "second"
    assert provider_of(object(), "https://100.example.com", "x") == "x"
