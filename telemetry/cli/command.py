"""What a command is: an object, such as a module, with `register`."""

from argparse import ArgumentParser
from typing import Protocol, runtime_checkable

ENTRY_POINTS = "techsapo_telemetry_commands"


class CommandError(Exception):
    """A command cannot do what it was asked; the message is one line. The exit status is 2."""


class Subparsers(Protocol):
    """What a command registers itself with: argparse's subparsers."""

    def add_parser(
        self,
        name: str,
        *,
        help: str,  # noqa: A002 -- argparse's name
        description: str,
    ) -> ArgumentParser:
        """Return the parser of a new command."""


@runtime_checkable
class Command(Protocol):
    """A command of this folder, or one that another package offers in the entry point group ENTRY_POINTS."""

    def register(self, subparsers: Subparsers) -> None:
        """Add the command's parser, with `set_defaults(run=...)`: a function from the arguments to the exit status."""
