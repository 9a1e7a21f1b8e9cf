"""The page over TLS: who gets in, and renewal without a restart."""

import logging
import os
import re
import shutil
import socket
import ssl
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from telemetry.exposition import PageServer
from telemetry.exposition.certificates import Certificates
from tests.support import ports
from tests.support.certificates import Authority, Issued
from tests.support.snapshots import Fixed, every_metric

SOURCE = Fixed(every_metric())


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority of servers and clients."""
    return Authority(tmp_path_factory.mktemp("certificates"), "authority")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Issued:
    """A client certificate of an authority that the page does not know."""
    return Authority(tmp_path_factory.mktemp("strangers"), "other").issue("stranger")


@contextmanager
def serving(certificate: Path, key: Path | None = None, client_ca: Path | None = None) -> Iterator[PageServer]:
    """Serve the page over TLS."""
    page = PageServer(SOURCE, ports.LOOPBACK, 0, certificate=certificate, key=key, client_ca=client_ca)
    page.start()
    try:
        yield page
    finally:
        page.stop()


def client_context(authority: Issued, client: Issued | None = None) -> ssl.SSLContext:
    """Return what a scraper is configured with."""
    context = ssl.create_default_context(cafile=str(authority.certificate))
    if client is not None:
        context.load_cert_chain(client.certificate, client.key)
    return context


def fetch(page: PageServer, context: ssl.SSLContext) -> bytes:
    """Return the page as a client gets it."""
    with urllib.request.urlopen(page.url, timeout=10, context=context) as response:
        body: bytes = response.read()
    return body


def subject(page: PageServer, context: ssl.SSLContext) -> str:
    """Return the common name in the certificate that the server shows."""
    plain = socket.create_connection(page.address, timeout=10)
    with context.wrap_socket(plain, server_hostname=ports.LOOPBACK) as client:
        shown = client.getpeercert()
    # The type stubs leave open how a name is nested: the text of it does not.
    found = re.search(r"'commonName', '(\w+)'", str(shown))
    return found[1] if found else ""


def test_the_page_is_served_over_tls(authority: Authority) -> None:
    """A client that trusts the authority reads it, one that does not refuses the certificate."""
    issued = authority.issue("plain")
    with serving(issued.certificate, issued.key) as page:
        assert page.url.startswith("https://")
        assert b"# TYPE techsapo_wallbounce_cost_usd counter" in fetch(page, client_context(authority))
        with pytest.raises(OSError, match="certificate verify failed"):
            fetch(page, ssl.create_default_context())


def test_only_clients_with_a_certificate_of_the_authority_get_in(authority: Authority, stranger: Issued) -> None:
    """Neither one without a certificate nor one of another authority sees a byte of the page."""
    issued, scraper = authority.issue("server"), authority.issue("scraper")
    with serving(issued.certificate, issued.key, authority.certificate) as page:
        assert b"techsapo_" in fetch(page, client_context(authority, scraper))
        for context in (client_context(authority), client_context(authority, stranger)):
            with pytest.raises(OSError, match=r"alert|reset|EOF|closed"):
                fetch(page, context)
        assert b"techsapo_" in fetch(page, client_context(authority, scraper))


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_old_versions_of_tls_are_refused(authority: Authority) -> None:
    """TLS 1.2 is the oldest that is spoken."""
    issued = authority.issue("versions")
    assert Certificates(issued.certificate, issued.key).context().minimum_version == ssl.TLSVersion.TLSv1_2
    with serving(issued.certificate, issued.key) as page:
        assert b"techsapo_" in fetch(page, _only(client_context(authority), ssl.TLSVersion.TLSv1_2))
        with pytest.raises(OSError, match=r"alert|reset|EOF|closed"):
            fetch(page, _only(client_context(authority), ssl.TLSVersion.TLSv1_1))


def _only(context: ssl.SSLContext, version: ssl.TLSVersion) -> ssl.SSLContext:
    context.set_ciphers("ALL:@SECLEVEL=0")  # without this the client itself refuses
    context.minimum_version = context.maximum_version = version
    return context


def test_a_client_without_tls_keeps_nobody_out(authority: Authority) -> None:
    """Plain HTTP gets nothing, and a silent client does not hold up the handshakes of others."""
    issued = authority.issue("others")
    with serving(issued.certificate, issued.key) as page, socket.create_connection(page.address, timeout=10):
        with socket.create_connection(page.address, timeout=10) as plain:
            plain.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
            with suppress(ConnectionResetError):
                assert b"techsapo_" not in plain.recv(1_000)
        assert b"techsapo_" in fetch(page, client_context(authority))


def test_renewed_certificates_are_taken_without_a_restart(authority: Authority, tmp_path: Path) -> None:
    """The next connection sees the new certificate; while only half of it is there, the old one."""
    old, new = authority.issue("old"), authority.issue("new")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    shutil.copy(old.certificate, certificate)
    shutil.copy(old.key, key)
    context = client_context(authority)
    with serving(certificate, key) as page:
        assert subject(page, context) == "old"
        _replace(new.certificate, certificate)
        assert subject(page, context) == "old"
        _replace(new.key, key)
        assert subject(page, context) == "new"
        certificate.unlink()
        assert subject(page, context) == "new"


def test_certificates_that_cannot_be_renewed_are_said_once(
    authority: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not at each scrape."""
    issued = authority.issue("said")
    certificate = tmp_path / "both.pem"
    certificate.write_text(issued.certificate.read_text() + issued.key.read_text())
    context = client_context(authority)
    with serving(certificate) as page, caplog.at_level(logging.WARNING):
        certificate.write_text("broken")
        assert ["said", "said", "said"] == [subject(page, context) for _ in range(3)]
        certificate.unlink()
        assert ["said", "said", "said"] == [subject(page, context) for _ in range(3)]
    assert len(caplog.records) == 2


def test_unusable_certificates_are_an_error_when_the_server_is_made(authority: Authority, tmp_path: Path) -> None:
    """A missing file, a key of another certificate, a key with a password: before any port is bound."""
    issued, other = authority.issue("first"), authority.issue("second")
    with pytest.raises(FileNotFoundError):
        PageServer(SOURCE, ports.LOOPBACK, 0, certificate=tmp_path / "nothing.pem")
    with pytest.raises(ssl.SSLError):
        PageServer(SOURCE, ports.LOOPBACK, 0, certificate=issued.certificate, key=other.key)
    with pytest.raises(ValueError, match="without a certificate"):
        PageServer(SOURCE, ports.LOOPBACK, 0, client_ca=issued.certificate)
    locked = tmp_path / "locked.key"
    command = f"openssl ec -in {issued.key} -aes256 -passout pass:secret -out {locked} 2>{os.devnull}"
    assert os.system(command) == 0  # noqa: S605  # paths of this test's own
    with pytest.raises(ssl.SSLError):
        PageServer(SOURCE, ports.LOOPBACK, 0, certificate=issued.certificate, key=locked)


def _replace(source: Path, target: Path) -> None:
    # As a renewal does it: the file is there at every moment, and it is another one.
    fresh = target.with_suffix(".fresh")
    shutil.copy(source, fresh)
    fresh.replace(target)
