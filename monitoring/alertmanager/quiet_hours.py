"""Quiet hours: nights and days off, in the time zone of those who rest."""

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitoring.alertmanager.tables import ReceiversError, table, text, texts

NAME: Final = "quiet-hours"
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_TIME: Final = r"(?:[01]\d|2[0-3]):[0-5]\d"
_MIDNIGHT: Final = "00:00"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Each night from `starts` to `ends` ("20:00", "08:00"; `ends` is no more in it), and whole days off."""

    time_zone: str
    starts: str
    ends: str
    days_off: tuple[str, ...] = ()

    @classmethod
    def read(cls, told: object) -> "QuietHours":
        """Read the table.

        Raises:
            ReceiversError: a time, a day or the time zone is none, or the hours are empty.
        """
        keys = table(told, "quiet_hours", needed=("time_zone", "from", "to"), optional=("days_off",))
        starts, ends = (text(keys[key], f"quiet_hours.{key}", _TIME, "20:00") for key in ("from", "to"))
        if starts == ends:
            raise ReceiversError(f"quiet_hours.to: got {ends!r}, as from; another time is needed")
        zone = text(keys["time_zone"], "quiet_hours.time_zone", r"\S+", "Europe/Berlin")
        if zone != "UTC":  # which needs no data
            try:
                ZoneInfo(zone)
            except (ZoneInfoNotFoundError, ValueError, OSError) as error:
                raise ReceiversError(
                    f"quiet_hours.time_zone: got {zone!r}; a name that this system knows is needed, such as "
                    "Europe/Berlin"
                ) from error
        days = texts(keys.get("days_off", []), "quiet_hours.days_off", DAYS, least=0)
        return cls(zone, starts, ends, days)

    def rendered(self) -> dict[str, object]:
        """Return them as Alertmanager's time interval of this name."""
        nights = [(self.starts, self.ends)]
        if self.ends < self.starts:
            nights = [(self.starts, "24:00"), (_MIDNIGHT, self.ends)]
        times = [{"start_time": start, "end_time": end} for start, end in nights if start != end]
        intervals: list[dict[str, object]] = [{"times": times, "location": self.time_zone}]
        if self.days_off:
            intervals.append({"weekdays": list(self.days_off), "location": self.time_zone})
        return {"name": NAME, "time_intervals": intervals}
