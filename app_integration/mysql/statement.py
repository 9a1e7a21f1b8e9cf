"""The verb of an SQL statement: what it does, without what it does it to."""

import re
from typing import Final

# Statements of MySQL and MariaDB. Anything else is no verb: whatever it is does not become an attribute.
_VERBS: Final = frozenset(
    (
        *("SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "CALL", "DO", "TABLE", "VALUES", "HANDLER", "LOAD"),
        *("CREATE", "ALTER", "DROP", "TRUNCATE", "RENAME", "ANALYZE", "CHECK", "CHECKSUM", "OPTIMIZE", "REPAIR"),
        *("BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "XA", "LOCK", "UNLOCK"),
        *("SHOW", "DESCRIBE", "DESC", "EXPLAIN", "HELP", "USE", "SET", "RESET", "FLUSH", "KILL", "PURGE", "CHANGE"),
        *("GRANT", "REVOKE", "PREPARE", "EXECUTE", "DEALLOCATE", "SIGNAL", "RESIGNAL", "GET", "INSTALL", "UNINSTALL"),
    )
)
_AFTER_WITH: Final = frozenset(("SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "TABLE", "VALUES"))

# Long enough for the verb of any statement; a bulk insert goes on for megabytes.
_LOOK_AT: Final = 16_384

_COMMENT: Final = r"/\*(?!M?!).*?\*/|--[^\n]*|#[^\n]*"
# In front of the verb: space, parentheses, comments, and the marks of a comment that the server executes.
_FIRST_WORD: Final = re.compile(rf"(?:\s+|\(|{_COMMENT}|/\*M?!\d*)*+([A-Za-z]+)", re.DOTALL)
_TOKEN: Final = re.compile(
    rf"""{_COMMENT}|(?P<open>\()|(?P<close>\))|(?P<word>\w+)|'(?:[^'\\]|\\.|'')*+'|"(?:[^"\\]|\\.|"")*+"|`[^`]*+`""",
    re.DOTALL,
)


def verb(statement: str | bytes | bytearray) -> str | None:
    """Return a statement's verb in upper case (`db.operation.name`), None where it has none that is known.

    Comments and parentheses in front of it are passed over; of `WITH ... SELECT` it is SELECT. Of several
    statements sent at once it is the first one's.
    """
    text = statement[:_LOOK_AT]
    if not isinstance(text, str):
        text = text.decode("latin-1")
    first = _FIRST_WORD.match(text)
    if first is None:
        return None
    word = first[1].upper()
    if word == "WITH":
        return _verb_after_with(text, first.end())
    return word if word in _VERBS else None


def _verb_after_with(text: str, position: int) -> str | None:
    depth = 0
    for token in _TOKEN.finditer(text, position):
        if token["open"]:
            depth += 1
        elif token["close"]:
            depth -= 1
        elif depth == 0 and token["word"] and token["word"].upper() in _AFTER_WITH:
            return token["word"].upper()
    return None
