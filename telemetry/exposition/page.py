"""The page: a snapshot in the format that a client asks for."""

import zlib
from dataclasses import dataclass

from telemetry.exposition import openmetrics, protobuf, text
from telemetry.exposition.negotiation import accepts_gzip, choose
from telemetry.exposition.source import SnapshotSource

SNAPSHOT_TIMEOUT_MILLIS = 5_000  # half of Prometheus' default scrape timeout

# Below one packet's payload nothing is gained; above, level 1 leaves a twentieth at 2 ms a megabyte (measured).
_GZIP_FROM_BYTES = 1_400
_GZIP_LEVEL = 1
_GZIP_WINDOW = 16 + zlib.MAX_WBITS  # 16: with gzip's header


@dataclass(frozen=True, slots=True)
class Answer:
    """A page's bytes and the headers that describe them."""

    body: bytes
    headers: tuple[tuple[str, str], ...]


class Page:
    """Writes pages from a source of snapshots, whatever thread asks.

    `service_version` is all that `target_info` carries; without it there is none.
    """

    def __init__(self, source: SnapshotSource, service_version: str | None = None) -> None:
        self._source = source
        self._service_version = service_version

    def answer(self, accept: str = "", accept_encoding: str = "") -> Answer:
        """Return the page as a client's Accept and Accept-Encoding headers want it.

        Raises what the source raises.
        """
        choice = choose(accept)
        taken = self._source.snapshot(SNAPSHOT_TIMEOUT_MILLIS)
        if choice.content_type == protobuf.CONTENT_TYPE:
            body = protobuf.write(taken, self._service_version)
        elif choice.content_type == openmetrics.CONTENT_TYPE:
            body = openmetrics.write(taken, self._service_version, created=choice.created)
        else:
            body = text.write(taken, self._service_version)
        headers = [("Content-Type", choice.content_type), ("Vary", "Accept, Accept-Encoding")]
        if len(body) >= _GZIP_FROM_BYTES and accepts_gzip(accept_encoding):
            body = zlib.compress(body, _GZIP_LEVEL, _GZIP_WINDOW)
            headers.append(("Content-Encoding", "gzip"))
        return Answer(body, tuple(headers))
