"""Domains: the values that a label may take. Free text is never one of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

OTHER = "other"
UNMATCHED = "unmatched"
INVALID = "invalid"

CLASS_NAME = r"[A-Za-z_][A-Za-z0-9_.]{0,95}"
IDENTIFIER = r"[a-z0-9][a-z0-9._-]{0,63}"
MODEL_NAME = r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}"
COMMAND = r"[A-Z][A-Z0-9._-]{0,31}(?: [A-Z][A-Z0-9._-]{0,31})?"
PROVIDER_PAIR = r"[a-z0-9][a-z0-9._-]{0,63}:[a-z0-9][a-z0-9._-]{0,63}"


@dataclass(frozen=True, slots=True)
class Enum:
    """The values listed; anything else, and a missing attribute, is `other`.

    `aliases` maps further spellings to a listed value. With `ignore_case` a value and its
    spellings match in any case.
    """

    values: tuple[str, ...]
    aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ignore_case: bool = False

    @property
    def missing(self) -> str:
        """The value that stands for a missing attribute."""
        return OTHER


@dataclass(frozen=True, slots=True)
class Bounded:
    """A value that matches `pattern` wholly and holds no personal data.

    `known` values are always admitted; others as long as fewer than `limit` values have been
    seen. Past the limit, and for what does not match, the value is `other`.
    """

    limit: int
    pattern: str = IDENTIFIER
    known: tuple[str, ...] = ()
    upper_case: bool = False
    sorted_pair: bool = False

    @property
    def missing(self) -> str:
        """The value that stands for a missing attribute."""
        return OTHER


@dataclass(frozen=True, slots=True)
class Template:
    """A route template such as `/users/{user_id}`, never a concrete path.

    What matched no route, or is no template, is `unmatched`; past `limit` templates it is `other`.
    """

    limit: int = 200

    @property
    def missing(self) -> str:
        """The value that stands for a missing attribute."""
        return UNMATCHED


@dataclass(frozen=True, slots=True)
class Masked:
    """A network address, shown only as one of 515 buckets (`v4-00` .. `v6-ff`, `private`, `loopback`, `invalid`)."""

    @property
    def missing(self) -> str:
        """The value that stands for a missing attribute."""
        return INVALID


Domain = Enum | Bounded | Template | Masked
