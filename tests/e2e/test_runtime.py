"""The figures of a process as its users start it: under uvicorn, pushed by workers, or left out."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support import ports, wait
from tests.support.instrumented import ask, environment, pushing, under_instrument
from tests.support.otlp_sink import OtlpSink
from tests.support.processes import Server

APP = "tests.support.apps.counting:app"


def samples(page: int) -> dict[str, float]:
    """What the page tells of the process: sums over labels, by name."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(ask(page, "/metrics")):
        for sample in family.samples:
            if sample.name.startswith(("nodejs_", "techsapo_memory_")) and not sample.name.endswith("_bucket"):
                found[sample.name] = found.get(sample.name, 0.0) + sample.value
    return found


@pytest.mark.parametrize("setting", ["on", "off"])
def test_a_server_tells_of_its_process(setting: str, tmp_path: Path) -> None:
    """Memory, its limit, pauses and the lag of its loop, without a line of code; nothing where it is turned off."""
    port, page = ports.free_port(), ports.free_port()
    with Server(
        under_instrument("uvicorn", APP, "--port", str(port)),
        output=tmp_path / "log",
        ready=lambda: ports.is_listening(port) and ports.is_listening(page),
        env=environment(OTEL_EXPORTER_PROMETHEUS_PORT=str(page), TECHSAPO_RUNTIME_METRICS=setting),
    ):
        ask(port)
        if setting == "off":
            assert samples(page) == {}
            return
        wait.until(lambda: samples(page).get("nodejs_eventloop_lag_seconds_count", 0) > 1, 20, "a lag")
        told = samples(page)
    assert 0 < told["nodejs_heap_size_used_bytes"] <= told["nodejs_heap_size_total_bytes"]
    assert told["techsapo_memory_usage_bytes"] < told["techsapo_memory_limit_bytes"]
    assert told["nodejs_gc_duration_seconds_count"] > 0
    assert told["nodejs_eventloop_lag_seconds_sum"] < told["nodejs_eventloop_lag_seconds_count"]


def test_each_worker_tells_of_its_own_process(otlp_sink: OtlpSink, tmp_path: Path) -> None:
    """Forked ones, too: two processes have two heaps."""
    port = ports.free_port()
    workers = ("--workers", "2", "--worker-class", "uvicorn_worker.UvicornWorker", "--preload")
    with Server(
        under_instrument("gunicorn", APP, "--bind", f"{ports.LOOPBACK}:{port}", *workers),
        output=tmp_path / "log",
        ready=lambda: ports.is_listening(port),
        env=pushing(otlp_sink.endpoint),
    ):
        for metric in ("nodejs_heap_size_total_bytes", "nodejs_eventloop_lag_seconds"):
            wait.until(lambda metric=metric: len(otlp_sink.points(metric)) >= 2, 30, f"{metric} of both")  # type: ignore[misc]  # a default argument binds the loop's name
