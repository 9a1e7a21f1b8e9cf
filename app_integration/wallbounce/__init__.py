"""Wall-bounce analyses: `with analysis(task_type="premium") as bounce:` around one, and a line for what it found.

Within the block every call of an LLM provider carries the task type, and what it costs is added up in `bounce`: also
calls of tasks and groups of them, and of threads and executors where `app_integration.instrument()` or
`opentelemetry-instrument` has run, which carry OpenTelemetry's context there. Without them only `asyncio.to_thread`
does: a call in another thread has the task type `other` then, and no analysis knows of its cost. Other processes are
never reached.
"""

from app_integration.wallbounce.analyses import Analysis, analysis
from app_integration.wallbounce.participations import Status

__all__ = ["Analysis", "Status", "analysis"]
