"""Wall-bounce: one question, several providers, rounds until they agree."""

from types import MappingProxyType

from telemetry.contract.domains import PROVIDER_PAIR, Bounded
from telemetry.contract.model import Combine, Label, Metric, MetricType, Take, View
from telemetry.contract.shared_labels import (
    CALL_STATUS,
    FROM_PROVIDER,
    FROM_TASK_TYPE,
    PROVIDER,
    TASK_TYPE,
    TOKEN_USAGE,
)
from telemetry.contract.sources import attribute

METRICS = (
    Metric(
        name="techsapo_wallbounce_requests_total",
        type=MetricType.COUNTER,
        description="Participations of a provider in an analysis, by their outcome.",
        unit="{request}",
        labels=(TASK_TYPE, PROVIDER, CALL_STATUS),
        views=(
            View(
                ("techsapo.wallbounce.requests",),
                Take.SUM,
                MappingProxyType(
                    {
                        "task_type": attribute("task_type"),
                        "provider": attribute("provider"),
                        "status": attribute("status"),
                    }
                ),
            ),
        ),
    ),
    Metric(
        name="techsapo_wallbounce_consensus_confidence",
        type=MetricType.HISTOGRAM,
        description="Confidence of the consensus that an analysis ended with, from 0 to 1.",
        unit="1",
        boundaries=(0.1, 0.3, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0),
        views=(View(("techsapo.wallbounce.consensus.confidence",), Take.DISTRIBUTION),),
    ),
    Metric(
        name="techsapo_wallbounce_processing_duration_seconds",
        type=MetricType.HISTOGRAM,
        description="Duration of a whole analysis, all rounds and providers included.",
        unit="s",
        boundaries=(0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0),
        views=(View(("techsapo.wallbounce.duration",), Take.DISTRIBUTION),),
    ),
    Metric(
        name="techsapo_wallbounce_cost_usd",
        type=MetricType.COUNTER,
        description="Cost of the tokens used, at the price of the model that answered. The name carries no _total.",
        unit="usd",
        labels=(PROVIDER, TASK_TYPE),
        views=(
            View(
                TOKEN_USAGE,
                Take.SUM,
                MappingProxyType({"provider": FROM_PROVIDER, "task_type": FROM_TASK_TYPE}),
                weight="model_price",
            ),
        ),
    ),
    Metric(
        name="techsapo_llm_agreement_score",
        type=MetricType.HISTOGRAM,
        description="Agreement of two providers' answers in an analysis, from 0 to 1.",
        unit="1",
        labels=(Label("provider_pair", Bounded(120, pattern=PROVIDER_PAIR, sorted_pair=True)),),
        boundaries=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
        views=(
            View(
                ("techsapo.llm.agreement",),
                Take.DISTRIBUTION,
                MappingProxyType({"provider_pair": attribute("provider_pair")}),
            ),
        ),
    ),
    Metric(
        name="techsapo_budget_daily_limit_usd",
        type=MetricType.GAUGE,
        description="The day's budget, as the budget guard enforces it.",
        unit="usd",
        combine=Combine.MAX,
        views=(View(("techsapo.budget.daily_limit",), Take.LAST),),
    ),
    Metric(
        name="techsapo_budget_spent_today_usd",
        type=MetricType.GAUGE,
        description="Spent since midnight in the budget guard's time zone, as the guard itself counts it.",
        unit="usd",
        combine=Combine.MAX,
        views=(View(("techsapo.budget.spent_today",), Take.LAST),),
    ),
)
