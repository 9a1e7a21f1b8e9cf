"""`techsapo-telemetry prices`: the prices in force, or what is wrong with a file of them."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from app_integration.llm.price_file import ORDINARY, Price
from app_integration.llm.price_place import KINDS, PICODOLLARS, PricesError
from app_integration.llm.price_table import LONG, Prices
from telemetry.cli.command import CommandError, Subparsers
from telemetry.settings import Settings

_COLUMNS = ("provider", "model", "tier", *KINDS, "read", "source")
_DESCRIPTION = """Show what every model costs, in USD per million tokens: the packaged table, and over it the file that
TECHSAPO_PRICES_FILE or --file names. A dash has no price: calls that need it are counted as unpriced. What is wrong
with a file is told in one line; exit status 2."""


def register(subparsers: Subparsers) -> None:
    """Add the command's parser."""
    parser: ArgumentParser = subparsers.add_parser("prices", help="what models cost", description=_DESCRIPTION)
    parser.add_argument("--file", type=Path, metavar="F", help="a file of prices to check, instead of the variable's")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Show the table.

    Raises:
        CommandError: a file is wrong.
        SettingsError: a variable is.
    """
    path: Path | None = arguments.file or Settings.from_environ().prices_file
    try:
        prices = Prices.load(path)
    except PricesError as error:
        msg = f"prices: {error}"
        raise CommandError(msg) from None
    rows = [_COLUMNS, *(row for provider, model, price in prices for row in _rows(provider, model, price))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    return 0


def _rows(provider: str, model: str, price: Price) -> Iterator[tuple[str, ...]]:
    for (tier, long), rates in price.rates.items():
        name = tier if tier != ORDINARY else ""
        if long:
            name = f"{name} {LONG} > {price.long_above:,}".strip()
        told = (_usd(rates[kind]) if kind in rates else "-" for kind in KINDS)
        yield provider, model, name or "-", *told, price.read.isoformat(), price.source


def _usd(picodollars: int) -> str:
    dollars, rest = divmod(picodollars, PICODOLLARS)
    return f"{dollars}.{rest:06d}".rstrip("0").rstrip(".")
