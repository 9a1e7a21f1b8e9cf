"""A Node.js service that sends what OpenTelemetry's own instrumentations measure, raw: nodejs/sender.mjs."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support import npm

SOURCES = Path(__file__).parent / "nodejs"
INSTALLED = Path(__file__).parents[2] / "build" / "nodejs"
_SENDER = "sender.mjs"


def install() -> Path:
    """Install what it needs, and return the sender."""
    npm.install(SOURCES, INSTALLED, [_SENDER])
    return INSTALLED / _SENDER


def send(sender: Path, endpoint: str, requests: int, addresses: Sequence[str], env: Mapping[str, str]) -> str:
    """Serve so many requests, count a rate limit for each address, push all of it, and return what was printed."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "TECHSAPO_"))}
    own = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_LOGS_EXPORTER": "none",
    }
    command = [shutil.which("node") or "node", "--expose-gc", str(sender), str(requests), *addresses]
    run = subprocess.run(
        command, env={**inherited, **own, **env}, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr
