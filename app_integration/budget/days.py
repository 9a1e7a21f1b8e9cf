"""Days as the people of a time zone have them: from midnight to midnight, of 24 hours mostly."""

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

    def end(self, seconds: float) -> datetime:
        """Return when the day of a Unix time is over: the first moment of the next, if its midnight is skipped, too."""
        tomorrow = date.fromisoformat(self.of(seconds)) + timedelta(days=1)
        midnight = datetime.combine(tomorrow, time_of_day.min, self._zone)
        # Clocks that go back over it let it come twice.
        return midnight if midnight.timestamp() > seconds else midnight.replace(fold=1)
