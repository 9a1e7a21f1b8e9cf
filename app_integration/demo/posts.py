"""What others post to a free port of loopback: pushes of OTLP, and Alertmanager's webhooks."""

import gzip
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from app_integration.demo.processes import LOOPBACK


@dataclass(frozen=True, slots=True)
class Post:
    """What is taken: bodies of `most_bytes` at `path`, handed to `take`, which raises ValueError for what is wrong.

    Who posts is answered with `status` and `content_type`: 404 for another path, 413 for a larger body, 400 for a wrong
    one.
    """

    path: str
    take: Callable[[bytes], None]
    most_bytes: int
    status: int
    content_type: str = "text/plain"


class Posts:
    """`with Posts(post) as posts:`; a server in a thread of its own, at `posts.address`."""

    def __init__(self, post: Post) -> None:
        self._server = _Server((LOOPBACK, 0), post)
        self._thread = threading.Thread(target=self._server.serve_forever, name=f"posts to {post.path}", daemon=True)

    @property
    def address(self) -> str:
        """Its base address."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], post: Post) -> None:
        self.post = post
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        """Take a body."""
        post, size = self.server.post, int(self.headers.get("Content-Length", "0"))
        status = 404 if self.path != post.path else 413 if size > post.most_bytes else post.status
        if status == post.status:
            body = self.rfile.read(size)
            try:
                post.take(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            except ValueError:
                status = 400
        else:
            self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", post.content_type)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the standard library's
        """Say nothing: the terminal is the demo's."""
