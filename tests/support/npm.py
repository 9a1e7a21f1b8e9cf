"""Packages of npm, as a lock pins them, installed once for all runs."""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

MISSING = "Node.js or npm is not installed: apt-get install nodejs npm"

_LOCKED = ("package.json", "package-lock.json")
# No package here needs its install script.
_COMMAND = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def installed() -> bool:
    """Return whether there is what installs packages and runs them."""
    return bool(shutil.which("node") and shutil.which("npm"))


def install(sources: Path, into: Path, others: Sequence[str] = ()) -> None:
    """Copy the lock, and other files, from `sources`, and install what it pins; nothing where that is there already."""
    files = (*_LOCKED, *others)
    into.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(b"\0".join((sources / name).read_bytes() for name in files)).hexdigest()
    stamp = into / "stamp"
    with (into / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != digest:
            for name in files:
                shutil.copyfile(sources / name, into / name)
            subprocess.run(_COMMAND, cwd=into, check=True, timeout=300, stdin=subprocess.DEVNULL)
            stamp.write_text(digest)
