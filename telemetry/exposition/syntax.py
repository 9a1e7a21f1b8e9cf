"""Numbers, names and label sets as the exposition formats spell them.

Sources: the Prometheus text format 0.0.4 and OpenMetrics 1.0, section "Text Format".
"""

from telemetry.contract import Metric, MetricType
from telemetry.exposition.source import Number, Series

TARGET_HELP = "The process that serves this page."

# The word for a unit in metrics' names. OpenMetrics knows a unit only where the name ends with it.
_UNIT_WORDS = {"s": "seconds", "By": "bytes", "usd": "usd", "1": "ratio"}

_SPECIAL = {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN"}


def number(value: Number) -> str:
    """Return a number exactly: an integer's digits, or the shortest digits that read back as the same float."""
    text = repr(value)
    return _SPECIAL.get(text, text)


def bound(value: float) -> str:
    """Return a boundary as Prometheus stores it in `le`: `1.0`, `0.25`, `1.048576e+06`."""
    text = repr(float(value))
    if not 1e6 <= abs(value) < 1e16:  # outside of this Python and Go agree
        return _SPECIAL.get(text, text)
    sign, digits = text[: value < 0], text[value < 0 :]
    whole, _, fraction = digits.partition(".")
    mantissa = (whole + fraction).rstrip("0")
    return f"{sign}{mantissa[0]}{'.' * (len(mantissa) > 1)}{mantissa[1:]}e+{len(whole) - 1:02d}"


def escape(value: str) -> str:
    """Escape a label value."""
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def escape_help(text: str) -> str:
    """Escape a help text of the text format: quotes stay as they are."""
    return text.replace("\\", r"\\").replace("\n", r"\n")


def label_pairs(metric: Metric, series: Series) -> str:
    """Return a series' labels without the braces; empty where it has none."""
    pairs = zip(metric.label_names, series.labels, strict=True)
    return ",".join(f'{name}="{escape(value)}"' for name, value in pairs)


def braced(pairs: str) -> str:
    """Put braces around labels where there are any."""
    return f"{{{pairs}}}" if pairs else ""


def family(metric: Metric) -> str:
    """Return the name that OpenMetrics gives to a metric as a whole: a counter's without `_total`."""
    return metric.name.removesuffix("_total") if metric.type is MetricType.COUNTER else metric.name


def unit(metric: Metric) -> str | None:
    """Return the unit that the metric's name ends with, None where it names none."""
    word = _UNIT_WORDS.get(metric.unit)
    return word if word and family(metric).endswith(f"_{word}") else None
