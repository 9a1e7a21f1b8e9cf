"""What a guard raises when the day's budget is spent."""

from datetime import datetime


class BudgetExceededError(Exception):
    """The day's budget is spent. `ends` is when the next day begins, in the guard's time zone."""

    def __init__(self, limit_usd: float, spent_usd: float, ends: datetime) -> None:
        super().__init__(limit_usd, spent_usd, ends)  # as given: an error that crosses processes is made from them
        self.limit_usd = limit_usd
        self.spent_usd = spent_usd
        self.ends = ends

    def __str__(self) -> str:
        """How much of what, and until when."""
        end = self.ends.isoformat()
        return f"{self.spent_usd:.6f} of {self.limit_usd:.6f} USD are spent; the next day begins at {end}"
