"""Analyses: what an application says of one, and what is counted."""

import asyncio
import logging
from decimal import Decimal
from fractions import Fraction

import httpx2
import openai
import pytest
from google.genai import errors as genai_errors
from hypothesis import given
from hypothesis import strategies as st

from app_integration.wallbounce import analysis, refusals
from tests.support.measured import Measured

CONFIDENCE = "techsapo_wallbounce_consensus_confidence"
DURATION = "techsapo_wallbounce_processing_duration_seconds"
REQUESTS = "techsapo_wallbounce_requests_total"
AGREEMENT = "techsapo_llm_agreement_score"


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test hear what is said once."""
    monkeypatch.setattr(refusals, "_said", set())


class UnreadableError(Exception):
    """An error that cannot be asked for its status."""

    @property
    def status_code(self) -> int:
        """Raise."""
        raise RuntimeError


def test_an_analysis_tells_who_took_part_and_what_came_out(figures: Measured) -> None:
    """Participation, agreement, consensus and duration, each under its labels."""
    with analysis(task_type="premium") as bounce:
        with bounce.participation("openai"):
            pass
        bounce.participated("anthropic", "timeout")
        bounce.agreement("openai", "anthropic", 0.83)
        bounce.agreement("anthropic", "openai", 0.5)
        bounce.consensus(0.6)
        bounce.consensus(0.9)
    assert figures.values(REQUESTS) == {("premium", "openai", "success"): 1, ("premium", "anthropic", "timeout"): 1}
    times, total = figures.distribution(AGREEMENT, "anthropic:openai")
    assert (times, round(total, 9)) == (2, 1.33)
    assert figures.distribution(CONFIDENCE) == (1, 0.9)
    assert figures.distribution(DURATION)[0] == 1


@pytest.mark.parametrize(
    ("raised", "status"),
    [
        (TimeoutError(), "timeout"),
        (genai_errors.ClientError(429, {"error": {"message": "no"}}), "rate_limited"),
        (openai.APIError("no", httpx2.Request("POST", "http://127.0.0.1"), body={"code": 429}), "rate_limited"),
        (ValueError(), "error"),
        (UnreadableError(), "error"),
        (asyncio.CancelledError(), "other"),
        (GeneratorExit(), "other"),
        (KeyboardInterrupt(), "other"),
        (ExceptionGroup("of tasks", [TimeoutError(), TimeoutError()]), "timeout"),
        (ExceptionGroup("of tasks", [TimeoutError(), ExceptionGroup("", [ValueError()])]), "error"),
        (BaseExceptionGroup("of tasks", [asyncio.CancelledError(), TimeoutError()]), "timeout"),
        (StopIteration(), "error"),
    ],
    ids=repr,
)
def test_how_a_participation_ends_is_its_status(raised: BaseException, status: str, figures: Measured) -> None:
    """The exception goes on its way, through the analysis as well, whose duration is recorded."""
    with pytest.raises(type(raised)) as caught, analysis(task_type="basic") as bounce, bounce.participation("openai"):
        raise raised
    assert caught.value is raised
    assert figures.values(REQUESTS) == {("basic", "openai", status): 1}
    assert figures.distribution(DURATION)[0] == 1
    assert figures.distribution(CONFIDENCE)[0] == 0


UNFIT = (-0.01, 1.01, float("nan"), float("inf"), 10**400, 10**5_000, None, "0.5", b"0.5", [0.5], True, Decimal("sNaN"))


@pytest.mark.parametrize("value", UNFIT, ids=lambda value: type(value).__name__)
def test_what_is_no_share_is_refused_and_said_once(
    value: object, figures: Measured, caplog: pytest.LogCaptureFixture
) -> None:
    """It is counted nowhere, and raises nothing."""
    with caplog.at_level(logging.WARNING), analysis(task_type="basic") as bounce:
        for _ in range(2):
            bounce.consensus(value)  # type: ignore[arg-type]  # what an application may pass
            bounce.agreement("a", "b", value)  # type: ignore[arg-type]  # as above
    assert len(caplog.records) == 2
    assert "a number from 0 to 1" in caplog.text
    assert figures.values(AGREEMENT) == {}
    assert figures.distribution(CONFIDENCE)[0] == 0


@given(st.floats(0, 1))
def test_every_share_is_taken(value: float) -> None:
    """From 0 to 1, both included."""
    assert refusals.share(value, "a test") == value


@pytest.mark.parametrize("value", [0, 1, Decimal("0.5"), Fraction(1, 3)])
def test_numbers_of_other_types_are_taken(value: float) -> None:
    """As the float that they are."""
    assert refusals.share(value, "a test") == float(value)


def test_other_misuse_is_refused_too(figures: Measured, caplog: pytest.LogCaptureFixture) -> None:
    """A pair of one provider, what is no name, a status that is none, a consensus when all is over or not begun."""
    bounce = analysis(task_type="basic")
    bounce.consensus(0.5)
    with bounce:
        bounce.agreement("openai", "openai", 1.0)
        bounce.agreement("openai", None, 1.0)  # type: ignore[arg-type]  # what an application may pass
        bounce.participated("openai", "lost")  # type: ignore[arg-type]  # a word that is not known
        bounce.participated("openai", ["success"])  # type: ignore[arg-type]  # no word at all
    bounce.consensus(0.5)
    assert figures.values(REQUESTS) == figures.values(AGREEMENT) == {}
    assert figures.distribution(CONFIDENCE)[0] == 0
    assert [record.getMessage().split(" is refused")[0] for record in caplog.records] == [
        "a consensus outside of its analysis",
        "the agreement of a provider with itself",
        "an agreement of what are no names",
        "a participation's status that is none",
    ]


def test_an_analysis_is_one_however_often_it_is_begun(figures: Measured, caplog: pytest.LogCaptureFixture) -> None:
    """A block within a block of its own is a part of it; one after its end is refused, and counted nowhere."""
    with analysis(task_type="basic") as bounce:
        with bounce:
            bounce.consensus(0.5)
        bounce.consensus(0.75)
        assert figures.distribution(DURATION)[0] == 0
    assert caplog.records == []
    with bounce:
        bounce.consensus(0.1)
    assert figures.distribution(DURATION)[0] == 1
    assert figures.distribution(CONFIDENCE) == (1, 0.75)
    assert len(caplog.records) == 1


def test_a_participation_may_be_used_again(figures: Measured) -> None:
    """Each use is one."""
    with analysis(task_type="basic") as bounce:
        participation = bounce.participation("openai")
        for _ in range(2):
            with participation:
                pass
    assert figures.values(REQUESTS) == {("basic", "openai", "success"): 2}


def test_who_takes_part_may_be_told_after_the_end(figures: Measured) -> None:
    """A provider that answers too late has taken part nevertheless."""
    with analysis(task_type="basic") as bounce:
        pass
    bounce.participated("openai", "timeout")
    bounce.agreement("openai", "anthropic", 0.5)
    assert figures.values(REQUESTS) == {("basic", "openai", "timeout"): 1}
    assert figures.distribution(AGREEMENT, "anthropic:openai") == (1, 0.5)


def test_an_unknown_task_type_is_other(figures: Measured) -> None:
    """Free text never becomes a label."""
    with analysis(task_type="whatever I like") as bounce:
        bounce.participated("openai", "success")
    with analysis(task_type=["basic"]) as bounce:  # type: ignore[arg-type]  # what an application may pass
        bounce.participated("openai", "success")
    assert figures.values(REQUESTS) == {("other", "openai", "success"): 2}
