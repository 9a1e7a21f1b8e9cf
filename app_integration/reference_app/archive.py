"""The archive of results: a JSON file an analysis, in a folder of Google Drive, by Google's own client."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, cast

import google_auth_httplib2
import httplib2
from google.auth.exceptions import GoogleAuthError
from google.oauth2.service_account import Credentials
from googleapiclient import discovery
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.errors import Error as DriveError
from googleapiclient.http import MediaInMemoryUpload

__all__ = ["ArchiveError", "DriveArchive"]

_SCOPE = "https://www.googleapis.com/auth/drive.file"
_TIMEOUT_SECONDS = 10.0
# Of a 429 or 5xx, with the pauses that Google's client makes between them.
_RETRIES = 2


class ArchiveError(Exception):
    """A result could not be archived; `__cause__` tells why."""


class _Request(Protocol):
    def execute(self, *, num_retries: int) -> Mapping[str, str]: ...


class _Files(Protocol):
    def create(self, *, body: Mapping[str, object], media_body: MediaInMemoryUpload, fields: str) -> _Request: ...


class _Drive(Protocol):
    def files(self) -> _Files: ...

    def close(self) -> None: ...


class DriveArchive:
    """Keeps documents in the folder `folder_id`, as the service account whose key `credentials_file` holds.

    Google's client blocks and is made for one thread: everything happens in a thread of the archive's own.
    `root_url` is where the API is, `https://www.googleapis.com/` unless given. API: Google Drive v3, files.create
    (https://developers.google.com/workspace/drive/api/reference/rest/v3/files/create).

    Raises:
        ValueError: the file is not the key of a service account.
        OSError: the file cannot be read.
    """

    def __init__(self, folder_id: str, credentials_file: Path, root_url: str | None = None) -> None:
        self._folder_id = folder_id
        self._credentials = _credentials(credentials_file)
        self._root_url = root_url
        self._drive: _Drive | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="archive")

    def keep(self, name: str, document: Mapping[str, object]) -> str:
        """Store a document as `name`.json and return the id of the file.

        Raises:
            ArchiveError: Drive refused it, or cannot be reached.
        """
        return self._thread.submit(self._keep, name, document).result()

    def close(self) -> None:
        """Finish what is under way, and hang up."""
        self._thread.submit(self._hang_up).result()
        self._thread.shutdown()

    def _keep(self, name: str, document: Mapping[str, object]) -> str:
        content = json.dumps(document, ensure_ascii=False, default=str).encode()
        body = {"name": f"{name}.json", "parents": [self._folder_id], "appProperties": {"analysis": name}}
        media = MediaInMemoryUpload(content, mimetype="application/json", resumable=False)
        try:
            if self._drive is None:
                self._drive = self._connect()
            request = self._drive.files().create(body=body, media_body=media, fields="id")
            return request.execute(num_retries=_RETRIES)["id"]
        # Its transport and its authentication raise errors of their own, which have nothing in common.
        except (DriveError, httplib2.HttpLib2Error, OSError, GoogleAuthError) as error:
            msg = f"{name} is not in the archive: {type(error).__name__}"
            raise ArchiveError(msg) from error

    def _connect(self) -> _Drive:
        document = json.loads(get_static_doc("drive", "v3"))
        if self._root_url is not None:
            # An upload goes to the root of this document, whatever endpoint the client is told.
            document["rootUrl"] = document["mtlsRootUrl"] = self._root_url
            document["baseUrl"] = self._root_url + document["servicePath"]
        # An API that is elsewhere is on this machine, or in its network: proxies of the environment don't lead there.
        proxies = httplib2.proxy_info_from_environment if self._root_url is None else None
        plain = httplib2.Http(timeout=_TIMEOUT_SECONDS, proxy_info=proxies)
        http = google_auth_httplib2.AuthorizedHttp(self._credentials, http=plain)
        return cast(_Drive, discovery.build_from_document(document, http=http))

    def _hang_up(self) -> None:
        if self._drive is not None:
            self._drive.close()
            self._drive = None


def _credentials(file: Path) -> Credentials:
    try:
        info = json.loads(file.read_text())
        return cast(Credentials, Credentials.from_service_account_info(info, scopes=[_SCOPE]))  # type: ignore[no-untyped-call]  # google-auth has no types for it
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        msg = f"{file} is not the key of a service account, as Google's console exports it ({type(error).__name__})"
        raise ValueError(msg) from None
