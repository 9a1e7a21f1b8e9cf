"""Contrib's opt-in to the stable semantic conventions, for a test: by itself it is read once a process."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from opentelemetry.instrumentation import _semconv


@contextmanager
def opted_in(*signals: str) -> Iterator[None]:
    """As with `OTEL_SEMCONV_STABILITY_OPT_IN` set to `signals`: "http", "database"."""
    stability = _semconv._OpenTelemetrySemanticConventionStability
    stability._initialize()  # type: ignore[no-untyped-call]  # contrib's own, untyped
    with pytest.MonkeyPatch.context() as patch:
        modes = stability._OTEL_SEMCONV_STABILITY_SIGNAL_MAPPING
        for signal in _semconv._OpenTelemetryStabilitySignalType:
            mode = _semconv._StabilityMode(signal.value) if signal.value in signals else _semconv._StabilityMode.DEFAULT
            patch.setitem(modes, signal, mode)
        yield
