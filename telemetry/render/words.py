"""What the contract's entries mean, in words for people: domains, sources, limits, how a gauge adds up."""

import itertools
from collections.abc import Iterable

from telemetry.contract import (
    INVALID,
    OTHER,
    UNMATCHED,
    Attribute,
    Bounded,
    Classified,
    Combine,
    Constant,
    Domain,
    Enum,
    FromContext,
    Masked,
    Metric,
    MetricType,
    Overridden,
    Source,
    Take,
    Template,
    View,
)

_FEW = 12


def code(text: str) -> str:
    """Return text as code that may stand in a table's cell."""
    return f"`{text.replace('|', chr(92) + '|')}`"


def listed(values: Iterable[str], last: str = ", ") -> str:
    """Return values as code, separated by commas and, before the last one, by `last`."""
    codes = [code(value) for value in values]
    return last.join([", ".join(codes[:-1]), codes[-1]]) if len(codes) > 1 else "".join(codes)


def number(value: float) -> str:
    """Return a number as people write it: 256, 0.005, 16,777,216."""
    return f"{value:,.0f}" if value.is_integer() else repr(value)


def values_of(domain: Domain) -> str:
    """Say which values a label takes."""
    match domain:
        case Enum(values, aliases, ignore_case):
            words = _ranges(values)
            if aliases:
                words += ". Also understood: " + "; ".join(
                    f"{listed(spellings)} as {code(value)}" for value, spellings in _by_value(aliases.items())
                )
            return words + (". In any case of letters" if ignore_case else "")
        case Bounded(limit, pattern, known, upper_case, sorted_pair):
            words = f"at most {limit} values that match {code(pattern)} and hold no personal data"
            if known:
                words += f"; always admitted: {listed(known)}"
            if upper_case:
                words += "; put into upper case"
            return words + ("; the two names sorted" if sorted_pair else "")
        case Template(limit):
            return f"at most {limit} route templates such as `/users/{{user_id}}`, never a concrete path"
        case Masked():
            return (
                "one of 515 buckets: `v4-00` to `v4-ff`, `v6-00` to `v6-ff`, `private`, `loopback`, "
                f"{code(INVALID)}; never an address"
            )


def stand_ins_of(domain: Domain) -> str:
    """Say what stands for a value that is missing, does not fit or is past a limit."""
    match domain:
        case Enum():
            return f"{code(OTHER)}: missing, or not listed"
        case Bounded():
            return f"{code(OTHER)}: missing, does not fit, or past a limit"
        case Template():
            return f"{code(UNMATCHED)}: no route matched, or no template; {code(OTHER)}: past a limit"
        case Masked():
            return f"{code(INVALID)}: missing, or no address"


def source_of(source: Source) -> str:
    """Say where a label's value comes from."""
    match source:
        case Attribute(names):
            return listed(names, last=", else ")
        case Constant(value):
            return f"always {code(value)}"
        case Classified(attribute, absent, otherwise, table):
            words = [f"{code(absent)} without {code(attribute)}"]
            words += [f"{code(value)} for {listed(keys, last=' or ')}" for value, keys in _by_value(table.items())]
            return "; ".join([*words, f"else {code(otherwise)}"])
        case Overridden(attribute, table, inner):
            exceptions = [
                f"{code(value)} where {code(attribute)} is {listed(keys, last=' or ')}"
                for value, keys in _by_value(table.items())
            ]
            return "; ".join([*exceptions, f"else {source_of(inner)}"])
        case FromContext(key):
            return f"{code(key)} of the OpenTelemetry context, else of its baggage"


def taken_by(view: View) -> str:
    """Say what a view takes from its instrument, and which measurements it leaves out."""
    words = {
        Take.SUM: "the sum of what is recorded",
        Take.COUNT: "how many measurements there are",
        Take.LAST: "the last value",
        Take.DISTRIBUTION: "the distribution of what is recorded",
    }[view.take]
    words += "".join(
        f"; only where {code(name)} is {listed(values, last=' or ')}" for name, values in view.where.items()
    )
    if view.weight:
        told = "".join(f", with {code(f'{name}={value}')}" for name, value in view.given.items())
        words += f"; each amount times {code(view.weight)}{told}, and left out where there is none"
    if view.unless_weight:
        words += f"; only what has no {code(view.unless_weight)}"
    if view.ignore_scopes:
        words += f"; not from the scopes {listed(view.ignore_scopes)}"
    return words


def limit_of(metric: Metric) -> str:
    """Say how many label sets a metric may have in one process, and what happens past that."""
    if not metric.labels:
        return "one label set: the metric has no labels"
    changed = [label.name for label in metric.labels if isinstance(label.domain, (Bounded, Template))]
    if not changed:
        return "as many as the enums' values make, no more"
    kept = [name for name in metric.label_names if name not in changed]
    become, keep = "becomes" if len(changed) == 1 else "become", "keeps its values" if len(kept) == 1 else "keep theirs"
    past = f"past that {listed(changed, last=' and ')} {become} {code(OTHER)}"
    words = f"{metric.series_limit:,} label sets in one process; {past}"
    return words + (f" and {listed(kept, last=' and ')} {keep}" if kept else "")


def combined(metric: Metric) -> str:
    """Say how a gauge adds up over processes; counters and histograms are summed."""
    if metric.type is not MetricType.GAUGE:
        return "summed over processes"
    if metric.combine is Combine.RATIO and metric.ratio is not None:
        ratio = metric.ratio
        return (
            f"the share of {code(f'{ratio.label}={ratio.value}')} in {code(ratio.counter)}: "
            "from the summed counters, never an average of ratios"
        )
    return {
        Combine.SUM: "summed over processes",
        Combine.MAX: "the largest of the processes' values",
        Combine.STATE: "the worst of the states that the processes report holds",
        None: "not at all",
    }[metric.combine]


def _by_value(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    grouped: dict[str, list[str]] = {}
    for key, value in pairs:
        grouped.setdefault(value, []).append(key)
    return list(grouped.items())


def _ranges(values: tuple[str, ...]) -> str:
    if len(values) <= _FEW:
        return listed(values)
    consecutive = all(
        first.isdecimal() and second.isdecimal() and int(second) == int(first) + 1
        for first, second in itertools.pairwise(values)
    )
    return f"{code(values[0])} to {code(values[-1])}" if consecutive else listed(values)
