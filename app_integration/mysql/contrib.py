"""Keeps opentelemetry-instrumentation-pymysql from recording what is recorded here; its spans stay.

With `OTEL_SEMCONV_STABILITY_OPT_IN=database` it records `db.client.operation.duration` too, but without commits,
rollbacks, direct queries and failed connections, and takes the first word as it is written for the operation
(`BEGIN;`, `(SELECT`, a procedure's name). Alone it counts; beside ours each statement would count twice.
"""

from typing import Protocol


class _Integration(Protocol):
    connect_module: object


class _Tracer(Protocol):
    _db_api_integration: _Integration


# The one place where it records: private by name, a test pins it.
_METHOD = "_record_metrics"
_ORIGINAL = "_techsapo_original_record_metrics"


def silence() -> None:
    """Let contrib record nothing of PyMySQL; nothing happens where contrib is not installed."""
    tracer = _tracer_class()
    original = getattr(tracer, _METHOD, None)
    if tracer is None or original is None or hasattr(tracer, _ORIGINAL):
        return
    import pymysql

    def record(self: _Tracer, *args: object, **kwargs: object) -> None:
        integration = self._db_api_integration  # the tracer keeps it nowhere else
        if integration.connect_module is not pymysql:
            original(self, *args, **kwargs)

    setattr(tracer, _ORIGINAL, original)
    setattr(tracer, _METHOD, record)


def restore() -> None:
    """Let contrib record again."""
    tracer = _tracer_class()
    original = getattr(tracer, _ORIGINAL, None)
    if tracer is not None and original is not None:
        setattr(tracer, _METHOD, original)
        delattr(tracer, _ORIGINAL)


def _tracer_class() -> type | None:
    try:
        from opentelemetry.instrumentation.dbapi import CursorTracer
    except ImportError:
        return None
    return CursorTracer
