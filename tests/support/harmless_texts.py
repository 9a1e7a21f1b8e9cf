"""What telemetry says that is nobody's: none of it may be taken for personal data.

Left out, for they are both, and masked:

- ten digits alone that are a number of the US (4155552671), nine that are one of Spain (612345678), ten with a trunk
  zero (0312345678), three groups of three with stops between (612.345.678);
- four numbers up to 255 with stops between: a build (10.0.3.1);
- eight digits and the letter that they have in Spain: 12345678Z, 12345678B may be bytes;
- twelve that are a My Number, eleven that are a German tax id, sixteen that are a card's by the first and last digits.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Final
from uuid import UUID

_choose = Random("harmless")
_written = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_words: Final[Mapping[str, tuple[str, ...]]] = {name: tuple(text.split()) for name, text in _written["words"].items()}
_lines: Final = {name: tuple(text.strip().splitlines()) for name, text in _written["lines"].items()}

MODELS, QUEUES, ERRORS, OPERATIONS, ROUTES = (
    _words[name] for name in ("models", "queues", "errors", "operations", "routes")
)

_moments = [datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=_choose.randrange(300_000_000)) for _ in range(60)]
_digests = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(200)]
_sizes = [_choose.randrange(10**power) for power in range(1, 9) for _ in range(8)]
_orders = [_choose.randrange(10 ** (length - 1), 10**length) for length in (6, 7, 8) for _ in range(30)]
# Nine that could be a number of Spain start with 6 to 9.
_orders += [_choose.randrange(100_000_000, 600_000_000) for _ in range(30)]
_small = [[_choose.randrange(most) for most in (30, 99, 9999)] for _ in range(100)]

TEXTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        **_words,
        **_lines,
        "more prices": tuple(
            f"{_choose.random() * 10 ** _choose.randrange(-6, 5):.{_choose.randrange(2, 9)}f} USD" for _ in range(500)
        ),
        "more versions": (
            *(".".join(map(str, each)) for each in _small),
            *(f"app-{'.'.join(map(str, each))}+{digest[:7]}" for each, digest in zip(_small, _digests, strict=False)),
        ),
        "hashes and ids": (
            *(each[:length] for each in _digests for length in (64, 40, 32, 16)),
            *(str(UUID(each[:32])) for each in _digests),
            *(str(UUID(each[:32])).upper() for each in _digests[:50]),
            *(f"00-{each[:32]}-{each[32:48]}-01" for each in _digests[:50]),
            *(f"sha256:{each}" for each in _digests[:50]),
            *(f"req_{each[:24]}" for each in _digests[:50]),
            *(f"chatcmpl-{each[:29]}" for each in _digests[:50]),
            *(f"urn:uuid:{UUID(each[:32])}" for each in _digests[:50]),
            *("00000000-0000-0000-0000-000000000000", "01J4ZK8Q6M7N3P2R5T9V0W1X2Y", "64b7f9c2e13f4a0012ab34cd"),
        ),
        "times": (
            *(each.isoformat() for each in _moments),
            *(each.isoformat(timespec="microseconds").replace("+00:00", "Z") for each in _moments),
            *(
                each.strftime(shape)
                for each in _moments
                for shape in ("%Y-%m-%d %H:%M:%S,%f", "%d/%b/%Y:%H:%M:%S +0900")
            ),
            *(each.strftime(shape) for each in _moments for shape in ("%a, %d %b %Y %H:%M:%S GMT", "%Y%m%dT%H%M%SZ")),
            *(each.strftime(shape) for each in _moments for shape in ("%Y%m%d%H%M%S", "%d.%m.%Y %H:%M")),
            *(str(int(each.timestamp() * scale)) for each in _moments for scale in (1, 10**3, 10**6)),
            *(f"{int(each.timestamp())}{_choose.randrange(10**9):09}" for each in _moments),
            *(f"{each.timestamp():.6f}" for each in _moments),
        ),
        "sizes": (
            *map(str, _sizes),
            *(f"{size} bytes" for size in _sizes),
            *(f"{size} ns" for size in _sizes),
            *(f"{size}ms" for size in _sizes),
            *(f"took {size / 1000:.3f} s" for size in _sizes),
        ),
        "numbers": (
            *(f"order {number}" for number in _orders),
            *(f"order_id={number}" for number in _orders),
            *(f"#{number}" for number in _orders),
            *(f"/orders/{number}" for number in _orders),
            *map(str, (80, 443, 3306, 4317, 5432, 6379, 8080, 8443, 9090, 9464, 27017, 65535)),
            *(f"localhost:{port}" for port in (4317, 6379, 8080, 55679)),
        ),
    }
)
