"""An application whose calls of OpenAI another instrumentation measures, too; prints how many of those are counted.

The arguments are its steps, in their order: `instrument` (this project's instrumentor), `start` (the telemetry), `sdk`
(the import of the SDK), `call` (what another instrumentation records of a call).
"""

import importlib
import sys
from collections.abc import Callable

from opentelemetry import metrics

import telemetry
from app_integration.llm import OpenAiInstrumentor
from telemetry import lifecycle


def instrument() -> None:
    """Have calls of the SDK measured by us."""
    OpenAiInstrumentor().instrument()


def call() -> None:
    """Record a call as another instrumentation does."""
    told = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5"}
    meter = metrics.get_meter("opentelemetry.instrumentation.openai_v2")
    meter.create_histogram("gen_ai.client.operation.duration").record(1, told)


STEPS: dict[str, Callable[[], object]] = {
    "instrument": instrument,
    "start": telemetry.start,
    "sdk": lambda: importlib.import_module("openai"),
    "call": call,
}


def main() -> None:
    """Take the steps, and print the calls that are counted."""
    for step in sys.argv[1:]:
        STEPS[step]()
    if (pipeline := lifecycle.pipeline()) is not None:
        for taken in pipeline.provider.snapshot():
            if taken.metric.name == "techsapo_llm_requests_total":
                counted = sum(value for _, value in taken.points if isinstance(value, int | float))
                sys.stdout.write(f"counted {counted}\n")


if __name__ == "__main__":
    main()
