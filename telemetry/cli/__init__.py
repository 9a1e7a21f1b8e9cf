"""The command `techsapo-telemetry`. One file of this folder is one command; others join by an entry point."""

from telemetry.cli.main import main

__all__ = ["main"]
