"""A MariaDB of the demo's own, and what MariaDB itself counts."""

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from app_integration.demo.comparison import Claim
from app_integration.demo.processes import (
    LOOPBACK,
    Child,
    DemoError,
    free_ports,
    is_listening,
    started,
    until_ready,
)

SOURCE = "MariaDB"
MISSING = "MariaDB is not installed (apt-get install mariadb-server)"

# Debian keeps servers where a user's PATH does not look.
_SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin")
_USER = _DATABASE = "techsapo"
_SMALL = ("--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M", "--aria-log-file-size=8M")
_FAST = (
    *("--innodb-flush-log-at-trx-commit=0", "--innodb-fast-shutdown=2", "--sync-binlog=0", "--performance-schema=OFF"),
    *("--skip-name-resolve", "--skip-log-bin"),
)

# What drivers and the demo say by themselves: SET of a connection's properties, SHOW STATUS, ping and quit.
_NO_QUERIES = frozenset(("set_option", "show_status", "admin_commands", "change_db"))
_TRANSACTION = frozenset(("begin", "commit", "rollback", "savepoint", "release"))
_DDL = frozenset(("create", "alter", "drop", "truncate", "rename"))
_PLAIN = frozenset(("select", "insert", "update", "delete", "replace"))


def programs() -> tuple[str, str] | None:
    """Return where the server and its installation program are, None where MariaDB is not installed."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *_SBIN])
    server, install = shutil.which("mariadbd", path=path), shutil.which("mariadb-install-db", path=path)
    return (server, install) if server and install else None


def query_type(word: str) -> str:
    """Return the kind of statement (the label query_type) for the first word of it."""
    if word in _PLAIN:
        return word
    return "transaction" if word in _TRANSACTION else "ddl" if word in _DDL else "other"


class MariaDbServer:
    """A running MariaDB: its address, and its counts since the demo looked first."""

    def __init__(self, port: int, password: str) -> None:
        self.port = port
        self._password = password
        self.url = self.url_at(port)
        self._connection: Connection[Cursor] = pymysql.connect(
            host=LOOPBACK, port=port, user=_USER, password=password, connect_timeout=10, read_timeout=10
        )
        self._before = self._statements()

    def url_at(self, port: int) -> str:
        """Return its address for who goes to it through another port of loopback."""
        return f"mysql://{_USER}:{self._password}@{LOOPBACK}:{port}/{_DATABASE}"

    def close(self) -> None:
        """End the demo's own connection."""
        self._connection.close()

    async def claims(self) -> list[Claim]:
        """Return what MariaDB says of the statements that it has executed. Raises DemoError: it is gone."""
        by_type: dict[str, float] = {}
        by_verb: dict[str, float] = {}
        for name, count in (await asyncio.to_thread(self._statements)).items():
            word, grown = name.split("_")[0], count - self._before.get(name, 0)
            if name not in _NO_QUERIES and grown:
                by_type[query_type(word)] = by_type.get(query_type(word), 0) + grown
                by_verb[word.upper()] = by_verb.get(word.upper(), 0) + grown
        duration = "techsapo_db_operation_duration_seconds_count"
        return [
            Claim(SOURCE, "techsapo_mysql_queries_total", ("query_type",), by_type),
            Claim(SOURCE, duration, ("operation",), by_verb, {"system": "mysql"}),
        ]

    def _statements(self) -> Mapping[str, int]:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("SHOW GLOBAL STATUS LIKE 'Com\\_%'")
                return {str(name).removeprefix("Com_").lower(): int(count) for name, count in cursor.fetchall()}
        except pymysql.Error as error:
            msg = f"MariaDB does not answer: {error}"
            raise DemoError(msg) from error


@asynccontextmanager
async def running(
    programs: tuple[str, str], directory: Path, deadline: float, stopping: asyncio.Event
) -> AsyncIterator[MariaDbServer]:
    """Install and start a MariaDB, which takes some seconds. Raises DemoError and Interrupted, as `until_ready`."""
    program, install = programs
    (port,) = free_ports(1)
    password = secrets.token_hex(16)
    # MariaDB refuses to run as root unless it is told to.
    as_root = ["--user=root"] if os.geteuid() == 0 else []
    data, log = directory / "mariadb", directory / "mariadb.log"
    init_file = _write_init_file(directory / "init.sql", password)
    installation = [install, "--no-defaults", f"--datadir={data}", "--skip-test-db"]
    installation += ["--auth-root-authentication-method=normal", *_SMALL, *as_root]
    async with started("the installation of MariaDB's system tables", installation, log) as child:
        await until_ready(child, partial(_succeeded, child), deadline, stopping)
    command = [program, "--no-defaults", f"--datadir={data}", f"--init-file={init_file}", f"--bind-address={LOOPBACK}"]
    command += [f"--port={port}", f"--socket={directory / 'socket'}", f"--pid-file={directory / 'pid'}"]
    async with started("MariaDB", [*command, *_SMALL, *_FAST, *as_root], log) as child:
        await until_ready(child, lambda: is_listening(port), deadline, stopping)
        try:
            server = await asyncio.to_thread(MariaDbServer, port, password)
        except pymysql.Error as error:
            msg = f"MariaDB lets nobody in: {error}"
            raise DemoError(msg) from error
        try:
            yield server
        finally:
            server.close()


def _write_init_file(path: Path, password: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(
        f"CREATE DATABASE {_DATABASE};\n"
        f"CREATE USER '{_USER}'@'{LOOPBACK}' IDENTIFIED BY '{password}';\n"
        f"GRANT ALL ON {_DATABASE}.* TO '{_USER}'@'{LOOPBACK}';\n"
    )
    return path


async def _succeeded(child: Child) -> bool:
    return child.status == 0
