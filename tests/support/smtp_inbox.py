"""An SMTP server on loopback that keeps the mail it takes, and the passwords it is told. It has no TLS."""

import base64
import socketserver
import threading
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Self

from tests.support import ports


@dataclass(frozen=True)
class Mail:
    """One mail: its envelope, the account and password that were told for it, and what it says."""

    sender: str
    recipients: tuple[str, ...]
    account: tuple[str, str]
    message: EmailMessage

    @property
    def text(self) -> str:
        """The part in plain text."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The part in HTML."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return "" if part is None else str(part.get_content())


class SmtpInbox:
    """A server that takes every mail and every password. `with SmtpInbox() as inbox`."""

    def __init__(self) -> None:
        self._mails: list[Mail] = []
        self._commands: list[str] = []
        self._lock = threading.Lock()
        inbox = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                inbox._serve(self)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self._server = Server((ports.LOOPBACK, 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def smarthost(self) -> str:
        """Its host and port."""
        return f"{ports.LOOPBACK}:{self._server.server_address[1]}"

    def mails(self) -> list[Mail]:
        """Return the mails so far, in the order of arrival."""
        with self._lock:
            return list(self._mails)

    def commands(self) -> list[str]:
        """Return every line that a client sent outside of a mail."""
        with self._lock:
            return list(self._commands)

    def _serve(self, client: socketserver.StreamRequestHandler) -> None:
        def answer(line: str) -> None:
            client.wfile.write(f"{line}\r\n".encode())

        sender, recipients, account = "", [], ("", "")
        answer("220 inbox")
        for raw in client.rfile:
            line = raw.decode().strip()
            with self._lock:
                self._commands.append(line)
            match line.split(" ", 1)[0].upper():
                case "EHLO":
                    answer("250-inbox")
                    answer("250 AUTH PLAIN")
                case "AUTH":
                    _, name, password = base64.b64decode(line.rsplit(" ", 1)[1]).decode().split("\0")
                    account = (name, password)
                    answer("235 fine")
                case "MAIL":
                    sender = line.split("<")[1].split(">")[0]
                    answer("250 fine")
                case "RCPT":
                    recipients.append(line.split("<")[1].split(">")[0])
                    answer("250 fine")
                case "DATA":
                    answer("354 go on")
                    body = b"".join(iter(client.rfile.readline, b".\r\n")).replace(b"\r\n..", b"\r\n.")
                    message = message_from_bytes(body, policy=policy.default)
                    with self._lock:
                        self._mails.append(Mail(sender, tuple(recipients), account, message))
                    answer("250 fine")
                case "QUIT":
                    answer("221 bye")
                    return
                case _:
                    answer("502 unknown")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
