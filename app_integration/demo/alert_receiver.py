"""A receiver of Alertmanager's webhooks, on a free port of loopback."""

import threading
import time
from typing import Final

from app_integration.demo.alerts import Alerts, Heard
from app_integration.demo.posts import Post, Posts

_PATH: Final = "/alerts"
_MOST_BYTES: Final = 1024 * 1024


class AlertReceiver(Posts):
    """`with AlertReceiver() as receiver:`; who is told of `receiver.url` may post to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._alerts = Alerts()
        super().__init__(Post(_PATH, self.take, _MOST_BYTES, 204))

    @property
    def url(self) -> str:
        """Where webhooks are to be posted to."""
        return f"{self.address}{_PATH}"

    def heard(self) -> Heard:
        """Return what arrived until now."""
        with self._lock:
            return Heard(tuple(self._alerts.all()), self._alerts.watchdog is not None, time.monotonic())

    def take(self, body: bytes) -> None:
        """Keep what a message tells. Raises ValueError: it is none."""
        with self._lock:
            self._alerts.take(body, time.monotonic())
