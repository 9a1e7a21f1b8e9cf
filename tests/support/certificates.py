"""Certificates of the tests' own, made by the `openssl` program."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Issued:
    """A certificate and its key, as PEM files."""

    certificate: Path
    key: Path


class Authority(Issued):
    """A certificate authority with its files in `directory`, which must exist."""

    def __init__(self, directory: Path, name: str) -> None:
        super().__init__(directory / f"{name}.pem", directory / f"{name}.key")
        _openssl("req", "-x509", *_KEY, "-days", "2", "-subj", f"/CN={name}", *_out(self))

    def issue(self, name: str) -> Issued:
        """Issue a certificate for loopback, good for a server and for a client."""
        issued = Issued(self.certificate.with_name(f"{name}.pem"), self.certificate.with_name(f"{name}.key"))
        signed_by = ("-CA", str(self.certificate), "-CAkey", str(self.key))
        names = ("-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-addext", "basicConstraints=CA:FALSE")
        _openssl("req", "-x509", *_KEY, "-days", "2", "-subj", f"/CN={name}", *signed_by, *names, *_out(issued))
        return issued


def _out(issued: Issued) -> tuple[str, ...]:
    return "-out", str(issued.certificate), "-keyout", str(issued.key)


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60)
