"""The embedded page: three formats of one snapshot, and the server that offers them."""

from telemetry.exposition.asgi import metrics_app
from telemetry.exposition.page import Answer, Page
from telemetry.exposition.server import PageServer
from telemetry.exposition.source import SnapshotSource

__all__ = ["Answer", "Page", "PageServer", "SnapshotSource", "metrics_app"]
