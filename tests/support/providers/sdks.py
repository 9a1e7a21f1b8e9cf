"""The real SDKs with their clients at the stub, as an application makes and keeps them."""

import asyncio
import contextvars
import threading
from collections.abc import Coroutine
from typing import TypeVar

import anthropic
import openai
from google import genai
from google.genai import types

T = TypeVar("T")

KEY = "a key " + "of tests"
PATIENT_SECONDS = 30.0


class Sdks:
    """Clients of all providers, synchronous and not; one of each for all tests of a module.

    `retries` and `timeout` (seconds) hold for what is asked from then on. OpenRouter is reached under its own name,
    with the stub as the client's proxy. `strict` clients refuse answers that are not what the SDKs' types say.
    """

    def __init__(self, url: str, *, strict: bool = False) -> None:
        self.retries = 0
        self.timeout = PATIENT_SECONDS
        self._url = url
        self._runner = asyncio.Runner()
        options = {"api_key": KEY, "_strict_response_validation": strict}
        hosts = {"openai": f"{url}/openai/v1", "openrouter": "http://openrouter.ai/api/v1"}
        self._gpt = {
            name: openai.OpenAI(
                base_url=host,
                http_client=openai.DefaultHttpxClient(proxy=url if name == "openrouter" else None),
                **options,  # type: ignore[arg-type]  # its own options
            )
            for name, host in hosts.items()
        }
        self._gpt_async = {
            name: openai.AsyncOpenAI(
                base_url=host,
                http_client=openai.DefaultAsyncHttpxClient(proxy=url if name == "openrouter" else None),
                **options,  # type: ignore[arg-type]  # its own options
            )
            for name, host in hosts.items()
        }
        self._claude = anthropic.Anthropic(base_url=f"{url}/anthropic", **options)  # type: ignore[arg-type]  # as above
        self._claude_async = anthropic.AsyncAnthropic(base_url=f"{url}/anthropic", **options)  # type: ignore[arg-type]  # as above
        # Kept, and made once: a client that is forgotten closes its connections.
        self._gemini: dict[tuple[int, float], genai.Client] = {}
        self._making = threading.Lock()

    def gpt(self, provider: str = "openai") -> openai.OpenAI:
        """Return OpenAI's client, of OpenAI or of OpenRouter."""
        return self._gpt[provider].with_options(max_retries=self.retries, timeout=self.timeout)

    def gpt_async(self, provider: str = "openai") -> openai.AsyncOpenAI:
        """Return the asynchronous one."""
        return self._gpt_async[provider].with_options(max_retries=self.retries, timeout=self.timeout)

    def claude(self) -> anthropic.Anthropic:
        """Return Anthropic's client."""
        return self._claude.with_options(max_retries=self.retries, timeout=self.timeout)

    def claude_async(self) -> anthropic.AsyncAnthropic:
        """Return the asynchronous one."""
        return self._claude_async.with_options(max_retries=self.retries, timeout=self.timeout)

    def gemini(self) -> genai.Client:
        """Return Google's client, which is both."""
        wanted = (self.retries, self.timeout)
        with self._making:
            if wanted not in self._gemini:
                self._gemini[wanted] = self._make_gemini(*wanted)
            return self._gemini[wanted]

    def run(self, coroutine: Coroutine[object, object, T]) -> T:
        """Run a coroutine in the loop of the asynchronous clients, in the context of the caller."""
        return self._runner.run(coroutine, context=contextvars.copy_context())

    def close(self) -> None:
        """Close connections and loop."""

        async def close() -> None:
            for client in self._gpt_async.values():
                await client.close()
            await self._claude_async.close()

        self._runner.run(close())
        self._runner.close()
        for client in self._gpt.values():
            client.close()
        self._claude.close()

    def _make_gemini(self, retries: int, timeout: float) -> genai.Client:
        retry = types.HttpRetryOptions(attempts=1 + retries, initial_delay=0.0, max_delay=0.0, jitter=0.0)
        options = types.HttpOptions(base_url=f"{self._url}/gemini", retry_options=retry, timeout=round(timeout * 1_000))
        return genai.Client(api_key=KEY, http_options=options)
