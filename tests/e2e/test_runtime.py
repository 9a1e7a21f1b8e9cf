"""The figures of a process as its users start it: under uvicorn, pushed by workers and scripts, or left out."""

import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support import ports, wait
from tests.support.apps.counting import METRIC
from tests.support.instrumented import ask, environment, pushing, under_instrument
from tests.support.otlp_sink import OtlpSink
from tests.support.processes import Server

BLOCK_SECONDS = 0.6
APP = "tests.support.apps.blocking:app"
LAG, LIMIT = "nodejs_eventloop_lag_seconds", "techsapo_memory_limit_bytes"
TOTAL, USED = "nodejs_heap_size_total_bytes", "nodejs_heap_size_used_bytes"


def samples(page: int) -> dict[str, float]:
    """What the page tells of the process: sums over labels, by name."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(ask(page, "/metrics")):
        for sample in family.samples:
            if sample.name.startswith(("nodejs_", "techsapo_memory_")) and not sample.name.endswith("_bucket"):
                found[sample.name] = found.get(sample.name, 0.0) + sample.value
    return found


def instances(sink: OtlpSink, metric: str) -> set[str]:
    """Return the processes that tell a metric."""
    return {key.instance for key in sink.points(metric)}


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
        wait.until(lambda: samples(page).get(f"{LAG}_count", 0) > 1, 20, "a lag")
        told = samples(page)
        ask(port, f"/block/{BLOCK_SECONDS}")
        # What was left until the timer is not told: the timer is at most 0.25 s away.
        wait.until(
            lambda: samples(page)[f"{LAG}_sum"] - told[f"{LAG}_sum"] > BLOCK_SECONDS - 0.3, 20, "the block as a lag"
        )
    assert 0 < told[USED] <= told[TOTAL]
    assert told["techsapo_memory_usage_bytes"] < told[LIMIT]
    assert told["nodejs_gc_duration_seconds_count"] > 0


def test_each_worker_tells_of_its_own_process(otlp_sink: OtlpSink, tmp_path: Path) -> None:
    """Forked ones, too: two processes have two heaps. Their supervisor, which pushes what it has counted, has none."""
    port = ports.free_port()
    workers = ("--workers", "2", "--worker-class", "uvicorn_worker.UvicornWorker", "--preload")
    with Server(
        under_instrument("gunicorn", APP, "--bind", f"{ports.LOOPBACK}:{port}", *workers),
        output=tmp_path / "log",
        ready=lambda: ports.is_listening(port),
        env=pushing(otlp_sink.endpoint),
    ):
        for metric, processes in ((METRIC, 1), (LAG, 2), (TOTAL, 2)):
            told = f"{metric} of {processes}"
            wait.until(lambda name=metric, least=processes: len(instances(otlp_sink, name)) >= least, 30, told)  # type: ignore[misc]  # default arguments bind the loop's values
        workers_told = instances(otlp_sink, LIMIT)
    assert workers_told == instances(otlp_sink, LAG)
    assert len(workers_told) == 2
    assert workers_told.isdisjoint(instances(otlp_sink, METRIC))


def test_a_script_has_its_loop_watched(otlp_sink: OtlpSink, tmp_path: Path) -> None:
    """By one line, as no server does it."""
    with Server(
        [sys.executable, "-m", "tests.support.apps.blocking"], output=tmp_path / "log", env=pushing(otlp_sink.endpoint)
    ):
        wait.until(lambda: otlp_sink.total(LAG) > 1, 30, "lags of a script")
