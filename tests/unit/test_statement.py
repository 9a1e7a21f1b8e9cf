"""The verb of an SQL statement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app_integration.mysql.statement import verb


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("select 1", "SELECT"),
        ("  \n\tUpdate t SET x = 1", "UPDATE"),
        ("SELECT*FROM t", "SELECT"),
        ("((SELECT 1) UNION (SELECT 2))", "SELECT"),
        ("/* a */ -- b\n# c\nINSERT INTO t VALUES (1)", "INSERT"),
        ("/*!40101 SET NAMES utf8 */", "SET"),
        ("/*M!100100 CREATE TABLE t (x INT) */", "CREATE"),
        ("/*+ a hint */ DELETE FROM t", "DELETE"),
        ("BEGIN;", "BEGIN"),
        ("WITH a AS (SELECT ') select' FROM t), b AS (SELECT 1) UPDATE t SET x = 1", "UPDATE"),
        ("WITH RECURSIVE `select` AS (SELECT 1) SELECT * FROM `select`", "SELECT"),
        ('with a as (select "it\'s") -- insert\n delete from x', "DELETE"),
        (b"REPLACE INTO t VALUES (1)", "REPLACE"),
        (bytearray(b"INSERT INTO t VALUES (1)"), "INSERT"),
        (b"\xff\xfe", None),
        ("", None),
        ("   ", None),
        ("-- nothing", None),
        ("/* never closed", None),
        ("jane was here", None),
        ("@x", None),
        ("WITH a AS (SELECT 1)", None),
    ],
)
def test_verb(statement: str | bytes | bytearray, expected: str | None) -> None:
    """Comments and parentheses are passed over, `WITH` leads to its statement, free text is no verb."""
    assert expected == verb(statement)


@given(st.text(alphabet="/*!-#('\"`\\ \nWITHSELECTa1;", max_size=60))
def test_verb_of_anything(statement: str) -> None:
    """Whatever the text, the verb is one that is known, and bytes have the verb of their text."""
    found = verb(statement)
    assert found is None or found.isupper()
    assert found == verb(statement.encode())


@pytest.mark.parametrize("piece", ["/*", "(", "-", "'", "WITH (", "/* */", "#\n"])
@pytest.mark.timeout(10)
def test_long_statements_take_no_long_time(piece: str) -> None:
    """A statement made to confuse the search is searched once, not exponentially often."""
    assert verb(piece * 100_000) is None
