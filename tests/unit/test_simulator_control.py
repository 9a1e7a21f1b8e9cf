"""The simulated providers while they run: behaviours that change, and the process around them."""

import json
import socket
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from app_integration.http import HttpInstrumentor
from app_integration.simulator import PROVIDERS, Behaviour, Simulator, running
from telemetry.contract import CONTRACT
from tests.support.measured import Measured

AT_ONCE = Behaviour(latency_seconds=0, latency_spread_seconds=0)


@pytest.fixture
def simulator() -> Simulator:
    """Providers that answer at once."""
    return Simulator(dict.fromkeys(PROVIDERS, AT_ONCE))


@pytest.fixture
def url(simulator: Simulator) -> Iterator[str]:
    """Where they are."""
    with running(simulator) as address:
        yield address


def put(url: str, provider: str, body: object) -> tuple[int, dict[str, object]]:
    """Change a provider's behaviour; return the status and the answer."""
    request = Request(f"{url}/simulator/{provider}", json.dumps(body).encode(), method="PUT")
    try:
        with urlopen(request) as response:
            return response.status, json.load(response)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_behaviour_is_changed_while_it_runs(simulator: Simulator, url: str) -> None:
    """What is not named stays as it is."""
    expected = AT_ONCE.changed({"error_rate": 0.5, "disagreement": 0.9})
    assert 200 == put(url, "gcp.gemini", {"error_rate": 0.5})[0]
    assert (200, expected.model_dump()) == put(url, "gcp.gemini", {"disagreement": 0.9})
    assert {"gcp.gemini": expected} == {
        name: behaviour for name, behaviour in simulator.behaviour.items() if behaviour != AT_ONCE
    }


@pytest.mark.parametrize(
    ("provider", "body", "status", "message"),
    [
        ("openai", {"error_rate": 2}, 422, "error_rate: got 2: Input should be less than or equal to 1"),
        ("openai", {"errors": 1}, 422, "errors: got 1: Extra inputs are not permitted; there are latency_seconds"),
        ("openai", [1], 422, "got list; a behaviour is a JSON object"),
        ("gemini", {}, 404, "got 'gemini'; there are openai, anthropic, gcp.gemini, openrouter"),
    ],
)
def test_a_wrong_change_is_refused(
    provider: str, body: object, status: int, message: str, simulator: Simulator, url: str
) -> None:
    """And nothing is changed."""
    answered, told_why = put(url, provider, body)
    assert status == answered
    assert message in str(told_why["detail"])
    assert {AT_ONCE} == set(simulator.behaviour.values())


def test_a_simulator_in_the_process_is_not_counted_as_the_applications_own(simulator: Simulator) -> None:
    """Its requests are the providers', wherever the thread runs that serves them."""
    measured = Measured()
    instrumentor = HttpInstrumentor()
    instrumentor.instrument(meter_provider=measured.provider)
    try:
        with running(simulator) as url:
            assert 200 == put(url, "openai", {})[0]
        counted = [metric.name for metric in CONTRACT.metrics if "http" in metric.name and measured.values(metric.name)]
    finally:
        instrumentor.uninstrument()
    assert [] == counted


def test_a_port_that_is_taken_is_an_error(simulator: Simulator, url: str) -> None:
    """It is told before a thread is started."""
    port = int(url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"), running(simulator, port=port):
        pytest.fail("two listen on one port")


def test_whoever_leaves_before_its_question_is_whole_is_no_error(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """A process that is killed while it asks: nothing is wrong with the provider."""
    with running(simulator) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as asking:
            asking.sendall(
                b"PUT /simulator/openai HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n{"
            )
            assert asking.recv(100).startswith(b"HTTP/1.1 100 ")
    assert [] == caplog.messages
