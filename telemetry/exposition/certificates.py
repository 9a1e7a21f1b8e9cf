"""The page's TLS: server certificate, client certificates, and their renewal without a restart."""

import logging
import os
import ssl
import threading
from pathlib import Path

_logger = logging.getLogger(__name__)

_Signature = tuple[tuple[int, int, int], ...]


class Certificates:
    """A server certificate, and the authority whose client certificates are let in: none are asked for without it.

    `key` may stand in the certificate's file. TLS 1.2 or newer. The files are read again when they have changed; as
    long as what they hold does not fit together, the certificates read before are used.

    Raises:
        OSError: a file cannot be read, or is no certificate or no key (ssl.SSLError is one).
    """

    def __init__(self, certificate: Path, key: Path | None = None, client_ca: Path | None = None) -> None:
        self._certificate, self._key, self._client_ca = certificate, key, client_ca
        self._lock = threading.Lock()
        self._signature = self._sign()
        self._context = self._load()

    def context(self) -> ssl.SSLContext:
        """Return what to wrap the next connection with."""
        with self._lock:
            signature = self._sign()
            if signature != self._signature:
                self._signature = signature  # what does not fit is tried, and said, once
                try:
                    self._context = self._load()
                except OSError as error:
                    _logger.warning("The page's certificates changed and cannot be used; the old ones stay: %s", error)
            return self._context

    def _sign(self) -> _Signature:
        files = (file for file in (self._certificate, self._key, self._client_ca) if file is not None)
        try:
            return tuple((found.st_mtime_ns, found.st_size, found.st_ino) for found in map(os.stat, files))
        except OSError:
            return ()

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # A session resumed by a ticket would not show its certificate again, and each connection serves one request.
        context.options |= ssl.OP_NO_TICKET
        context.num_tickets = 0
        # OpenSSL would ask at the terminal for the password of a key that has one: this refuses such a key.
        context.load_cert_chain(self._certificate, self._key, password="")
        if self._client_ca is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self._client_ca)
        return context
