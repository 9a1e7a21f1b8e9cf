"""The providers, each through its own SDK: asynchronous, with a timeout, its client made once.

The SDKs retry nothing here: an analysis has other providers to ask, and does not wait for one to come back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import anthropic
import openai
from anthropic import AsyncAnthropic
from anthropic.types import MessageParam
from google import genai
from google.genai import types
from openai import AsyncOpenAI
from openai.types.chat import (
    ChatCompletionAssistantMessageParam,
    ChatCompletionMessageParam,
    ChatCompletionUserMessageParam,
)

from app_integration.llm import name_provider
from app_integration.reference_app.settings import Settings

INSTRUCTIONS: Final = (
    "Answer with a verdict of at most a hundred words. Where others have answered, weigh what they say."
)

# Reasoning included: a verdict is short, the way to it may not be.
_MAX_TOKENS: Final = 8_192
_OPENROUTER_URL: Final = "https://openrouter.ai/api/v1"
# A simulator asks for no key, the SDKs do.
_NO_KEY: Final = "simulated"


@dataclass(frozen=True, slots=True)
class Access:
    """How a provider is reached: at `base_url`, or where its SDK knows it to be. The timeout is that of each read."""

    api_key: str
    timeout_seconds: float
    base_url: str | None = None

    @property
    def through_proxies(self) -> bool:
        """Whether proxies of the environment are used: a simulator is on this machine."""
        return self.base_url is None


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that was said in a conversation."""

    role: Literal["user", "assistant"]
    text: str


class EmptyAnswerError(Exception):
    """A provider answered without a word: cut off by its limits, or by its filters."""


class Provider(Protocol):
    """Who can be asked; `name` is the conventions' `gen_ai.provider.name`."""

    name: str
    model: str

    async def ask(self, conversation: Sequence[Turn]) -> str:
        """Return the answer to a conversation that ends with the user's turn.

        Raises what the SDK and its HTTP client raise, and EmptyAnswerError.
        """

    async def close(self) -> None:
        """Hang up."""


class OpenAiProvider:
    """OpenAI's Chat Completions, streamed: a first word within the timeout shows that somebody is at work."""

    name = "openai"

    def __init__(self, model: str, access: Access) -> None:
        self.model = model
        self._client = _openai_client(access, access.base_url)

    async def ask(self, conversation: Sequence[Turn]) -> str:
        """Return the answer to a conversation. Raises openai.OpenAIError and EmptyAnswerError."""
        stream = await self._client.chat.completions.create(
            model=self.model,
            messages=_messages(conversation),
            max_completion_tokens=_MAX_TOKENS,
            stream=True,
            # Else a stream tells no tokens.
            stream_options={"include_usage": True},
        )
        async with stream:
            return _worded("".join([choice.delta.content or "" async for chunk in stream for choice in chunk.choices]))

    async def close(self) -> None:
        """Hang up."""
        await self._client.close()


class OpenRouterProvider:
    """A model behind OpenRouter, which speaks OpenAI's protocol."""

    name = "openrouter"

    def __init__(self, model: str, access: Access) -> None:
        self.model = model
        base_url = access.base_url or _OPENROUTER_URL
        # It speaks OpenAI's protocol through OpenAI's SDK: elsewhere than at home nothing else tells who it is.
        name_provider(base_url, self.name)
        self._client = _openai_client(access, base_url)

    async def ask(self, conversation: Sequence[Turn]) -> str:
        """Return the answer to a conversation. Raises openai.OpenAIError and EmptyAnswerError."""
        completion = await self._client.chat.completions.create(
            model=self.model, messages=_messages(conversation), max_tokens=_MAX_TOKENS
        )
        return _worded(completion.choices[0].message.content if completion.choices else None)

    async def close(self) -> None:
        """Hang up."""
        await self._client.close()


