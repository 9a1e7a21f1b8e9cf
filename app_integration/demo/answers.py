"""What the answers of the application say of its analyses: who took part, how well they agreed, how sure they were."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

from app_integration.demo.comparison import Claim

SOURCE: Final = "the answers"

_PARTICIPATION: Final = re.compile(r"([\w.]+): (\w+)")


class Answers:
    """Adds up analyses, as the application has told of each."""

    def __init__(self) -> None:
        self._participations: Counter[str] = Counter()
        self._analyses = 0
        self._confidences: list[float] = []
        self._agreements: dict[str, list[float]] = {}

    def analysed(self, task_type: str, answer: Mapping[str, object]) -> None:
        """An analysis that came to an answer; one from the cache is none."""
        if answer["cached"]:
            return
        self._analyses += 1
        self._confidences.append(float(str(answer["confidence"])))
        providers, agreements = answer["providers"], answer["agreements"]
        for each in providers if isinstance(providers, list) else ():
            self._participations[f"{task_type} {each['provider']} {each['status']}"] += 1
        for pair, share in (agreements if isinstance(agreements, dict) else {}).items():
            self._agreements.setdefault(pair, []).append(float(share))

    def failed(self, task_type: str, detail: str) -> None:
        """An analysis without a consensus, whose refusal names who took part and how."""
        self._analyses += 1
        for provider, status in _PARTICIPATION.findall(detail):
            self._participations[f"{task_type} {provider} {status}"] += 1

    def claims(self) -> list[Claim]:
        """Return what must have been counted."""
        confidences = {"": float(len(self._confidences))}, {"": sum(self._confidences)}
        counts = {pair: float(len(shares)) for pair, shares in self._agreements.items()}
        sums = {pair: sum(shares) for pair, shares in self._agreements.items()}
        confidence, agreement = "techsapo_wallbounce_consensus_confidence", "techsapo_llm_agreement_score"
        by = ("task_type", "provider", "status")
        duration = "techsapo_wallbounce_processing_duration_seconds_count"
        return [
            Claim(SOURCE, "techsapo_wallbounce_requests_total", by, self._participations),
            Claim(SOURCE, f"{confidence}_count", (), confidences[0]),
            Claim(SOURCE, f"{confidence}_sum", (), confidences[1]),
            Claim(SOURCE, duration, (), {"": float(self._analyses)}),
            Claim(SOURCE, f"{agreement}_count", ("provider_pair",), counts),
            Claim(SOURCE, f"{agreement}_sum", ("provider_pair",), sums),
        ]
