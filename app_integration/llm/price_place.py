"""A table in a file of prices, and where it stands there: whatever is wrong with it is told with its place."""

import datetime
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Self

# The kinds of tokens that have prices of their own, as `Usage` names them.
KINDS = ("input", "cache_read", "cache_write", "cache_write_1h", "output")
# A thousand times what the dearest model costs, and space for ten thousand entries.
LARGEST_USD = 1_000_000
LARGEST_FILE = 1 << 20
# A millionth of a dollar for a million tokens is one pico-dollar for a token: prices stay whole numbers.
PICODOLLARS = 10**6

_TOML = "a readable TOML file of prices"
_USD = f"USD per million tokens: a number from 0 to {LARGEST_USD:,} with at most 6 decimals"
_SHOWN = 80

# Pico-dollars per token by kind; a kind that is not in it has no price.
Rates = Mapping[str, int]


class PricesError(ValueError):
    """A file of prices is wrong. One line: the file, the entry, what was got, what would be right."""

    def __init__(self, path: Path, place: str, got: str, accepts: str) -> None:
        self.where = f"{place} of {shown(str(path))}" if place else shown(str(path))
        self.got = got
        self.accepts = accepts
        super().__init__(f"{self.where}: got {got}; accepts {accepts}")


class Place:
    """A table of a file at a place such as `price 3 (openai: gpt-5)`.

    Every method raises PricesError where what it reads is not what it reads.
    """

    def __init__(self, path: Path, name: str, table: Mapping[str, object]) -> None:
        self.path = path
        self.name = name
        self.table = table

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """Read the file."""
        try:
            content = path.read_bytes()
            if len(content) <= LARGEST_FILE:
                return cls(path, "", tomllib.loads(content.decode(), parse_float=Decimal))
        except OSError as error:
            raise PricesError(path, "", error.strerror or type(error).__name__, _TOML) from None
        except (ValueError, ArithmeticError, RecursionError) as error:  # numbers of any length, tables of any depth
            raise PricesError(path, "", shown(str(error)), _TOML) from None
        raise PricesError(path, "", f"{len(content):,} bytes", f"{LARGEST_FILE:,} bytes at most")

    def wrong(self, key: str, got: object, accepts: str) -> PricesError:
        """Return the error for the value of a key."""
        return self.unfit(key, "nothing" if got is None else shown(got), accepts)

    def unfit(self, key: str, got: str, accepts: str) -> PricesError:
        """Return the error for a key; `got` are words."""
        return PricesError(self.path, f"{self.name}, {key}" if self.name else key, got, accepts)

    def only(self, *keys: str) -> None:
        """Refuse keys that have no meaning here: a slip of the pen would leave out a price."""
        for key in self.table:
            if key not in keys:
                raise self.unfit(shown(key), "a key that has no meaning here", ", ".join(keys))

    def get(self, key: str) -> object:
        """Return the value of a key, None where there is none."""
        return self.table.get(key)

    def inner(self, key: str) -> "Place | None":
        """Return the table under a key, None where there is none."""
        value = self.table.get(key)
        return None if value is None else self.at(key, value)

    def at(self, name: str, value: object) -> "Place":
        """Return `value`, which is a table, as a place of its own."""
        if not isinstance(value, dict):
            raise self.wrong(name, value, "a table")
        return Place(self.path, f"{self.name}, {name}" if self.name else name, value)

    def text(self, key: str) -> str:
        """Return the text under a key."""
        return self.as_text(key, self.table.get(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts under a key: one or more, no two the same."""
        values = self.table.get(key)
        if not isinstance(values, list) or not values:
            raise self.wrong(key, values, "a list of one text or more")
        texts = tuple(self.as_text(key, value) for value in values)
        if len(set(texts)) < len(texts):
            raise self.wrong(key, values, "each name once")
        return texts

    def as_text(self, key: str, value: object) -> str:
        """Return `value`, which is a text on one line without space around it."""
        if isinstance(value, str) and value and value.isprintable() and value == value.strip():
            return value
        raise self.wrong(key, value, "a text on one line, without spaces around it")

    def date(self, key: str, default: datetime.date | None = None) -> datetime.date:
        """Return the date under a key."""
        value = self.table.get(key, default)
        if type(value) is datetime.date:
            return value
        raise self.wrong(key, value, "a date such as 2026-11-25, without quotes")

    def flag(self, key: str) -> bool:
        """Return the true or false under a key; false where there is none."""
        value = self.table.get(key, False)
        if isinstance(value, bool):
            return value
        raise self.wrong(key, value, "true or false")

    def tokens(self, key: str) -> int:
        """Return the number of tokens under a key."""
        value = self.table.get(key)
        if type(value) is int and value >= 1:
            return value
        raise self.wrong(key, value, "a whole number of tokens from 1 up")

    def rates(self, needed: tuple[str, ...]) -> Rates:
        """Return the prices that stand here, in pico-dollars per token; those that are needed do."""
        present = [kind for kind in KINDS if kind in self.table or kind in needed]
        return {kind: self._picodollars(kind) for kind in present}

    def _picodollars(self, kind: str) -> int:
        usd = self.table.get(kind)
        if type(usd) is int:
            usd = Decimal(usd)
        if isinstance(usd, Decimal) and usd.is_finite() and 0 <= usd <= LARGEST_USD:
            exponent = usd.as_tuple().exponent
            if isinstance(exponent, int) and exponent >= -6:  # read, not calculated: a product would be rounded
                return int(usd * PICODOLLARS)
        raise self.wrong(kind, usd, _USD)


def shown(value: object) -> str:
    """Return a value as a message may carry it: on one line, not long."""
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
