"""What the Docker engine of the tests tells of itself without being started."""

from pathlib import Path

import pytest

from tests.support import docker_engine
from tests.support.docker_engine import address_of


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("0100007F:1F40", ("127.0.0.1", 8000)),
        ("00000000:2382", ("0.0.0.0", 9090)),
        ("00000000000000000000000001000000:1F40", ("::1", 8000)),
        ("00000000000000000000000000000000:0050", ("::", 80)),
    ],
)
def test_addresses_are_read_as_the_kernel_writes_them(written: str, expected: tuple[str, int]) -> None:
    """A port that is open to all is told from one on loopback."""
    assert address_of(written) == expected


def test_a_machine_without_an_engine_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The reason for which the stack's tests are skipped names the packages."""
    monkeypatch.setattr(docker_engine, "SEARCH", str(tmp_path))
    reason = docker_engine.missing()
    assert reason is not None
    assert reason.startswith("no Docker engine (docker, dockerd, ")
    assert reason.endswith("missing): apt-get install docker.io iptables iproute2 debootstrap")
