"""Traces and logs stay the stock SDK's: set up by the standard variables, begun and ended with the metrics."""

import time
from pathlib import Path

import pytest

from tests.support.instrumented import SALT, environment, under_instrument
from tests.support.otlp_sink import OtlpSink
from tests.support.processes import Server

COMMAND = under_instrument("python", "-m", "tests.support.apps.tracing")


def paths(sink: OtlpSink) -> set[str]:
    """Return where the accepted requests went to."""
    return {request.path for request in sink.requests if request.accepted}


@pytest.mark.parametrize(
    ("off", "path"),
    [("OTEL_LOGS_EXPORTER", "/v1/traces"), ("OTEL_TRACES_EXPORTER", "/v1/logs")],
    ids=["traces", "logs"],
)
def test_they_go_to_the_otlp_endpoint_that_is_set(off: str, path: str, otlp_sink: OtlpSink, tmp_path: Path) -> None:
    """The first span, or the first record, is in it, although nothing had begun before it."""
    env = environment(OTEL_EXPORTER_OTLP_ENDPOINT=otlp_sink.endpoint, TECHSAPO_CLIENT_IP_SALT=SALT, **{off: "none"})
    with Server(COMMAND, output=tmp_path / "log", env=env, ready=None) as script:
        assert script.wait() == 0, script.output

    assert {path} == paths(otlp_sink) - {"/v1/metrics"}, script.output


def test_they_go_nowhere_where_nothing_is_set(otlp_sink: OtlpSink, tmp_path: Path) -> None:
    """TECHSAPO_OTLP_ENDPOINTS is for metrics alone."""
    env = environment(TECHSAPO_OTLP_ENDPOINTS=otlp_sink.endpoint, TECHSAPO_CLIENT_IP_SALT=SALT)
    with Server(COMMAND, output=tmp_path / "log", env=env, ready=None) as script:
        assert script.wait() == 0, script.output

    assert paths(otlp_sink) <= {"/v1/metrics"}


def test_a_receiver_that_hangs_does_not_hold_up_the_exit(otlp_sink: OtlpSink, tmp_path: Path) -> None:
    """The stock processors would wait 30 s: all signals share the 5 s of a stop."""
    otlp_sink.hang()
    env = environment(
        OTEL_EXPORTER_OTLP_ENDPOINT=otlp_sink.endpoint,
        OTEL_EXPORTER_OTLP_TIMEOUT="300",
        TECHSAPO_CLIENT_IP_SALT=SALT,
    )
    began = time.monotonic()
    with Server(COMMAND, output=tmp_path / "log", env=env, ready=None) as script:
        assert script.wait(60.0) == 0, script.output
    took = time.monotonic() - began

    assert otlp_sink.arrivals >= 1
    # The start of the interpreter and of all instrumentations is in it.
    assert took < 5.0 + 4.0
