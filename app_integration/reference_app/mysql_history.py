"""The history of analyses in MySQL or MariaDB."""

from datetime import UTC, datetime
from typing import Final

import pymysql
from pymysql.constants.ER import DUP_ENTRY, DUP_FIELDNAME
from pymysql.cursors import Cursor

from app_integration.reference_app.history import Analysis, DuplicateAnalysisError
from app_integration.reference_app.mysql_pool import MySqlPool, PoolTimeoutError
from app_integration.reference_app.verdict import Verdict

# What the driver and the pool raise when the history cannot be reached.
UNAVAILABLE = (pymysql.Error, PoolTimeoutError)

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS analyses (
    id CHAR(36) PRIMARY KEY,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    INDEX newest (created_at)
) CHARACTER SET utf8mb4
"""
# What a table of an earlier version lacks, with what its rows get.
_ADDED: Final = (
    ("task_type", "VARCHAR(16) NOT NULL DEFAULT 'basic'"),
    ("cached", "BOOLEAN NOT NULL DEFAULT FALSE"),
    ("cost_picodollars", "BIGINT NOT NULL DEFAULT 0"),
    ("confidence", "DOUBLE NOT NULL DEFAULT 0"),
    ("rounds", "INT NOT NULL DEFAULT 0"),
    # The verdict as JSON; MySQL lets a text have no default.
    ("verdict", "MEDIUMTEXT NULL"),
)
_COLUMNS: Final = "id, question, answer, created_at, " + ", ".join(name for name, _ in _ADDED)
_INSERT: Final = f"INSERT INTO analyses ({_COLUMNS}) VALUES ({', '.join(['%s'] * (4 + len(_ADDED)))})"  # noqa: S608  # constants
_SELECT: Final = f"SELECT {_COLUMNS} FROM analyses"  # noqa: S608  # constants


class MySqlHistory:
    """A table, made where it is not there, and completed where it is an earlier version's.

    Errors are those of PyMySQL and of the pool.
    """

    kind = "mysql"

    def __init__(self, pool: MySqlPool) -> None:
        self._pool = pool
        with pool.transaction() as cursor:
            cursor.execute(_TABLE)
            _complete(cursor)

    def store(self, analysis: Analysis) -> None:
        """Keep an analysis. Raises DuplicateAnalysisError where its id is taken."""
        verdict = analysis.verdict
        row = (
            analysis.id,
            analysis.question,
            verdict.answer,
            analysis.created_at.replace(tzinfo=None),
            analysis.task_type,
            analysis.cached,
            analysis.cost_picodollars,
            verdict.confidence,
            verdict.rounds,
            verdict.model_dump_json(),
        )
        try:
            with self._pool.transaction() as cursor:
                cursor.execute(_INSERT, row)
        except pymysql.err.IntegrityError as error:
            if error.args[0] == DUP_ENTRY:
                raise DuplicateAnalysisError(analysis.id) from error
            raise

    def find(self, analysis_id: str) -> Analysis | None:
        """Return the analysis of this id."""
        with self._pool.transaction() as cursor:
            cursor.execute(f"{_SELECT} WHERE id = %s", (analysis_id,))
            row = cursor.fetchone()
        return None if row is None else _analysis(row)

    def newest(self, limit: int) -> list[Analysis]:
        """Return the newest ones, the newest first."""
        with self._pool.transaction() as cursor:
            cursor.execute(f"{_SELECT} ORDER BY created_at DESC LIMIT %s", (limit,))
            return [_analysis(row) for row in cursor.fetchall()]

    def close(self) -> None:
        """Close the pool's connections."""
        self._pool.close()


def _complete(cursor: Cursor) -> None:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'analyses'"
    )
    there = {str(name).lower() for (name,) in cursor.fetchall()}
    for name, definition in _ADDED:
        if name not in there:
            try:
                cursor.execute(f"ALTER TABLE analyses ADD COLUMN {name} {definition}")
            except pymysql.err.OperationalError as error:
                # A process that starts at the same time may have been the first.
                if error.args[0] != DUP_FIELDNAME:
                    raise


def _analysis(row: tuple[object, ...]) -> Analysis:
    told = dict(zip(_COLUMNS.split(", "), row, strict=True))
    created_at, verdict = told.pop("created_at"), told.pop("verdict")
    if not isinstance(created_at, datetime):
        msg = f"created_at is {type(created_at).__name__}, not a datetime"
        raise TypeError(msg)
    if isinstance(verdict, str):
        whole = Verdict.model_validate_json(verdict)
    else:
        whole = Verdict(answer=str(told["answer"]), confidence=0.0, rounds=0, agreements={}, providers=[])
    return Analysis.model_validate({**told, "verdict": whole, "created_at": created_at.replace(tzinfo=UTC)})
