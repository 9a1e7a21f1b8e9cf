"""Opening the page where this process is the one to have it."""

import errno
import logging
import socket
import sys
import threading
from typing import Protocol

from telemetry.engine import MeterProvider
from telemetry.export import StockPage
from telemetry.exposition import PageServer
from telemetry.settings import STOCK_PAGE, Page, Settings, SettingsError

RETRY_SECONDS = 1.0
TO_THE_COLLECTOR = "for several processes run a Collector and set OTEL_EXPORTER_OTLP_ENDPOINT"
# What a socket says of an address that no port of is to be had here: of another machine, of a family that is off, or
# without the zone that it needs.
_NOT_HERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EINVAL)

_logger = logging.getLogger(__name__)


class Served(Protocol):
    """A page that can be had."""

    def start(self) -> None:
        """Listen and serve. Raises OSError where the port cannot be had."""

    def stop(self) -> None:
        """Close the port."""

    def close_in_child(self) -> None:
        """Close the copy of the socket that the child of a fork has, whose threads are gone."""


def make(settings: Settings, provider: MeterProvider) -> Served:
    """Return the page that the settings ask for, not started: ours or the stock exporter's.

    Raises:
        SettingsError: its certificate cannot be used.
    """
    page = settings.page
    if STOCK_PAGE in settings.exporters:
        return StockPage(page, provider.add_metric_reader)
    try:
        return PageServer(
            provider,
            page.host,
            page.port,
            certificate=page.certificate,
            key=page.key,
            client_ca=page.client_ca,
            service_version=settings.resource_attributes.get("service.version"),
        )
    except OSError as error:
        got = f"{page.certificate} ({error})"
        raise SettingsError("TECHSAPO_PAGE_TLS_CERTIFICATE", got, "a certificate in PEM with its key") from None


def start(served: Served, page: Page) -> None:
    """Start a page.

    Raises:
        SettingsError: its host is none of this machine's, or its port cannot be had: the message points to the
            Collector then.
    """
    try:
        served.start()
    except (OSError, UnicodeError) as error:
        raise taken(page, error) from None


def taken(page: Page, error: OSError | UnicodeError) -> SettingsError:
    """Return the error for a host or a port that cannot be had."""
    said = getattr(error, "strerror", None) or error
    # A name that cannot be written as one of DNS is a UnicodeError.
    if isinstance(error, socket.gaierror | UnicodeError) or error.errno in _NOT_HERE:
        return SettingsError(
            "OTEL_EXPORTER_PROMETHEUS_HOST",
            f"{page.host}, which cannot be listened on ({said})",
            "a name or an address of this machine",
        )
    return SettingsError(
        "OTEL_EXPORTER_PROMETHEUS_PORT",
        f"{page.port}, where {page.host} cannot be listened on ({said})",
        f"a free port: the page is for one process; {TO_THE_COLLECTOR}",
    )


def several(server: str, workers: int) -> SettingsError:
    """Return the error for a server whose several workers would each need the page."""
    return SettingsError(
        "OTEL_METRICS_EXPORTER",
        f"the embedded page with {workers} workers of {server}",
        f"the page in one process; {TO_THE_COLLECTOR}",
    )


def start_when_free(served: Served, page: Page, ended: threading.Event) -> None:
    """Start a page now or as soon as its port is free, in a thread; say so once. For a worker that replaces another."""
    try:
        served.start()
    except OSError as error:
        _logger.warning("%s", taken(page, error))
        threading.Thread(target=_retry, args=(served, ended), name="telemetry-page-waits", daemon=True).start()


def _retry(served: Served, ended: threading.Event) -> None:
    while not ended.wait(RETRY_SECONDS):
        try:
            served.start()
        except OSError:
            continue
        except RuntimeError:  # the interpreter shuts down, and starts no thread any more
            return
        if ended.is_set():  # the stop came in between, and found nothing to close
            served.stop()
        return


def is_helper_process() -> bool:
    """Tell whether multiprocessing started this process: such a one has no page of its own unless it serves."""
    multiprocessing = sys.modules.get("multiprocessing")
    return multiprocessing is not None and multiprocessing.parent_process() is not None
