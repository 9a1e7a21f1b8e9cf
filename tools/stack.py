"""Start and stop the stack of docker-compose.yml: `make up`, `make down`. The standard library is all it needs.

The secrets are made at the first start, each into a file of `.secrets`, and kept from then on. Only the owner may enter
that directory; the files in it are readable to all, as the containers that read them run as other users.
"""

import argparse
import os
import secrets
import shutil
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECRETS = ("client_ip_salt", "otlp_token", "redis_password", "mysql_password", "mysql_root_password")
# Where Alertmanager looks for the addresses of those it tells: files of the user's own (docs/alerting.md).
ALERTMANAGER_SECRETS = "alertmanager"
DATABASE_SECRETS = ("mysql_password", "mysql_root_password")
PROJECT = "techsapo"
LOOPBACK = "127.0.0.1"
# Service, its port in the container, the variable for the one on loopback, that one's default, and what it shows.
ADDRESSES = (
    ("app", 8000, "STACK_APP_PORT", "8000", "the application: POST /analyses, GET /history; /docs lists the rest"),
    ("prometheus", 9090, "STACK_PROMETHEUS_PORT", "9090", "Prometheus: ask for techsapo_http_requests_total"),
    ("alertmanager", 9093, "STACK_ALERTMANAGER_PORT", "9093", "Alertmanager: what fires, and silences"),
)
START_SECONDS = 300


class StackError(Exception):
    """The stack cannot be started or stopped; the message is one sentence, and says what to do."""


def say(text: str) -> None:
    """Print one line at once."""
    print(f"stack: {text}", flush=True)


def port_of(variable: str, default: str) -> str:
    """Return the port on loopback that is wanted."""
    return os.environ.get(variable) or default


def secrets_directory() -> Path:
    """Return where the secrets are, STACK_SECRETS or `.secrets`; a relative one is meant from the project's root."""
    return ROOT / (os.environ.get("STACK_SECRETS") or ".secrets")


def docker(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a docker command, and return what it said."""
    return subprocess.run(["docker", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def compose(*arguments: str) -> int:
    """Run a docker compose command that shows what it does, and return its exit status."""
    environment = {**os.environ, "STACK_SECRETS": str(secrets_directory())}
    return subprocess.run(["docker", "compose", *arguments], cwd=ROOT, env=environment, check=False).returncode


def check_docker() -> None:
    """Make sure that there are docker, its compose plugin, and an engine that answers.

    Raises:
        StackError: one of them is missing.
    """
    if shutil.which("docker") is None:
        raise StackError("docker is not installed: install Docker Engine or Docker Desktop, with the compose plugin")
    if docker("compose", "version").returncode != 0:
        raise StackError("docker has no compose plugin: install the package docker-compose-plugin or docker-compose-v2")
    engine = docker("version", "--format", "{{.Server.Version}}")
    if engine.returncode != 0:
        if "permission denied" in engine.stderr.lower():
            raise StackError("the Docker engine does not admit this user: add it to the group docker, and log in anew")
        raise StackError("the Docker engine is not running: start Docker Desktop, or as root: systemctl start docker")


def make_secrets() -> None:
    """Make the secrets that are missing; those that are there stay.

    Raises:
        StackError: the database was made with a password that is not there any more.
    """
    directory = secrets_directory()
    missing = [name for name in SECRETS if not (directory / name).exists()]
    volume = f"{os.environ.get('COMPOSE_PROJECT_NAME') or PROJECT}_mysql"
    if set(missing) & set(DATABASE_SECRETS) and docker("volume", "inspect", volume).returncode == 0:
        raise StackError(
            f"the database of volume {volume} has passwords that are no longer in {directory}: "
            "put them back, or begin anew with make down VOLUMES=1"
        )
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A directory that was there before may be open to others.
    directory.chmod(0o700)
    ours = directory / ALERTMANAGER_SECRETS
    ours.mkdir(exist_ok=True)
    # The container's user enters it from the mount, whatever the umask was.
    ours.chmod(0o755)
    for name in missing:
        unfinished = directory / f".{name}"
        unfinished.write_text(secrets.token_hex(32))
        unfinished.chmod(0o444)
        unfinished.rename(directory / name)
    if missing:
        say(f"made {', '.join(missing)} in {directory}")


def check_ports() -> None:
    """Make sure that nobody else listens where the stack will.

    Raises:
        StackError: a port is taken by something that is not this stack.
    """
    for service, inside, variable, default, _ in ADDRESSES:
        port = port_of(variable, default)
        if not port.isdecimal() or not 1 <= int(port) <= 65_535:
            raise StackError(f"{variable} is {port!r}, which is no port: a number from 1 to 65535 is")
        if docker("compose", "port", service, str(inside)).stdout.strip() == f"{LOOPBACK}:{port}":
            continue
        with socket.socket() as probe:
            # As the engine does: a port whose last connection has just closed is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, int(port)))
            except OSError as error:
                reason = (error.strerror or "it is taken").lower()
                raise StackError(f"port {port} is not free ({reason}): choose one, make up {variable}=…") from error


def up() -> None:
    """Start everything, wait until it is healthy, and tell where it is reached.

    Raises:
        StackError: it did not start.
    """
    check_docker()
    check_ports()
    make_secrets()
    say("building the images of the Collector and the application: some minutes the first time")
    if compose("build") != 0:
        raise StackError("an image was not built: what is above tells why")
    say("starting, and waiting until all is healthy")
    if compose("up", "--detach", "--no-build", "--remove-orphans", "--wait", f"--wait-timeout={START_SECONDS}") != 0:
        raise StackError("not everything became healthy: docker compose ps tells what, docker compose logs why")
    for _, _, variable, default, what in ADDRESSES:
        say(f"http://{LOOPBACK}:{port_of(variable, default)}  {what}")


def down(*, volumes: bool) -> None:
    """Stop everything. The data stays, unless the volumes are to go as well.

    Raises:
        StackError: it did not stop.
    """
    check_docker()
    if compose("down", "--remove-orphans", *(["--volumes"] if volumes else [])) != 0:
        raise StackError("it was not stopped: what is above tells why")
    say("stopped; its data is gone" if volumes else "stopped; its data stays: make down VOLUMES=1 removes it")


def main() -> int:
    """Do what is asked for; 0 when it is done."""
    parser = argparse.ArgumentParser(description="Start and stop the stack of docker-compose.yml.")
    parser.add_argument("what", choices=("up", "down"))
    parser.add_argument("--volumes", action="store_true", help="with down: remove the data as well")
    told = parser.parse_args()
    try:
        if told.what == "up":
            up()
        else:
            down(volumes=told.volumes)
    except StackError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("interrupted: make down stops what has started")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
