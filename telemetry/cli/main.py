"""The entrance of `techsapo-telemetry`: find the commands, run one, tell errors in one line."""

import argparse
import os
import pkgutil
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.metadata import entry_points, version
from pathlib import Path

from telemetry.cli.command import ENTRY_POINTS, Command, CommandError, Subparsers
from telemetry.settings import SettingsError

NAME = "techsapo-telemetry"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command with the arguments, by default those of the process, and return the exit status.

    2 for a wrong setting or a command that cannot do what it was asked, 130 when interrupted, else the command's own.
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = given.run
    try:
        status = run(given)
        sys.stdout.flush()
    except (CommandError, SettingsError) as error:
        _say(str(error))
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader, `head` for one, has seen enough. What is buffered must not be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=NAME, description="Tools around TechSapo's metrics.")
    parser.add_argument("--version", action="version", version=f"{NAME} {version(NAME)}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _register(subparsers)
    return parser


def _register(subparsers: Subparsers) -> None:
    for command in _own_commands():
        command.register(subparsers)
    for entry_point in sorted(entry_points(group=ENTRY_POINTS)):
        try:
            command = entry_point.load()
            command.register(subparsers)
        except Exception as error:  # noqa: BLE001 -- another package's command that is broken must not take ours along
            _say(
                f"the command {entry_point.name} ({entry_point.value}) cannot be loaded: {' '.join(str(error).split())}"
            )


def _own_commands() -> Iterator[Command]:
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        loaded = import_module(f"telemetry.cli.{module.name}")
        if isinstance(loaded, Command):
            yield loaded


def _say(message: str) -> None:
    print(f"{NAME}: {message}", file=sys.stderr)
