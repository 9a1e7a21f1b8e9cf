"""The rendered files: which there are, whether they are stale, and how they are replaced."""

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from telemetry.contract import CONTRACT, Contract
from telemetry.render.metrics_page import metrics_page
from telemetry.render.policy import policy
from telemetry.render.settings_page import settings_page

_READABLE_BY_ALL = 0o644


class RenderError(Exception):
    """A rendered file cannot be read or written; the message names it and says what would be right."""


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """A file, named relative to the project's root, and what makes its content of a contract."""

    path: str
    content: Callable[[Contract], str]


RENDERED = (
    RenderedFile("docs/metrics.md", metrics_page),
    RenderedFile("docs/settings.md", settings_page),
    RenderedFile("collector/config/policy.json", policy),
)


def stale_files(
    root: Path, contract: Contract = CONTRACT, rendered: Sequence[RenderedFile] = RENDERED
) -> list[RenderedFile]:
    """Return the files that are missing under `root` or are not what would be written.

    Raises:
        RenderError: `root` is no folder of a project, or a file cannot be read.
    """
    _check_root(root, rendered)
    return [file for file in rendered if _read(root / file.path) != file.content(contract).encode()]


def write_files(
    root: Path, contract: Contract = CONTRACT, rendered: Sequence[RenderedFile] = RENDERED
) -> list[RenderedFile]:
    """Write the files that are stale, each at once or not at all, and return them.

    Raises:
        RenderError: `root` is no folder of a project, or a file cannot be read or written.
    """
    stale = stale_files(root, contract, rendered)
    for file in stale:
        _replace(root / file.path, file.content(contract).encode())
    return stale


def _check_root(root: Path, rendered: Sequence[RenderedFile]) -> None:
    for file in rendered:
        if not (folder := (root / file.path).parent).is_dir():
            msg = f"{folder} is no folder; run this in the project's root, or name that with --root"
            raise RenderError(msg)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}); make it a plain file that can be"
        raise RenderError(msg) from error


def _replace(path: Path, content: bytes) -> None:
    # A reader, or a build that is interrupted, sees the old file or the new one, never a part.
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        written = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            written.chmod(_READABLE_BY_ALL)
            written.replace(path)
        except BaseException:
            written.unlink(missing_ok=True)
            raise
    except OSError as error:
        msg = f"{path} cannot be written ({error.strerror}); make its folder writable"
        raise RenderError(msg) from error
