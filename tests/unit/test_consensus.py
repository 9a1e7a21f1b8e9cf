"""How far answers agree, and which of them stands."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app_integration.reference_app.consensus import agreement, consensus

TEXTS = st.text(alphabet="abc d", max_size=30)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("use a cache", "Use a cache!", 1.0),
        ("use a cache", "use a queue", 2 / 3),
        ("yes", "no", 0.0),
        ("yes yes no", "yes no", 3 / math.sqrt(10)),
        ("", "yes", 0.0),
        ("", "", 0.0),
        ("Zürich", "zürich", 1.0),
    ],
)
def test_two_texts_agree_by_their_words(one: str, other: str, expected: float) -> None:
    """The cosine of the word counts, as one computes it by hand."""
    assert expected == pytest.approx(agreement(one, other), abs=1e-15)


@given(TEXTS, TEXTS)
def test_an_agreement_is_a_share_and_has_no_direction(one: str, other: str) -> None:
    """It stays within what the figure's contract takes."""
    assert 0.0 <= agreement(one, other) == agreement(other, one) <= 1.0


@given(TEXTS.filter(str.strip), st.integers(1, 50))
def test_who_says_the_same_several_times_agrees_with_who_says_it_once(text: str, times: int) -> None:
    """No rounding makes more than 1 of it."""
    assert 1.0 == agreement(text, " ".join([text] * times))


def test_the_answer_that_the_others_support_stands() -> None:
    """Confidence is the mean over the pairs, whose names are sorted."""
    found = consensus({"openai": "red", "gcp.gemini": "red blue", "anthropic": "blue"})
    half = 1 / math.sqrt(2)
    assert ("gcp.gemini", "red blue") == (found.provider, found.answer)
    assert {
        ("anthropic", "gcp.gemini"): pytest.approx(half),
        ("anthropic", "openai"): 0.0,
        ("gcp.gemini", "openai"): pytest.approx(half),
    } == found.agreements
    assert pytest.approx(2 * half / 3) == found.confidence


def test_of_equals_the_first_stands() -> None:
    """What comes out does not depend on chance."""
    assert "openai" == consensus({"openai": "yes", "anthropic": "yes"}).provider


@pytest.mark.parametrize("answers", [{}, {"openai": "yes"}])
def test_nobody_agrees_with_themselves(answers: dict[str, str]) -> None:
    """A consensus needs two."""
    with pytest.raises(ValueError, match=f"got {len(answers)} answers; a consensus needs two"):
        consensus(answers)
