"""Records the calls of OpenAI's SDK: of OpenAI, of OpenRouter and of others that speak its protocols."""

from collections.abc import Callable, Collection
from types import ModuleType

from opentelemetry.metrics import MeterProvider

from app_integration.instrumentor import Instrumentor, WhenImported
from app_integration.llm import contrib, stainless
from app_integration.llm.call import Calls
from app_integration.llm.openai_answers import OPERATIONS, OpenAiAnswer


class OpenAiInstrumentor(Instrumentor):
    """Instruments the clients of `openai`, those that exist included: chat, responses, completions, embeddings.

    OpenRouter is told by its address; `name_provider` tells others.
    """

    def instrumentation_dependencies(self) -> Collection[str]:
        """Packages without which there is nothing to instrument."""
        return ("openai >= 1.60",)

    def _instrument(self, *, meter_provider: MeterProvider | None = None, **_: object) -> None:
        api = stainless.Api(Calls(meter_provider), "openai", OPERATIONS, OpenAiAnswer)

        def replace(module: ModuleType) -> Callable[[], None]:
            return stainless.replace(api, module.SyncAPIClient, module.AsyncAPIClient)

        self._replaced = WhenImported(
            "openai._base_client", contrib.ignored_by(replace, contrib.OPENAI, meter_provider)
        )

    def _uninstrument(self, **_: object) -> None:
        self._replaced.undo()
