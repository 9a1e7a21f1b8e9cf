"""Make `.venv` with everything in it: what requirements.lock pins, and this project, editable.

Run by `make setup` with the system's Python; the standard library is all it needs. It parses under older Pythons, so
that these get a sentence instead of a syntax error.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
READY = VENV / ".ready"
OLDEST = (3, 11)
PROGRESS_SECONDS = 3.0


class SetupError(Exception):
    """The environment could not be made; the message says why, and what to do."""


def say(text: str) -> None:
    """Print one line of progress at once."""
    print(f"setup: {text}", flush=True)


def make_venv() -> None:
    """Make the virtual environment, or keep the one that works and is new enough."""
    # Formatted for any Python that may run this, hence the version is asked of the one inside.
    probe = f"import sys, pip; sys.exit(sys.version_info < {OLDEST})"
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", probe], capture_output=True, check=False).returncode == 0:
        return
    say(f"making .venv with Python {sys.version.split()[0]} ({sys.executable})")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True, check=False, cwd=ROOT
    )
    if made.returncode != 0:
        raise SetupError(
            f"this Python cannot make a virtual environment:\n{made.stdout}{made.stderr}"
            "On Debian and Ubuntu: apt-get install python3-venv"
        )


def install(*arguments: str | Path, total: int) -> None:
    """Run pip, and tell every few seconds how many of `total` packages it has come to."""
    command = [PYTHON, "-m", "pip", "install", "--progress-bar=off", *arguments]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_USER": "0"}
    printed: list[str] = []
    found = 0
    told = time.monotonic()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=ROOT
    ) as pip:
        for line in pip.stdout or ():
            printed.append(line)
            found += line.startswith(("Collecting ", "Requirement already satisfied"))
            if time.monotonic() - told >= PROGRESS_SECONDS:
                told = time.monotonic()
                say(f"{found} of about {total} packages")
    if pip.returncode != 0:
        raise SetupError(f"pip failed:\n{''.join(printed[-30:])}")


def main() -> int:
    """Bring `.venv` up to the lock; 0 when it is ready."""
    if sys.version_info < OLDEST:
        wanted = ".".join(str(number) for number in OLDEST)
        say(f"Python {wanted} or newer is needed, this is {sys.version.split()[0]} ({sys.executable}).")
        say(f"Install one, and name it if it is not found by itself: make PYTHON=python{wanted}")
        return 1
    start = time.monotonic()
    try:
        make_venv()
        pinned = sum("==" in line for line in LOCK.read_text().splitlines())
        say(f"installing {pinned} pinned packages into .venv (a minute or two the first time)")
        install("--require-hashes", "-r", LOCK, total=pinned)
        say("installing this project, editable")
        install("--no-deps", "--no-build-isolation", "--editable", ROOT, total=1)
    except SetupError as error:
        say(str(error))
        return 1
    READY.touch()
    say(f"ready in {time.monotonic() - start:.0f} s: .venv/bin/techsapo-telemetry --help")
    return 0


if __name__ == "__main__":
    sys.exit(main())
