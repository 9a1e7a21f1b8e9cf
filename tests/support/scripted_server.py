"""An HTTP server on loopback that answers what a test scripts, in the bytes of a provider's wire, faults included."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support import ports


@dataclass(frozen=True)
class Scripted:
    """An answer: its parts are sent one by one, chunked; `cut` breaks off after them, `silent` never answers."""

    parts: Sequence[bytes] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    silent: bool = False


def whole(body: object, status: int = 200, **headers: str) -> Scripted:
    """An answer of this JSON; names of headers are written with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Scripted([json.dumps(body).encode()], status, {"Content-Type": "application/json", **named})


def events(*bodies: object, cut: bool = False) -> Scripted:
    """A stream of server-sent events of these JSONs."""
    parts = [b"data: " + json.dumps(body).encode() + b"\r\n\r\n" for body in bodies]
    return Scripted(parts, 200, {"Content-Type": "text/event-stream"}, cut=cut)


class ScriptedServer:
    """`url` is where it listens; it gives `script` answer by answer, the last one again; `asked` are the paths.

    `was_asked` is set by the first request.
    """

    def __init__(self) -> None:
        self.script: list[Scripted] = []
        self.asked: list[str] = []
        self.was_asked = threading.Event()
        self.over = threading.Event()
        self.url = ""

    def next(self, path: str) -> Scripted:
        """Return the next answer."""
        self.asked.append(path)
        self.was_asked.set()
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


@contextmanager
def scripted() -> Iterator[ScriptedServer]:
    """Serve until the end of the block."""
    server = ScriptedServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits 40 ms for the client's acknowledgement

        def do_POST(self) -> None:
            """Answer as the script says."""
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = server.next(self.path)
            if answer.silent:
                server.over.wait()
                return
            self.send_response(answer.status)
            for name, value in {**answer.headers, "Transfer-Encoding": "chunked"}.items():
                self.send_header(name, value)
            self.end_headers()
            for part in answer.parts:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                self.wfile.flush()
            if answer.cut:
                self.close_connection = True
                return
            self.wfile.write(b"0\r\n\r\n")

        def handle(self) -> None:
            """Answer until the client goes, in whatever manner."""
            with suppress(ConnectionError):
                super().handle()

        do_GET = do_POST  # noqa: N815  # the name that http.server looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer((ports.LOOPBACK, 0), Handler)
    listening.daemon_threads = True
    server.url = f"http://{ports.LOOPBACK}:{listening.server_address[1]}"
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        listening.shutdown()
        thread.join()
        listening.server_close()
