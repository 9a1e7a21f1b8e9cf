"""The history of analyses: what is kept, and in memory where there is no MySQL."""

import threading
from collections import OrderedDict
from datetime import datetime
from itertools import islice
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from app_integration import forks
from app_integration.reference_app.verdict import TaskType, Verdict

_MOST_IN_MEMORY = 10_000

PICODOLLARS_PER_USD = 10**12


class DuplicateAnalysisError(Exception):
    """An analysis of this id is there already."""


class Analysis(BaseModel):
    """A question and its verdict; `created_at` is in UTC. One whose verdict was `cached` has cost nothing."""

    model_config = ConfigDict(frozen=True)

    id: str
    question: str
    task_type: TaskType
    verdict: Verdict
    cached: bool
    cost_picodollars: int
    created_at: datetime

    @property
    def cost_usd(self) -> float:
        """What its calls cost."""
        return self.cost_picodollars / PICODOLLARS_PER_USD


class History(Protocol):
    """Where analyses are kept. The methods block: call them in a thread."""

    kind: str

    def store(self, analysis: Analysis) -> None:
        """Keep an analysis. Raises DuplicateAnalysisError where its id is taken."""

    def find(self, analysis_id: str) -> Analysis | None:
        """Return the analysis of this id."""

    def newest(self, limit: int) -> list[Analysis]:
        """Return the newest ones, the newest first."""

    def close(self) -> None:
        """Let go of what is held."""


class MemoryHistory:
    """A bounded history in this process: the oldest analyses are forgotten."""

    kind = "memory"

    def __init__(self) -> None:
        self._analyses: OrderedDict[str, Analysis] = OrderedDict()
        self._lock = threading.Lock()
        forks.remember(self)

    def store(self, analysis: Analysis) -> None:
        """Keep an analysis. Raises DuplicateAnalysisError where its id is taken."""
        with self._lock:
            if self._analyses.setdefault(analysis.id, analysis) is not analysis:
                raise DuplicateAnalysisError(analysis.id)
            while len(self._analyses) > _MOST_IN_MEMORY:
                self._analyses.popitem(last=False)

    def find(self, analysis_id: str) -> Analysis | None:
        """Return the analysis of this id."""
        with self._lock:
            return self._analyses.get(analysis_id)

    def newest(self, limit: int) -> list[Analysis]:
        """Return the newest ones, the newest first."""
        with self._lock:
            return list(islice(reversed(self._analyses.values()), limit))

    def close(self) -> None:
        """Nothing is held."""

    def begin_in_child(self) -> None:
        """Have a lock of its own in the child of a fork."""
        self._lock = threading.Lock()
