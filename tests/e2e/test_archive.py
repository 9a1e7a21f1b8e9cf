"""The archive of results: Google's own client against a simulated Drive."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app_integration.reference_app.archive import ArchiveError, DriveArchive
from app_integration.simulator.drive import Drive
from tests.support.ports import LOOPBACK, free_port
from tests.support.serving import serve


@dataclass(frozen=True)
class Served:
    """A Drive that is reached at `url`, and the key of its account."""

    drive: Drive
    url: str
    key: Path


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A Drive on a free port."""
    drive = Drive()
    with serve(drive.app()) as port:
        url = f"http://{LOOPBACK}:{port}/"
        key = tmp_path / "key.json"
        key.write_text(drive.key_file(url))
        yield Served(drive, url, key)


@pytest.fixture
def archive(served: Served) -> Iterator[DriveArchive]:
    """An archive in the folder `results`."""
    made = DriveArchive("results", served.key, served.url)
    yield made
    made.close()


def test_a_document_becomes_a_file_of_the_folder(served: Served, archive: DriveArchive) -> None:
    """Metadata and content arrive as they were given, letters beyond ASCII too."""
    number = archive.keep("an-analysis", {"answer": "groß", "confidence": 0.5})
    stored = served.drive.files[number]
    assert stored.metadata == {
        "name": "an-analysis.json",
        "parents": ["results"],
        "appProperties": {"analysis": "an-analysis"},
    }
    assert json.loads(stored.content) == {"answer": "groß", "confidence": 0.5}


def test_proxies_of_the_environment_are_not_asked(
    served: Served, archive: DriveArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the API is told to be, they would not find it."""
    monkeypatch.setenv("HTTP_PROXY", f"http://{LOOPBACK}:{free_port()}")
    monkeypatch.setenv("http_proxy", f"http://{LOOPBACK}:{free_port()}")
    archive.keep("an-analysis", {})
    assert len(served.drive.files) == 1


def test_a_busy_drive_is_asked_again(served: Served, archive: DriveArchive) -> None:
    """Google's client repeats what got a 429 or 500."""
    served.drive.failures[:] = [429, 500]
    archive.keep("an-analysis", {})
    assert (served.drive.uploads, len(served.drive.files)) == (3, 1)


def test_a_refusal_is_an_error_that_names_the_document(served: Served, archive: DriveArchive) -> None:
    """What Drive says is the cause."""
    served.drive.failures[:] = [404]
    with pytest.raises(ArchiveError, match=r"^an-analysis is not in the archive: HttpError$") as raised:
        archive.keep("an-analysis", {})
    assert "404" in str(raised.value.__cause__)


def test_an_account_that_is_unknown_gets_no_token(served: Served) -> None:
    """Its assertion is signed by another key than the one that Drive has."""
    served.key.write_text(Drive().key_file(served.url))
    other = DriveArchive("results", served.key, served.url)
    with pytest.raises(ArchiveError, match="RefreshError"):
        other.keep("an-analysis", {})
    other.close()


def test_a_drive_that_is_not_there_is_an_error_too(served: Served) -> None:
    """Nothing listens at the address."""
    other = DriveArchive("results", served.key, f"http://{LOOPBACK}:{free_port()}/")
    with pytest.raises(ArchiveError):
        other.keep("an-analysis", {})
    other.close()


def test_a_key_that_is_none_is_refused_at_once(tmp_path: Path) -> None:
    """The error names the file, and what it should be."""
    for text in ("", "[]", '{"type": "service_account"}'):
        (tmp_path / "key.json").write_text(text)
        with pytest.raises(ValueError, match=r"key\.json is not the key of a service account"):
            DriveArchive("results", tmp_path / "key.json")
