"""What answers in OpenAI's and in Anthropic's protocol tell of tokens and errors, whatever they look like."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app_integration.llm.anthropic_answers import AnthropicAnswer
from app_integration.llm.openai_answers import OpenAiAnswer
from app_integration.llm.usage import Usage
from app_integration.llm.watch import Answer

PARTS = ("input", "cache_read", "cache_write", "cache_write_1h", "output")
COUNTS = st.integers(min_value=0, max_value=10**9)

# Bodies that look like answers at a glance, with anything in every field that is read.
NAMES = st.sampled_from(
    [
        *("type", "model", "usage", "message", "response", "error", "code", "choices", "status", "iterations"),
        *("service_tier", "speed", "prompt_tokens", "completion_tokens", "input_tokens", "output_tokens"),
        *("prompt_tokens_details", "input_tokens_details", "cached_tokens", "cache_write_tokens", "audio_tokens"),
        *("cache_write_tokens_details", "ttl_12h_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"),
        *("cache_creation", "ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"),
    ]
)
WORDS = st.sampled_from(["message_start", "compaction", "advisor_message", "response.completed", "error", "failed", ""])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=5)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=8), max_leaves=30
)

_BOTH = {"prompt_tokens": 8, "completion_tokens": 2}


@given(st.lists(JSON, max_size=5), st.sampled_from([OpenAiAnswer, AnthropicAnswer]))
def test_no_json_breaks_the_reading_of_an_answer(parts: list[object], answer: Callable[[], Answer]) -> None:
    """Whatever the parts are: texts where texts belong, and counts that are counts."""
    read = answer()
    for part in parts:
        read.read(part)
    texts: tuple[object, ...] = (read.model, read.error_type)
    assert all(text is None or (isinstance(text, str) and text) for text in texts)
    if (usage := read.usage) is not None:
        counts = [getattr(usage, part) for part in PARTS]
        assert all(type(count) is int and count >= 0 for count in counts)
        assert usage.service_tier is None or isinstance(usage.service_tier, str)


@given(prompt=COUNTS, output=COUNTS, read=COUNTS, written=COUNTS, responses=st.booleans())
def test_openais_parts_add_up_to_its_totals(prompt: int, output: int, read: int, written: int, responses: bool) -> None:
    """Even where more was cached than there was."""
    names = ("input_tokens", "output_tokens") if responses else ("prompt_tokens", "completion_tokens")
    details = {"cached_tokens": read, "cache_write_tokens": written}
    answer = OpenAiAnswer()
    answer.read({"usage": {names[0]: prompt, names[1]: output, f"{names[0]}_details": details}})
    usage = answer.usage
    assert usage is not None
    assert (usage.prompt, usage.output) == (prompt, output)
    assert min(usage.input, usage.cache_read, usage.cache_write) >= 0
    if read + written <= prompt:
        assert (usage.cache_read, usage.cache_write) == (read, written)


@given(counts=st.fixed_dictionaries({}, optional=dict.fromkeys(("all", "5m", "1h", "input", "read"), COUNTS)))
def test_anthropics_parts_are_what_was_written_read_and_neither(counts: dict[str, int]) -> None:
    """The sum of what was written holds, where it is told; what is left out is 0."""
    told = {
        "output_tokens": 7,
        "input_tokens": counts.get("input"),
        "cache_read_input_tokens": counts.get("read"),
        "cache_creation_input_tokens": counts.get("all"),
        "cache_creation": {
            "ephemeral_5m_input_tokens": counts.get("5m"),
            "ephemeral_1h_input_tokens": counts.get("1h"),
        },
    }
    answer = AnthropicAnswer()
    answer.read({"usage": told})
    usage = answer.usage
    assert usage is not None
    written = counts.get("all", counts.get("5m", 0) + counts.get("1h", 0))
    assert usage.cache_write + usage.cache_write_1h == written
    assert usage.cache_write_1h == min(written, counts.get("1h", 0))
    assert (usage.input, usage.cache_read, usage.output) == (counts.get("input", 0), counts.get("read", 0), 7)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"prompt_tokens": 8, "total_tokens": 8}, Usage(input=8, untold=("output",))),
        ({"prompt_tokens": 8, "completion_tokens": 0}, Usage(input=8)),
        ({"prompt_tokens": 8.0, "completion_tokens": 2}, Usage(input=8, output=2)),
        ({"prompt_tokens": -8, "completion_tokens": 2}, Usage(output=2, untold=("input",))),
        ({"prompt_tokens": 10**400, "completion_tokens": 2}, Usage(output=2, untold=("input",))),
        ({**_BOTH, "prompt_tokens_details": {"image_tokens": 5}}, Usage(input=8, output=2)),
        ({**_BOTH, "prompt_tokens_details": {"audio_tokens": 5}}, Usage(input=8, output=2, service_tier="audio")),
        ({**_BOTH, "prompt_tokens_details": [5]}, Usage(input=8, output=2)),
        (
            {
                "input_tokens": 8,
                "output_tokens": 2,
                "input_tokens_details": {
                    "cache_write_tokens": 5,
                    "cache_write_tokens_details": {"ttl_30m_tokens": 5, "ttl_12h_tokens": 0},
                },
            },
            Usage(input=3, cache_write=5, output=2),
        ),
        (
            {
                "input_tokens": 8,
                "output_tokens": 2,
                "input_tokens_details": {
                    "cache_write_tokens": 5,
                    "cache_write_tokens_details": {"ttl_30m_tokens": 0, "ttl_12h_tokens": 5},
                },
            },
            Usage(input=3, cache_write=5, output=2, service_tier="cache_write_12h"),
        ),
        ({"total_tokens": 8}, None),
        ({}, None),
        (7, None),
    ],
)
def test_openais_usage_is_read_by_its_reference(told: object, expected: Usage | None) -> None:
    """What has a price that `Usage` has no part for is of a tier of its own; images in a prompt are billed as text."""
    answer = OpenAiAnswer()
    answer.read({"model": "gpt-5", "usage": told})
    assert answer.usage == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"error": {"code": 429, "message": "slow down"}}, "429"),
        ({"error": {"code": "server_error"}}, "server_error"),
        ({"error": {"type": "overloaded_error"}}, "overloaded_error"),
        ({"error": {"message": "no"}}, "error"),
        ({"error": "no"}, "error"),
        ({"choices": [{"index": 0}, {"finish_reason": "error", "error": {"code": 502}}]}, "502"),
        ({"type": "error", "code": "rate_limit_exceeded", "message": "slow down"}, "rate_limit_exceeded"),
        ({"type": "response.failed", "response": {"error": {"code": "server_error"}}}, "server_error"),
        ({"type": "response.failed", "response": {"status": "failed", "error": None}}, "error"),
        ({"type": "response.incomplete", "response": {"status": "incomplete", "error": None}}, None),
        ({"choices": [{"index": 0, "finish_reason": "stop"}], "error": None}, None),
        ({"choices": 3}, None),
    ],
)
def test_an_error_that_comes_as_an_answer_is_one(body: object, expected: str | None) -> None:
    """OpenRouter answers with status 200 once a model has begun; the Responses API tells it as an event."""
    answer = OpenAiAnswer()
    answer.read(body)
    assert answer.error_type == expected


def test_a_stream_of_anthropics_tells_sums() -> None:
    """What a later event leaves out holds; what it tells again replaces the earlier figure."""
    answer = AnthropicAnswer()
    begun = {"input_tokens": 5, "cache_read_input_tokens": 3, "output_tokens": 1, "service_tier": "standard"}
    answer.read({"type": "message_start", "message": {"model": "claude-sonnet-4", "usage": begun}})
    answer.read({"type": "message_delta", "usage": {"output_tokens": 4}})
    answer.read({"type": "message_delta", "usage": {"output_tokens": 9, "input_tokens": 6}})
    assert (answer.model, answer.usage) == ("claude-sonnet-4", Usage(input=6, cache_read=3, output=9))


@pytest.mark.parametrize(
    ("told", "untold"),
    [
        ({"input_tokens": 5, "output_tokens": 0}, ()),
        ({"input_tokens": 5}, ("output",)),
        ({"output_tokens": 5, "cache_read_input_tokens": 3}, ("input",)),
        ({"cache_read_input_tokens": 3}, ("input", "output")),
    ],
)
def test_a_half_that_anthropic_does_not_tell_is_untold(told: dict[str, int], untold: tuple[str, ...]) -> None:
    """A 0 is told."""
    answer = AnthropicAnswer()
    answer.read({"usage": told})
    assert answer.usage is not None
    assert answer.usage.untold == untold


def test_a_compaction_is_paid_for_besides() -> None:
    """Its tokens are in `iterations` only; those of the model's own turns are in the sums already."""
    turn = {"input_tokens": 20, "output_tokens": 1, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}
    compaction = {**turn, "type": "compaction", "input_tokens": 180, "cache_creation_input_tokens": 8}
    answer = AnthropicAnswer()
    iterations = [compaction, {**turn, "type": "message"}]
    answer.read({"usage": {"input_tokens": 20, "output_tokens": 1, "iterations": iterations}})
    assert answer.usage == Usage(input=200, cache_write=8, output=2)


@pytest.mark.parametrize(("kind", "tier"), [("advisor_message", "advisor"), ("fallback_message", "fallback")])
def test_what_another_model_did_is_of_a_tier_of_its_own(kind: str, tier: str) -> None:
    """So that the call has no price, instead of a wrong one."""
    answer = AnthropicAnswer()
    iterations = [{"type": kind, "model": "claude-opus-5", "input_tokens": 9, "output_tokens": 9}]
    answer.read({"usage": {"input_tokens": 20, "output_tokens": 1, "iterations": iterations}})
    assert answer.usage == Usage(input=20, output=1, service_tier=tier)


def test_an_error_in_anthropics_stream_is_one() -> None:
    """Where the SDK does not raise it: in a body that the application reads itself."""
    answer = AnthropicAnswer()
    answer.read({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
    assert answer.error_type == "overloaded_error"
