"""What `make up` and `make down` say where they cannot do what they are asked: one sentence, with the way out."""

import os
import socket
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.ports import LOOPBACK, free_port

STACK = Path(__file__).parents[2] / "tools" / "stack.py"

# A docker that writes its calls down, and fails where it is told to.
DOCKER = """#!/bin/sh
echo "$*" >>"$CALLS"
case "$1 $2" in
"$FAILS") echo "$SAYS" >&2; exit 1 ;;
"volume inspect") [ -n "$VOLUME" ] ;;
esac
"""


@dataclass(frozen=True)
class Machine:
    """A machine with a stub of docker, and a directory for secrets that is not there yet."""

    directory: Path

    @property
    def docker(self) -> Path:
        """The stub."""
        return self.directory / "bin" / "docker"

    @property
    def secrets(self) -> Path:
        """Where secrets are made."""
        return self.directory / "secrets"

    @property
    def made(self) -> dict[str, str]:
        """The secrets that were made, by name."""
        return {path.name: path.read_text() for path in self.secrets.iterdir() if path.is_file()}

    @property
    def calls(self) -> list[str]:
        """What docker was asked to do."""
        calls = self.directory / "calls"
        return calls.read_text().splitlines() if calls.exists() else []

    def run(self, *arguments: str, **variables: str) -> tuple[int, str]:
        """Run tools/stack.py on ports that are free, and return its status and what it prints."""
        environment = {
            "PATH": str(self.docker.parent),
            "CALLS": str(self.directory / "calls"),
            "FAILS": "nothing",
            "STACK_SECRETS": str(self.secrets),
            "STACK_APP_PORT": str(free_port()),
            "STACK_PROMETHEUS_PORT": str(free_port()),
            "STACK_ALERTMANAGER_PORT": str(free_port()),
        }
        command = [sys.executable, str(STACK), *arguments]
        done = subprocess.run(command, env=environment | variables, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine where docker does what it is asked."""
    found = Machine(tmp_path)
    found.docker.parent.mkdir()
    found.docker.write_text(DOCKER)
    found.docker.chmod(0o755)
    return found


def test_without_docker_it_says_what_to_install(machine: Machine) -> None:
    """A machine without Docker gets a sentence, no traceback."""
    machine.docker.unlink()
    expected = "stack: docker is not installed: install Docker Engine or Docker Desktop, with the compose plugin\n"
    assert machine.run("up") == (1, expected)
    assert machine.run("down") == (1, expected)


@pytest.mark.parametrize(
    ("fails", "says", "expected"),
    [
        ("compose version", "'compose' is not a docker command", "docker has no compose plugin: install the package"),
        ("version --format", "Cannot connect to the Docker daemon", "the Docker engine is not running: start Docker"),
        (
            "version --format",
            "Got permission denied",
            "the Docker engine does not admit this user: add it to the group",
        ),
    ],
)
def test_what_is_missing_is_told_from_the_rest(machine: Machine, fails: str, says: str, expected: str) -> None:
    """Plugin, engine and permission each have a sentence of their own, and nothing is made or started."""
    status, printed = machine.run("up", FAILS=fails, SAYS=says)
    assert status == 1
    assert printed.startswith(f"stack: {expected}")
    assert printed.count("\n") == 1
    assert not machine.secrets.exists()
    assert not any(call.startswith("compose up") for call in machine.calls)


def test_a_port_that_is_taken_is_named(machine: Machine) -> None:
    """The user learns which port, and how to choose another, before anything is built."""
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = str(taken.getsockname()[1])
        status, printed = machine.run("up", STACK_PROMETHEUS_PORT=port)
    assert status == 1
    expected = f"stack: port {port} is not free (address already in use): choose one, make up STACK_PROMETHEUS_PORT=…\n"
    assert printed == expected


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(machine: Machine, port: str) -> None:
    """A wrong number is not handed on to Docker."""
    expected = f"stack: STACK_APP_PORT is {port!r}, which is no port: a number from 1 to 65535 is\n"
    assert machine.run("up", STACK_APP_PORT=port) == (1, expected)


def test_secrets_are_made_once_and_are_their_owners(machine: Machine) -> None:
    """Each is random, none is printed, and a second start changes none."""
    status, printed = machine.run("up")
    assert status == 0
    made = machine.made
    assert sorted(made) == ["client_ip_salt", "mysql_password", "mysql_root_password", "otlp_token", "redis_password"]
    assert len(set(made.values())) == 5
    assert {len(secret) for secret in made.values()} == {64}
    assert stat.S_IMODE(machine.secrets.stat().st_mode) == 0o700
    assert not any(secret in printed for secret in made.values())
    machine.run("up")
    assert made == machine.made


def test_there_is_a_place_for_those_of_alertmanager(machine: Machine) -> None:
    """Its container may read it under every umask; what is in it is the user's, and stays."""
    before = os.umask(0o077)
    try:
        machine.run("up")
    finally:
        os.umask(before)
    theirs = machine.secrets / "alertmanager"
    assert stat.S_IMODE(theirs.stat().st_mode) == 0o755
    (theirs / "slack_api_url").write_text("theirs")
    assert machine.run("up")[0] == 0
    assert (theirs / "slack_api_url").read_text() == "theirs"


def test_a_directory_that_is_open_to_others_is_closed(machine: Machine) -> None:
    """A directory of the user's own making becomes the owner's alone."""
    machine.secrets.mkdir(mode=0o755)
    machine.run("up")
    assert stat.S_IMODE(machine.secrets.stat().st_mode) == 0o700


def test_a_database_whose_password_is_lost_is_told_before_the_start(machine: Machine) -> None:
    """A new password would not open the old database: nothing is made, and both ways out are named."""
    status, printed = machine.run("up", VOLUME="there")
    assert status == 1
    assert printed.startswith("stack: the database of volume techsapo_mysql has passwords that are no longer in ")
    assert "make down VOLUMES=1" in printed
    assert not machine.secrets.exists()


def test_a_start_that_fails_says_where_to_look(machine: Machine) -> None:
    """The last line is the next command."""
    status, printed = machine.run("up", FAILS="compose up", SAYS="")
    assert status == 1
    assert printed.splitlines()[-1].endswith("docker compose ps tells what, docker compose logs why")


def test_down_keeps_the_data_unless_told(machine: Machine) -> None:
    """Volumes are removed only when that is asked for."""
    assert machine.run("down")[0] == 0
    assert machine.calls[-1] == "compose down --remove-orphans"
    assert machine.run("down", "--volumes")[0] == 0
    assert machine.calls[-1] == "compose down --remove-orphans --volumes"
