"""Rules that are wrong in one place each: what the cases must find."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from monitoring.model import Alert, Group
from monitoring.pace import seconds_of
from monitoring.rules import groups
from monitoring.thresholds import Threshold, Thresholds, ThresholdsError
from tests.monitoring.matchers import wrong_matchers
from tests.monitoring.promtool import Rule

TENTHS: Final = (0.9, 1.1)

# What is swapped for what. Each pattern is looked for outside of label matchers and templates.
SWAPPED: Final[Sequence[tuple[str, str, Sequence[str]]]] = (
    ("comparison", r" >= ", (" < ", " <= ")),
    ("comparison", r" > ", (" < ", " <= ")),
    ("comparison", r" < ", (" > ", " >= ")),
    ("comparison", r" == ", (" != ",)),
    ("guard", r" > 0(?![.\d])", ("",)),
    ("clamp", r"(?<=\), )0(?=\))", ("-Inf",)),
    ("aggregation", r"\bsum (?=by|without|\()", ("max ", "min ", "count ")),
    ("aggregation", r"\bmax (?=by|without|\()", ("sum ", "min ")),
    ("aggregation", r"\bmin (?=by|without|\()", ("max ", "sum ")),
    ("aggregation", r"\bcount (?=by|without|\()", ("max ",)),
    ("function", r"\bavg_over_time\b", ("max_over_time", "min_over_time")),
    ("function", r"\bmax_over_time\b", ("last_over_time",)),
    ("function", r"\bsum_over_time\b", ("max_over_time", "avg_over_time")),
    ("function", r"\brate\b", ("increase", "delta")),
    ("function", r"\bincrease\b", ("rate", "delta")),
    ("function", r"\btimestamp\b", ("",)),
    ("modifier", r" anchored\b", ("", " smoothed")),
    ("modifier", r" offset \d+[a-z]+", ("",)),
    ("operator", r"\band\b", ("or", "unless")),
    ("operator", r"\bunless\b", ("or", "and")),
    ("operator", r"\bor\b", ("and",)),
    ("operator", r" / ", (" * ",)),
    ("operator", r" \* ", (" / ",)),
    ("operator", r" - ", (" + ",)),
    ("operator", r" \+ ", (" - ",)),
)
MATCHERS: Final[Sequence[tuple[str, Sequence[str]]]] = (
    (r"!=(?=\")", ("=",)),
    (r"(?<![!=])=(?=\")", ("!=",)),
    (r"=~", ("!~",)),
)
_BRACES: Final = re.compile(r"\{[^}]*\}")
_LABELS: Final = re.compile(r"\b(?:by|without|on) \(([^)]*)\)")
_RANGE: Final = re.compile(r"\[(\d+)([smhd])")
_OFFSET: Final = re.compile(r" offset (\d+[a-z]+)")
_TWO: Final = re.compile(r"(sum|max) without \(([^)]*)\) \(max without \(lane\) \((.*)\)\)")
_DAY, _WEEK = 86_400, 604_800


@dataclass(frozen=True)
class Mutant:
    """All rules, one of which is wrong, and what was done to which."""

    where: str
    what: str
    groups: tuple[Group, ...]

    @property
    def name(self) -> str:
        """Where it is wrong, and how."""
        return f"{self.where}: {self.what}"


def mutants() -> Iterator[Mutant]:
    """Give all of them."""
    right = groups(Thresholds.load())
    yield from _thresholds()
    for number, group in enumerate(right):
        for position, rule in enumerate(group.rules):

            def put(wrong: Rule, number: int = number, position: int = position) -> tuple[Group, ...]:
                old = right[number]
                rules = (*old.rules[:position], wrong, *old.rules[position + 1 :])
                return (*right[:number], replace(old, rules=rules), *right[number + 1 :])

            where = " ".join([rule.name if isinstance(rule, Alert) else rule.record, *rule.labels.values()])
            if isinstance(rule, Alert):
                yield from (Mutant(where, what, put(wrong)) for what, wrong in _other_waits(rule, group))
            for what, expr in _expressions(rule.expr):
                yield Mutant(where, what, put(replace(rule, expr=expr)))


def _other_waits(alert: Alert, group: Group) -> Iterator[tuple[str, Alert]]:
    """One evaluation more, and one less; an alert that goes on where it should end, or ends where it should go on."""
    for by in (1, -1):
        for what, told in (("for", alert.for_), ("keep_firing_for", alert.keeps_for)):
            seconds = seconds_of(told) + seconds_of(group.interval) * by
            if seconds >= 0 and (what == "for" or alert.keeps_for != "0s"):
                changed = f"{seconds:.0f}s"
                wrong = replace(alert, for_=changed) if what == "for" else replace(alert, keeps_for=changed)
                yield f"{what} {told} -> {changed}", wrong
    other = "5m" if alert.keeps_for == "0s" else "0s"
    yield f"keep_firing_for {alert.keeps_for} -> {other}", replace(alert, keeps_for=other)


def _expressions(expr: str) -> Iterator[tuple[str, str]]:
    outside = _BRACES.sub(lambda found: " " * len(found[0]), expr)
    for kind, pattern, others in SWAPPED:
        for found in re.finditer(pattern, outside):
            for other in others:
                yield f"{kind}{_at(expr, found)} -> {other.strip() or 'nothing'}", _put(expr, found, other)
    for braces in _BRACES.finditer(expr):
        yield f"matchers{_at(expr, braces)} -> nothing", _put(expr, braces, "")
        for pattern, others in MATCHERS:
            for found in re.finditer(pattern, braces[0]):
                for other in others:
                    turned = _put(braces[0], found, other)
                    yield f"matcher{_at(expr, braces)} -> {turned}", _put(expr, braces, turned)
        for wrong in wrong_matchers(braces[0]):
            yield f"matcher{_at(expr, braces)} -> {wrong}", _put(expr, braces, wrong)
    for found in _LABELS.finditer(outside):
        names = found[1].split(", ")
        for name in names:
            left = f"({', '.join(other for other in names if other != name)})"
            yield f"labels{_at(expr, found)} -> {left}", _put(expr, found, found[0].replace(f"({found[1]})", left))
    for found in _RANGE.finditer(outside):
        for factor in (0.5, 2):
            changed = f"[{seconds_of(found[1] + found[2]) * factor:.0f}s"
            yield f"range{_at(expr, found)} -> {changed}", _put(expr, found, changed)
    yield from _other_times(expr)
    if two := _TWO.fullmatch(expr):
        for aggregation in dict.fromkeys(("sum", two[1])):
            yield f"lanes with the rest, {aggregation}", f"{aggregation} without (lane, {two[2]}) ({two[3]})"


def _other_times(expr: str) -> Iterator[tuple[str, str]]:
    """Look back by a day more or less than by weeks, and by half of less: each by itself, and all alike."""
    found = list(_OFFSET.finditer(expr))
    for told in dict.fromkeys(each[1] for each in found):
        seconds = seconds_of(told)
        by = _DAY if seconds >= _WEEK else seconds / 2
        for changed in (f" offset {seconds - by:.0f}s", f" offset {seconds + by:.0f}s"):
            same = [each for each in found if each[1] == told]
            for each in same:
                yield f"modifier{_at(expr, each)} ->{changed}", _put(expr, each, changed)
            if len(same) > 1:
                yield f"modifier all offset {told} ->{changed}", expr.replace(same[0][0], changed)


def _thresholds() -> Iterator[Mutant]:
    """A tenth less and a tenth more of each figure in thresholds.toml."""
    right = Thresholds.load()
    changes: dict[str, Callable[[Threshold, float], Threshold]] = {
        "value": lambda it, by: replace(it, value=it.value and it.value * by),
        "time": lambda it, by: replace(it, time=_time(it.time, by)),
        "objective": lambda it, by: replace(it, objective=it.objective and 1 - (1 - it.objective) * by),
        "at_least": lambda it, by: replace(it, at_least=it.at_least * by),
        "window": lambda it, by: replace(it, window=_time(it.window, by)),
        "short_window": lambda it, by: replace(it, short_window=_time(it.short_window, by)),
        "analysis_routes": lambda it, _: replace(it, analysis_routes=()),
    }
    for name, threshold in right.by_name.items():
        for key, change in changes.items():
            for by in TENTHS:
                changed = change(threshold, by)
                if changed != threshold:
                    wrong = Thresholds({**right.by_name, name: changed})
                    try:
                        yield Mutant(name, f"{key} * {by}", groups(wrong))
                    except ThresholdsError:
                        # It is found before there is a rule.
                        continue


def _time(duration: str, by: float) -> str:
    return f"{seconds_of(duration) * by * 1_000:.0f}ms" if duration else ""


def _put(text: str, found: re.Match[str], other: str) -> str:
    return text[: found.start()] + other + text[found.end() :]


def _at(expr: str, found: re.Match[str]) -> str:
    """Which one of several."""
    number = len(re.findall(re.escape(found[0]), expr[: found.start()])) + 1
    return f" {found[0].strip()} ({number})"
