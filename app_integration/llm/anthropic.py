"""Records the calls of Anthropic's SDK: of Anthropic, and of the clouds that host its models."""

from collections.abc import Callable, Collection
from types import ModuleType

from opentelemetry.metrics import MeterProvider

from app_integration.instrumentor import Instrumentor, WhenImported
from app_integration.llm import contrib, stainless
from app_integration.llm.anthropic_answers import OPERATIONS, AnthropicAnswer
from app_integration.llm.call import Calls


class AnthropicInstrumentor(Instrumentor):
    """Instruments the clients of `anthropic`, those that exist included: messages, streams and their helpers.

    Counting tokens and batches ask no model for an answer now, and are not counted.
    """

    def instrumentation_dependencies(self) -> Collection[str]:
        """Packages without which there is nothing to instrument."""
        return ("anthropic >= 0.50",)

    def _instrument(self, *, meter_provider: MeterProvider | None = None, **_: object) -> None:
        api = stainless.Api(Calls(meter_provider), "anthropic", OPERATIONS, AnthropicAnswer)

        def replace(module: ModuleType) -> Callable[[], None]:
            return stainless.replace(api, module.SyncAPIClient, module.AsyncAPIClient)

        self._replaced = WhenImported(
            "anthropic._base_client", contrib.ignored_by(replace, contrib.ANTHROPIC, meter_provider)
        )

    def _uninstrument(self, **_: object) -> None:
        self._replaced.undo()
