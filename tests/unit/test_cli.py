"""The command line: its commands, its errors in one line, and the bucket of an address."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from telemetry.cli import main
from telemetry.contract.networks import client_ip_buckets

SALT = "a salt for the tests of the command line"
BUCKETS = client_ip_buckets(SALT.encode())


@pytest.fixture
def salt(monkeypatch: pytest.MonkeyPatch) -> str:
    """Set the salt, and nothing else that this package reads."""
    monkeypatch.delenv("TECHSAPO_CLIENT_IP_SALT_FILE", raising=False)
    monkeypatch.setenv("TECHSAPO_CLIENT_IP_SALT", SALT)
    return SALT


def offer(directory: Path, name: str, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a distribution in a directory on the path: one module, offered as a command."""
    (directory / f"{name}_command.py").write_text(source, encoding="utf-8")
    info = directory / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    group = f"[techsapo_telemetry_commands]\n{name} = {name}_command\n"
    (info / "entry_points.txt").write_text(group, encoding="utf-8")
    monkeypatch.syspath_prepend(directory)


@pytest.mark.usefixtures("salt")
def test_the_bucket_of_each_address_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """One line an address, in the order given, whatever is no address included."""
    status = main(["client-ip-bucket", "198.51.100.7", "[2001:db8::1]:443", "10.0.0.1", "nonsense\x1b"])
    expected = [
        f"{BUCKETS.bucket('198.51.100.7')}     198.51.100.7",
        f"{BUCKETS.bucket('2001:db8::1')}     [2001:db8::1]:443",
        "private   10.0.0.1",
        "invalid   'nonsense\\x1b'",
    ]
    assert (0, expected) == (status, capsys.readouterr().out.splitlines())


@pytest.mark.usefixtures("salt")
def test_a_program_reads_json(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json the answer is one document."""
    assert 0 == main(["client-ip-bucket", "--json", "198.51.100.7", "::1"])
    assert [
        {"address": "198.51.100.7", "bucket": BUCKETS.bucket("198.51.100.7")},
        {"address": "::1", "bucket": "loopback"},
    ] == json.loads(capsys.readouterr().out)


def test_the_salt_may_come_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line end after the salt is no part of it."""
    (tmp_path / "salt").write_text(f"{SALT}\n", encoding="utf-8")
    monkeypatch.delenv("TECHSAPO_CLIENT_IP_SALT", raising=False)
    monkeypatch.setenv("TECHSAPO_CLIENT_IP_SALT_FILE", str(tmp_path / "salt"))
    assert 0 == main(["client-ip-bucket", "198.51.100.7"])
    assert f"{BUCKETS.bucket('198.51.100.7')}     198.51.100.7\n" == capsys.readouterr().out


def test_without_a_salt_there_is_no_bucket(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A random salt would give buckets that nobody else has: one line says what to set, and the status is 2."""
    monkeypatch.delenv("TECHSAPO_CLIENT_IP_SALT", raising=False)
    monkeypatch.delenv("TECHSAPO_CLIENT_IP_SALT_FILE", raising=False)
    assert 2 == main(["client-ip-bucket", "198.51.100.7"])
    out, err = capsys.readouterr()
    assert "" == out
    assert err.startswith("techsapo-telemetry: TECHSAPO_CLIENT_IP_SALT: got nothing; accepts ")
    assert 1 == err.count("\n")


def test_a_salt_that_is_too_short_is_refused_unseen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message tells how long it is, not what it is."""
    monkeypatch.setenv("TECHSAPO_CLIENT_IP_SALT", "tooshort")
    assert 2 == main(["client-ip-bucket", "198.51.100.7"])
    out, err = capsys.readouterr()
    assert "" == out
    assert "got 8 bytes" in err
    assert "tooshort" not in err


@pytest.mark.parametrize(
    "arguments", [[], ["no-such-command"], ["client-ip-bucket"], ["client-ip-bucket", "--no-such"]]
)
def test_a_wrong_call_ends_with_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong is told on stderr, with the usage."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert 2 == ended.value.code
    assert "usage: techsapo-telemetry" in capsys.readouterr().err


def test_the_help_lists_each_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Every command file of the folder is in the list."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert 0 == ended.value.code
    assert "client-ip-bucket" in capsys.readouterr().out


def test_another_package_adds_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An entry point with `register` is a command like any other; its status is the process's."""
    source = (
        "def register(subparsers):\n"
        "    parser = subparsers.add_parser('greet', help='say hello', description='Say hello.')\n"
        "    parser.set_defaults(run=lambda given: print('hello') or 7)\n"
    )
    offer(tmp_path, "greet", source, monkeypatch)
    assert 7 == main(["greet"])
    assert "hello\n" == capsys.readouterr().out


@pytest.mark.usefixtures("salt")
def test_a_broken_command_takes_no_other_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be loaded is told in one line; the rest works."""
    offer(tmp_path, "broken", "raise ImportError('rich is\\nnot installed')\n", monkeypatch)
    assert 0 == main(["client-ip-bucket", "::1"])
    out, err = capsys.readouterr()
    assert "loopback  ::1\n" == out
    expected = "techsapo-telemetry: the command broken (broken_command) cannot be loaded: rich is not installed\n"
    assert expected == err


def test_what_a_command_cannot_do_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """CommandError ends with status 2, an interrupt with 130, neither with a traceback."""
    source = (
        "from telemetry.cli.command import CommandError\n"
        "def register(subparsers):\n"
        "    for name, error in (('refuse', CommandError('not today')), ('interrupted', KeyboardInterrupt())):\n"
        "        def run(given, error=error):\n"
        "            raise error\n"
        "        subparsers.add_parser(name, help=name, description=name).set_defaults(run=run)\n"
    )
    offer(tmp_path, "failing", source, monkeypatch)
    assert (2, 130) == (main(["refuse"]), main(["interrupted"]))
    assert "techsapo-telemetry: not today\n" == capsys.readouterr().err


@pytest.mark.usefixtures("salt")
@pytest.mark.parametrize("lines", [1, 20_000])
def test_a_reader_that_leaves_early_is_no_error(lines: int) -> None:
    """`| head -1` ends the command quietly, whether the pipe breaks while it writes or at its end."""
    code = "import sys; from telemetry.cli import main; sys.exit(main(['client-ip-bucket', *sys.argv[1:]]))"
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    called = [sys.executable, "-c", code, *["198.51.100.7"] * lines]
    with subprocess.Popen(called, env=buffered, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        if lines > 1:
            command.stdout.readline()
        command.stdout.close()
        try:
            errors = command.stderr.read()
            status = command.wait(60)
        finally:
            command.kill()
    assert (0, b"") == (status, errors)
