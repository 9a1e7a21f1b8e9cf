"""Editions of an instrument's name: what the page of metrics says of them, and the Collector is told."""

import json

from telemetry.contract import CONTRACT, MetricType, Take, View
from telemetry.render.metrics_page import metrics_page
from telemetry.render.policy import policy
from telemetry.render.words import taken_by


def test_the_policy_has_every_edition() -> None:
    """In the contract's order: the first listed counts."""
    told = json.loads(policy(CONTRACT))["editions"]
    assert [
        {"measures": each.measures, "names": [list(names) for names in each.names], "apart": each.apart}
        for each in CONTRACT.editions
    ] == told


def test_the_page_names_the_editions_of_what_they_feed() -> None:
    """Under each of their metrics, and under no other."""
    sections = metrics_page(CONTRACT).split("\n## ")
    shown = {section.split("\n")[0] for section in sections if "Editions of the same measurements" in section}
    fed = {
        metric.name
        for metric in CONTRACT.metrics
        for view in metric.views
        if any(name in view.instruments for each in CONTRACT.editions for names in each.names for name in names)
    }
    assert shown == fed
    (tokens,) = (" ".join(section.split()) for section in sections if section.startswith("techsapo_llm_token_usage"))
    assert (
        "for each `gen_ai.operation.name`: `gen_ai.client.token.usage`; `gen_ai.client.inference.token.usage`; "
        "`gen_ai.client.inference.usage.input_tokens` with `gen_ai.client.inference.usage.output_tokens`."
    ) in tokens


def test_what_the_name_tells_the_weight_is_said() -> None:
    """The type of tokens, where each type has an instrument of its own."""
    view = View(("tokens.in",), Take.SUM, weight="price", given={"type": "input"})
    said = "the sum of what is recorded; each amount times `price`, with `type=input`, and left out where there is none"
    assert taken_by(view) == said


def test_only_counters_and_histograms_have_editions() -> None:
    """A gauge that has several names takes the first of them instead, in the Collector: memory of two engines."""
    named = {name for each in CONTRACT.editions for names in each.names for name in names}
    assert {MetricType.COUNTER, MetricType.HISTOGRAM} == {
        metric.type for name in named for metric, _ in CONTRACT.views_of[name]
    }
