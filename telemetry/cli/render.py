"""`render [--check]`: the files that repeat the contract and the settings, written anew or checked."""

from argparse import Namespace
from pathlib import Path

from telemetry.cli.command import CommandError, Subparsers
from telemetry.render import RENDERED, RenderError, stale_files, write_files

_DESCRIPTION = f"""Write the files that repeat the contract and the settings where they are stale:
{", ".join(file.path for file in RENDERED)}. With --check nothing is written: the stale ones are named, and the exit
status is 1 if there is one."""


def register(subparsers: Subparsers) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "render", help="write the documents made from the contract, or check them", description=_DESCRIPTION
    )
    parser.add_argument("--check", action="store_true", help="name the stale files, write nothing")
    parser.add_argument(
        "--root", type=Path, default=Path(), metavar="FOLDER", help="the project's root (default: the current folder)"
    )
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Render or check, and print a line for each file that is not as it should be.

    Raises:
        CommandError: the folder is no project's, or a file cannot be read or written.
    """
    root: Path = arguments.root
    try:
        if not arguments.check:
            for file in write_files(root):
                print(f"{file.path}: written")
            return 0
        stale = stale_files(root)
    except RenderError as error:
        raise CommandError(str(error)) from None
    for file in stale:
        print(f"{file.path}: stale, run `techsapo-telemetry render` (make render) and commit it")
    return 1 if stale else 0
