"""Days as the people of a time zone have them: from midnight to midnight, of 23, 24 or 25 hours."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as time_of_day
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class Days:
    """The days of a time zone, by its IANA name. Raises ValueError: there is no such zone here."""

    def __init__(self, timezone: str) -> None:
        self._zone: tzinfo = UTC
        if timezone != "UTC":  # which needs no data
            try:
                self._zone = ZoneInfo(timezone)
            except (ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
                msg = (
                    f"a budget's time zone: got {timezone!r}; a name such as Europe/Berlin "
                    "that the system or the package tzdata knows"
                )
                raise ValueError(msg) from error

    def of(self, seconds: float) -> str:
        """Return the day of a Unix time, as an ISO date."""
        return datetime.fromtimestamp(seconds, self._zone).date().isoformat()

    def end(self, day: str) -> datetime:
        """Return when the day after begins. Where its midnight is skipped or comes twice, that is the first moment."""
        return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time_of_day.min, self._zone)
