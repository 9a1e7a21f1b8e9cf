"""Made-up personal data of every kind, as many as are asked for, always the same.

Nothing here is anybody's, and nothing looks like a key before the test runs: keys are put together from pieces.
"""

import base64
import json
import string
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from itertools import count
from random import Random
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from tests.support import personal_numbers as numbers
from tests.support.personal_datum import Datum

__all__ = ["GENERATORS", "Datum", "samples"]

_ALPHANUMERIC = string.ascii_letters + string.digits
_URL_SAFE = _ALPHANUMERIC + "_-"


def _of(choose: Random, alphabet: str, length: int) -> str:
    return "".join(choose.choices(alphabet, k=length))


def word(choose: Random) -> str:
    """Return a word of no language, that nothing else has in it."""
    return "".join(choose.choice("bdfgklmnprstvz") + choose.choice("aeiou") for _ in range(4))


def emails(choose: Random) -> Iterator[Datum]:
    """Yield addresses: plain, tagged, quoted, internationalised, escaped for a URL."""
    domains = (
        "example.com",
        "mail.example.co.uk",
        "a.b.c.example.museum",
        "bücher-{}.de",
        "xn--bcher-kva.example",
        "例え.テスト",
        "उदाहरण.भारत",
    )
    for number in count():
        one, two = word(choose), word(choose)
        domain = domains[number % 7].format(two)
        quoted = f'"{one} {two}"@{domain}'
        local = (
            f"{one}.{two}",
            f"{one}+{two}",
            f"{one}_{two}",
            f"o'{one}",
            f"{one}{number}",
            f"jörg.{one}",
            f"用户{one}",
            f"बॉब{one}",
        )
        spellings = [f"{each}@{domain}" for each in local]
        spellings += [
            quoted,
            quote(spellings[1]),
            quote(quote(spellings[0])),
            f"{one}@[192.0.2.{number % 250}]",
            spellings[0].upper(),
        ]
        text = spellings[number % len(spellings)]
        yield Datum(text, "[email]", one.upper() if text.isupper() else one)


def addresses(choose: Random) -> Iterator[Datum]:
    """Yield addresses in every form of RFC 4291 and 5952, with ports, brackets, zones and prefix lengths."""
    for number in count():
        four = str(IPv4Address(choose.randrange(0x01000000, 0xE0000000)))
        # A group that is no zero everywhere, so that :: stands at one place.
        groups = [choose.randrange(0x1000, 0x10000) for _ in range(8)]
        whole = IPv6Address(b"".join(group.to_bytes(2) for group in groups))
        start = choose.randrange(1, 6)
        short = str(
            IPv6Address(
                b"".join((0 if start <= at < start + 2 else group).to_bytes(2) for at, group in enumerate(groups))
            )
        )
        link_local = f"fe80::{groups[5]:x}:{groups[6]:x}:{groups[7]:x}"
        mapped = IPv4Address(four)
        spellings = (
            *(
                ("{}", four),
                ("{}:443", four),
                ("[{}]:80", four),
                ("{}/32", four),
                ("{}", str(whole)),
                ("{}", str(whole).upper()),
            ),
            *(
                ("{}", short),
                ("[{}]", short),
                ("[{}]:8443", short),
                ("{}/64", short),
                ("{}%eth0", link_local),
                ("{}%25en0", link_local),
            ),
            *(
                ("{}", f"::ffff:{four}"),
                ("{}", f"::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}"),
                ("{}", f"64:ff9b::{four}"),
            ),
            *(
                ("{}", f"2001:db8:0:0:{groups[4]:04X}:0:0:{groups[7]:04X}"),
                ("{}", f"2001:db8::{groups[6]:x}:{groups[7]:x}"),
            ),
            *(
                ("for={};proto=https", four),
                ("[{}%eth1]:22", link_local),
                ("{}", f"{groups[0]:x}:{groups[1]:x}:{groups[2]:x}::"),
            ),
        )
        shape, address = spellings[number % len(spellings)]
        yield Datum(shape.format(address), shape.format("[ip]"), address)
        if number % 5 == 0:
            escaped = quote(f"[{short}]:80", safe="")
            yield Datum(escaped, escaped.replace(quote(short, safe=""), "[ip]"), short)


def bearer_tokens(choose: Random) -> Iterator[Datum]:
    """Yield tokens behind the name of their scheme."""
    shapes = (
        "Bearer {}",
        "bearer {}",
        "BEARER {}",
        "Authorization: Bearer {}",
        "authorization=Bearer%20{}",
        '"Authorization": "Bearer {}"',
    )
    for number in count():
        token = (
            _of(choose, _ALPHANUMERIC, 12)
            + choose.choice(["", ".", "-", "_", "~", "+", "/"])
            + _of(choose, _ALPHANUMERIC, 12)
        )
        token += ("", "=", "==")[number % 3]
        shape = shapes[number % len(shapes)]
        yield Datum(shape.format(token), shape.format("[bearer_token]"), token)


