"""A Docker engine of a test's own: Debian's dockerd in namespaces of its own, on a socket in a temporary directory.

Its network, mount and process namespaces are new. So its bridges, its iptables rules and the loopback addresses that it
publishes ports on are not the machine's; an engine that runs here already, its images and its containers are not
touched; and when the first process of the process namespace is killed, the kernel ends every container with it and
takes all mounts away. There is no way out of that network: what a build needs is in its base image.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import psutil

from tests.support import wait
from tests.support.processes import Server

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "build" / "docker-compose"
SEARCH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])
PROGRAMS = ("docker", "dockerd", "containerd", "runc", "iptables", "debootstrap", "ip", "setpriv", "unshare", "nsenter")
CGROUPS = Path("/sys/fs/cgroup")

# Whatever ends the tests, even SIGKILL, ends unshare, which ends the engine.
NAMESPACES = (
    *("setpriv", "--pdeathsig=KILL"),
    *("unshare", "--mount", "--net", "--ipc", "--uts", "--pid", "--fork", "--mount-proc", "--kill-child"),
)
# A /run of its own hides the sockets of the machine's engine and of systemd.
BOOT = 'mount -t tmpfs run /run && ip link set lo up && exec dockerd "$@"'


def missing() -> str | None:
    """Return why no engine can be started here, None where one can."""
    absent = [name for name in PROGRAMS if shutil.which(name, path=SEARCH) is None]
    if absent:
        return (
            f"no Docker engine ({', '.join(absent)} missing): apt-get install docker.io iptables iproute2 debootstrap"
        )
    if os.geteuid() != 0:
        return "a Docker engine of the tests' own is started by root only"
    if not COMPOSE.exists():
        return "build/docker-compose is not there: make tools"
    return None


class DockerEngine(Server):
    """dockerd with all that it keeps in `directory`, which must not exist; it is gone after `stop`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.socket = directory / "docker.sock"
        self.cgroup = f"techsapo-test-{os.getpid()}"
        plugins = directory / "client" / "cli-plugins"
        plugins.mkdir(parents=True)
        # What Docker's package docker-compose-plugin does on a user's machine.
        (plugins / "docker-compose").symlink_to(COMPOSE)
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("DOCKER_", "COMPOSE_", "STACK_"))
        }
        environment = inherited | {
            "PATH": SEARCH,
            "DOCKER_HOST": f"unix://{self.socket}",
            "DOCKER_CONFIG": str(directory / "client"),
            # The engine is 20.10 and has no BuildKit plugin.
            "DOCKER_API_VERSION": "1.41",
            "DOCKER_BUILDKIT": "0",
        }
        dockerd = [f"--data-root={directory / 'data'}", f"--exec-root={directory / 'exec'}"]
        dockerd += [f"--pidfile={directory / 'pid'}", f"--host=unix://{self.socket}", "--log-level=warn"]
        # Without systemd in there nobody else makes the control groups.
        dockerd += ["--exec-opt=native.cgroupdriver=cgroupfs", f"--cgroup-parent=/{self.cgroup}"]
        super().__init__(
            [*NAMESPACES, "sh", "-c", BOOT, "dockerd", *dockerd],
            output=directory / "dockerd.log",
            ready=lambda: self.socket.exists() and self.docker("version", check=False).returncode == 0,
            deadline=60.0,
            env=environment,
        )
        self.environment = environment

    def docker(
        self, *arguments: str | Path, check: bool = True, stdin: bytes | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a docker command; both streams are in `stdout`.

        Raises:
            AssertionError: it failed, and `check` is true.
        """
        return self._run(["docker", *map(str, arguments)], check=check, stdin=stdin)

    def inside(self, *command: str | Path, check: bool = True, **variables: str) -> subprocess.CompletedProcess[bytes]:
        """Run a command of this machine where loopback is the engine's, with variables on top of its environment."""
        namespace = f"--net=/proc/{self.pid}/ns/net"
        return self._run(["nsenter", namespace, *map(str, command)], check=check, variables=variables)

    def fetch(self, url: str, body: str | None = None) -> str:
        """Return what a published port answers: to a POST of JSON where there is a body, else to a GET."""
        program = (
            "import sys; from urllib.request import Request, urlopen\n"
            "body = sys.argv[2].encode() if len(sys.argv) > 2 else None\n"
            "request = Request(sys.argv[1], body, {'Content-Type': 'application/json'})\n"
            "print(urlopen(request, timeout=30).read().decode())"
        )
        return self.inside(sys.executable, "-c", program, url, *([body] if body else [])).stdout.decode()

    def inspect(self, *names: str) -> list[dict[str, object]]:
        """Return what `docker inspect` tells of containers or images."""
        found: list[dict[str, object]] = json.loads(self.docker("inspect", *names).stdout)
        return found

    def listening(self) -> set[tuple[str, int]]:
        """Return the addresses, in the engine's network, that TCP connections are accepted on."""
        lines = self.inside("cat", "/proc/net/tcp", "/proc/net/tcp6").stdout.decode().splitlines()
        fields = [line.split() for line in lines]
        return {address_of(each[1]) for each in fields if each[3] == "0A"}

    def stop(self, grace: float | None = None) -> int | None:  # noqa: ARG002  # what is thrown away needs no grace
        """Kill the engine with every container, and remove what it kept."""
        if self.running:
            # The first of the process namespace: the kernel kills the rest with it, and unshare ends when it is gone.
            for first in psutil.Process(self.pid).children():
                first.kill()
            self.wait()
        status = super().stop(grace=0)
        wait.until(self._remove_cgroups, 20, "the end of the containers' control groups")
        # Some 100,000 files, which shutil takes a minute for.
        subprocess.run(["rm", "-rf", self.directory], check=False)
        return status

    def _run(
        self,
        command: Sequence[str],
        *,
        check: bool,
        stdin: bytes | None = None,
        variables: dict[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        environment = {**self.environment, **(variables or {})}
        done = subprocess.run(
            command,
            input=b"" if stdin is None else stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=ROOT,
            check=False,
        )
        assert not check or done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout.decode()}"
        return done

    def _remove_cgroups(self) -> bool:
        """Remove our control groups, deepest first; tell whether none is left. One with processes cannot be removed."""
        ours = [found for parent in (CGROUPS, *CGROUPS.glob("*")) if (found := parent / self.cgroup).is_dir()]
        for group in ours:
            for nested in sorted(filter(Path.is_dir, group.rglob("*")), reverse=True):
                with contextlib.suppress(OSError):
                    nested.rmdir()
            with contextlib.suppress(OSError):
                group.rmdir()
        return not any(group.is_dir() for group in ours)


def address_of(text: str) -> tuple[str, int]:
    """Return host and port that /proc/net/tcp writes: groups of four bytes, little end first, in hex."""
    host, port = text.split(":")
    groups = [bytes.fromhex(host[start : start + 8]) for start in range(0, len(host), 8)]
    return str(ip_address(b"".join(group[::-1] for group in groups))), int(port, 16)
