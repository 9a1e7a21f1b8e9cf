"""What travels with a request: the task type of the analysis under way.

It is kept in OpenTelemetry's context (OpenTelemetry specification, context), so it follows a request through
`await`, tasks and whatever else copies context variables; into threads and executors by the package
opentelemetry-instrumentation-threading, which `app_integration.instrument()` and `opentelemetry-instrument` turn on. A
caller may send it as baggage as well.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import context

TASK_TYPE_KEY = "techsapo.task_type"


@contextmanager
def task_type(value: str) -> Iterator[None]:
    """Have every LLM metric recorded within carry this task type (`basic`, `premium` or `critical`).

    Any other value is counted as `other`.
    """
    token = context.attach(context.set_value(TASK_TYPE_KEY, value))
    try:
        yield
    finally:
        context.detach(token)
