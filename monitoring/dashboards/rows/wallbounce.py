"""Wall-bounce analyses: how many, how long, and how well the providers agree."""

from typing import Final

from monitoring.dashboards import promql, ranking
from monitoring.dashboards.model import Panel, Query, Row, Unit
from monitoring.dashboards.signals import CONFIDENCE, Signals
from monitoring.dashboards.windows import window_of

_DURATION: Final = "techsapo_wallbounce_processing_duration_seconds"
_AGREEMENT: Final = "techsapo_llm_agreement_score"
_PARTICIPATIONS: Final = "techsapo_wallbounce_requests_total"


def row(signals: Signals) -> Row:
    """Return the row."""
    return Row(
        "Wall-bounce", (_duration(), _spread(), _confidence(signals), _agreement(), _participations(), _confidences())
    )


def _duration() -> Panel:
    return Panel(
        "timeseries",
        "Duration of an analysis",
        "How long whole analyses take, all rounds and providers included. A tail that grows alone is one slow "
        "provider; the median with it are more rounds, because the answers part.",
        tuple(Query(promql.quantile(share, _DURATION), f"p{share * 100:.0f}") for share in (0.5, 0.95, 0.99)),
        Unit.SECONDS,
        "no analyses",
        8,
        decimals=1,
        least=0,
    )


def _spread() -> Panel:
    return Panel(
        "heatmap",
        "Durations of analyses",
        "How many analyses took how long: the darker, the more. Two bands are two kinds of analyses, or a timeout.",
        (Query(promql.buckets(_DURATION), "{{le}}"),),
        Unit.SECONDS,
        "no analyses",
        8,
    )


def _confidence(signals: Signals) -> Panel:
    mean = signals.confidence()
    return Panel(
        "timeseries",
        "Consensus confidence",
        f"Mean confidence of the last {window_of(mean)}, as the alert takes it, and the tenth of analyses with the "
        "least. Below the line verdicts are hardly better than one model's.",
        (
            Query(mean, "mean"),
            Query(promql.quantile(0.1, CONFIDENCE), "lowest tenth"),
        ),
        Unit.SHARE,
        "no analyses",
        8,
        limit=signals.limit("ConsensusConfidenceLow", "consensus_confidence_low"),
        least=0,
        most=1,
    )


def _agreement() -> Panel:
    mean = promql.mean(_AGREEMENT, by=("provider_pair",))
    return Panel(
        "bargauge",
        "Pairs that agree least",
        "Mean agreement of two providers' answers, the ten lowest pairs of the range. One provider in all of the "
        "lowest pairs is the one that parts from the others.",
        (Query(promql.lowest(10, mean, _AGREEMENT, "provider_pair"), "{{provider_pair}}"),),
        Unit.SHARE,
        "no analyses with two answers",
        8,
        least=0,
        most=1,
    )


def _participations() -> Panel:
    total = promql.per_second(_PARTICIPATIONS, by=("provider",))
    good = promql.share(promql.per_second(_PARTICIPATIONS, 'status="success"', by=("provider",)), total)
    return Panel(
        "timeseries",
        "Participations that succeed, by provider",
        "Share of a provider's participations that brought an answer. What falls is missing from the consensus. The "
        "eight worst providers of the range.",
        (Query(ranking.worst(8, good, f"1 - {good}", total, "provider"), "{{provider}}"),),
        Unit.SHARE,
        "no analyses",
        8,
        least=0,
        most=1,
    )


def _confidences() -> Panel:
    return Panel(
        "heatmap",
        "Confidences",
        "How many analyses ended with which confidence: the darker, the more. A band that sinks is a change of a model "
        "or of the questions.",
        (Query(promql.buckets(CONFIDENCE), "{{le}}"),),
        Unit.SHARE,
        "no analyses",
        8,
    )
