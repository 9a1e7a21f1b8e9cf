"""What an analysis comes to."""

from typing import Literal

from pydantic import BaseModel

from app_integration.wallbounce import Status

TaskType = Literal["basic", "premium", "critical"]


class Participation(BaseModel):
    """A provider in an analysis, and what became of it."""

    provider: str
    model: str
    status: Status


class Verdict(BaseModel):
    """An answer, and how it came about.

    `confidence` and `agreements` are from 0 to 1; these are by pair, its names sorted and joined by a colon. No rounds:
    the verdict is from before there were any.
    """

    answer: str
    confidence: float
    rounds: int
    agreements: dict[str, float]
    providers: list[Participation]
