"""A Node.js service that sends what OpenTelemetry's own instrumentations measure, raw: nodejs/sender.mjs."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

SOURCES = Path(__file__).parent / "nodejs"
INSTALLED = Path(__file__).parents[2] / "build" / "nodejs"
MISSING = "Node.js or npm is not installed: apt-get install nodejs npm"

_FILES = ("package.json", "package-lock.json", "sender.mjs")


def program() -> str | None:
    """Return the path of Node.js, or None where it or npm is missing."""
    return shutil.which("node") if shutil.which("npm") else None


def install() -> Path:
    """Install what package-lock.json pins, once for all runs, and return the sender."""
    INSTALLED.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(b"\0".join((SOURCES / name).read_bytes() for name in _FILES)).hexdigest()
    stamp = INSTALLED / "stamp"
    with (INSTALLED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != digest:
            for name in _FILES:
                shutil.copyfile(SOURCES / name, INSTALLED / name)
            # No package needs its install script to send.
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run(command, cwd=INSTALLED, check=True, timeout=300, stdin=subprocess.DEVNULL)
            stamp.write_text(digest)
    return INSTALLED / "sender.mjs"


def send(sender: Path, endpoint: str, requests: int, addresses: Sequence[str], env: Mapping[str, str]) -> str:
    """Serve so many requests, count a rate limit for each address, push all of it, and return what was printed."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "TECHSAPO_"))}
    own = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_LOGS_EXPORTER": "none",
    }
    command = [program() or "node", "--expose-gc", str(sender), str(requests), *addresses]
    run = subprocess.run(
        command, env={**inherited, **own, **env}, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr
