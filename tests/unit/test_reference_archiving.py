"""The queue before the archive: bounded, in order, and not to be stopped by one result."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

from app_integration.reference_app import archiving
from app_integration.reference_app.archiving import Archiving
from app_integration.reference_app.archiving import archiving as opened
from app_integration.reference_app.history import Analysis
from app_integration.reference_app.verdict import Verdict
from tests.support.measured import Measured


class Remembering:
    """An archive in a list; what it is told to refuse raises."""

    def __init__(self, *refused: str) -> None:
        self.kept: list[str] = []
        self.closed = False
        self._refused = refused

    def keep(self, name: str, document: Mapping[str, object]) -> str:
        """Remember the name."""
        if name in self._refused:
            raise RuntimeError(name)
        assert name == document["id"]
        self.kept.append(name)
        return name

    def close(self) -> None:
        """Remember that, too."""
        self.closed = True


def analysis(name: str) -> Analysis:
    """Return an analysis of this id."""
    verdict = Verdict(answer="yes", confidence=1.0, rounds=1, agreements={}, providers=[])
    return Analysis(
        id=name,
        question="what?",
        task_type="basic",
        verdict=verdict,
        cached=False,
        cost_picodollars=0,
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
    )


def test_the_end_waits_for_what_waits_and_one_refusal_ends_nothing(figures: Measured) -> None:
    """All but the one that was refused are kept, in order; that one is counted."""
    archive = Remembering("2")

    async def run() -> None:
        async with opened(archive) as queue:
            for number in range(5):
                queue.put(analysis(str(number)))

    asyncio.run(run())
    assert (["0", "1", "3", "4"], True) == (archive.kept, archive.closed)
    assert {("RuntimeError", "error", "archive"): 1} == figures.values("techsapo_errors_total")


def test_what_finds_the_queue_full_is_left_out_and_counted(figures: Measured) -> None:
    """A slow archive costs memory up to a bound; what waits is in the figures."""

    async def run() -> None:
        queue = Archiving()
        for number in range(archiving._MOST_WAITING + 3):
            queue.put(analysis(str(number)))
        assert archiving._MOST_WAITING == figures.value("techsapo_queue_size", "archive")

    asyncio.run(run())
    assert {("ArchiveFullError", "warning", "archive"): 3} == figures.values("techsapo_errors_total")
