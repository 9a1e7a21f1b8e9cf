"""docker-compose.yml on an engine of the tests' own: what `make up` has started, and what can be asked of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

import pytest

from tests.support.docker_engine import DockerEngine

# The service and the variable of each port that is published.
PORTS = {
    "app": "STACK_APP_PORT",
    "prometheus": "STACK_PROMETHEUS_PORT",
    "alertmanager": "STACK_ALERTMANAGER_PORT",
}


@dataclass(frozen=True)
class Stack:
    """The stack as `make up` has started it, and what that printed."""

    engine: DockerEngine
    secrets: Path
    ports: Mapping[str, int]
    printed: str

    def make(self, *arguments: str) -> str:
        """Run `make` beside the engine and return what it prints."""
        return make(self.engine, self.secrets, self.ports, *arguments)

    def url(self, service: str) -> str:
        """Return the address that a service is published at."""
        return f"http://127.0.0.1:{self.ports[service]}"

    def secret_files(self) -> list[Path]:
        """Return the files of the secrets that `make up` has made."""
        return [path for path in self.secrets.iterdir() if path.is_file()]

    def containers(self) -> dict[str, str]:
        """Return the container of each service."""
        listed = self.engine.docker("ps", "--all", "--format={{.ID}}", "--no-trunc").stdout.decode().split()
        found = self.engine.inspect(*listed) if listed else []
        return {text(each, "Config", "Labels", "com.docker.compose.service"): text(each, "Id") for each in found}

    def query(self, expression: str) -> float | None:
        """Return the sum of what Prometheus finds now, None where it finds nothing."""
        url = f"{self.url('prometheus')}/api/v1/query?{urlencode({'query': expression})}"
        found = json.loads(self.engine.fetch(url))["data"]["result"]
        return sum(float(each["value"][1]) for each in found) if found else None


def make(engine: DockerEngine, secrets: Path, published: Mapping[str, int], *arguments: str) -> str:
    """Run `make` where loopback is the engine's and return what it prints; a failure comes with the services' logs."""
    variables = {
        "STACK_SECRETS": str(secrets),
        **{variable: str(published[service]) for service, variable in PORTS.items()},
        # What a `make` around the tests hands down is none of this one's business.
        "MAKEFLAGS": "",
    }
    done = engine.inside("make", "--no-print-directory", *arguments, check=False, **variables)
    printed = done.stdout.decode()
    if done.returncode != 0:
        logs = engine.docker("compose", "logs", "--tail=20", check=False).stdout.decode()
        pytest.fail(f"make {arguments} ended with {done.returncode}:\n{printed}\n{logs}")
    return printed


def at(document: dict[str, object], *path: str) -> object:
    """Return what stands at a path of a JSON document."""
    found: object = document
    for name in path:
        found = cast("dict[str, object]", found)[name]
    return found


def text(document: dict[str, object], *path: str) -> str:
    """Return the text at a path of a JSON document."""
    return str(at(document, *path))


def networks(engine: DockerEngine) -> dict[str, dict[str, dict[str, object]]]:
    """Return the containers in each network of the stack."""
    listed = engine.docker("network", "ls", "--filter=name=techsapo_", "--format={{.Name}}").stdout.decode().split()
    found = json.loads(engine.docker("network", "inspect", *listed).stdout)
    return {each["Name"]: each["Containers"] for each in found}


def in_layers(engine: DockerEngine, secrets: Sequence[Path]) -> str:
    """Return the files of any image's or container's layer that hold one of the secrets; volumes are not layers."""
    storage = engine.directory / "data" / engine.docker("info", "--format={{.Driver}}").stdout.decode().strip()
    patterns = [f"--regexp={path.read_text()}" for path in secrets]
    # One file system: what is mounted into a container is not of its layer.
    return engine.inside("grep", "-rlF", *patterns, storage, check=False).stdout.decode()


# Prints what it is sent, a line each.
LISTENER = """
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        print(self.path, self.rfile.read(int(self.headers["Content-Length"])).decode(), flush=True)
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
HTTPServer(("", 8080), Handler).serve_forever()
"""


@contextmanager
def listener(engine: DockerEngine, network: str) -> Iterator[str]:
    """Run a container in a network that prints what is posted to its port 8080; its name is its host's name."""
    name = "listener-of-the-tests"
    program = ["--entrypoint=python", "techsapo-reference-app:0.1.0", "-c", LISTENER]
    engine.docker("run", "--detach", f"--name={name}", f"--network={network}", *program)
    try:
        yield name
    finally:
        engine.docker("rm", "--force", name)
