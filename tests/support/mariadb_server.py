"""A real MariaDB on loopback, from one data directory that is installed once and copied for each server."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.support import ports
from tests.support.processes import Server

SEARCH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])
USER = "root"
PASSWORD = "the-tests-own"
DATABASE = "techsapo"

SMALL = (
    "--innodb-buffer-pool-size=16M",
    "--innodb-log-file-size=8M",
    "--innodb-data-file-path=ibdata1:4M:autoextend",
    "--aria-log-file-size=8M",
)
FAST = (
    *SMALL,
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-fast-shutdown=2",
    "--innodb-flush-method=nosync",
    "--sync-binlog=0",
    "--performance-schema=OFF",
    "--skip-name-resolve",
    "--skip-log-bin",
)


def missing() -> str | None:
    """Return the name of the first program that is not here, None where MariaDB is installed."""
    return next((name for name in ("mariadbd", "mariadb-install-db") if shutil.which(name, path=SEARCH) is None), None)


def install(directory: Path) -> Path:
    """Create the system tables in `directory` (about 3 s) and return it: what every server starts from.

    Raises:
        subprocess.CalledProcessError: the installation failed; `output` tells why.
    """
    program = shutil.which("mariadb-install-db", path=SEARCH) or "mariadb-install-db"
    command = [program, "--no-defaults", f"--datadir={directory}", "--skip-test-db", *SMALL]
    command += ["--auth-root-authentication-method=normal", *_as_root()]
    subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    return directory


class MariaDbServer(Server):
    """A MariaDB that `USER` enters over TCP with `PASSWORD`; the empty database `DATABASE` is there.

    `directory` is its own and must not exist; `template` is what `install` returned.
    """

    def __init__(self, directory: Path, template: Path, *, options: tuple[str, ...] = ()) -> None:
        self.host = ports.LOOPBACK
        self.port = ports.free_port()
        self.user = USER
        self.password = PASSWORD
        self.database = DATABASE
        shutil.copytree(template, directory / "data")
        init_file = directory / "init.sql"
        init_file.write_text(
            f"CREATE OR REPLACE USER '{USER}'@'{ports.LOOPBACK}' IDENTIFIED BY '{PASSWORD}';\n"
            f"GRANT ALL ON *.* TO '{USER}'@'{ports.LOOPBACK}' WITH GRANT OPTION;\n"
            f"CREATE DATABASE IF NOT EXISTS {DATABASE};\n"
        )
        program = shutil.which("mariadbd", path=SEARCH) or "mariadbd"
        command = [program, "--no-defaults", f"--datadir={directory / 'data'}", f"--init-file={init_file}"]
        command += [f"--bind-address={self.host}", f"--port={self.port}", f"--socket={directory / 'socket'}"]
        command += [f"--pid-file={directory / 'pid'}", *FAST, *_as_root(), *options]
        super().__init__(
            command,
            output=directory / "mariadb.log",
            ready=lambda: ports.is_listening(self.port),
            deadline=60.0,
        )


def _as_root() -> list[str]:
    # MariaDB refuses to run as root unless it is told to.
    return ["--user=root"] if os.geteuid() == 0 else []
