"""Label matchers that see more than they should, or not all of it."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

# A value of each label that no matcher names, and that a service or a Collector tells all the same.
ANOTHER: Final[Mapping[str, str]] = {
    "reason": "broken",
    "result": "other",
    "route": "unmatched",
    "state": "closed",
    "status": "other",
    "status_code": "other",
}
_MATCHER: Final = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')


def wrong_matchers(braces: str) -> Iterator[str]:
    """Give what stands between braces, braces included, with an error in one matcher."""
    matchers = list(_MATCHER.finditer(braces))
    for position, matcher in enumerate(matchers):
        others = [each[0] for each in matchers[:position] + matchers[position + 1 :]]
        for wrong in (*_narrower(matcher), *_wider(matcher)):
            yield "{" + ",".join([*others[:position], wrong, *others[position:]]) + "}"
        if others:
            yield "{" + ",".join(others) + "}"


def _narrower(matcher: re.Match[str]) -> Iterator[str]:
    """Without one of the values that are alternatives, with a digit where any would do, or beyond what is left out."""
    label, operator, value = matcher.groups()
    if operator == "=~":
        alternatives = value.split("|")
        for left_out in dict.fromkeys(alternatives):
            rest = [each for each in alternatives if each != left_out]
            if rest:
                yield f'{label}=~"{"|".join(rest)}"'
        if value.endswith(".."):
            yield f'{label}=~"{value[:-2]}0."'
    if operator in {"!=", "!~"}:
        if value.startswith("/"):
            yield f'{label}!~"{value}.*"'
        if label in ANOTHER:
            yield f'{label}!~"{value}|{ANOTHER[label]}"'
            yield f'{label}="{ANOTHER[label]}"'


def _wider(matcher: re.Match[str]) -> Iterator[str]:
    """With one value more."""
    label, operator, value = matcher.groups()
    if operator in {"=", "=~"} and label in ANOTHER:
        yield f'{label}=~"{value}|{ANOTHER[label]}"'
