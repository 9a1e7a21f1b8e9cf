"""Which format and which coding a client is given.

Source: RFC 9110, sections 12.4.2 (weights), 12.5.1 (Accept), 12.5.3 (Accept-Encoding).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from telemetry.exposition import openmetrics, protobuf, text

_MOST_RANGES = 50  # more than any client sends; the rest is not read
_ABOUT_SPELLING = frozenset({"charset", "escaping"})  # parameters that all of our names and formats satisfy


@dataclass(frozen=True, slots=True)
class _Range:
    """A media range: type, what it asks of the format, and its weight."""

    media_type: str
    parameters: dict[str, str]
    weight: float


@dataclass(frozen=True, slots=True)
class Choice:
    """A format by its content type, and whether OpenMetrics is to have `_created` lines."""

    content_type: str
    created: bool = True


def choose(accept: str) -> Choice:
    """Return the format that an Accept header wants most: text where it wants none of ours, or does not care.

    Between formats that are named and weighted the same, the one that tells most is taken.
    """
    ranges = list(_ranges(accept))
    best = max(_FORMATS, key=lambda offered: _quality(offered, ranges))
    if _quality(best, ranges)[0] <= 0:
        best = _TEXT
    return Choice(best.content_type, created=not _would_store_created(ranges))


def accepts_gzip(accept_encoding: str) -> bool:
    """Tell whether an Accept-Encoding header takes gzip."""
    weights = {one.media_type: one.weight for one in _ranges(accept_encoding)}
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


@dataclass(frozen=True, slots=True)
class _Format:
    content_type: str
    media_type: str
    parameters: dict[str, str]
    by_name: int  # preference where formats are named and weighted the same
    by_wildcard: int  # preference where the client does not care


_TEXT = _Format(text.CONTENT_TYPE, "text/plain", {"version": "0.0.4"}, by_name=1, by_wildcard=3)
_FORMATS = (
    _TEXT,
    _Format(openmetrics.CONTENT_TYPE, "application/openmetrics-text", {"version": "1.0.0"}, by_name=2, by_wildcard=2),
    _Format(
        protobuf.CONTENT_TYPE,
        "application/vnd.google.protobuf",
        {"proto": "io.prometheus.client.metricfamily", "encoding": "delimited"},
        by_name=3,
        by_wildcard=1,
    ),
)


def _quality(offered: _Format, ranges: list[_Range]) -> tuple[float, int, int]:
    """Weight of the most specific range that a format matches (0 for none), whether it is named, and preference."""
    specificity, weight = max(
        ((matched, one.weight) for one in ranges if (matched := _matches(offered, one))), default=(0, 0.0)
    )
    named = specificity > _BY_TYPE
    return weight, int(named), offered.by_name if named else offered.by_wildcard


_BY_ANY, _BY_TYPE, _BY_NAME = 1, 2, 3


def _matches(offered: _Format, one: _Range) -> int:
    """How specifically a range names a format: 0 where it does not."""
    if one.media_type == "*/*":
        return _BY_ANY
    if one.media_type == f"{offered.media_type.partition('/')[0]}/*":
        return _BY_TYPE
    asked = {name: value for name, value in one.parameters.items() if name not in _ABOUT_SPELLING}
    if one.media_type != offered.media_type or not asked.items() <= offered.parameters.items():
        return 0
    return _BY_NAME + len(asked)


def _would_store_created(ranges: list[_Range]) -> bool:
    # A Prometheus that does not read start timestamps stores each `_created` as a series of its own. It is told by its
    # header: OpenMetrics in both versions and no protobuf. One that reads them asks for protobuf first.
    versions = {one.parameters.get("version") for one in ranges if one.media_type == "application/openmetrics-text"}
    protobuf_too = any(one.media_type == "application/vnd.google.protobuf" for one in ranges)
    return "0.0.1" in versions and not protobuf_too


def _ranges(header: str) -> Iterator[_Range]:
    for item in header.lower().split(",")[:_MOST_RANGES]:
        media_type, *rest = (part.strip() for part in item.split(";"))
        if not media_type:
            continue
        parameters = {}
        weight = 1.0
        for parameter in rest:
            name, _, value = (part.strip() for part in parameter.partition("="))
            if name == "q":
                weight = _weight(value)
            else:
                parameters[name] = value.strip('"')
        yield _Range(media_type, parameters, weight)


def _weight(value: str) -> float:
    """Return a q-value from 0 to 1; what is none counts as 0."""
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
