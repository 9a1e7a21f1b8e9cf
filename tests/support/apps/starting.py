"""The counting applications, with the telemetry started in code: whoever imports this starts it."""

import telemetry

telemetry.start()

from tests.support.apps.counting import app, wsgi  # noqa: E402  # after the start, as an application has it

__all__ = ["app", "wsgi"]
