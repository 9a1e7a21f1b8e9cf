"""A token for senders: where one is set, nobody is let in without it, on any signal, over either protocol."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.conftest import StartCollector
from tests.support import otlp_grpc, wait
from tests.support import otlp_payloads as otlp
from tests.support.collector import SALT, Collector
from tests.support.recording_processes import RecordingProcess, tallies

TOKEN = "a-token-of-" + "the-tests/no-secret"
OTHER = "another-token-of-" + "the-tests"
LOGINS = "techsapo_auth_attempts_total"
BODY = otlp.body(otlp.instance([otlp.counter(LOGINS, [otlp.Number({"status": "success", "method": "jwt"}, 5)])]))
SIGNALS = {"/v1/metrics": otlp_grpc.METRICS, "/v1/traces": otlp_grpc.TRACES, "/v1/logs": otlp_grpc.LOGS}
AT_DEBUG_LEVEL = "{service: {telemetry: {logs: {level: debug}}}}"

WRONG: dict[str, Mapping[str, str]] = {
    "none": {},
    "another": {"authorization": f"Bearer {OTHER}"},
    "a part of it": {"authorization": f"Bearer {TOKEN[:-1]}"},
    "more than it": {"authorization": f"Bearer {TOKEN}x"},
    "of another scheme": {"authorization": f"Basic {TOKEN}"},
    "without a scheme": {"authorization": TOKEN},
    "an empty one": {"authorization": "Bearer "},
    "in another header": {"x-token": TOKEN},
}


def answers(collector: Collector, headers: Mapping[str, str]) -> set[tuple[int, str]]:
    """Return the answers of both protocols on all signals. An empty request is a good one of each signal."""
    return {
        (collector.post(path, body, headers), otlp_grpc.export(collector.grpc, body, method=method, metadata=headers))
        for (path, method), body in zip(SIGNALS.items(), (BODY, b"", b""), strict=True)
    }


def with_token(token: str) -> dict[str, str]:
    """Return the header that shows a token."""
    return {"authorization": f"Bearer {token}"}


@pytest.fixture(params=["variable", "file"])
def guarded(request: pytest.FixtureRequest, make_collector: StartCollector, tmp_path: Path) -> Collector:
    """A Collector that asks for the token, which it has from its environment or from a file; its log tells all."""
    if request.param == "variable":
        told = {"TECHSAPO_COLLECTOR_OTLP_TOKEN": TOKEN}
    else:
        file = tmp_path / "token"
        file.write_text(f"{TOKEN}\n")
        told = {"TECHSAPO_COLLECTOR_OTLP_TOKEN_FILE": str(file)}
    return make_collector(env=told, overlay=AT_DEBUG_LEVEL)


def test_nobody_is_let_in_without_the_token(guarded: Collector) -> None:
    """401 and UNAUTHENTICATED, on all three signals; with it all of them work. Neither token nor salt is in the log."""
    refused = {case: answers(guarded, headers) for case, headers in WRONG.items()}
    assert refused == {case: {(401, "UNAUTHENTICATED")} for case in WRONG}
    assert guarded.values(LOGINS, "method") == {}
    assert answers(guarded, with_token(TOKEN)) == {(200, "OK")}
    assert guarded.values(LOGINS, "method") == {"jwt": 5.0}
    told = guarded.output + guarded.text()
    assert [secret for secret in (TOKEN, TOKEN[:-1], OTHER, SALT) if secret in told] == []


def test_without_a_token_all_are_let_in(collector: Collector) -> None:
    """Whatever they show."""
    let_in = {case: answers(collector, headers) for case, headers in WRONG.items()}
    assert let_in == {case: {(200, "OK")} for case in WRONG}


def test_a_new_token_in_the_file_is_taken(make_collector: StartCollector, tmp_path: Path) -> None:
    """Without a restart; the old one is refused from then on."""
    file = tmp_path / "token"
    file.write_text(TOKEN)
    collector = make_collector(env={"TECHSAPO_COLLECTOR_OTLP_TOKEN_FILE": str(file)})
    assert answers(collector, with_token(TOKEN)) == {(200, "OK")}
    file.write_text(OTHER)
    wait.until(lambda: answers(collector, with_token(OTHER)) == {(200, "OK")}, 20, "the new token")
    assert answers(collector, with_token(TOKEN)) == {(401, "UNAUTHENTICATED")}


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_our_library_shows_the_token(make_collector: StartCollector, tmp_path: Path, protocol: str) -> None:
    """As the standard variable for headers has it."""
    collector = make_collector(env={"TECHSAPO_COLLECTOR_OTLP_TOKEN": TOKEN})
    endpoint = f"http://127.0.0.1:{collector.grpc}" if protocol == "grpc" else collector.endpoint
    told = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        "OTEL_EXPORTER_OTLP_HEADERS": f"authorization={quote(f'Bearer {TOKEN}')}",
    }
    with RecordingProcess(tmp_path, collector, 1, 100, **told) as process:
        wait.until(lambda: tallies(collector.series()) == {process.instance: process.tally}, 20, "its figures")
