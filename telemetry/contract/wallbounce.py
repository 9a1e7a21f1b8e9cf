"""Wall-bounce: one question, several providers, rounds until they agree."""

from collections.abc import Mapping
from types import MappingProxyType

from telemetry.contract.domains import PROVIDER_PAIR, Bounded
from telemetry.contract.model import Combine, Label, Metric, MetricType, Take, View
from telemetry.contract.shared_labels import (
    CALL_STATUS,
    FROM_PROVIDER,
    FROM_TASK_TYPE,
    INPUT_TOKENS,
    OUTPUT_TOKENS,
    PROVIDER,
    TASK_TYPE,
    TOKEN_USAGE,
    TYPE_OF_TOKENS,
)
from telemetry.contract.sources import Source, attribute

_COST_LABELS: Mapping[str, Source] = MappingProxyType({"provider": FROM_PROVIDER, "task_type": FROM_TASK_TYPE})

METRICS = (
    Metric(
        name="techsapo_wallbounce_requests_total",
        type=MetricType.COUNTER,
        description="Participations of a provider in an analysis, by their outcome.",
        meaning=(
            "Who takes part in analyses, and how it ends for them. A provider whose share of `success` falls is "
            "missing from the consensus, although the analyses themselves may go on; compare with "
            "techsapo_llm_requests_total, which counts its calls: one participation can be several."
        ),
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
        meaning=(
            "How much the providers agreed in the end. A mean that falls says that answers got less certain, long "
            "before anybody complains: look at techsapo_llm_agreement_score for the pair that parted. Few analyses "
            "make a mean that jumps."
        ),
        unit="1",
        boundaries=(0.1, 0.3, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0),
        views=(View(("techsapo.wallbounce.consensus.confidence",), Take.DISTRIBUTION),),
    ),
    Metric(
        name="techsapo_wallbounce_processing_duration_seconds",
        type=MetricType.HISTOGRAM,
        description="Duration of a whole analysis, all rounds and providers included.",
        meaning=(
            "What a user waits for an analysis. It is the slowest provider of each round, times the rounds: when it "
            "rises, look at the response times first, then at the confidence, since a lower one costs more rounds. "
            "Analyses that failed are in it."
        ),
        unit="s",
        boundaries=(0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0),
        views=(View(("techsapo.wallbounce.duration",), Take.DISTRIBUTION),),
    ),
    Metric(
        name="techsapo_wallbounce_cost_usd",
        type=MetricType.COUNTER,
        description="Cost of the tokens used, at the price of the model that answered. The name carries no _total.",
        meaning=(
            "What the tokens cost at list price, as they are used; the provider's invoice is the last word. Use its "
            "increase over a day. It lacks the calls of techsapo_llm_unpriced_calls_total: while that grows, this is "
            "too low. Input that a provider's cache served has the full price where a library tells its tokens by the "
            "counters of gen_ai.client.inference.usage, which have it in one sum with the rest."
        ),
        unit="usd",
        labels=(PROVIDER, TASK_TYPE),
        views=(
            View(TOKEN_USAGE, Take.SUM, _COST_LABELS, weight="model_price"),
            *(
                View(
                    (name,),
                    Take.SUM,
                    _COST_LABELS,
                    weight="model_price",
                    given=MappingProxyType({TYPE_OF_TOKENS: told}),
                )
                for name, told in ((INPUT_TOKENS, "input"), (OUTPUT_TOKENS, "output"))
            ),
        ),
    ),
    Metric(
        name="techsapo_llm_agreement_score",
        type=MetricType.HISTOGRAM,
        description="Agreement of two providers' answers in an analysis, from 0 to 1.",
        meaning=(
            "How well two providers' answers fit each other. One pair that falls alone points to one of its two "
            "providers; the provider whose pairs all fall is the one that changed, often by a new model under the old "
            "name."
        ),
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
        meaning=(
            "The limit that the guard holds today. It changes with a deployment only; processes that tell different "
            "limits run different configurations."
        ),
        unit="usd",
        combine=Combine.MAX,
        views=(View(("techsapo.budget.daily_limit",), Take.LAST),),
    ),
    Metric(
        name="techsapo_budget_spent_today_usd",
        type=MetricType.GAUGE,
        description="Spent since midnight in the budget guard's time zone, as the guard itself counts it.",
        meaning=(
            "What all workers together have spent since midnight in the guard's time zone; it falls to 0 there, which "
            "is no reset. Near the limit the guard is about to refuse analyses."
        ),
        unit="usd",
        combine=Combine.MAX,
        views=(View(("techsapo.budget.spent_today",), Take.LAST),),
    ),
)