_KEYS = (
    *(("sk-", _ALPHANUMERIC, 48), ("sk-" + "proj-", _URL_SAFE, 60), ("sk-" + "svcacct-", _URL_SAFE, 60)),
    *(("sk-" + "ant-api03-", _URL_SAFE, 80), ("sk-" + "or-v1-", "0123456789abcdef", 64), ("AI" + "za", _URL_SAFE, 35)),
    *(
        ("AK" + "IA", string.ascii_uppercase + "234567", 16),
        ("gh" + "p_", _ALPHANUMERIC, 36),
        ("github" + "_pat_", _ALPHANUMERIC + "_", 70),
    ),
    *(
        ("xo" + "xb-", string.digits + "-" + string.ascii_letters, 40),
        ("sk_" + "live_", _ALPHANUMERIC, 24),
        ("rk_" + "live_", _ALPHANUMERIC, 24),
    ),
    *(
        ("glp" + "at-", _URL_SAFE, 20),
        ("hf" + "_", string.ascii_letters, 34),
        ("gsk" + "_", _ALPHANUMERIC, 52),
        ("xai" + "-", _ALPHANUMERIC, 80),
    ),
)
_NAMED = ("api_key={}", "api-key: {}", '"apiKey": "{}"', "X-Api-Key: {}", "OPENAI_API_KEY={}")


def api_keys(choose: Random) -> Iterator[Datum]:
    """Yield keys of known shape, and others behind the name of what they are."""
    for number in count():
        if number % 4 == 3:
            key = _of(choose, _ALPHANUMERIC, 24) + "9"
            shape = _NAMED[number // 4 % len(_NAMED)]
            yield Datum(shape.format(key), shape.format("[api_key]"), key)
        else:
            prefix, alphabet, length = _KEYS[number % len(_KEYS)]
            key = _of(choose, alphabet, length - 1) + _of(choose, alphabet.strip("_-"), 1)
            yield Datum(prefix + key, "[api_key]", prefix + key)


def jwts(choose: Random) -> Iterator[Datum]:
    """Yield signed tokens, and some without a signature."""
    for number in count():
        header = {"alg": choose.choice(["HS256", "RS256", "none"]), "typ": "JWT"}
        claims = {"sub": word(choose), "iat": number, "email": f"{word(choose)}@example.com"}
        pieces = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims)]
        pieces.append(_of(choose, _URL_SAFE, 43) if number % 5 else "")
        yield Datum(".".join(pieces), "[jwt]", pieces[1])


def url_passwords(choose: Random) -> Iterator[Datum]:
    """Yield URLs of servers with a password in them, escaped where it has to be."""
    schemes = (
        "redis",
        "rediss",
        "mysql",
        "mysql+pymysql",
        "postgres",
        "postgresql+asyncpg",
        "https",
        "amqp",
        "mongodb+srv",
        "ftp",
    )
    for number in count():
        password = (
            word(choose)
            + ("", "!", " ", "@", "/", "#", ":", "%", '"', "é")[number % 10]
            + _of(choose, _ALPHANUMERIC, 6)
        )
        shape = (
            "{}://{}:{}@"
            + ("localhost:6379/0", "db.internal/app?charset=utf8", "cache", "[::1]:5432/app")[number // 10 % 4]
        )
        scheme, user = schemes[number // 3 % 10], ("", "app", "svc-user")[number % 3]
        left = shape.replace("[::1]", "[[ip]]").format(scheme, user, "[url_password]")
        escaped = quote(password, safe="!:" if number % 2 else "!")
        yield Datum(shape.format(scheme, user, escaped), left, escaped)


GENERATORS: Final[Mapping[str, Callable[[Random], Iterator[Datum]]]] = MappingProxyType(
    {
        "email": emails,
        "phone, E.164": numbers.e164,
        **{f"phone, {country}": numbers.national(country) for country in ("us", "uk", "jp", "de", "fr", "es")},
        "card": numbers.cards,
        "us_ssn": numbers.social_security_numbers,
        "uk_nino": numbers.insurance_numbers,
        "jp_my_number": numbers.my_numbers,
        "de_tax_id": numbers.tax_ids,
        "fr_nir": numbers.registry_numbers,
        "es_dni": numbers.identity_numbers,
        "ip": addresses,
        "bearer_token": bearer_tokens,
        "api_key": api_keys,
        "jwt": jwts,
        "url_password": url_passwords,
    }
)


@cache
def samples(kind: str, number: int = 500) -> tuple[Datum, ...]:
    """Return different data of a kind, one of GENERATORS."""
    found: dict[str, Datum] = {}
    for datum in GENERATORS[kind](Random(kind)):
        found.setdefault(datum.text, datum)
        if len(found) == number:
            break
    return tuple(found.values())
