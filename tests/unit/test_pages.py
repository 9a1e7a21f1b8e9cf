"""Opening a page late, or in vain: nothing stays open that nobody will close."""

import socket
import threading

import pytest
from opentelemetry.sdk.metrics.export import MetricReader

from telemetry.export import StockPage
from telemetry.lifecycle import pages
from telemetry.settings import Page, Settings, SettingsError
from tests.support import ports, wait
from tests.support.measured import Measured

HERE = Page(host=ports.LOOPBACK, port=9464, certificate=None, key=None, client_ca=None)


class Served:
    """A page whose port is free at the second attempt; at each, it does what it was told first."""

    def __init__(self, *before: object) -> None:
        self.before = list(before)
        self.attempts = 0
        self.open = False

    def start(self) -> None:
        """Fail once, then open."""
        self.attempts += 1
        if self.attempts == 1:
            raise OSError(98, "Address already in use")
        for each in self.before:
            if isinstance(each, threading.Event):
                each.set()
            elif isinstance(each, BaseException):
                raise each
        self.open = True

    def stop(self) -> None:
        """Close."""
        self.open = False

    def close_in_child(self) -> None:
        """There is no fork here."""


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "RETRY_SECONDS", 0.01)


def waiting() -> bool:
    """Tell whether a page still waits for its port."""
    return any(thread.name == "telemetry-page-waits" for thread in threading.enumerate())


def test_a_page_opens_when_its_port_is_free() -> None:
    """At the second attempt."""
    served = Served()
    pages.start_when_free(served, HERE, threading.Event())
    wait.until(lambda: not waiting(), 20, "the end of the wait")
    assert served.open


def test_a_page_that_opens_during_the_stop_is_closed_again() -> None:
    """The stop has found nothing to close, and nobody else would."""
    ended = threading.Event()
    served = Served(ended)
    pages.start_when_free(served, HERE, ended)
    wait.until(lambda: not waiting(), 20, "the end of the wait")
    assert served.attempts == 2
    assert not served.open


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1", "2001:db8::1", "fe80::1", "a..b"])
@pytest.mark.parametrize("exporter", ["techsapo", "prometheus"])
def test_a_host_that_is_not_here_is_named(exporter: str, host: str) -> None:
    """And not the port, which may be free."""
    environ = {"OTEL_METRICS_EXPORTER": exporter, "OTEL_EXPORTER_PROMETHEUS_HOST": host}
    settings = Settings.from_environ({**environ, "OTEL_EXPORTER_PROMETHEUS_PORT": str(ports.free_port())})
    served = pages.make(settings, Measured().provider)
    with pytest.raises(SettingsError, match=rf"^OTEL_EXPORTER_PROMETHEUS_HOST: got {host}, ") as refused:
        pages.start(served, settings.page)
    assert refused.value.variable == "OTEL_EXPORTER_PROMETHEUS_HOST"


@pytest.mark.parametrize("exporter", ["techsapo", "prometheus"])
def test_a_port_that_is_taken_is_named(exporter: str) -> None:
    """With a sentence that points to the Collector."""
    with socket.create_server((ports.LOOPBACK, 0)) as taken:
        port = str(taken.getsockname()[1])
        settings = Settings.from_environ({"OTEL_METRICS_EXPORTER": exporter, "OTEL_EXPORTER_PROMETHEUS_PORT": port})
        served = pages.make(settings, Measured().provider)
        with pytest.raises(SettingsError, match=rf"^OTEL_EXPORTER_PROMETHEUS_PORT: got {port}, .* run a Collector"):
            pages.start(served, settings.page)


def test_an_interpreter_that_starts_no_threads_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quietly: there is no page to be had any more."""
    raised: list[object] = []
    monkeypatch.setattr(threading, "excepthook", raised.append)
    served = Served(RuntimeError("can't start new thread"))
    pages.start_when_free(served, HERE, threading.Event())
    wait.until(lambda: not waiting(), 20, "the end of the wait")
    assert served.attempts == 2
    assert [] == raised


def test_a_stock_page_that_cannot_be_attached_gives_its_port_back() -> None:
    """The error goes on, and the port is free."""

    def attach(reader: MetricReader) -> None:
        raise ValueError(type(reader).__name__)

    port = ports.free_port()
    page = StockPage(Page(host=ports.LOOPBACK, port=port, certificate=None, key=None, client_ca=None), attach)
    with pytest.raises(ValueError, match="PrometheusMetricReader"):
        page.start()
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind((ports.LOOPBACK, port))
