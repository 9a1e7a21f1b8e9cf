"""A script that makes one span and one log record, and ends."""

import logging

from opentelemetry import _logs, trace

if __name__ == "__main__":
    with trace.get_tracer("tests.tracing").start_as_current_span("work"):
        _logs.get_logger("tests.tracing").emit(_logs.LogRecord(body="done"))
    logging.shutdown()
