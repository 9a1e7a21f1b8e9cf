"""What is looked for in a question before anybody is asked, and what becomes of it.

An application that answers questions about code has to let code pass. So what can do harm on the way is taken out and
the question goes on (markup, personal data), and what can only be meant as an attack is refused.
"""

import re
from dataclasses import dataclass

from app_integration.security import Finding, count_sanitized
from telemetry.privacy import mask


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of input, how it is recognised, and whether it is refused or taken out."""

    kind: Finding
    pattern: re.Pattern[str]
    refused: bool


RULES = (
    Rule("xss", re.compile(r"(?is)<\s*(script|iframe|object)\b.*?(?:<\s*/\s*\1\s*>|$)"), refused=False),
    Rule("xss", re.compile(r"(?i)\bon(?:error|load|click|mouseover)\s*=|\bjavascript\s*:"), refused=False),
    Rule(
        "sql_injection",
        re.compile(r"(?i)'\s*or\s+'?1'?\s*=\s*'?1|;\s*drop\s+table\b|\bunion\s+select\b"),
        refused=True,
    ),
    Rule("path_traversal", re.compile(r"(?i)(?:\.\.[/\\]){2,}|%2e%2e%2f"), refused=True),
    Rule(
        "command_injection",
        re.compile(r"(?i)(?:;|\|\||&&|\$\(|`)\s*(?:rm\s+-rf|curl\s|wget\s|nc\s|cat\s+/etc/)"),
        refused=True,
    ),
    Rule(
        "prompt_injection",
        re.compile(r"(?i)\b(?:ignore|forget|disregard)\b.{0,40}\b(?:previous|above|earlier)\b.{0,20}\binstructions?\b"),
        refused=True,
    ),
)


class RefusedInputError(ValueError):
    """A question that is not asked anybody; `kind` says why."""

    def __init__(self, kind: Finding) -> None:
        super().__init__(f"the question looks like {kind.replace('_', ' ')}: put it in other words")
        self.kind = kind


def sanitized(question: str) -> str:
    """Return the question as it may be passed on, personal data masked; each kind that is found is counted once.

    Raises:
        RefusedInputError: it looks like an attack.
    """
    kept = question
    found: dict[Finding, bool] = {}
    for rule in RULES:
        if rule.pattern.search(kept):
            found[rule.kind] = rule.refused
            kept = kept if rule.refused else rule.pattern.sub(" ", kept)
    refused = next((kind for kind, is_refused in found.items() if is_refused), None)
    if refused is None and (masked := mask(kept)) != kept:
        found["pii"] = False
        kept = masked
    for kind, blocked in found.items():
        count_sanitized(kind, blocked=blocked)
    if refused is not None:
        raise RefusedInputError(refused)
    return kept.strip()