class AnthropicProvider:
    """Anthropic's Messages, streamed."""

    name = "anthropic"

    def __init__(self, model: str, access: Access) -> None:
        self.model = model
        self._client = AsyncAnthropic(
            api_key=access.api_key,
            base_url=access.base_url,
            timeout=access.timeout_seconds,
            max_retries=0,
            http_client=anthropic.DefaultAsyncHttpxClient(trust_env=access.through_proxies),
        )

    async def ask(self, conversation: Sequence[Turn]) -> str:
        """Return the answer to a conversation. Raises anthropic.AnthropicError, its client's and EmptyAnswerError."""
        messages: list[MessageParam] = [
            {"role": "user", "content": turn.text}
            if turn.role == "user"
            else {"role": "assistant", "content": turn.text}
            for turn in conversation
        ]
        async with self._client.messages.stream(
            model=self.model, max_tokens=_MAX_TOKENS, system=INSTRUCTIONS, messages=messages
        ) as stream:
            return _worded("".join([text async for text in stream.text_stream]))

    async def close(self) -> None:
        """Hang up."""
        await self._client.close()


class GeminiProvider:
    """Gemini by Google's own client."""

    name = "gcp.gemini"

    def __init__(self, model: str, access: Access) -> None:
        self.model = model
        options = types.HttpOptions(
            base_url=access.base_url,
            timeout=max(1, round(access.timeout_seconds * 1_000)),
            async_client_args={"trust_env": access.through_proxies},
        )
        self._client = genai.Client(api_key=access.api_key, http_options=options)
        self._config = types.GenerateContentConfig(
            system_instruction=INSTRUCTIONS,
            max_output_tokens=_MAX_TOKENS,
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        )

    async def ask(self, conversation: Sequence[Turn]) -> str:
        """Return the answer to a conversation. Raises genai.errors.APIError, its client's and EmptyAnswerError."""
        roles = {"user": "user", "assistant": "model"}
        contents: types.ContentListUnion = [
            types.Content(role=roles[turn.role], parts=[types.Part(text=turn.text)]) for turn in conversation
        ]
        answer = await self._client.aio.models.generate_content(
            model=self.model, contents=contents, config=self._config
        )
        return _worded(answer.text)

    async def close(self) -> None:
        """Hang up."""
        await self._client.aio.aclose()
        self._client.close()


def open_providers(settings: Settings, simulator_url: str | None) -> tuple[Provider, ...]:
    """Return all four providers at the simulator's address; without one those whose keys the settings have.

    Raises:
        ValueError: fewer than two have a key: there is nobody to agree with.
    """
    made: list[Provider] = []
    for make, path, model, key in (
        (OpenAiProvider, "/openai/v1", settings.openai_model, settings.openai_api_key),
        (AnthropicProvider, "/anthropic", settings.anthropic_model, settings.anthropic_api_key),
        (GeminiProvider, "/gemini", settings.gemini_model, settings.gemini_api_key),
        (OpenRouterProvider, "/openrouter/api/v1", settings.openrouter_model, settings.openrouter_api_key),
    ):
        if simulator_url is not None:
            made.append(make(model, Access(_NO_KEY, settings.provider_timeout_seconds, simulator_url + path)))
        elif key:
            made.append(make(model, Access(key, settings.provider_timeout_seconds)))
    if len(made) < 2:
        msg = (
            f"API keys: got {len(made)}; accepted are two or more of OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY "
            "and OPENROUTER_API_KEY, or none of them, or REFERENCE_APP_SIMULATOR_URL"
        )
        raise ValueError(msg)
    return tuple(made)


def _openai_client(access: Access, base_url: str | None) -> AsyncOpenAI:
    return AsyncOpenAI(
        api_key=access.api_key,
        base_url=base_url,
        timeout=access.timeout_seconds,
        max_retries=0,
        http_client=openai.DefaultAsyncHttpxClient(trust_env=access.through_proxies),
    )


def _messages(conversation: Sequence[Turn]) -> list[ChatCompletionMessageParam]:
    return [
        {"role": "system", "content": INSTRUCTIONS},
        *(
            ChatCompletionUserMessageParam(role="user", content=turn.text)
            if turn.role == "user"
            else ChatCompletionAssistantMessageParam(role="assistant", content=turn.text)
            for turn in conversation
        ),
    ]


def _worded(text: str | None) -> str:
    if not text or not text.strip():
        raise EmptyAnswerError("the provider answered without a word")
    return text
