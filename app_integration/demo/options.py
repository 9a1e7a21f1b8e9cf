"""What a demo is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Mode = Literal["embedded", "otlp", "collector", "stack"]

# What the rules are made for: figures every 15 seconds.
_INTERVAL_SECONDS: Final = 15.0
# Only the stack has rules to wait for: elsewhere the demo shows at once what happens.
_SHORTEST_SECONDS: Final = 1.0
# The trouble begins after so long, and lasts twice as long: longer than any alert of P0 or P1 needs.
_TROUBLE_SECONDS: Final = 450.0
_SHORT_TROUBLE_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for: `seconds` None goes on until a signal, `rate` is in requests a second.

    With a `pace` of 15 all times of the stack are a fifteenth of what they are in production.
    """

    mode: Mode
    scenario: str
    seconds: float | None
    rate: float
    pace: float = 15.0

    @property
    def interval(self) -> float:
        """Every how many seconds figures are pushed and scraped, and rules evaluated."""
        return _INTERVAL_SECONDS / self.pace if self.mode == "stack" else _SHORTEST_SECONDS

    @property
    def quarter(self) -> float:
        """After how many seconds the trouble of a scenario begins; it lasts twice as long."""
        if self.seconds is not None:
            return self.seconds / 4
        return _TROUBLE_SECONDS / self.pace if self.mode == "stack" else _SHORT_TROUBLE_SECONDS

    @property
    def shares(self) -> Mapping[str, int]:
        """How often kinds of requests come where that is not as usual.

        Where there are alerts, none of them fires without trouble: no request in a hundred fails, and the cache is of
        use.
        """
        return {"fault": 0, "new": 4, "common": 24} if self.mode == "stack" else {}

    @property
    def tempo(self) -> str:
        """What is said of times; nothing where there are no rules."""
        if self.mode != "stack":
            return ""
        if self.pace == 1:
            return "times are as in production"
        share = "a fifteenth" if self.pace == 15 else f"1/{self.pace:g}"
        return f"times are {share} of those in production"
