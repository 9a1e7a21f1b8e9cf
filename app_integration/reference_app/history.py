"""The history of analyses: in MySQL, or in memory where there is none."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Protocol

import pymysql
from pymysql.constants.ER import DUP_ENTRY

from app_integration.reference_app.mysql_pool import MySqlPool, PoolTimeoutError

# What the driver and the pool raise when the history cannot be reached.
UNAVAILABLE = (pymysql.Error, PoolTimeoutError)

_MOST_IN_MEMORY = 10_000
_COLUMNS = "id, question, answer, created_at"
_TABLE = """
CREATE TABLE IF NOT EXISTS analyses (
    id CHAR(36) PRIMARY KEY,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    INDEX newest (created_at)
) CHARACTER SET utf8mb4
"""


class DuplicateAnalysisError(Exception):
    """An analysis of this id is there already."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """A question and its answer; `created_at` is in UTC."""

    id: str
    question: str
    answer: str
    created_at: datetime


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


class MySqlHistory:
    """A table in MySQL or MariaDB, created where it is not there. Errors are those of PyMySQL and of the pool."""

    kind = "mysql"

    def __init__(self, pool: MySqlPool) -> None:
        self._pool = pool
        with pool.transaction() as cursor:
            cursor.execute(_TABLE)

    def store(self, analysis: Analysis) -> None:
        """Keep an analysis. Raises DuplicateAnalysisError where its id is taken."""
        row = (analysis.id, analysis.question, analysis.answer, analysis.created_at.replace(tzinfo=None))
        try:
            with self._pool.transaction() as cursor:
                cursor.execute(f"INSERT INTO analyses ({_COLUMNS}) VALUES (%s, %s, %s, %s)", row)  # noqa: S608  # constants
        except pymysql.err.IntegrityError as error:
            if error.args[0] == DUP_ENTRY:
                raise DuplicateAnalysisError(analysis.id) from error
            raise

    def find(self, analysis_id: str) -> Analysis | None:
        """Return the analysis of this id."""
        with self._pool.transaction() as cursor:
            cursor.execute(f"SELECT {_COLUMNS} FROM analyses WHERE id = %s", (analysis_id,))  # noqa: S608  # constants
            row = cursor.fetchone()
        return None if row is None else _analysis(row)

    def newest(self, limit: int) -> list[Analysis]:
        """Return the newest ones, the newest first."""
        with self._pool.transaction() as cursor:
            cursor.execute(f"SELECT {_COLUMNS} FROM analyses ORDER BY created_at DESC LIMIT %s", (limit,))  # noqa: S608  # constants
            return [_analysis(row) for row in cursor.fetchall()]

    def close(self) -> None:
        """Close the pool's connections."""
        self._pool.close()


class MemoryHistory:
    """A bounded history in this process: the oldest analyses are forgotten."""

    kind = "memory"

    def __init__(self) -> None:
        self._analyses: OrderedDict[str, Analysis] = OrderedDict()
        self._lock = threading.Lock()

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


def _analysis(row: tuple[object, ...]) -> Analysis:
    analysis_id, question, answer, created_at = row
    if not isinstance(created_at, datetime):
        msg = f"created_at is {type(created_at).__name__}, not a datetime"
        raise TypeError(msg)
    return Analysis(str(analysis_id), str(question), str(answer), created_at.replace(tzinfo=UTC))
