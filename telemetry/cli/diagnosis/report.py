"""What the process that `doctor` starts tells of itself, as JSON on the line that begins with MARK."""

from typing import TypedDict

MARK = "techsapo-doctor:"


class Instrumentation(TypedDict):
    """An instrumentation that is installed; `why` tells why it is not live."""

    name: str
    package: str
    version: str
    live: bool
    why: str


class Report(TypedDict):
    """What is live in the process."""

    provider: str
    ours: bool
    opt_in: str
    instrumentations: list[Instrumentation]
